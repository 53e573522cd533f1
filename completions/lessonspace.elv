
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
            cand -h 'Print help'
            cand --help 'Print help'
            cand -V 'Print version'
            cand --version 'Print version'
            cand launch 'Create or open a Space and print a join link'
            cand add-user 'Print a join link for another person in a Space'
            cand batch 'Make a link for each row of a roster: a spreadsheet, CSV or JSON'
            cand handout 'Turn the links of a batch into a page to print, or into a calendar'
            cand hello 'Check that the API key works'
            cand link 'Read a join link, offline: whose it is, and until when it works'
            cand login 'Check an API key and save it'
            cand logout 'Remove the saved API key'
            cand sandbox 'Serve a practice API on this computer until Ctrl-C'
            cand webhook 'Verify a webhook''s signature'
            cand completions 'Print tab completion for a shell'
            cand help 'Print this message or the help of the given subcommand(s)'
        }
        &'lessonspace;launch'= {
            cand --id 'The Space''s id: 1 to 64 characters of your choosing, never cut or changed; the same id is the same Space'
            cand --file 'A JSON object with any fields of a Launch body; - is standard input. Comments and trailing commas are fine; --set and flags win over it'
            cand --set 'Set any field, such as --set user.role=student or --set features.chat.enabled=false. Known fields get the right type; others are read as JSON, else as text'
            cand --user-id 'Your own id for the person'
            cand --user-name 'The person''s name'
            cand --user-email 'The person''s e-mail address; ties the link to the Lessonspace account of that address'
            cand --role 'The person''s role: teacher, student or admin'
            cand --leader 'The person leads: invites, ends the session, controls others'' audio and video'
            cand --display-name 'Shown in the Space instead of the name'
            cand --feature 'Turn a feature on or off for this link, such as --feature chat.enabled=off'
            cand --not-before 'The link works from this time: 2026-12-01T14:00:00Z, "2026-12-01 14:00" or now'
            cand --not-after 'The link works until this time, at most 7 days after its start'
            cand --valid-for 'How long the link works, from --not-before or from now: 90m, 2h, 1h30m or 7d'
            cand --time-zone 'The time zone of times that name none, such as Europe/London [default: the profile''s, else this computer''s]'
            cand --kick-on-expiry 'Also remove the person from the Space when the link ends'
            cand --invite-url 'What the "invite others" button shows'
            cand --space-name 'The name that people see [default: the id]'
            cand --record-av 'Record audio and video'
            cand --record-content 'Record the boards'' content'
            cand --transcribe 'Transcribe; needs --record-av'
            cand --summarise 'Summarise; needs --record-av and --transcribe'
            cand --allow-guests 'Let guests in through the invite page'
            cand --webhook 'Call a URL on an event, such as session.start=https://example.org/hook; a group such as session sets all its events, an empty URL removes one. The API replaces all earlier webhooks of the Space by those sent'
            cand --expect 'Exit with code 8 if the outcome is another one; the link is printed all the same'
            cand --field 'Print only this field of the answer, raw, such as room_id, room_settings.transcribe or created'
            cand --profile 'Which organisation''s settings to use [env: LESSONSPACE_PROFILE] [default: default]'
            cand --api-key-file 'Read the API key from a file; - is standard input [env: LESSONSPACE_API_KEY_FILE]'
            cand --api-url 'The API''s address [env: LESSONSPACE_API_URL] [default: https://api.thelessonspace.com/v2/]'
            cand --timeout 'The longest that one call may take, retries included [default: 60s]'
            cand --strict 'Refuse unknown fields, instead of sending them with a warning'
            cand --dry-run 'Print the body that would be sent and send nothing; needs no key'
            cand --guest 'Make a guest link, for nobody in particular'
            cand --open 'Also open the link in the browser, never in CI. The link, a credential, is then visible in the list of processes for a moment'
            cand --copy 'Also put the link on the clipboard, never in CI'
            cand --github-output 'For GitHub Actions: mask the link in the log, and write client_url, room_id and created to the file named by $GITHUB_OUTPUT'
            cand --json 'Print the full answer as JSON; messages become JSON lines on standard error'
            cand -q 'Show warnings and errors only'
            cand --quiet 'Show warnings and errors only'
            cand -v 'Show which key and settings are used, and each attempt and wait; never a key or a link'
            cand --verbose 'Show which key and settings are used, and each attempt and wait; never a key or a link'
            cand --no-input 'Never ask questions; implied when CI is set or there is no terminal'
            cand --sandbox 'Talk to the built-in practice API: no key needed, nothing leaves this computer [env: LESSONSPACE_SANDBOX=1]'
            cand -h 'Print help (see more with ''--help'')'
            cand --help 'Print help (see more with ''--help'')'
        }
        &'lessonspace;add-user'= {
            cand --id 'The Space''s id: 1 to 64 characters of your choosing, never cut or changed; the same id is the same Space'
            cand --file 'A JSON object with any fields of a Launch body; - is standard input. Comments and trailing commas are fine; --set and flags win over it'
            cand --set 'Set any field, such as --set user.role=student or --set features.chat.enabled=false. Known fields get the right type; others are read as JSON, else as text'
            cand --user-id 'Your own id for the person'
            cand --user-name 'The person''s name'
            cand --user-email 'The person''s e-mail address; ties the link to the Lessonspace account of that address'
            cand --role 'The person''s role: teacher, student or admin'
            cand --leader 'The person leads: invites, ends the session, controls others'' audio and video'
            cand --display-name 'Shown in the Space instead of the name'
            cand --feature 'Turn a feature on or off for this link, such as --feature chat.enabled=off'
            cand --not-before 'The link works from this time: 2026-12-01T14:00:00Z, "2026-12-01 14:00" or now'
            cand --not-after 'The link works until this time, at most 7 days after its start'
            cand --valid-for 'How long the link works, from --not-before or from now: 90m, 2h, 1h30m or 7d'
            cand --time-zone 'The time zone of times that name none, such as Europe/London [default: the profile''s, else this computer''s]'
            cand --kick-on-expiry 'Also remove the person from the Space when the link ends'
            cand --invite-url 'What the "invite others" button shows'
            cand --expect 'Exit with code 8 if the outcome is another one; the link is printed all the same'
            cand --field 'Print only this field of the answer, raw, such as room_id, room_settings.transcribe or created'
            cand --profile 'Which organisation''s settings to use [env: LESSONSPACE_PROFILE] [default: default]'
            cand --api-key-file 'Read the API key from a file; - is standard input [env: LESSONSPACE_API_KEY_FILE]'
            cand --api-url 'The API''s address [env: LESSONSPACE_API_URL] [default: https://api.thelessonspace.com/v2/]'
            cand --timeout 'The longest that one call may take, retries included [default: 60s]'
            cand --strict 'Refuse unknown fields, instead of sending them with a warning'
            cand --dry-run 'Print the body that would be sent and send nothing; needs no key'
            cand --guest 'Make a guest link, for nobody in particular'
            cand --open 'Also open the link in the browser, never in CI. The link, a credential, is then visible in the list of processes for a moment'
            cand --copy 'Also put the link on the clipboard, never in CI'
            cand --github-output 'For GitHub Actions: mask the link in the log, and write client_url, room_id and created to the file named by $GITHUB_OUTPUT'
            cand --json 'Print the full answer as JSON; messages become JSON lines on standard error'
            cand -q 'Show warnings and errors only'
            cand --quiet 'Show warnings and errors only'
            cand -v 'Show which key and settings are used, and each attempt and wait; never a key or a link'
            cand --verbose 'Show which key and settings are used, and each attempt and wait; never a key or a link'
            cand --no-input 'Never ask questions; implied when CI is set or there is no terminal'
            cand --sandbox 'Talk to the built-in practice API: no key needed, nothing leaves this computer [env: LESSONSPACE_SANDBOX=1]'
            cand -h 'Print help (see more with ''--help'')'
            cand --help 'Print help (see more with ''--help'')'
        }
        &'lessonspace;batch'= {
            cand -o 'Write the roster with everybody''s link to this file, a workbook if it is .xlsx; LINKS.journal beside it is the record'
            cand --output 'Write the roster with everybody''s link to this file, a workbook if it is .xlsx; LINKS.journal beside it is the record'
            cand --min-valid 'With --resume: also renew links that expire within this time, less than 7d'
            cand --rate 'Requests a second, retries included; 0 is as fast as it goes [default: 4]'
            cand --format 'The roster''s format [default: by its extension]'
            cand --encoding 'The roster''s encoding, such as windows-1252 [default: UTF-8 or UTF-16, as detected]'
            cand --sheet 'The sheet of the workbook [default: the first with rows]'
            cand --header 'The line of the header [default: the first of 20 rows with a column for the id]'
            cand --map 'A field made from columns, such as --map ''user name={First name} {Last name}''; write {{ for a brace'
            cand --recipe 'A TOML file that says how the roster is read, and may make several people from one row'
            cand --dates 'How to read dates such as 01/12/2026: day first or month first'
            cand --file 'A JSON object that every row starts from'
            cand --set 'Set a field of every row, such as --set user.role=student; a row''s own cell wins'
            cand --user-id 'Your own id for the person'
            cand --user-name 'The person''s name'
            cand --user-email 'The person''s e-mail address; ties the link to the Lessonspace account of that address'
            cand --role 'The person''s role: teacher, student or admin'
            cand --leader 'The person leads: invites, ends the session, controls others'' audio and video'
            cand --display-name 'Shown in the Space instead of the name'
            cand --feature 'Turn a feature on or off for this link, such as --feature chat.enabled=off'
            cand --not-before 'The link works from this time: 2026-12-01T14:00:00Z, "2026-12-01 14:00" or now'
            cand --not-after 'The link works until this time, at most 7 days after its start'
            cand --valid-for 'How long the link works, from --not-before or from now: 90m, 2h, 1h30m or 7d'
            cand --time-zone 'The time zone of times that name none, such as Europe/London [default: the profile''s, else this computer''s]'
            cand --kick-on-expiry 'Also remove the person from the Space when the link ends'
            cand --invite-url 'What the "invite others" button shows'
            cand --space-name 'The name that people see [default: the id]'
            cand --record-av 'Record audio and video'
            cand --record-content 'Record the boards'' content'
            cand --transcribe 'Transcribe; needs --record-av'
            cand --summarise 'Summarise; needs --record-av and --transcribe'
            cand --allow-guests 'Let guests in through the invite page'
            cand --webhook 'Call a URL on an event, such as session.start=https://example.org/hook; a group such as session sets all its events, an empty URL removes one. The API replaces all earlier webhooks of the Space by those sent'
            cand --profile 'Which organisation''s settings to use [env: LESSONSPACE_PROFILE] [default: default]'
            cand --api-key-file 'Read the API key from a file; - is standard input [env: LESSONSPACE_API_KEY_FILE]'
            cand --api-url 'The API''s address [env: LESSONSPACE_API_URL] [default: https://api.thelessonspace.com/v2/]'
            cand --timeout 'The longest that one call may take, retries included [default: 60s]'
            cand --resume 'Go on with an earlier run: send what is missing or failed, and renew links that have expired'
            cand --force 'Start over, and replace LINKS and its journal'
            cand --shorten-ids 'Give ids of more than 64 characters a short form, always the same'
            cand --template 'Print an empty roster and do nothing else; with --recipe, one for that recipe'
            cand --strict 'Refuse unknown fields, instead of sending them with a warning'
            cand --dry-run 'Check everything, print one body a line and send nothing; needs no key and no -o'
            cand --guest 'Make a guest link, for nobody in particular'
            cand -q 'Show warnings and errors only'
            cand --quiet 'Show warnings and errors only'
            cand -v 'Show which key and settings are used, and each attempt and wait; never a key or a link'
            cand --verbose 'Show which key and settings are used, and each attempt and wait; never a key or a link'
            cand --no-input 'Never ask questions; implied when CI is set or there is no terminal'
            cand --sandbox 'Talk to the built-in practice API: no key needed, nothing leaves this computer [env: LESSONSPACE_SANDBOX=1]'
            cand --json 'Print the summary as JSON; messages become JSON lines on standard error'
            cand -h 'Print help (see more with ''--help'')'
            cand --help 'Print help (see more with ''--help'')'
        }
        &'lessonspace;handout'= {
            cand -o 'The file to make: .html for a page to print, .ics for a calendar'
            cand --output 'The file to make: .html for a page to print, .ics for a calendar'
            cand --title 'The title of the page or calendar, and the name of the only Space if LINKS has none for it [default: the Space''s name, if there is only one]'
            cand --time-zone 'The time zone that times are shown in [default: this computer''s]'
            cand --compact 'Do not begin a new sheet of paper for each Space'
            cand --force 'Replace FILE if it exists'
            cand --json 'Print a summary as JSON; errors become JSON lines on standard error'
            cand -q 'Show warnings and errors only'
            cand --quiet 'Show warnings and errors only'
            cand -h 'Print help'
            cand --help 'Print help'
        }
        &'lessonspace;hello'= {
            cand --profile 'Which organisation''s settings to use [env: LESSONSPACE_PROFILE] [default: default]'
            cand --api-key-file 'Read the API key from a file; - is standard input [env: LESSONSPACE_API_KEY_FILE]'
            cand --api-url 'The API''s address [env: LESSONSPACE_API_URL] [default: https://api.thelessonspace.com/v2/]'
            cand --timeout 'The longest that one call may take, retries included [default: 60s]'
            cand --field 'Print only this field of the answer, raw: response or attempts'
            cand --json 'Print the full answer as JSON; messages become JSON lines on standard error'
            cand -q 'Show warnings and errors only'
            cand --quiet 'Show warnings and errors only'
            cand -v 'Show which key and settings are used, and each attempt and wait; never a key or a link'
            cand --verbose 'Show which key and settings are used, and each attempt and wait; never a key or a link'
            cand --no-input 'Never ask questions; implied when CI is set or there is no terminal'
            cand --sandbox 'Talk to the built-in practice API: no key needed, nothing leaves this computer [env: LESSONSPACE_SANDBOX=1]'
            cand -h 'Print help'
            cand --help 'Print help'
        }
        &'lessonspace;link'= {
            cand --qr 'Print the link as a QR code instead: in the terminal, or with --qr=svg as an image. At a terminal it is drawn white on black, even with NO_COLOR, so that it scans on any background'
            cand --json 'Print the claims of the link''s token as JSON; errors become JSON lines on standard error'
            cand -h 'Print help (see more with ''--help'')'
            cand --help 'Print help (see more with ''--help'')'
        }
        &'lessonspace;login'= {
            cand --profile 'Which organisation''s settings to use [env: LESSONSPACE_PROFILE] [default: default]'
            cand --api-url 'The API''s address [env: LESSONSPACE_API_URL] [default: https://api.thelessonspace.com/v2/]'
            cand --timeout 'The longest that one call may take, retries included [default: 60s]'
            cand --api-key-file 'Read the API key from a file, instead of asking for it; - is standard input'
            cand --json 'Print what was saved, and where, as JSON; messages become JSON lines on standard error'
            cand -q 'Show warnings and errors only'
            cand --quiet 'Show warnings and errors only'
            cand -v 'Show which settings are used, and each attempt and wait; never a key'
            cand --verbose 'Show which settings are used, and each attempt and wait; never a key'
            cand --no-input 'Never ask questions; implied when CI is set or there is no terminal'
            cand -h 'Print help'
            cand --help 'Print help'
        }
        &'lessonspace;logout'= {
            cand --profile 'Whose key to remove [env: LESSONSPACE_PROFILE] [default: default]'
            cand --json 'Print what was removed, and where, as JSON; messages become JSON lines on standard error'
            cand -q 'Show warnings and errors only'
            cand --quiet 'Show warnings and errors only'
            cand -h 'Print help'
            cand --help 'Print help'
        }
        &'lessonspace;sandbox'= {
            cand --port 'The port on 127.0.0.1; 0 takes a free one'
            cand --rate 'How many requests a second each key may make; 0 for no limit'
            cand --fail 'Which requests fail, and how: 429@7 is the 7th request answered with 429, drop@20 the 20th carried out but never answered'
            cand --webhook-url 'Also send every event to this URL, besides the webhooks of each Space'
            cand --json 'Print address and key as JSON; errors become JSON lines on standard error'
            cand -q 'Do not show requests and deliveries'
            cand --quiet 'Do not show requests and deliveries'
            cand -h 'Print help'
            cand --help 'Print help'
        }
        &'lessonspace;webhook'= {
            cand -h 'Print help'
            cand --help 'Print help'
            cand verify 'Check that a delivery was signed with the Space''s secret'
            cand help 'Print this message or the help of the given subcommand(s)'
        }
        &'lessonspace;webhook;verify'= {
            cand --signature 'The x-webhook-signature header: hex or base64, with or without sha256= before it'
            cand --body-file 'The delivery''s body, byte for byte as it came, at most 16 MiB; - is standard input [default: -]'
            cand --secret-file 'A file with the Space''s secret, which launch prints with --field secret; - is standard input [env: LESSONSPACE_WEBHOOK_SECRET holds the secret itself]'
            cand --json 'Print the verdict as JSON; errors become JSON lines on standard error'
            cand -q 'Say nothing when the signature matches'
            cand --quiet 'Say nothing when the signature matches'
            cand -h 'Print help'
            cand --help 'Print help'
        }
        &'lessonspace;webhook;help'= {
            cand verify 'Check that a delivery was signed with the Space''s secret'
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
            cand batch 'Make a link for each row of a roster: a spreadsheet, CSV or JSON'
            cand handout 'Turn the links of a batch into a page to print, or into a calendar'
            cand hello 'Check that the API key works'
            cand link 'Read a join link, offline: whose it is, and until when it works'
            cand login 'Check an API key and save it'
            cand logout 'Remove the saved API key'
            cand sandbox 'Serve a practice API on this computer until Ctrl-C'
            cand webhook 'Verify a webhook''s signature'
            cand completions 'Print tab completion for a shell'
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
            cand verify 'Check that a delivery was signed with the Space''s secret'
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
