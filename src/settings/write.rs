//! Changes `config.toml`: adds or removes a key. Comments and unknown content are kept.
//!
//! The file is replaced as a whole, so readers never see half of it. Because it is a new file each
//! time, the lock is on a permanent file next to it. The content is read under the lock, so that
//! concurrent writers lose nothing.

use super::ConfigFile;
use crate::api::ApiKey;
use crate::error::Error;
use crate::escape::untrusted_path;
use crate::input;
use crate::input::{Decoded, decode};
use crate::problem::Findings;
use anyhow::Context as _;
use std::fs::{self, DirBuilder, File, OpenOptions};
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};
use toml_edit::{Document, DocumentMut, InlineTable, Item, Key, Table, TableLike, Value, value};
use url::Url;

/// Maximum number of symbolic links to follow.
const MAX_LINKS: usize = 40;

/// A key to save in a profile.
#[derive(Debug)]
pub struct NewKey {
    /// The profile's name; created if missing.
    pub profile: String,
    pub key: ApiKey,
    /// The address the key is for; `None` means Lessonspace's own.
    pub api_url: Option<Url>,
}

/// Saves a key in the file at `path`, which is created if missing, private to this user.
///
/// # Errors
/// [`Error`] if the file exists but is not valid; otherwise, why it cannot be written.
pub fn save_key(path: &Path, new: &NewKey) -> anyhow::Result<()> {
    change(path, |text| {
        let mut document: DocumentMut = parse(text, path)?;
        if let Some(longer) = appended(text, &document, new) {
            return Ok(Some(longer));
        }
        let table = profile_table(&mut document, &new.profile)
            .ok_or_else(|| Error::usage(untrusted_path(path), "profiles must be tables"))?;
        set(table, "api_key", new.key.reveal());
        match &new.api_url {
            Some(url) => set(table, "api_url", url.as_str()),
            None if table.contains_key("api_url") => {
                set(table, "api_url", super::DEFAULT_API_URL);
            }
            None => {}
        }
        Ok(Some(document.to_string()))
    })?;
    Ok(())
}

/// The text with a new profile at its end; `toml_edit` would put it before the last comments.
/// `None` if the profile exists, or if the file's notation for profiles does not allow it.
fn appended(text: &str, document: &DocumentMut, new: &NewKey) -> Option<String> {
    if document.get("profiles").is_some_and(|profiles| profiles.get(&new.profile).is_some()) {
        return None;
    }
    let mut table = Table::new();
    set(&mut table, "api_key", new.key.reveal());
    if let Some(url) = &new.api_url {
        set(&mut table, "api_url", url.as_str());
    }
    let gap = match text {
        "" => "",
        text if text.ends_with('\n') => "\n",
        _ => "\n\n",
    };
    let longer =
        format!("{text}{gap}[profiles.{}]\n{table}", Key::new(&new.profile).display_repr());
    longer.parse::<DocumentMut>().is_ok().then_some(longer)
}

/// Removes a profile's key from the file and returns whether there was one.
///
/// # Errors
/// The same as [`save_key`].
pub fn remove_key(path: &Path, profile: &str) -> anyhow::Result<bool> {
    change(path, |text| {
        let document = parse(text, path)?;
        let table = document.get("profiles").and_then(|profiles| profiles.get(profile));
        let has_key = table.and_then(|table| table.get("api_key")).is_some();
        Ok(has_key.then(|| without_key(text, document, profile)))
    })
}

/// Cuts the key's line out of the text if it has its own: `toml_edit` would also remove the
/// comments above it.
fn without_key(text: &str, mut document: DocumentMut, profile: &str) -> String {
    if let Some((start, end)) = Document::parse(text).ok().and_then(|document| {
        let table = document.get("profiles")?.as_table()?.get(profile)?.as_table()?;
        Some((table.key("api_key")?.span()?.start, table.get("api_key")?.span()?.end))
    }) {
        let from = text[..start].rfind('\n').map_or(0, |newline| newline + 1);
        let to = text[end..].find('\n').map_or(text.len(), |newline| end + newline + 1);
        return format!("{}{}", &text[..from], &text[to..]);
    }
    if let Some(table) = profile_table(&mut document, profile) {
        table.remove("api_key");
    }
    document.to_string()
}

