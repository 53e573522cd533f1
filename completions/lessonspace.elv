
use builtin;
use str;

set edit:completion:arg-completer[lessonspace] = {|@words|
    fn spaces {|n|
        builtin:repeat $n ' ' | str:join ''
    }
    fn cand {|text desc|
        edit:complex-candidate $text &display=$text' '(spaces (- 14 (wcswidth $text)))$desc
    }
    var command = 'lessonspace'
    for word $words[1..-1] {
        if (str:has-prefix $word '-') {
            break
        }
        set command = $command';'$word
    }
    var completions = [
        &'lessonspace'= {
            cand -h 'Print help (see more with ''--help'')'
            cand --help 'Print help (see more with ''--help'')'
            cand -V 'Print version'
            cand --version 'Print version'
            cand launch 'Create or open a Space and print a join link'
            cand add-user 'Print a join link for another person in a Space'
            cand batch 'Create join links for everyone in a roster (spreadsheet, CSV, export, calendar)'
            cand handout 'Turn a links file into printable cards or a calendar'
            cand hello 'Check that the API key works'
            cand link 'Show who a join link is for and when it expires (works offline)'
            cand login 'Check an API key and save it'
            cand logout 'Remove the saved API key'
            cand sandbox 'Run a practice API on this computer'
            cand webhook 'Verify webhook signatures'
            cand completions 'Print a tab-completion script for your shell'
            cand help 'Print this message or the help of the given subcommand(s)'
        }
        &'lessonspace;launch'= {
            cand --id 'Id of the Space: you choose it, up to 64 characters'
            cand --file 'Read the request from a JSON file (- for standard input)'
            cand --set 'Set any field, such as --set user.role=student'
            cand --user-id 'Your id for this person, such as a student number'
            cand --user-name 'Name of the person'
            cand --user-email 'Email address of the person'
            cand --role 'Role: teacher, student or admin'
            cand --leader 'Make this person a leader'
            cand --display-name 'Name shown in the Space, if different'
            cand --feature 'Turn a feature on or off for this link, such as --feature chat.enabled=off'
            cand --lesson-time 'Start and end of the lesson, such as "2026-12-01 14:00-14:45"'
            cand --not-before 'Start of the lesson time: "2026-12-01 14:00", 2026-12-01T14:00:00Z or now'
            cand --not-after 'End of the lesson time, at most 7 days after the start'
            cand --valid-for 'Length of the lesson time, such as 90m, 2h or 7d'
            cand --time-zone 'Time zone for the lesson time, such as Europe/London'
            cand --kick-on-expiry 'Remove the person from the Space when the link expires'
            cand --invite-url 'Address that the "invite others" button shows'
            cand --space-name 'Name of the Space, shown to everyone in it [default: the id]'
            cand --record-av 'Record audio and video'
            cand --record-content 'Record the whiteboards'
            cand --transcribe 'Transcribe the audio (requires --record-av)'
            cand --summarise 'Write a summary (requires --record-av and --transcribe)'
            cand --allow-guests 'Let guests in through the invite page'
            cand --webhook 'Call a URL when an event happens, such as session.start=https://example.org/hook'
            cand --expect 'Exit 8 if the result differs; the link is still printed'
            cand --field 'Print one field of the response, such as room_id or created (repeatable)'
            cand --profile 'Use the key and settings of this profile [env: LESSONSPACE_PROFILE]'
            cand --api-key-file 'Read the API key from a file (- for standard input) [env: LESSONSPACE_API_KEY_FILE]'
            cand --api-url 'URL of the API [env: LESSONSPACE_API_URL] [default: https://api.thelessonspace.com/v2/]'
            cand --timeout 'Time limit for each launch, retries included [default: 60s]'
            cand --strict 'Fail on unknown fields instead of sending them with a warning'
            cand --dry-run 'Print the request without sending it (needs no API key)'
            cand --guest 'Create a guest link, not tied to a person'
            cand --open 'Open the link in your browser (not in CI)'
            cand --copy 'Copy the link to the clipboard (not in CI)'
            cand --github-output 'For GitHub Actions: mask the link in the log and set outputs'
            cand --json 'Print the full response as JSON; messages go to standard error as JSON lines'
            cand -q 'Print only warnings and errors'
            cand --quiet 'Print only warnings and errors'
            cand -v 'Show the key''s source, the settings in use and every attempt'
            cand --verbose 'Show the key''s source, the settings in use and every attempt'
            cand --no-input 'Never prompt (the default in CI and without a terminal)'
            cand --sandbox 'Practise without an API key [env: LESSONSPACE_SANDBOX=1]'
            cand -h 'Print help (see more with ''--help'')'
            cand --help 'Print help (see more with ''--help'')'
        }
        &'lessonspace;add-user'= {
            cand --id 'Id of the Space: you choose it, up to 64 characters'
            cand --file 'Read the request from a JSON file (- for standard input)'
            cand --set 'Set any field, such as --set user.role=student'
            cand --user-id 'Your id for this person, such as a student number'
            cand --user-name 'Name of the person'
            cand --user-email 'Email address of the person'
            cand --role 'Role: teacher, student or admin'
            cand --leader 'Make this person a leader'
            cand --display-name 'Name shown in the Space, if different'
            cand --feature 'Turn a feature on or off for this link, such as --feature chat.enabled=off'
            cand --lesson-time 'Start and end of the lesson, such as "2026-12-01 14:00-14:45"'
            cand --not-before 'Start of the lesson time: "2026-12-01 14:00", 2026-12-01T14:00:00Z or now'
            cand --not-after 'End of the lesson time, at most 7 days after the start'
            cand --valid-for 'Length of the lesson time, such as 90m, 2h or 7d'
            cand --time-zone 'Time zone for the lesson time, such as Europe/London'
            cand --kick-on-expiry 'Remove the person from the Space when the link expires'
            cand --invite-url 'Address that the "invite others" button shows'
            cand --expect 'Exit 8 if the result differs; the link is still printed'
            cand --field 'Print one field of the response, such as room_id or created (repeatable)'
            cand --profile 'Use the key and settings of this profile [env: LESSONSPACE_PROFILE]'
            cand --api-key-file 'Read the API key from a file (- for standard input) [env: LESSONSPACE_API_KEY_FILE]'
            cand --api-url 'URL of the API [env: LESSONSPACE_API_URL] [default: https://api.thelessonspace.com/v2/]'
            cand --timeout 'Time limit for each launch, retries included [default: 60s]'
            cand --strict 'Fail on unknown fields instead of sending them with a warning'
            cand --dry-run 'Print the request without sending it (needs no API key)'
            cand --guest 'Create a guest link, not tied to a person'
            cand --open 'Open the link in your browser (not in CI)'
            cand --copy 'Copy the link to the clipboard (not in CI)'
            cand --github-output 'For GitHub Actions: mask the link in the log and set outputs'
            cand --json 'Print the full response as JSON; messages go to standard error as JSON lines'
            cand -q 'Print only warnings and errors'
            cand --quiet 'Print only warnings and errors'
            cand -v 'Show the key''s source, the settings in use and every attempt'
            cand --verbose 'Show the key''s source, the settings in use and every attempt'
            cand --no-input 'Never prompt (the default in CI and without a terminal)'
            cand --sandbox 'Practise without an API key [env: LESSONSPACE_SANDBOX=1]'
            cand -h 'Print help (see more with ''--help'')'
            cand --help 'Print help (see more with ''--help'')'
        }
        &'lessonspace;batch'= {
            cand -o 'Links file to write [default: NAME-links next to the roster]'
            cand --output 'Links file to write [default: NAME-links next to the roster]'
            cand --min-valid 'With --resume, renew links this long before they expire, such as 2d'
            cand --rate 'Requests per second, retries included; 0 means no limit [default: 4]'
            cand --max-wait 'How long to wait for a busy or unreachable API [default: 15m]'
            cand --format 'Format of the roster [default: from the file extension]'
            cand --encoding 'Text encoding of the roster, such as windows-1252 [default: UTF-8 or UTF-16, detected]'
            cand --sheet 'Sheet to read [default: the first visible sheet that is not empty]'
            cand --header 'Line with the column names [default: found in the first 20 rows]'
            cand --map 'Fill a column from your own columns, such as --map "id={Class}"'
            cand --recipe 'Read column rules from a recipe (a TOML file)'
            cand --only 'Include only rows with this value in this column'
            cand --hidden 'What to do with hidden and filtered rows (an error if not set)'
            cand --dates 'Order of day and month, as in 01/12/2026'
            cand --week-of 'Week for weekdays such as "Tue 14:00": this, next or any date in that week'
            cand --from 'Kind of export [default: detected from its files]'
            cand --on 'Date on which enrolments must be current, or first day to read from a calendar [default: today]'
            cand --days 'Number of days to read from a calendar [default: 14]'
            cand --example 'Write example rosters and recipes into a new folder'
            cand --file 'Default values for every row, from a JSON file'
            cand --set 'Set a default for every row, such as --set user.role=student'
            cand --user-id 'Your id for this person, such as a student number'
            cand --user-name 'Name of the person'
            cand --user-email 'Email address of the person'
            cand --role 'Role: teacher, student or admin'
            cand --display-name 'Name shown in the Space, if different'
            cand --not-after 'End of the lesson time, at most 7 days after the start'
            cand --valid-for 'Length of the lesson time, such as 90m, 2h or 7d'
            cand --time-zone 'Time zone for the lesson time, such as Europe/London'
            cand --kick-on-expiry 'Remove the person from the Space when the link expires'
            cand --invite-url 'Address that the "invite others" button shows'
            cand --space-name 'Name of the Space, shown to everyone in it [default: the id]'
            cand --record-av 'Record audio and video'
            cand --record-content 'Record the whiteboards'
            cand --transcribe 'Transcribe the audio (requires --record-av)'
            cand --summarise 'Write a summary (requires --record-av and --transcribe)'
            cand --allow-guests 'Let guests in through the invite page'
            cand --webhook 'Call a URL when an event happens, such as session.start=https://example.org/hook'
            cand --profile 'Use the key and settings of this profile [env: LESSONSPACE_PROFILE]'
            cand --api-key-file 'Read the API key from a file (- for standard input) [env: LESSONSPACE_API_KEY_FILE]'
            cand --api-url 'URL of the API [env: LESSONSPACE_API_URL] [default: https://api.thelessonspace.com/v2/]'
            cand --timeout 'Time limit for each launch, retries included [default: 60s]'
            cand --leader 'Make everyone a leader unless their row says otherwise'
            cand --feature 'Turn a feature on or off in every link, such as --feature chat.enabled=off'
            cand --lesson-time 'Start and end of the lesson, such as "2026-12-01 14:00-14:45"'
            cand --not-before 'Start of the lesson time: "2026-12-01 14:00", 2026-12-01T14:00:00Z or now'
            cand --resume 'Resume or repeat: send missing and failed rows, renew expired links'
            cand --force 'Start over and replace LINKS and its journal'
            cand --dry-run 'Check the whole roster and print the plan without sending anything'
            cand --yes 'Start without asking'
            cand --all-sheets 'Read all sheets; in --map, {sheet} is the name of a row''s sheet'
            cand --shorten-ids 'Shorten Space ids over 64 characters'
            cand --skip-broken 'Skip and count broken rows in an export, such as rows with an unknown class'
            cand --template 'Print an empty roster to fill in'
            cand --strict 'Fail on unknown fields instead of sending them with a warning'
            cand -q 'Print only warnings and errors'
            cand --quiet 'Print only warnings and errors'
            cand -v 'Show the key''s source, the settings in use and every attempt'
            cand --verbose 'Show the key''s source, the settings in use and every attempt'
            cand --no-input 'Never prompt (the default in CI and without a terminal)'
            cand --sandbox 'Practise without an API key [env: LESSONSPACE_SANDBOX=1]'
            cand --json 'Print the summary as JSON; messages go to standard error as JSON lines'
            cand --guest 'Create guest links for rows without a person'
            cand -h 'Print help (see more with ''--help'')'
            cand --help 'Print help (see more with ''--help'')'
        }
        &'lessonspace;handout'= {
            cand -o 'File to write: .html for printable cards, .ics for a calendar'
            cand --output 'File to write: .html for printable cards, .ics for a calendar'
            cand --each 'Write one file per person or Space into a folder, and index.csv for a mail merge'
            cand --format 'File format for --each [default: html]'
            cand --title 'Title of the page or calendar [default: the Space''s name, if there is only one]'
            cand --lang 'Language: en, de, es, fr, it, nl, pl or pt [default: the system''s, else en]'
            cand --time-zone 'Time zone for the times shown [default: from the batch, then this computer]'
            cand --sheet 'Sheet of LINKS to read [default: the first that is not empty]'
            cand --lesson-id 'Columns that identify a lesson in a calendar, such as "{Booking}"'
            cand --compact 'Do not start a new page for each Space'
            cand --update 'Update the calendar at FILE: move, cancel and add lessons'
            cand --force 'Replace FILE if it exists; in a folder, replace only the files that handout wrote'
            cand --json 'Print a summary as JSON; errors go to standard error as JSON lines'
            cand -q 'Print only warnings and errors'
            cand --quiet 'Print only warnings and errors'
            cand -h 'Print help (see more with ''--help'')'
            cand --help 'Print help (see more with ''--help'')'
        }
        &'lessonspace;hello'= {
            cand --profile 'Use the key and settings of this profile [env: LESSONSPACE_PROFILE]'
            cand --api-key-file 'Read the API key from a file (- for standard input) [env: LESSONSPACE_API_KEY_FILE]'
            cand --api-url 'URL of the API [env: LESSONSPACE_API_URL] [default: https://api.thelessonspace.com/v2/]'
            cand --field 'Print one field of the response: response or attempts (repeatable)'
            cand --timeout 'Time limit for each request, retries included [default: 60s]'
            cand --json 'Print the full response as JSON; messages go to standard error as JSON lines'
            cand -q 'Print only warnings and errors'
            cand --quiet 'Print only warnings and errors'
            cand -v 'Show the key''s source, the settings in use and every attempt'
            cand --verbose 'Show the key''s source, the settings in use and every attempt'
            cand --no-input 'Never prompt (the default in CI and without a terminal)'
            cand --sandbox 'Practise without an API key [env: LESSONSPACE_SANDBOX=1]'
            cand -h 'Print help (see more with ''--help'')'
            cand --help 'Print help (see more with ''--help'')'
        }
        &'lessonspace;link'= {
            cand --qr 'Print the link as a QR code, in the terminal or as an SVG image (--qr=svg)'
            cand --json 'Print the link''s token as JSON; errors go to standard error as JSON lines'
            cand -h 'Print help (see more with ''--help'')'
            cand --help 'Print help (see more with ''--help'')'
        }
        &'lessonspace;login'= {
            cand --profile 'Use the key and settings of this profile [env: LESSONSPACE_PROFILE]'
            cand --api-url 'URL of the API [env: LESSONSPACE_API_URL] [default: https://api.thelessonspace.com/v2/]'
            cand --api-key-file 'Read the API key from a file (- for standard input) instead of prompting'
            cand --timeout 'Time limit for each request, retries included [default: 60s]'
            cand --json 'Print what was saved and where as JSON; messages go to standard error as JSON lines'
            cand -q 'Print only warnings and errors'
            cand --quiet 'Print only warnings and errors'
            cand -v 'Show the settings in use and every attempt; never a key'
            cand --verbose 'Show the settings in use and every attempt; never a key'
            cand --no-input 'Never prompt (the default in CI and without a terminal)'
            cand -h 'Print help (see more with ''--help'')'
            cand --help 'Print help (see more with ''--help'')'
        }
        &'lessonspace;logout'= {
            cand --profile 'Profile to remove the key from [env: LESSONSPACE_PROFILE] [default: default]'
            cand --json 'Print what was removed and where as JSON; messages go to standard error as JSON lines'
            cand -q 'Print only warnings and errors'
            cand --quiet 'Print only warnings and errors'
            cand -h 'Print help'
            cand --help 'Print help'
        }
        &'lessonspace;sandbox'= {
            cand --port 'Port on 127.0.0.1; 0 picks a free one'
            cand --rate 'Requests per second allowed for each key; 0 means no limit'
            cand --fail 'Make requests fail, such as 429@7,500@12,drop@20'
            cand --webhook-url 'Send every event to this URL too, in addition to each Space''s webhooks'
            cand --json 'Print the address and key as JSON; errors go to standard error as JSON lines'
            cand -q 'Do not show requests and webhooks'
            cand --quiet 'Do not show requests and webhooks'
            cand -h 'Print help (see more with ''--help'')'
            cand --help 'Print help (see more with ''--help'')'
        }
        &'lessonspace;webhook'= {
            cand -h 'Print help'
            cand --help 'Print help'
            cand verify 'Check that a webhook was signed with the Space''s secret'
            cand help 'Print this message or the help of the given subcommand(s)'
        }
        &'lessonspace;webhook;verify'= {
            cand --signature 'Value of the x-webhook-signature header, in hex or base64'
            cand --body-file 'File with the webhook body, exactly as received, up to 16 MiB (- for standard input) [default: -]'
            cand --secret-file 'File with the Space''s secret (- for standard input)'
            cand --json 'Print the result as JSON; errors go to standard error as JSON lines'
            cand -q 'Print nothing if the signature matches'
            cand --quiet 'Print nothing if the signature matches'
            cand -h 'Print help (see more with ''--help'')'
            cand --help 'Print help (see more with ''--help'')'
        }
        &'lessonspace;webhook;help'= {
            cand verify 'Check that a webhook was signed with the Space''s secret'
            cand help 'Print this message or the help of the given subcommand(s)'
        }
        &'lessonspace;webhook;help;verify'= {
        }
        &'lessonspace;webhook;help;help'= {
        }
        &'lessonspace;completions'= {
            cand -h 'Print help (see more with ''--help'')'
            cand --help 'Print help (see more with ''--help'')'
        }
        &'lessonspace;help'= {
            cand launch 'Create or open a Space and print a join link'
            cand add-user 'Print a join link for another person in a Space'
            cand batch 'Create join links for everyone in a roster (spreadsheet, CSV, export, calendar)'
            cand handout 'Turn a links file into printable cards or a calendar'
            cand hello 'Check that the API key works'
            cand link 'Show who a join link is for and when it expires (works offline)'
            cand login 'Check an API key and save it'
            cand logout 'Remove the saved API key'
            cand sandbox 'Run a practice API on this computer'
            cand webhook 'Verify webhook signatures'
            cand completions 'Print a tab-completion script for your shell'
            cand help 'Print this message or the help of the given subcommand(s)'
        }
        &'lessonspace;help;launch'= {
        }
        &'lessonspace;help;add-user'= {
        }
        &'lessonspace;help;batch'= {
        }
        &'lessonspace;help;handout'= {
        }
        &'lessonspace;help;hello'= {
        }
        &'lessonspace;help;link'= {
        }
        &'lessonspace;help;login'= {
        }
        &'lessonspace;help;logout'= {
        }
        &'lessonspace;help;sandbox'= {
        }
        &'lessonspace;help;webhook'= {
            cand verify 'Check that a webhook was signed with the Space''s secret'
        }
        &'lessonspace;help;webhook;verify'= {
        }
        &'lessonspace;help;completions'= {
        }
        &'lessonspace;help;help'= {
        }
    ]
    $completions[$command]
}
