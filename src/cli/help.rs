//! The longer texts at the end of the help.

/// Examples, exit codes and the environment; shown by `lessonspace help`.
pub const OVERVIEW: &str = "\
Examples:
  lessonspace launch --sandbox --id biology101_2023 --leader
  lessonspace launch --id biology101_2023 --user-name \"Peter Parker\" --leader
  lessonspace add-user --id biology101_2023 --user-id Student_7 --user-name Anna
  lessonspace batch roster.csv -o links.csv
  lessonspace login

Exit codes:
    0  done; also when the reader closed the pipe early, and when Ctrl-C stops a server
    1  a fault of this program or this computer: cannot write, disk full
    2  wrong input, or something is missing; nothing was sent
    3  no API key, an unusable one, or the API refused it
    4  the API refused the request
    5  not reached, timed out, or busy after all retries: run it again later
    6  something else answered: a login page, a proxy, an untrusted certificate
    7  a batch finished, and some rows have no link
    8  done, but not what was required, such as --expect
  129, 130, 143  interrupted: SIGHUP, Ctrl-C, SIGTERM

The API key is read from LESSONSPACE_API_KEY, a file or a profile; no flag takes it, because \
command lines are visible to others. Settings are kept in ~/.config/lessonspace/config.toml \
(%APPDATA%\\lessonspace\\config.toml on Windows), or in the file that LESSONSPACE_CONFIG names. \
A variable that is empty counts as not set.";

/// `launch --help`
pub const LAUNCH: &str = "\
At a terminal it asks for what is missing, and at the end shows the command that does the same \
without questions. The link goes to standard output, everything else to standard error. Without a \
person the link is a guest link. Your own name can be kept in the profile; it is used unless \
--file, --set or a flag names another person.

Examples:
  lessonspace launch --id biology101_2023 --user-name \"Peter Parker\" --leader
  lessonspace launch --id biology101_2023 --not-before \"2026-12-01 14:00\" --valid-for 90m
  lessonspace launch --file space.json --set features.chat.enabled=false
  url=$(lessonspace launch --quiet --id biology101_2023)";

/// `add-user --help`
pub const ADD_USER: &str = "\
Makes a link for one more person, or with --guest for nobody in particular. It never changes the \
Space: fields of the Space in --file are left out. If the Space does not exist, the API makes a new \
one, and a warning says so; --expect existing makes that exit code 8.

Examples:
  lessonspace add-user --id biology101_2023 --user-id Student_7 --user-name Anna
  lessonspace add-user --id biology101_2023 --guest --valid-for 2h";

/// `hello --help`
pub const HELLO: &str = "\
Prints the API's greeting if the key works, and otherwise says where the key came from. Without a key, at a \
terminal, it asks for one and offers to save it.

Examples:
  lessonspace hello
  lessonspace hello --profile westside";
