//! Text at the end of the help: short for `-h`, with prose for `--help`.

/// The end of `lessonspace -h`.
pub const SHORT_OVERVIEW: &str = "\
Examples:
  lessonspace launch --sandbox --id biology101_2023 --leader
  lessonspace batch class.xlsx

Exit codes and settings: lessonspace --help";

/// The end of `lessonspace --help`.
pub const OVERVIEW: &str = "\
Examples:
  lessonspace launch --sandbox --id biology101_2023 --leader
  lessonspace launch --id biology101_2023 --user-name \"Peter Parker\" --leader
  lessonspace add-user --id biology101_2023 --user-id Student_7 --user-name Anna
  lessonspace batch class.xlsx
  lessonspace login

Exit codes:
    0  success, even if the output pipe closes early or Ctrl-C stops the sandbox
    1  internal or local error, such as a full disk
    2  invalid or missing input; nothing was sent
    3  API key missing, unusable or refused
    4  the API refused the request
    5  API unreachable, timed out or busy after all retries; try again later
    6  unexpected response: login page, proxy or untrusted certificate
    7  batch finished, but some rows have no link
    8  done, but a check failed, such as --expect
  129, 130, 143  interrupted: terminal closed (SIGHUP), Ctrl-C, SIGTERM

The API key comes from LESSONSPACE_API_KEY, a file or a profile. There is no flag for the key \
itself, because other users of the computer can see command lines. Settings are in \
~/.config/lessonspace/config.toml (Windows: %APPDATA%\\lessonspace\\config.toml). Set \
LESSONSPACE_CONFIG to use another file. Empty environment variables are ignored.";

/// Flags listed by `launch -h` and `add-user -h`.
pub const LAUNCH_FLAGS: &str = "
    id file dry_run
    user_name user_email role leader guest
    lesson_time valid_for time_zone
    open copy json profile sandbox";

/// The end of `launch -h`.
pub const LAUNCH_SHORT: &str = "\
Examples:
  lessonspace launch --id biology101_2023 --user-name \"Peter Parker\" --leader
  lessonspace launch --id biology101_2023 --leader --lesson-time \"tomorrow 14:00-14:45\"

All flags, such as recording and webhooks: lessonspace launch --help";

/// The end of `launch --help`.
pub const LAUNCH: &str = "\
At a terminal, launch prompts for anything missing, then prints the command that repeats the launch \
without prompts. The link goes to standard output, everything else to standard error. If no \
flag, --set or --file names a person, the person in your profile is used. A link without a person, role or \
leader is a guest link.

Examples:
  lessonspace launch --id biology101_2023 --user-name \"Peter Parker\" --leader
  lessonspace launch --id biology101_2023 --leader --lesson-time \"tomorrow 14:00-14:45\"
  lessonspace launch --file space.json --set features.chat.enabled=false
  url=$(lessonspace launch --quiet --id biology101_2023)";

/// The end of `add-user -h`.
pub const ADD_USER_SHORT: &str = "\
Examples:
  lessonspace add-user --id biology101_2023 --user-name Anna --role student
  lessonspace add-user --id biology101_2023 --guest --valid-for 2h

All flags: lessonspace add-user --help";

/// The end of `add-user --help`.
pub const ADD_USER: &str = "\
Creates a join link for one more person, or a guest link with --guest. It never changes an existing \
Space: Space settings in --file are not sent. If the Space does not exist, the API creates it and add-user \
prints a warning; with --expect existing, it also exits 8.

Examples:
  lessonspace add-user --id biology101_2023 --user-id Student_7 --user-name Anna
  lessonspace add-user --id biology101_2023 --guest --valid-for 2h";

/// The end of `hello -h`.
pub const HELLO_SHORT: &str = "\
Examples:
  lessonspace hello
  lessonspace hello --profile westside";

/// The end of `hello --help`.
pub const HELLO: &str = "\
Prints the API's greeting if the key works. If not, the error says where the key came from. If no key is \
set, hello prompts for one at a terminal and offers to save it.

Examples:
  lessonspace hello
  lessonspace hello --profile westside";
