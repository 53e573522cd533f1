# Print an optspec for argparse to handle cmd's options that are independent of any subcommand.
function __fish_lessonspace_global_optspecs
    string join \n h/help V/version
end

function __fish_lessonspace_needs_command
    # Figure out if the current invocation already has a command.
    set -l cmd (commandline -opc)
    set -e cmd[1]
    argparse -s (__fish_lessonspace_global_optspecs) -- $cmd 2>/dev/null
    or return
    if set -q argv[1]
        # Also print the command, so this can be used to figure out what it is.
        echo $argv[1]
        return 1
    end
    return 0
end

function __fish_lessonspace_using_subcommand
    set -l cmd (__fish_lessonspace_needs_command)
    test -z "$cmd"
    and return 1
    contains -- $cmd[1] $argv
end

complete -c lessonspace -n "__fish_lessonspace_needs_command" -s h -l help -d 'Print help'
complete -c lessonspace -n "__fish_lessonspace_needs_command" -s V -l version -d 'Print version'
complete -c lessonspace -n "__fish_lessonspace_needs_command" -f -a "launch" -d 'Create or open a Space and print a join link'
complete -c lessonspace -n "__fish_lessonspace_needs_command" -f -a "add-user" -d 'Print a join link for another person in a Space'
complete -c lessonspace -n "__fish_lessonspace_needs_command" -f -a "batch" -d 'Make a link for each row of a roster: a spreadsheet, CSV or JSON'
complete -c lessonspace -n "__fish_lessonspace_needs_command" -f -a "handout" -d 'Turn the links of a batch into a page to print, or into a calendar'
complete -c lessonspace -n "__fish_lessonspace_needs_command" -f -a "hello" -d 'Check that the API key works'
complete -c lessonspace -n "__fish_lessonspace_needs_command" -f -a "link" -d 'Read a join link, offline: whose it is, and until when it works'
complete -c lessonspace -n "__fish_lessonspace_needs_command" -f -a "login" -d 'Check an API key and save it'
complete -c lessonspace -n "__fish_lessonspace_needs_command" -f -a "logout" -d 'Remove the saved API key'
complete -c lessonspace -n "__fish_lessonspace_needs_command" -f -a "sandbox" -d 'Serve a practice API on this computer until Ctrl-C'
complete -c lessonspace -n "__fish_lessonspace_needs_command" -f -a "webhook" -d 'Verify a webhook\'s signature'
complete -c lessonspace -n "__fish_lessonspace_needs_command" -f -a "completions" -d 'Print tab completion for a shell'
complete -c lessonspace -n "__fish_lessonspace_needs_command" -f -a "help" -d 'Print this message or the help of the given subcommand(s)'
complete -c lessonspace -n "__fish_lessonspace_using_subcommand launch" -l id -d 'The Space\'s id: 1 to 64 characters of your choosing, never cut or changed; the same id is the same Space' -r
complete -c lessonspace -n "__fish_lessonspace_using_subcommand launch" -l file -d 'A JSON object with any fields of a Launch body; - is standard input. Comments and trailing commas are fine; --set and flags win over it' -r -F
complete -c lessonspace -n "__fish_lessonspace_using_subcommand launch" -l set -d 'Set any field, such as --set user.role=student or --set features.chat.enabled=false. Known fields get the right type; others are read as JSON, else as text' -r
complete -c lessonspace -n "__fish_lessonspace_using_subcommand launch" -l user-id -d 'Your own id for the person' -r
complete -c lessonspace -n "__fish_lessonspace_using_subcommand launch" -l user-name -d 'The person\'s name' -r
complete -c lessonspace -n "__fish_lessonspace_using_subcommand launch" -l user-email -d 'The person\'s e-mail address; ties the link to the Lessonspace account of that address' -r
complete -c lessonspace -n "__fish_lessonspace_using_subcommand launch" -l role -d 'The person\'s role: teacher, student or admin' -r
complete -c lessonspace -n "__fish_lessonspace_using_subcommand launch" -l leader -d 'The person leads: invites, ends the session, controls others\' audio and video'
complete -c lessonspace -n "__fish_lessonspace_using_subcommand launch" -l display-name -d 'Shown in the Space instead of the name' -r
complete -c lessonspace -n "__fish_lessonspace_using_subcommand launch" -l feature -d 'Turn a feature on or off for this link, such as --feature chat.enabled=off' -r
complete -c lessonspace -n "__fish_lessonspace_using_subcommand launch" -l not-before -d 'The link works from this time: 2026-12-01T14:00:00Z, "2026-12-01 14:00" or now' -r
complete -c lessonspace -n "__fish_lessonspace_using_subcommand launch" -l not-after -d 'The link works until this time, at most 7 days after its start' -r
complete -c lessonspace -n "__fish_lessonspace_using_subcommand launch" -l valid-for -d 'How long the link works, from --not-before or from now: 90m, 2h, 1h30m or 7d' -r
complete -c lessonspace -n "__fish_lessonspace_using_subcommand launch" -l time-zone -d 'The time zone of times that name none, such as Europe/London [default: the profile\'s, else this computer\'s]' -r
complete -c lessonspace -n "__fish_lessonspace_using_subcommand launch" -l kick-on-expiry -d 'Also remove the person from the Space when the link ends'
complete -c lessonspace -n "__fish_lessonspace_using_subcommand launch" -l invite-url -d 'What the "invite others" button shows' -r -f
complete -c lessonspace -n "__fish_lessonspace_using_subcommand launch" -l space-name -d 'The name that people see [default: the id]' -r
complete -c lessonspace -n "__fish_lessonspace_using_subcommand launch" -l record-av -d 'Record audio and video'
complete -c lessonspace -n "__fish_lessonspace_using_subcommand launch" -l record-content -d 'Record the boards\' content'
complete -c lessonspace -n "__fish_lessonspace_using_subcommand launch" -l transcribe -d 'Transcribe; needs --record-av'
complete -c lessonspace -n "__fish_lessonspace_using_subcommand launch" -l summarise -d 'Summarise; needs --record-av and --transcribe'
complete -c lessonspace -n "__fish_lessonspace_using_subcommand launch" -l allow-guests -d 'Let guests in through the invite page'
complete -c lessonspace -n "__fish_lessonspace_using_subcommand launch" -l webhook -d 'Call a URL on an event, such as session.start=https://example.org/hook; a group such as session sets all its events, an empty URL removes one. The API replaces all earlier webhooks of the Space by those sent' -r
complete -c lessonspace -n "__fish_lessonspace_using_subcommand launch" -l expect -d 'Exit with code 8 if the outcome is another one; the link is printed all the same' -r -f -a "created\t'The Space is new'
existing\t'The Space existed before'"
complete -c lessonspace -n "__fish_lessonspace_using_subcommand launch" -l field -d 'Print only this field of the answer, raw, such as room_id, room_settings.transcribe or created' -r
complete -c lessonspace -n "__fish_lessonspace_using_subcommand launch" -l profile -d 'Which organisation\'s settings to use [env: LESSONSPACE_PROFILE] [default: default]' -r
complete -c lessonspace -n "__fish_lessonspace_using_subcommand launch" -l api-key-file -d 'Read the API key from a file; - is standard input [env: LESSONSPACE_API_KEY_FILE]' -r -F
complete -c lessonspace -n "__fish_lessonspace_using_subcommand launch" -l api-url -d 'The API\'s address [env: LESSONSPACE_API_URL] [default: https://api.thelessonspace.com/v2/]' -r -f
complete -c lessonspace -n "__fish_lessonspace_using_subcommand launch" -l timeout -d 'The longest that one call may take, retries included [default: 60s]' -r
complete -c lessonspace -n "__fish_lessonspace_using_subcommand launch" -l strict -d 'Refuse unknown fields, instead of sending them with a warning'
complete -c lessonspace -n "__fish_lessonspace_using_subcommand launch" -l dry-run -d 'Print the body that would be sent and send nothing; needs no key'
complete -c lessonspace -n "__fish_lessonspace_using_subcommand launch" -l guest -d 'Make a guest link, for nobody in particular'
complete -c lessonspace -n "__fish_lessonspace_using_subcommand launch" -l open -d 'Also open the link in the browser, never in CI. The link, a credential, is then visible in the list of processes for a moment'
complete -c lessonspace -n "__fish_lessonspace_using_subcommand launch" -l copy -d 'Also put the link on the clipboard, never in CI'
complete -c lessonspace -n "__fish_lessonspace_using_subcommand launch" -l github-output -d 'For GitHub Actions: mask the link in the log, and write client_url, room_id and created to the file named by $GITHUB_OUTPUT'
complete -c lessonspace -n "__fish_lessonspace_using_subcommand launch" -l json -d 'Print the full answer as JSON; messages become JSON lines on standard error'
complete -c lessonspace -n "__fish_lessonspace_using_subcommand launch" -s q -l quiet -d 'Show warnings and errors only'
complete -c lessonspace -n "__fish_lessonspace_using_subcommand launch" -s v -l verbose -d 'Show which key and settings are used, and each attempt and wait; never a key or a link'
complete -c lessonspace -n "__fish_lessonspace_using_subcommand launch" -l no-input -d 'Never ask questions; implied when CI is set or there is no terminal'
complete -c lessonspace -n "__fish_lessonspace_using_subcommand launch" -l sandbox -d 'Talk to the built-in practice API: no key needed, nothing leaves this computer [env: LESSONSPACE_SANDBOX=1]'
complete -c lessonspace -n "__fish_lessonspace_using_subcommand launch" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c lessonspace -n "__fish_lessonspace_using_subcommand add-user" -l id -d 'The Space\'s id: 1 to 64 characters of your choosing, never cut or changed; the same id is the same Space' -r
complete -c lessonspace -n "__fish_lessonspace_using_subcommand add-user" -l file -d 'A JSON object with any fields of a Launch body; - is standard input. Comments and trailing commas are fine; --set and flags win over it' -r -F
complete -c lessonspace -n "__fish_lessonspace_using_subcommand add-user" -l set -d 'Set any field, such as --set user.role=student or --set features.chat.enabled=false. Known fields get the right type; others are read as JSON, else as text' -r
complete -c lessonspace -n "__fish_lessonspace_using_subcommand add-user" -l user-id -d 'Your own id for the person' -r
complete -c lessonspace -n "__fish_lessonspace_using_subcommand add-user" -l user-name -d 'The person\'s name' -r
complete -c lessonspace -n "__fish_lessonspace_using_subcommand add-user" -l user-email -d 'The person\'s e-mail address; ties the link to the Lessonspace account of that address' -r
complete -c lessonspace -n "__fish_lessonspace_using_subcommand add-user" -l role -d 'The person\'s role: teacher, student or admin' -r
complete -c lessonspace -n "__fish_lessonspace_using_subcommand add-user" -l leader -d 'The person leads: invites, ends the session, controls others\' audio and video'
complete -c lessonspace -n "__fish_lessonspace_using_subcommand add-user" -l display-name -d 'Shown in the Space instead of the name' -r
complete -c lessonspace -n "__fish_lessonspace_using_subcommand add-user" -l feature -d 'Turn a feature on or off for this link, such as --feature chat.enabled=off' -r
complete -c lessonspace -n "__fish_lessonspace_using_subcommand add-user" -l not-before -d 'The link works from this time: 2026-12-01T14:00:00Z, "2026-12-01 14:00" or now' -r
complete -c lessonspace -n "__fish_lessonspace_using_subcommand add-user" -l not-after -d 'The link works until this time, at most 7 days after its start' -r
complete -c lessonspace -n "__fish_lessonspace_using_subcommand add-user" -l valid-for -d 'How long the link works, from --not-before or from now: 90m, 2h, 1h30m or 7d' -r
complete -c lessonspace -n "__fish_lessonspace_using_subcommand add-user" -l time-zone -d 'The time zone of times that name none, such as Europe/London [default: the profile\'s, else this computer\'s]' -r
complete -c lessonspace -n "__fish_lessonspace_using_subcommand add-user" -l kick-on-expiry -d 'Also remove the person from the Space when the link ends'
complete -c lessonspace -n "__fish_lessonspace_using_subcommand add-user" -l invite-url -d 'What the "invite others" button shows' -r -f
complete -c lessonspace -n "__fish_lessonspace_using_subcommand add-user" -l expect -d 'Exit with code 8 if the outcome is another one; the link is printed all the same' -r -f -a "created\t'The Space is new'
existing\t'The Space existed before'"
complete -c lessonspace -n "__fish_lessonspace_using_subcommand add-user" -l field -d 'Print only this field of the answer, raw, such as room_id, room_settings.transcribe or created' -r
complete -c lessonspace -n "__fish_lessonspace_using_subcommand add-user" -l profile -d 'Which organisation\'s settings to use [env: LESSONSPACE_PROFILE] [default: default]' -r
complete -c lessonspace -n "__fish_lessonspace_using_subcommand add-user" -l api-key-file -d 'Read the API key from a file; - is standard input [env: LESSONSPACE_API_KEY_FILE]' -r -F
complete -c lessonspace -n "__fish_lessonspace_using_subcommand add-user" -l api-url -d 'The API\'s address [env: LESSONSPACE_API_URL] [default: https://api.thelessonspace.com/v2/]' -r -f
complete -c lessonspace -n "__fish_lessonspace_using_subcommand add-user" -l timeout -d 'The longest that one call may take, retries included [default: 60s]' -r
complete -c lessonspace -n "__fish_lessonspace_using_subcommand add-user" -l strict -d 'Refuse unknown fields, instead of sending them with a warning'
complete -c lessonspace -n "__fish_lessonspace_using_subcommand add-user" -l dry-run -d 'Print the body that would be sent and send nothing; needs no key'
complete -c lessonspace -n "__fish_lessonspace_using_subcommand add-user" -l guest -d 'Make a guest link, for nobody in particular'
complete -c lessonspace -n "__fish_lessonspace_using_subcommand add-user" -l open -d 'Also open the link in the browser, never in CI. The link, a credential, is then visible in the list of processes for a moment'
complete -c lessonspace -n "__fish_lessonspace_using_subcommand add-user" -l copy -d 'Also put the link on the clipboard, never in CI'
complete -c lessonspace -n "__fish_lessonspace_using_subcommand add-user" -l github-output -d 'For GitHub Actions: mask the link in the log, and write client_url, room_id and created to the file named by $GITHUB_OUTPUT'
complete -c lessonspace -n "__fish_lessonspace_using_subcommand add-user" -l json -d 'Print the full answer as JSON; messages become JSON lines on standard error'
complete -c lessonspace -n "__fish_lessonspace_using_subcommand add-user" -s q -l quiet -d 'Show warnings and errors only'
complete -c lessonspace -n "__fish_lessonspace_using_subcommand add-user" -s v -l verbose -d 'Show which key and settings are used, and each attempt and wait; never a key or a link'
complete -c lessonspace -n "__fish_lessonspace_using_subcommand add-user" -l no-input -d 'Never ask questions; implied when CI is set or there is no terminal'
complete -c lessonspace -n "__fish_lessonspace_using_subcommand add-user" -l sandbox -d 'Talk to the built-in practice API: no key needed, nothing leaves this computer [env: LESSONSPACE_SANDBOX=1]'
complete -c lessonspace -n "__fish_lessonspace_using_subcommand add-user" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c lessonspace -n "__fish_lessonspace_using_subcommand batch" -s o -l output -d 'Write the roster with everybody\'s link to this file, a workbook if it is .xlsx; LINKS.journal beside it is the record' -r -F
complete -c lessonspace -n "__fish_lessonspace_using_subcommand batch" -l min-valid -d 'With --resume: also renew links that expire within this time, less than 7d' -r
complete -c lessonspace -n "__fish_lessonspace_using_subcommand batch" -l rate -d 'Requests a second, retries included; 0 is as fast as it goes [default: 4]' -r
complete -c lessonspace -n "__fish_lessonspace_using_subcommand batch" -l format -d 'The roster\'s format [default: by its extension]' -r -f -a "csv\t'Comma, semicolon or tab separated'
jsonl\t'JSON objects, one a line'
xlsx\t'A workbook: .xlsx, .ods or .xls'"
complete -c lessonspace -n "__fish_lessonspace_using_subcommand batch" -l encoding -d 'The roster\'s encoding, such as windows-1252 [default: UTF-8 or UTF-16, as detected]' -r
complete -c lessonspace -n "__fish_lessonspace_using_subcommand batch" -l sheet -d 'The sheet of the workbook [default: the first with rows]' -r
complete -c lessonspace -n "__fish_lessonspace_using_subcommand batch" -l header -d 'The line of the header [default: the first of 20 rows with a column for the id]' -r
complete -c lessonspace -n "__fish_lessonspace_using_subcommand batch" -l map -d 'A field made from columns, such as --map \'user name={First name} {Last name}\'; write {{ for a brace' -r
complete -c lessonspace -n "__fish_lessonspace_using_subcommand batch" -l recipe -d 'A TOML file that says how the roster is read, and may make several people from one row' -r -F
complete -c lessonspace -n "__fish_lessonspace_using_subcommand batch" -l dates -d 'How to read dates such as 01/12/2026: day first or month first' -r -f -a "dmy\t'Day, month, year'
mdy\t'Month, day, year'"
complete -c lessonspace -n "__fish_lessonspace_using_subcommand batch" -l file -d 'A JSON object that every row starts from' -r -F
complete -c lessonspace -n "__fish_lessonspace_using_subcommand batch" -l set -d 'Set a field of every row, such as --set user.role=student; a row\'s own cell wins' -r
complete -c lessonspace -n "__fish_lessonspace_using_subcommand batch" -l user-id -d 'Your own id for the person' -r
complete -c lessonspace -n "__fish_lessonspace_using_subcommand batch" -l user-name -d 'The person\'s name' -r
complete -c lessonspace -n "__fish_lessonspace_using_subcommand batch" -l user-email -d 'The person\'s e-mail address; ties the link to the Lessonspace account of that address' -r
complete -c lessonspace -n "__fish_lessonspace_using_subcommand batch" -l role -d 'The person\'s role: teacher, student or admin' -r
complete -c lessonspace -n "__fish_lessonspace_using_subcommand batch" -l leader -d 'The person leads: invites, ends the session, controls others\' audio and video'
complete -c lessonspace -n "__fish_lessonspace_using_subcommand batch" -l display-name -d 'Shown in the Space instead of the name' -r
complete -c lessonspace -n "__fish_lessonspace_using_subcommand batch" -l feature -d 'Turn a feature on or off for this link, such as --feature chat.enabled=off' -r
complete -c lessonspace -n "__fish_lessonspace_using_subcommand batch" -l not-before -d 'The link works from this time: 2026-12-01T14:00:00Z, "2026-12-01 14:00" or now' -r
complete -c lessonspace -n "__fish_lessonspace_using_subcommand batch" -l not-after -d 'The link works until this time, at most 7 days after its start' -r
complete -c lessonspace -n "__fish_lessonspace_using_subcommand batch" -l valid-for -d 'How long the link works, from --not-before or from now: 90m, 2h, 1h30m or 7d' -r
complete -c lessonspace -n "__fish_lessonspace_using_subcommand batch" -l time-zone -d 'The time zone of times that name none, such as Europe/London [default: the profile\'s, else this computer\'s]' -r
complete -c lessonspace -n "__fish_lessonspace_using_subcommand batch" -l kick-on-expiry -d 'Also remove the person from the Space when the link ends'
complete -c lessonspace -n "__fish_lessonspace_using_subcommand batch" -l invite-url -d 'What the "invite others" button shows' -r -f
complete -c lessonspace -n "__fish_lessonspace_using_subcommand batch" -l space-name -d 'The name that people see [default: the id]' -r
complete -c lessonspace -n "__fish_lessonspace_using_subcommand batch" -l record-av -d 'Record audio and video'
complete -c lessonspace -n "__fish_lessonspace_using_subcommand batch" -l record-content -d 'Record the boards\' content'
complete -c lessonspace -n "__fish_lessonspace_using_subcommand batch" -l transcribe -d 'Transcribe; needs --record-av'
complete -c lessonspace -n "__fish_lessonspace_using_subcommand batch" -l summarise -d 'Summarise; needs --record-av and --transcribe'
complete -c lessonspace -n "__fish_lessonspace_using_subcommand batch" -l allow-guests -d 'Let guests in through the invite page'
complete -c lessonspace -n "__fish_lessonspace_using_subcommand batch" -l webhook -d 'Call a URL on an event, such as session.start=https://example.org/hook; a group such as session sets all its events, an empty URL removes one. The API replaces all earlier webhooks of the Space by those sent' -r
complete -c lessonspace -n "__fish_lessonspace_using_subcommand batch" -l profile -d 'Which organisation\'s settings to use [env: LESSONSPACE_PROFILE] [default: default]' -r
complete -c lessonspace -n "__fish_lessonspace_using_subcommand batch" -l api-key-file -d 'Read the API key from a file; - is standard input [env: LESSONSPACE_API_KEY_FILE]' -r -F
complete -c lessonspace -n "__fish_lessonspace_using_subcommand batch" -l api-url -d 'The API\'s address [env: LESSONSPACE_API_URL] [default: https://api.thelessonspace.com/v2/]' -r -f
complete -c lessonspace -n "__fish_lessonspace_using_subcommand batch" -l timeout -d 'The longest that one call may take, retries included [default: 60s]' -r
complete -c lessonspace -n "__fish_lessonspace_using_subcommand batch" -l resume -d 'Go on with an earlier run: send what is missing or failed, and renew links that have expired'
complete -c lessonspace -n "__fish_lessonspace_using_subcommand batch" -l force -d 'Start over, and replace LINKS and its journal'
complete -c lessonspace -n "__fish_lessonspace_using_subcommand batch" -l shorten-ids -d 'Give ids of more than 64 characters a short form, always the same'
complete -c lessonspace -n "__fish_lessonspace_using_subcommand batch" -l template -d 'Print an empty roster and do nothing else; with --recipe, one for that recipe'
complete -c lessonspace -n "__fish_lessonspace_using_subcommand batch" -l strict -d 'Refuse unknown fields, instead of sending them with a warning'
complete -c lessonspace -n "__fish_lessonspace_using_subcommand batch" -l dry-run -d 'Check everything, print one body a line and send nothing; needs no key and no -o'
complete -c lessonspace -n "__fish_lessonspace_using_subcommand batch" -l guest -d 'Make a guest link, for nobody in particular'
complete -c lessonspace -n "__fish_lessonspace_using_subcommand batch" -s q -l quiet -d 'Show warnings and errors only'
complete -c lessonspace -n "__fish_lessonspace_using_subcommand batch" -s v -l verbose -d 'Show which key and settings are used, and each attempt and wait; never a key or a link'
complete -c lessonspace -n "__fish_lessonspace_using_subcommand batch" -l no-input -d 'Never ask questions; implied when CI is set or there is no terminal'
complete -c lessonspace -n "__fish_lessonspace_using_subcommand batch" -l sandbox -d 'Talk to the built-in practice API: no key needed, nothing leaves this computer [env: LESSONSPACE_SANDBOX=1]'
complete -c lessonspace -n "__fish_lessonspace_using_subcommand batch" -l json -d 'Print the summary as JSON; messages become JSON lines on standard error'
complete -c lessonspace -n "__fish_lessonspace_using_subcommand batch" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c lessonspace -n "__fish_lessonspace_using_subcommand handout" -s o -l output -d 'The file to make: .html for a page to print, .ics for a calendar' -r -F
complete -c lessonspace -n "__fish_lessonspace_using_subcommand handout" -l title -d 'The title of the page or calendar, and the name of the only Space if LINKS has none for it [default: the Space\'s name, if there is only one]' -r
complete -c lessonspace -n "__fish_lessonspace_using_subcommand handout" -l time-zone -d 'The time zone that times are shown in [default: this computer\'s]' -r
complete -c lessonspace -n "__fish_lessonspace_using_subcommand handout" -l compact -d 'Do not begin a new sheet of paper for each Space'
complete -c lessonspace -n "__fish_lessonspace_using_subcommand handout" -l force -d 'Replace FILE if it exists'
complete -c lessonspace -n "__fish_lessonspace_using_subcommand handout" -l json -d 'Print a summary as JSON; errors become JSON lines on standard error'
complete -c lessonspace -n "__fish_lessonspace_using_subcommand handout" -s q -l quiet -d 'Show warnings and errors only'
complete -c lessonspace -n "__fish_lessonspace_using_subcommand handout" -s h -l help -d 'Print help'
complete -c lessonspace -n "__fish_lessonspace_using_subcommand hello" -l profile -d 'Which organisation\'s settings to use [env: LESSONSPACE_PROFILE] [default: default]' -r
complete -c lessonspace -n "__fish_lessonspace_using_subcommand hello" -l api-key-file -d 'Read the API key from a file; - is standard input [env: LESSONSPACE_API_KEY_FILE]' -r -F
complete -c lessonspace -n "__fish_lessonspace_using_subcommand hello" -l api-url -d 'The API\'s address [env: LESSONSPACE_API_URL] [default: https://api.thelessonspace.com/v2/]' -r -f
complete -c lessonspace -n "__fish_lessonspace_using_subcommand hello" -l timeout -d 'The longest that one call may take, retries included [default: 60s]' -r
complete -c lessonspace -n "__fish_lessonspace_using_subcommand hello" -l field -d 'Print only this field of the answer, raw: response or attempts' -r
complete -c lessonspace -n "__fish_lessonspace_using_subcommand hello" -l json -d 'Print the full answer as JSON; messages become JSON lines on standard error'
complete -c lessonspace -n "__fish_lessonspace_using_subcommand hello" -s q -l quiet -d 'Show warnings and errors only'
complete -c lessonspace -n "__fish_lessonspace_using_subcommand hello" -s v -l verbose -d 'Show which key and settings are used, and each attempt and wait; never a key or a link'
complete -c lessonspace -n "__fish_lessonspace_using_subcommand hello" -l no-input -d 'Never ask questions; implied when CI is set or there is no terminal'
complete -c lessonspace -n "__fish_lessonspace_using_subcommand hello" -l sandbox -d 'Talk to the built-in practice API: no key needed, nothing leaves this computer [env: LESSONSPACE_SANDBOX=1]'
complete -c lessonspace -n "__fish_lessonspace_using_subcommand hello" -s h -l help -d 'Print help'
complete -c lessonspace -n "__fish_lessonspace_using_subcommand link" -l qr -d 'Print the link as a QR code instead: in the terminal, or with --qr=svg as an image. At a terminal it is drawn white on black, even with NO_COLOR, so that it scans on any background' -f -a "terminal\t'Half blocks'
svg\t'An SVG image'"
complete -c lessonspace -n "__fish_lessonspace_using_subcommand link" -l json -d 'Print the claims of the link\'s token as JSON; errors become JSON lines on standard error'
complete -c lessonspace -n "__fish_lessonspace_using_subcommand link" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c lessonspace -n "__fish_lessonspace_using_subcommand login" -l profile -d 'Which organisation\'s settings to use [env: LESSONSPACE_PROFILE] [default: default]' -r
complete -c lessonspace -n "__fish_lessonspace_using_subcommand login" -l api-url -d 'The API\'s address [env: LESSONSPACE_API_URL] [default: https://api.thelessonspace.com/v2/]' -r -f
complete -c lessonspace -n "__fish_lessonspace_using_subcommand login" -l timeout -d 'The longest that one call may take, retries included [default: 60s]' -r
complete -c lessonspace -n "__fish_lessonspace_using_subcommand login" -l api-key-file -d 'Read the API key from a file, instead of asking for it; - is standard input' -r -F
complete -c lessonspace -n "__fish_lessonspace_using_subcommand login" -l json -d 'Print what was saved, and where, as JSON; messages become JSON lines on standard error'
complete -c lessonspace -n "__fish_lessonspace_using_subcommand login" -s q -l quiet -d 'Show warnings and errors only'
complete -c lessonspace -n "__fish_lessonspace_using_subcommand login" -s v -l verbose -d 'Show which settings are used, and each attempt and wait; never a key'
complete -c lessonspace -n "__fish_lessonspace_using_subcommand login" -l no-input -d 'Never ask questions; implied when CI is set or there is no terminal'
complete -c lessonspace -n "__fish_lessonspace_using_subcommand login" -s h -l help -d 'Print help'
complete -c lessonspace -n "__fish_lessonspace_using_subcommand logout" -l profile -d 'Whose key to remove [env: LESSONSPACE_PROFILE] [default: default]' -r
complete -c lessonspace -n "__fish_lessonspace_using_subcommand logout" -l json -d 'Print what was removed, and where, as JSON; messages become JSON lines on standard error'
complete -c lessonspace -n "__fish_lessonspace_using_subcommand logout" -s q -l quiet -d 'Show warnings and errors only'
complete -c lessonspace -n "__fish_lessonspace_using_subcommand logout" -s h -l help -d 'Print help'
complete -c lessonspace -n "__fish_lessonspace_using_subcommand sandbox" -l port -d 'The port on 127.0.0.1; 0 takes a free one' -r
complete -c lessonspace -n "__fish_lessonspace_using_subcommand sandbox" -l rate -d 'How many requests a second each key may make; 0 for no limit' -r
complete -c lessonspace -n "__fish_lessonspace_using_subcommand sandbox" -l fail -d 'Which requests fail, and how: 429@7 is the 7th request answered with 429, drop@20 the 20th carried out but never answered' -r
complete -c lessonspace -n "__fish_lessonspace_using_subcommand sandbox" -l webhook-url -d 'Also send every event to this URL, besides the webhooks of each Space' -r -f
complete -c lessonspace -n "__fish_lessonspace_using_subcommand sandbox" -l json -d 'Print address and key as JSON; errors become JSON lines on standard error'
complete -c lessonspace -n "__fish_lessonspace_using_subcommand sandbox" -s q -l quiet -d 'Do not show requests and deliveries'
complete -c lessonspace -n "__fish_lessonspace_using_subcommand sandbox" -s h -l help -d 'Print help'
complete -c lessonspace -n "__fish_lessonspace_using_subcommand webhook; and not __fish_seen_subcommand_from verify help" -s h -l help -d 'Print help'
complete -c lessonspace -n "__fish_lessonspace_using_subcommand webhook; and not __fish_seen_subcommand_from verify help" -f -a "verify" -d 'Check that a delivery was signed with the Space\'s secret'
complete -c lessonspace -n "__fish_lessonspace_using_subcommand webhook; and not __fish_seen_subcommand_from verify help" -f -a "help" -d 'Print this message or the help of the given subcommand(s)'
complete -c lessonspace -n "__fish_lessonspace_using_subcommand webhook; and __fish_seen_subcommand_from verify" -l signature -d 'The x-webhook-signature header: hex or base64, with or without sha256= before it' -r
complete -c lessonspace -n "__fish_lessonspace_using_subcommand webhook; and __fish_seen_subcommand_from verify" -l body-file -d 'The delivery\'s body, byte for byte as it came, at most 16 MiB; - is standard input [default: -]' -r -F
complete -c lessonspace -n "__fish_lessonspace_using_subcommand webhook; and __fish_seen_subcommand_from verify" -l secret-file -d 'A file with the Space\'s secret, which launch prints with --field secret; - is standard input [env: LESSONSPACE_WEBHOOK_SECRET holds the secret itself]' -r -F
complete -c lessonspace -n "__fish_lessonspace_using_subcommand webhook; and __fish_seen_subcommand_from verify" -l json -d 'Print the verdict as JSON; errors become JSON lines on standard error'
complete -c lessonspace -n "__fish_lessonspace_using_subcommand webhook; and __fish_seen_subcommand_from verify" -s q -l quiet -d 'Say nothing when the signature matches'
complete -c lessonspace -n "__fish_lessonspace_using_subcommand webhook; and __fish_seen_subcommand_from verify" -s h -l help -d 'Print help'
complete -c lessonspace -n "__fish_lessonspace_using_subcommand webhook; and __fish_seen_subcommand_from help" -f -a "verify" -d 'Check that a delivery was signed with the Space\'s secret'
complete -c lessonspace -n "__fish_lessonspace_using_subcommand webhook; and __fish_seen_subcommand_from help" -f -a "help" -d 'Print this message or the help of the given subcommand(s)'
complete -c lessonspace -n "__fish_lessonspace_using_subcommand completions" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c lessonspace -n "__fish_lessonspace_using_subcommand help; and not __fish_seen_subcommand_from launch add-user batch handout hello link login logout sandbox webhook completions" -f -a "launch" -d 'Create or open a Space and print a join link'
complete -c lessonspace -n "__fish_lessonspace_using_subcommand help; and not __fish_seen_subcommand_from launch add-user batch handout hello link login logout sandbox webhook completions" -f -a "add-user" -d 'Print a join link for another person in a Space'
complete -c lessonspace -n "__fish_lessonspace_using_subcommand help; and not __fish_seen_subcommand_from launch add-user batch handout hello link login logout sandbox webhook completions" -f -a "batch" -d 'Make a link for each row of a roster: a spreadsheet, CSV or JSON'
complete -c lessonspace -n "__fish_lessonspace_using_subcommand help; and not __fish_seen_subcommand_from launch add-user batch handout hello link login logout sandbox webhook completions" -f -a "handout" -d 'Turn the links of a batch into a page to print, or into a calendar'
complete -c lessonspace -n "__fish_lessonspace_using_subcommand help; and not __fish_seen_subcommand_from launch add-user batch handout hello link login logout sandbox webhook completions" -f -a "hello" -d 'Check that the API key works'
complete -c lessonspace -n "__fish_lessonspace_using_subcommand help; and not __fish_seen_subcommand_from launch add-user batch handout hello link login logout sandbox webhook completions" -f -a "link" -d 'Read a join link, offline: whose it is, and until when it works'
complete -c lessonspace -n "__fish_lessonspace_using_subcommand help; and not __fish_seen_subcommand_from launch add-user batch handout hello link login logout sandbox webhook completions" -f -a "login" -d 'Check an API key and save it'
complete -c lessonspace -n "__fish_lessonspace_using_subcommand help; and not __fish_seen_subcommand_from launch add-user batch handout hello link login logout sandbox webhook completions" -f -a "logout" -d 'Remove the saved API key'
complete -c lessonspace -n "__fish_lessonspace_using_subcommand help; and not __fish_seen_subcommand_from launch add-user batch handout hello link login logout sandbox webhook completions" -f -a "sandbox" -d 'Serve a practice API on this computer until Ctrl-C'
complete -c lessonspace -n "__fish_lessonspace_using_subcommand help; and not __fish_seen_subcommand_from launch add-user batch handout hello link login logout sandbox webhook completions" -f -a "webhook" -d 'Verify a webhook\'s signature'
complete -c lessonspace -n "__fish_lessonspace_using_subcommand help; and not __fish_seen_subcommand_from launch add-user batch handout hello link login logout sandbox webhook completions" -f -a "completions" -d 'Print tab completion for a shell'
complete -c lessonspace -n "__fish_lessonspace_using_subcommand help; and not __fish_seen_subcommand_from launch add-user batch handout hello link login logout sandbox webhook completions" -f -a "help" -d 'Print this message or the help of the given subcommand(s)'
complete -c lessonspace -n "__fish_lessonspace_using_subcommand help; and __fish_seen_subcommand_from webhook" -f -a "verify" -d 'Check that a delivery was signed with the Space\'s secret'
complete -c lessonspace -n "__fish_lessonspace_using_subcommand completions" -f -a "bash elvish fish nushell powershell zsh"
complete -c lessonspace -n "__fish_lessonspace_using_subcommand help" -f
