//! Text for the user's shell: a command line to paste, or a variable to set.

use crate::escape;
use std::ffi::OsString;

/// The characters that PowerShell treats as a single quote.
const POWERSHELL_QUOTES: [char; 5] = ['\'', '\u{2018}', '\u{2019}', '\u{201a}', '\u{201b}'];

/// Shells with different quoting rules.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[expect(clippy::enum_variant_names, reason = "the name of PowerShell")]
pub enum Shell {
    /// sh, bash, zsh and fish.
    Posix,
    PowerShell,
    /// The Windows command prompt.
    Cmd,
}

impl Shell {
    /// The usual shell of this system. The Windows command prompt is recognised by its variable; a
    /// PowerShell started from it reads the same quotes.
    pub fn in_use() -> Self {
        if !cfg!(windows) {
            Self::Posix
        } else if std::env::var_os("PROMPT").is_some() {
            Self::Cmd
        } else {
            Self::PowerShell
        }
    }

    /// Quotes a word if necessary, so that the shell reads exactly this text.
    pub fn quote(self, word: &str) -> String {
        let is_plain = |c: char| c.is_ascii_alphanumeric() || "_./:+-".contains(c);
        // PowerShell splits a word that starts with a dash at its first dot or colon.
        let is_safe = match self {
            Self::Posix | Self::Cmd => word.chars().all(is_plain),
            Self::PowerShell => {
                let is_flag = word.starts_with('-');
                word.chars().all(|c| is_plain(c) && !(is_flag && ".:".contains(c)))
            }
        };
        if is_safe && !word.is_empty() {
            return word.to_owned();
        }
        self.in_quotes(word)
    }

    /// Quotes a word even if that is not necessary.
    pub fn in_quotes(self, word: &str) -> String {
        if self == Self::Cmd {
            // A backslash before the closing quote would escape it.
            let end = &word[word.trim_end_matches('\\').len()..];
            return format!("\"{word}{end}\"");
        }
        // In fish, a backslash is special inside quotes, so it goes outside them, like a quote.
        let part = |character: char| match (self, character) {
            (Self::Posix, '\'') => r"'\''".to_owned(),
            (Self::Posix, '\\') => r"'\\'".to_owned(),
            (Self::PowerShell, c) if POWERSHELL_QUOTES.contains(&c) => format!("{c}{c}"),
            (_, c) => c.to_string(),
        };
        format!("'{}'", word.chars().map(part).collect::<String>())
    }

    /// A command line. `None` if it cannot be shown unchanged, because a word is not Unicode, cannot be
    /// passed, or contains characters that are escaped when shown.
    pub fn command_line(self, words: &[OsString]) -> Option<String> {
        let quoted: Option<Vec<String>> = words
            .iter()
            .map(|word| {
                word.to_str().filter(|word| self.can_pass(word)).map(|word| self.quote(word))
            })
            .collect();
        let line = quoted?.join(" ");
        (escape::line(&line) == line).then_some(line)
    }

    /// Windows PowerShell loses double quotes and empty words when it starts a program. In cmd, `%` and `!`
    /// can stand for variables.
    fn can_pass(self, word: &str) -> bool {
        match self {
            Self::Posix => true,
            Self::PowerShell => !(word.is_empty() || word.contains('"')),
            Self::Cmd => !word.contains(['"', '%', '!']),
        }
    }

    /// A line that sets an environment variable.
    pub fn export(self, name: &str, value: &str) -> String {
        match self {
            Self::Posix => format!("export {name}={}", self.quote(value)),
            Self::PowerShell => format!("$env:{name} = {}", self.in_quotes(value)),
            Self::Cmd => format!("set \"{name}={value}\""),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn plain_words_are_unchanged_and_others_are_quoted() {
        for (word, posix, powershell) in [
            ("--id", "--id", "--id"),
            ("biology101_2023", "biology101_2023", "biology101_2023"),
            ("Peter Parker", "'Peter Parker'", "'Peter Parker'"),
            ("O'Brien", r"'O'\''Brien'", "'O''Brien'"),
            ("O\u{2019}Brien", "'O\u{2019}Brien'", "'O\u{2019}\u{2019}Brien'"),
            (r"a\\b", r"'a'\\''\\'b'", r"'a\\b'"),
            ("--a=b.c", "'--a=b.c'", "'--a=b.c'"),
            ("$x", "'$x'", "'$x'"),
            ("", "''", "''"),
        ] {
            assert_eq!(Shell::Posix.quote(word), posix);
            assert_eq!(Shell::PowerShell.quote(word), powershell);
        }
    }

    #[test]
    fn the_windows_command_prompt_gets_double_quotes() {
        for (word, quoted) in [
            ("--id", "--id"),
            ("-r.csv", "-r.csv"),
            ("Forms 8.xlsx", "\"Forms 8.xlsx\""),
            ("id={Class}", "\"id={Class}\""),
            ("O'Brien & Co", "\"O'Brien & Co\""),
            (r"C:\My files\", r#""C:\My files\\""#),
            ("", "\"\""),
        ] {
            assert_eq!(Shell::Cmd.quote(word), quoted);
        }
        let line = |word: &str| Shell::Cmd.command_line(&["x".into(), word.into()]);
        assert_eq!(line("a b").as_deref(), Some("x \"a b\""));
        assert_eq!((line("50%"), line("{\"a\": 1}")), (None, None));
        assert_eq!(
            Shell::Cmd.export("A", "http://127.0.0.1:1/v2/"),
            "set \"A=http://127.0.0.1:1/v2/\""
        );
    }

    #[test]
    fn text_that_cannot_be_shown_exactly_is_not_shown() {
        let line = |shell: Shell, word: &str| shell.command_line(&["x".into(), word.into()]);
        assert_eq!(line(Shell::Posix, "a b").as_deref(), Some("x 'a b'"));
        assert_eq!(line(Shell::Posix, "{\"a\": 1}").as_deref(), Some("x '{\"a\": 1}'"));
        assert_eq!(line(Shell::PowerShell, "{\"a\": 1}"), None);
        assert_eq!(line(Shell::PowerShell, ""), None);
        for word in ["a\nb", "a\u{202e}b", "##[error]"] {
            assert_eq!(line(Shell::Posix, word), None, "{word:?}");
        }
    }

    #[test]
    fn variables_are_set_in_the_shells_own_syntax() {
        let url = "http://127.0.0.1:1/v2/";
        assert_eq!(Shell::Posix.export("A", url), "export A=http://127.0.0.1:1/v2/");
        assert_eq!(Shell::PowerShell.export("A", url), "$env:A = 'http://127.0.0.1:1/v2/'");
    }

    #[cfg(unix)] // Needs /bin/sh.
    proptest::proptest! {
        #![proptest_config(proptest::prelude::ProptestConfig::with_cases(64))]
        #[test]
        fn the_shell_reads_the_original_words(words in proptest::collection::vec("[^\\x00]{0,12}", 1..20)) {
            let quoted: Vec<_> = words.iter().map(|word| Shell::Posix.quote(word)).collect();
            let script = format!("printf '%s\\0' {}", quoted.join(" "));
            let output = std::process::Command::new("/bin/sh").arg("-c").arg(script).output();
            let read = String::from_utf8(output.expect("runs").stdout).expect("is text");
            let expected = words.join("\0") + "\0";
            proptest::prop_assert_eq!(read, expected);
        }
    }
}