fn parse(text: &str, path: &Path) -> Result<DocumentMut, Error> {
    text.parse().map_err(|_| {
        let mut findings = Findings::default();
        ConfigFile::read(path, true, &mut findings);
        // The error shows line and column, but not the line itself, which may contain a key.
        findings
            .finish(None)
            .err()
            .unwrap_or_else(|| Error::about(untrusted_path(path), "is not valid TOML"))
    })
}

/// The table of a profile, created if missing; `None` if something else is in its place.
fn profile_table<'a>(document: &'a mut DocumentMut, name: &str) -> Option<&'a mut dyn TableLike> {
    if !document.contains_key("profiles") {
        let mut profiles = Table::new();
        profiles.set_implicit(true);
        document.insert("profiles", Item::Table(profiles));
    }
    let profiles = document.get_mut("profiles")?;
    let is_inline = profiles.is_inline_table();
    let profiles = profiles.as_table_like_mut()?;
    if !profiles.contains_key(name) {
        let inline = || Item::Value(InlineTable::new().into());
        let item = if is_inline { inline() } else { Item::Table(Table::new()) };
        profiles.insert(name, item);
    }
    profiles.get_mut(name)?.as_table_like_mut()
}

/// Sets a value and keeps the comments around the old one.
fn set(table: &mut dyn TableLike, name: &str, text: &str) {
    match table.get_mut(name) {
        Some(Item::Value(old)) => {
            let mut new = Value::from(text);
            *new.decor_mut() = old.decor().clone();
            *old = new;
        }
        _ => {
            table.insert(name, value(text));
        }
    }
}

/// Replaces the file with the text that `edit` returns, if any.
fn change(
    path: &Path,
    edit: impl FnOnce(&str) -> anyhow::Result<Option<String>>,
) -> anyhow::Result<bool> {
    let path = &resolve(path);
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty());
    let folder = folder.unwrap_or(Path::new("."));
    make_folder(folder)
        .with_context(|| format!("cannot create the folder {}", untrusted_path(folder)))?;
    let cannot = |error: &io::Error| format!("{} {}", untrusted_path(path), input::explain(error));
    // Held until the end. Some network drives do not support locks.
    let _lock = lock(path).map_err(|error| {
        anyhow::anyhow!("{} (or its lock file); nothing was changed", cannot(&error))
    })?;
    let bytes = match input::read_regular(path) {
        Ok(bytes) => bytes,
        Err(error) if error.kind() == io::ErrorKind::NotFound => Vec::new(),
        Err(error) => return Err(anyhow::anyhow!(cannot(&error))),
    };
    let Decoded { text, wants_bom } = decode(bytes, None)
        .map_err(|error| Error::about(untrusted_path(path), error.to_string()))?;
    let Some(edited) = edit(&text)? else { return Ok(false) };
    let bom = if wants_bom { "\u{feff}" } else { "" };
    replace(path, folder, &format!("{bom}{edited}"))
        .map_err(|error| anyhow::anyhow!("{}; nothing was changed", cannot(&error)))?;
    Ok(true)
}

/// Replaces the old file with the new one. On Windows this fails while another program has the old one
/// open, even for reading only.
fn rename_over(mut file: tempfile::NamedTempFile, path: &Path) -> io::Result<()> {
    let tries = if cfg!(windows) { 20 } else { 0 };
    for _ in 0..tries {
        match file.persist(path) {
            Err(error) if error.error.kind() == io::ErrorKind::PermissionDenied => {
                file = error.file;
                std::thread::sleep(std::time::Duration::from_millis(50));
            }
            renamed => return renamed.map(drop).map_err(|error| error.error),
        }
    }
    file.persist(path).map(drop).map_err(|error| error.error)
}

/// The file behind symbolic links, which may not exist yet: people link their settings into a
/// repository.
fn resolve(path: &Path) -> PathBuf {
    let mut path = path.to_owned();
    for _ in 0..MAX_LINKS {
        let Ok(target) = fs::read_link(&path) else { break };
        path = path.parent().map_or_else(|| target.clone(), |folder| folder.join(&target));
    }
    path
}

fn make_folder(folder: &Path) -> io::Result<()> {
    let mut builder = DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(folder)
}

fn lock(path: &Path) -> io::Result<File> {
    let mut name = path.as_os_str().to_owned();
    name.push(".lock");
    let mut options = OpenOptions::new();
    options.write(true).create(true).truncate(false);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let file = options.open(name)?;
    match file.lock() {
        Err(error) if error.kind() == io::ErrorKind::Unsupported => Ok(file),
        locked => locked.map(|()| file),
    }
}

