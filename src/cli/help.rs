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

/// `batch --help`
pub const BATCH: &str = "\
One row, one launch, one link. Everything is checked before anything is sent. LINKS holds the \
roster with link_status, client_url, expires_at, room_id and link_error; LINKS.journal beside it \
is the record, from which a stopped run goes on with --resume. The flags give every row its \
defaults, and the row wins.

Columns are flag names or fields of the body, in any spelling: id, space name, user id, user name, \
user email, role, leader, display name, not before, not after, valid for, features.chat.enabled. \
Other columns are kept and not sent. A row is recognised by its content, so the roster may \
be sorted and edited between two runs.

A row that fails for a passing reason, such as a busy server, is tried once more at the end of the \
run, for up to --timeout again. A link that does not say when it ends is renewed as if it lasted 7 days.

Examples:
  lessonspace batch --template > roster.csv
  lessonspace batch roster.csv --dry-run
  lessonspace batch roster.csv -o links.csv
  lessonspace batch roster.csv -o links.csv --resume --min-valid 2d";

/// `handout --help`
pub const HANDOUT: &str = "\
A page has a card for each person: name, Space, the times between which the link works, the link to \
click and as a QR code. Print it, cut along the lines, and hand the cards out; or open it on a phone. \
Leaders' cards come first and say that they are private. People without a link are listed at the end. \
Where --map or a recipe made the Space's name, LINKS does not have it: the column that tells the Spaces \
apart takes its place, or else the names of the people.

A calendar has an event for each link that is good for at most 24 hours, which is a lesson. Import it \
again after the lessons have changed: the same lesson of the same person is updated, not doubled.

It needs no key and no network, and the file loads nothing from anywhere. Whoever has the file has all \
links: only you can read it, and nobody should be given the whole file. Exit code 2 when LINKS has no link.

Examples:
  lessonspace handout links.csv -o links.html
  lessonspace handout links.xlsx -o links.html --title \"Biology, autumn term\" --compact
  lessonspace handout links.csv -o lessons.ics";

/// `hello --help`
pub const HELLO: &str = "\
Prints the API's greeting if the key works, and otherwise says where the key came from. Without a key, at a \
terminal, it asks for one and offers to save it.

Examples:
  lessonspace hello
  lessonspace hello --profile westside";

/// `link --help`
pub const LINK: &str = "\
Prints the room, the person, whether the person leads, and from when until when the link works, in \
local time. It needs no key and no network, and so cannot tell whether the link is genuine: only \
Lessonspace knows the signature's secret. Exit code 8 when the link has expired or is not valid yet, \
2 when it is not a join link.

A join link lets in whoever has it. Written on the command line, it is visible to other users of this \
computer and stays in the shell's history; - avoids both.

Examples:
  lessonspace launch --id biology101_2023 | lessonspace link -
  lessonspace link - < link.txt
  lessonspace link - --qr < link.txt
  wl-paste | lessonspace link - --json";

/// `sandbox --help`
pub const SANDBOX: &str = "\
Prints two lines that point scripts at it, then shows each request and each webhook delivery on \
standard error. It behaves like Lessonspace's API, remembers its Spaces, and nothing leaves this \
computer but the webhooks. Its links open a page with Join, Leave and Idle, which send the Space's \
webhooks, signed with the Space's secret. Every key works; each is an organisation of its own, which \
finds its number at my-organisation/, and its Spaces and sessions at organisations/NUMBER/spaces/ and \
organisations/NUMBER/sessions/.

Single commands do not need it: --sandbox on launch, add-user, batch or hello does the same at once, \
but without pages.

Examples:
  lessonspace sandbox
  lessonspace sandbox --port 8080 --rate 0
  lessonspace sandbox --webhook-url http://127.0.0.1:8000/hook
  lessonspace sandbox --fail 429@7,500@12,drop@20";