/// A temporary file has mode 0600 from the start.
fn replace(path: &Path, folder: &Path, text: &str) -> io::Result<()> {
    let mut file =
        tempfile::Builder::new().prefix(".config-").suffix(".toml").tempfile_in(folder)?;
    file.write_all(text.as_bytes())?;
    file.as_file().sync_all()?;
    rename_over(file, path)
}

#[cfg(test)]
mod tests {
    //! Adding and removing keys in `config.toml`, and what must survive that.

    use super::*;
    use tempfile::TempDir;

    fn new(profile: &str, key: &str, api_url: Option<&str>) -> NewKey {
        NewKey {
            profile: profile.to_owned(),
            key: ApiKey::parse(key).expect("a key"),
            api_url: api_url.map(|url| url.parse().expect("an address")),
        }
    }

    /// The text of a file after `edit`, starting from the text `before`.
    fn edited(before: &str, edit: impl FnOnce(&Path)) -> String {
        let folder = tempfile::tempdir().expect("makes a folder");
        let path = folder.path().join("config.toml");
        fs::write(&path, before).expect("writes");
        edit(&path);
        fs::read_to_string(&path).expect("reads")
    }

    fn saved(before: &str, new: &NewKey) -> String {
        edited(before, |path| save_key(path, new).expect("saves"))
    }

    fn removed(before: &str) -> String {
        edited(before, |path| assert!(remove_key(path, "default").expect("removes"), "{before}"))
    }

    #[test]
    fn a_file_is_created_with_its_folder() {
        let folder = tempfile::tempdir().expect("makes a folder");
        let path = folder.path().join("deep/lessonspace/config.toml");
        save_key(&path, &new("default", "new-key-1x", None)).expect("saves");
        let text = fs::read_to_string(&path).expect("reads");
        assert_eq!(text, "[profiles.default]\napi_key = \"new-key-1x\"\n");
        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt as _;
            let mode =
                |path: &Path| fs::metadata(path).expect("exists").permissions().mode() & 0o777;
            assert_eq!(mode(&path), 0o600);
            assert_eq!(mode(path.parent().expect("has one")), 0o700);
            assert_eq!(mode(&folder.path().join("deep")), 0o700);
        }
    }

    #[test]
    fn comments_and_unknown_content_are_kept() {
        let before = "# mine\n\n[profiles.default] # me\n# the key\napi_key = \"old\" # from Peter\n\
                      user_name  =  'Peter'\n\n# the other school\n[profiles.w]\nnew_setting = [1,\n 2]\n# end\n";
        let after = saved(before, &new("default", "new-key-2x", None));
        assert_eq!(after, before.replace("\"old\"", "\"new-key-2x\""));
        let after = saved(before, &new("w", "new-key-3x", Some("https://e.org/v2/")));
        let lines = " 2]\napi_key = \"new-key-3x\"\napi_url = \"https://e.org/v2/\"\n# end\n";
        assert_eq!(after, before.replace(" 2]\n# end\n", lines));
        let after = saved(before, &new("third", "new-key-4x", None));
        assert_eq!(after, format!("{before}\n[profiles.third]\napi_key = \"new-key-4x\"\n"));
        let after = saved("# mine", &new("a b\"", "new-key-4x", None));
        assert_eq!(after, "# mine\n\n[profiles.'a b\"']\napi_key = \"new-key-4x\"\n");
        let gone = removed(before);
        assert_eq!(gone, before.replace("api_key = \"old\" # from Peter\n", ""));
    }

    #[test]
    fn every_toml_spelling_of_a_profile_is_supported() {
        for before in [
            "profiles.default.api_key = \"old\"\n",
            "[profiles]\ndefault.api_key = 'old'\nx.user_id = \"y\"\n",
            "profiles = { default = { api_key = \"old\", user_id = \"x\" } }\n",
            "[profiles]\ndefault = { api_key = \"old\" }\n",
            "[\"profiles\".\"default\"]\n\"api_key\" = \"\"\"old\"\"\"\nuser_id = \"x\"\n",
        ] {
            let key = |text: &str| {
                let document: DocumentMut = text.parse().expect(text);
                document["profiles"]["default"]
                    .get("api_key")
                    .and_then(Item::as_str)
                    .map(str::to_owned)
            };
            assert_eq!(
                key(&saved(before, &new("default", "new-key-5x", None))).as_deref(),
                Some("new-key-5x")
            );
            let gone = edited(before, |path| {
                assert!(remove_key(path, "default").expect("removes"), "{before}");
            });
            assert!(!gone.contains("old"), "{gone}");
            gone.parse::<DocumentMut>().expect(&gone);
            let both = saved(before, &new("other", "new-key-6x", None));
            assert_eq!(key(&both).as_deref(), Some("old"), "{both}");
            assert!(both.contains("new-key-6x"), "{both}");
        }
    }

    #[test]
    fn a_url_is_replaced_if_the_new_key_is_for_another_one() {
        let before = "[profiles.default]\napi_url = \"https://old.org/\" # staging\n";
        let after = saved(before, &new("default", "new-key-x", Some("https://e.org/")));
        assert!(after.contains("api_url = \"https://e.org/\" # staging\n"), "{after}");
        let after = saved(before, &new("default", "new-key-x", None));
        assert!(
            after.contains(super::super::DEFAULT_API_URL) && !after.contains("old.org"),
            "{after}"
        );
    }

    #[test]
    fn a_byte_order_mark_and_windows_line_endings_are_kept() {
        let before =
            "\u{feff}[profiles.default]\r\n# x\r\napi_key = \"old\"\r\nuser_id = \"y\"\r\n";
        let gone = removed(before);
        assert_eq!(gone, before.replace("api_key = \"old\"\r\n", ""));
        let after = saved(before, &new("default", "new-key-x", None));
        assert!(after.starts_with('\u{feff}') && after.contains("\"new-key-x\""), "{after:?}");
    }

    #[test]
    fn an_invalid_file_is_left_unchanged_and_not_shown() {
        for wrong in ["api_key = secret", "profiles = 5\n", "[profiles]\ndefault = 1\n"] {
            let folder = tempfile::tempdir().expect("makes a folder");
            let path = folder.path().join("config.toml");
            fs::write(&path, wrong).expect("writes");
            let error = save_key(&path, &new("default", "new-key-x", None)).expect_err("is wrong");
            assert!(error.downcast_ref::<Error>().is_some(), "{error}");
            assert!(!format!("{error:?}").contains("secret"), "{error:?}");
            assert_eq!(fs::read_to_string(&path).expect("reads"), wrong);
        }
    }

    #[test]
    fn without_a_key_to_remove_nothing_is_written() {
        let before = "[profiles.default]\nuser_id = \"x\"\n";
        let after = edited(before, |path| {
            assert!(!remove_key(path, "default").expect("looks"));
            assert!(!remove_key(path, "nobody").expect("looks"));
        });
        assert_eq!(after, before);
    }

    #[cfg(unix)]
    #[test]
    fn a_symbolic_link_is_kept() {
        let folder = tempfile::tempdir().expect("makes a folder");
        let at = |name: &str| folder.path().join(name);
        fs::create_dir(at("repository")).expect("makes a folder");
        std::os::unix::fs::symlink("repository/settings.toml", at("middle")).expect("links");
        std::os::unix::fs::symlink(at("middle"), at("config.toml")).expect("links");
        for key in ["new-key-1x", "new-key-2x"] {
            save_key(&at("config.toml"), &new("default", key, None)).expect("saves");
            let text = fs::read_to_string(at("repository/settings.toml")).expect("reads");
            assert!(text.contains(key), "{text}");
            assert!(fs::symlink_metadata(at("config.toml")).expect("exists").is_symlink());
        }
    }

    #[test]
    fn no_concurrent_write_is_lost() {
        let folder: TempDir = tempfile::tempdir().expect("makes a folder");
        let path = folder.path().join("config.toml");
        std::thread::scope(|scope| {
            for thread in 0..4 {
                let path = &path;
                scope.spawn(move || {
                    for number in 0..10 {
                        save_key(path, &new(&format!("p{thread}-{number}"), "new-key-x", None))
                            .expect("saves");
                    }
                });
            }
        });
        let text = fs::read_to_string(&path).expect("reads");
        assert_eq!(text.matches("api_key = \"new-key-x\"").count(), 40, "{text}");
        let left = fs::read_dir(folder.path()).expect("lists").count();
        assert_eq!(left, 2, "the file and its lock");
    }
}
