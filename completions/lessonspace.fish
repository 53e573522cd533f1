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
complete -c lessonspace -n "__fish_lessonspace_needs_command" -f -a "hello" -d 'Check that the API key works'
complete -c lessonspace -n "__fish_lessonspace_needs_command" -f -a "completions" -d 'Print tab completion for a shell'
complete -c lessonspace -n "__fish_lessonspace_needs_command" -f -a "help" -d 'Print this message or the help of the given subcommand(s)'
complete -c lessonspace -n "__fish_lessonspace_using_subcommand launch" -l id -d 'The Space\'s id: 1 to 64 characters of your choosing, never cut or changed; the same id is the same Space' -r
complete -c lessonspace -n "__fish_lessonspace_using_subcommand launch" -l file -d 'A JSON object with any fields of a Launch body; - is standard input. Comments and trailing commas are fine; --set and flags win over it' -r -F
complete -c lessonspace -n "__fish_lessonspace_using_subcommand launch" -l set -d 'Any field, such as --set user.role=student or --set features.chat.enabled=false. Known fields take their type; others are JSON, else text' -r
complete -c lessonspace -n "__fish_lessonspace_using_subcommand launch" -l user-id -d 'Your own id of the person' -r
complete -c lessonspace -n "__fish_lessonspace_using_subcommand launch" -l user-name -d 'The person\'s name' -r
complete -c lessonspace -n "__fish_lessonspace_using_subcommand launch" -l user-email -d 'The person\'s e-mail address; ties the link to the Lessonspace account of that address' -r
complete -c lessonspace -n "__fish_lessonspace_using_subcommand launch" -l role -d 'teacher or student' -r
complete -c lessonspace -n "__fish_lessonspace_using_subcommand launch" -l leader -d 'The person leads: invites, ends the session, controls others\' audio and video' -r
complete -c lessonspace -n "__fish_lessonspace_using_subcommand launch" -l display-name -d 'Shown in the Space instead of the name' -r
complete -c lessonspace -n "__fish_lessonspace_using_subcommand launch" -l feature -d 'Turn a feature on or off for this link, such as --feature chat.enabled=off' -r
complete -c lessonspace -n "__fish_lessonspace_using_subcommand launch" -l not-before -d 'The link works from this time: 2026-12-01T14:00:00Z, "2026-12-01 14:00" or now' -r
complete -c lessonspace -n "__fish_lessonspace_using_subcommand launch" -l not-after -d 'The link works until this time, at most 7 days after its start' -r
complete -c lessonspace -n "__fish_lessonspace_using_subcommand launch" -l valid-for -d 'The link works for so long, counted from --not-before or from now: 90m, 2h, 1h30m, 7d' -r
complete -c lessonspace -n "__fish_lessonspace_using_subcommand launch" -l time-zone -d 'The zone of times without one, such as Europe/London [default: the profile\'s, else this computer\'s]' -r
complete -c lessonspace -n "__fish_lessonspace_using_subcommand launch" -l kick-on-expiry -d 'Also remove the person from the Space when the link ends' -r
complete -c lessonspace -n "__fish_lessonspace_using_subcommand launch" -l invite-url -d 'What the "invite others" button shows' -r -f
complete -c lessonspace -n "__fish_lessonspace_using_subcommand launch" -l space-name -d 'The name that people see [default: the id]' -r
complete -c lessonspace -n "__fish_lessonspace_using_subcommand launch" -l record-av -d 'Record audio and video' -r
complete -c lessonspace -n "__fish_lessonspace_using_subcommand launch" -l record-content -d 'Record the boards\' content' -r
complete -c lessonspace -n "__fish_lessonspace_using_subcommand launch" -l transcribe -d 'Transcribe; needs --record-av' -r
complete -c lessonspace -n "__fish_lessonspace_using_subcommand launch" -l summarise -d 'Summarise; needs --record-av and --transcribe' -r
complete -c lessonspace -n "__fish_lessonspace_using_subcommand launch" -l allow-guests -d 'Let guests in through the invite page' -r
complete -c lessonspace -n "__fish_lessonspace_using_subcommand launch" -l webhook -d 'Call a URL on an event, such as session.start=https://example.org/hook; a group such as session sets all its events, an empty URL removes one. The API replaces the Space\'s whole earlier set of webhooks by the one sent' -r
complete -c lessonspace -n "__fish_lessonspace_using_subcommand launch" -l expect -d 'End with exit code 8 unless the Space was created, or existed; the link is printed all the same' -r -f -a "created\t'The Space is new'
existing\t'The Space existed before'"
complete -c lessonspace -n "__fish_lessonspace_using_subcommand launch" -l field -d 'Print only this field of the answer, raw, such as room_id, room_settings.transcribe or created' -r
complete -c lessonspace -n "__fish_lessonspace_using_subcommand launch" -l profile -d 'Which organisation\'s settings to use [env: LESSONSPACE_PROFILE] [default: default]' -r
complete -c lessonspace -n "__fish_lessonspace_using_subcommand launch" -l api-key-file -d 'Read the API key from a file; - is standard input [env: LESSONSPACE_API_KEY_FILE]' -r -F
complete -c lessonspace -n "__fish_lessonspace_using_subcommand launch" -l api-url -d 'The API\'s address [env: LESSONSPACE_API_URL] [default: https://api.thelessonspace.com/v2/]' -r -f
complete -c lessonspace -n "__fish_lessonspace_using_subcommand launch" -l timeout -d 'The longest that one call may take, retries included [default: 60s]' -r
complete -c lessonspace -n "__fish_lessonspace_using_subcommand launch" -l strict -d 'Refuse fields that this tool does not know, instead of sending them with a warning'
complete -c lessonspace -n "__fish_lessonspace_using_subcommand launch" -l dry-run -d 'Print the body that would be sent and send nothing; needs no key'
complete -c lessonspace -n "__fish_lessonspace_using_subcommand launch" -l guest -d 'Make a guest link, for nobody in particular'
complete -c lessonspace -n "__fish_lessonspace_using_subcommand launch" -l open -d 'Also open the link in the browser, never in CI. The link, a credential, is then seen in the list of processes for a moment'
complete -c lessonspace -n "__fish_lessonspace_using_subcommand launch" -l github-output -d 'For GitHub Actions: mask the link in the log, and write client_url, room_id and created to the file named by $GITHUB_OUTPUT'
complete -c lessonspace -n "__fish_lessonspace_using_subcommand launch" -l json -d 'Print the full answer as JSON; messages become JSON lines on standard error'
complete -c lessonspace -n "__fish_lessonspace_using_subcommand launch" -s q -l quiet -d 'No story on standard error; warnings and errors stay'
complete -c lessonspace -n "__fish_lessonspace_using_subcommand launch" -s v -l verbose -d 'Say which key and settings won, and each attempt and wait; never a key or a link'
complete -c lessonspace -n "__fish_lessonspace_using_subcommand launch" -l no-input -d 'Never ask; so it is too when CI is set, or without a terminal'
complete -c lessonspace -n "__fish_lessonspace_using_subcommand launch" -l sandbox -d 'Talk to the built-in practice API: no key needed, nothing leaves this computer [env: LESSONSPACE_SANDBOX=1]'
complete -c lessonspace -n "__fish_lessonspace_using_subcommand launch" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c lessonspace -n "__fish_lessonspace_using_subcommand add-user" -l id -d 'The Space\'s id: 1 to 64 characters of your choosing, never cut or changed; the same id is the same Space' -r
complete -c lessonspace -n "__fish_lessonspace_using_subcommand add-user" -l file -d 'A JSON object with any fields of a Launch body; - is standard input. Comments and trailing commas are fine; --set and flags win over it' -r -F
complete -c lessonspace -n "__fish_lessonspace_using_subcommand add-user" -l set -d 'Any field, such as --set user.role=student or --set features.chat.enabled=false. Known fields take their type; others are JSON, else text' -r
complete -c lessonspace -n "__fish_lessonspace_using_subcommand add-user" -l user-id -d 'Your own id of the person' -r
complete -c lessonspace -n "__fish_lessonspace_using_subcommand add-user" -l user-name -d 'The person\'s name' -r
complete -c lessonspace -n "__fish_lessonspace_using_subcommand add-user" -l user-email -d 'The person\'s e-mail address; ties the link to the Lessonspace account of that address' -r
complete -c lessonspace -n "__fish_lessonspace_using_subcommand add-user" -l role -d 'teacher or student' -r
complete -c lessonspace -n "__fish_lessonspace_using_subcommand add-user" -l leader -d 'The person leads: invites, ends the session, controls others\' audio and video' -r
complete -c lessonspace -n "__fish_lessonspace_using_subcommand add-user" -l display-name -d 'Shown in the Space instead of the name' -r
complete -c lessonspace -n "__fish_lessonspace_using_subcommand add-user" -l feature -d 'Turn a feature on or off for this link, such as --feature chat.enabled=off' -r
complete -c lessonspace -n "__fish_lessonspace_using_subcommand add-user" -l not-before -d 'The link works from this time: 2026-12-01T14:00:00Z, "2026-12-01 14:00" or now' -r
complete -c lessonspace -n "__fish_lessonspace_using_subcommand add-user" -l not-after -d 'The link works until this time, at most 7 days after its start' -r
complete -c lessonspace -n "__fish_lessonspace_using_subcommand add-user" -l valid-for -d 'The link works for so long, counted from --not-before or from now: 90m, 2h, 1h30m, 7d' -r
complete -c lessonspace -n "__fish_lessonspace_using_subcommand add-user" -l time-zone -d 'The zone of times without one, such as Europe/London [default: the profile\'s, else this computer\'s]' -r
complete -c lessonspace -n "__fish_lessonspace_using_subcommand add-user" -l kick-on-expiry -d 'Also remove the person from the Space when the link ends' -r
complete -c lessonspace -n "__fish_lessonspace_using_subcommand add-user" -l invite-url -d 'What the "invite others" button shows' -r -f
complete -c lessonspace -n "__fish_lessonspace_using_subcommand add-user" -l expect -d 'End with exit code 8 unless the Space was created, or existed; the link is printed all the same' -r -f -a "created\t'The Space is new'
existing\t'The Space existed before'"
complete -c lessonspace -n "__fish_lessonspace_using_subcommand add-user" -l field -d 'Print only this field of the answer, raw, such as room_id, room_settings.transcribe or created' -r
complete -c lessonspace -n "__fish_lessonspace_using_subcommand add-user" -l profile -d 'Which organisation\'s settings to use [env: LESSONSPACE_PROFILE] [default: default]' -r
complete -c lessonspace -n "__fish_lessonspace_using_subcommand add-user" -l api-key-file -d 'Read the API key from a file; - is standard input [env: LESSONSPACE_API_KEY_FILE]' -r -F
complete -c lessonspace -n "__fish_lessonspace_using_subcommand add-user" -l api-url -d 'The API\'s address [env: LESSONSPACE_API_URL] [default: https://api.thelessonspace.com/v2/]' -r -f
complete -c lessonspace -n "__fish_lessonspace_using_subcommand add-user" -l timeout -d 'The longest that one call may take, retries included [default: 60s]' -r
complete -c lessonspace -n "__fish_lessonspace_using_subcommand add-user" -l strict -d 'Refuse fields that this tool does not know, instead of sending them with a warning'
complete -c lessonspace -n "__fish_lessonspace_using_subcommand add-user" -l dry-run -d 'Print the body that would be sent and send nothing; needs no key'
complete -c lessonspace -n "__fish_lessonspace_using_subcommand add-user" -l guest -d 'Make a guest link, for nobody in particular'
complete -c lessonspace -n "__fish_lessonspace_using_subcommand add-user" -l open -d 'Also open the link in the browser, never in CI. The link, a credential, is then seen in the list of processes for a moment'
complete -c lessonspace -n "__fish_lessonspace_using_subcommand add-user" -l github-output -d 'For GitHub Actions: mask the link in the log, and write client_url, room_id and created to the file named by $GITHUB_OUTPUT'
complete -c lessonspace -n "__fish_lessonspace_using_subcommand add-user" -l json -d 'Print the full answer as JSON; messages become JSON lines on standard error'
complete -c lessonspace -n "__fish_lessonspace_using_subcommand add-user" -s q -l quiet -d 'No story on standard error; warnings and errors stay'
complete -c lessonspace -n "__fish_lessonspace_using_subcommand add-user" -s v -l verbose -d 'Say which key and settings won, and each attempt and wait; never a key or a link'
complete -c lessonspace -n "__fish_lessonspace_using_subcommand add-user" -l no-input -d 'Never ask; so it is too when CI is set, or without a terminal'
complete -c lessonspace -n "__fish_lessonspace_using_subcommand add-user" -l sandbox -d 'Talk to the built-in practice API: no key needed, nothing leaves this computer [env: LESSONSPACE_SANDBOX=1]'
complete -c lessonspace -n "__fish_lessonspace_using_subcommand add-user" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c lessonspace -n "__fish_lessonspace_using_subcommand hello" -l field -d 'Print only this field of the answer, raw, such as room_id, room_settings.transcribe or created' -r
complete -c lessonspace -n "__fish_lessonspace_using_subcommand hello" -l profile -d 'Which organisation\'s settings to use [env: LESSONSPACE_PROFILE] [default: default]' -r
complete -c lessonspace -n "__fish_lessonspace_using_subcommand hello" -l api-key-file -d 'Read the API key from a file; - is standard input [env: LESSONSPACE_API_KEY_FILE]' -r -F
complete -c lessonspace -n "__fish_lessonspace_using_subcommand hello" -l api-url -d 'The API\'s address [env: LESSONSPACE_API_URL] [default: https://api.thelessonspace.com/v2/]' -r -f
complete -c lessonspace -n "__fish_lessonspace_using_subcommand hello" -l timeout -d 'The longest that one call may take, retries included [default: 60s]' -r
complete -c lessonspace -n "__fish_lessonspace_using_subcommand hello" -l json -d 'Print the full answer as JSON; messages become JSON lines on standard error'
complete -c lessonspace -n "__fish_lessonspace_using_subcommand hello" -s q -l quiet -d 'No story on standard error; warnings and errors stay'
complete -c lessonspace -n "__fish_lessonspace_using_subcommand hello" -s v -l verbose -d 'Say which key and settings won, and each attempt and wait; never a key or a link'
complete -c lessonspace -n "__fish_lessonspace_using_subcommand hello" -l no-input -d 'Never ask; so it is too when CI is set, or without a terminal'
complete -c lessonspace -n "__fish_lessonspace_using_subcommand hello" -l sandbox -d 'Talk to the built-in practice API: no key needed, nothing leaves this computer [env: LESSONSPACE_SANDBOX=1]'
complete -c lessonspace -n "__fish_lessonspace_using_subcommand hello" -s h -l help -d 'Print help'
complete -c lessonspace -n "__fish_lessonspace_using_subcommand completions" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c lessonspace -n "__fish_lessonspace_using_subcommand help; and not __fish_seen_subcommand_from launch add-user hello completions help" -f -a "launch" -d 'Create or open a Space and print a join link'
complete -c lessonspace -n "__fish_lessonspace_using_subcommand help; and not __fish_seen_subcommand_from launch add-user hello completions help" -f -a "add-user" -d 'Print a join link for another person in a Space'
complete -c lessonspace -n "__fish_lessonspace_using_subcommand help; and not __fish_seen_subcommand_from launch add-user hello completions help" -f -a "hello" -d 'Check that the API key works'
complete -c lessonspace -n "__fish_lessonspace_using_subcommand help; and not __fish_seen_subcommand_from launch add-user hello completions help" -f -a "completions" -d 'Print tab completion for a shell'
complete -c lessonspace -n "__fish_lessonspace_using_subcommand help; and not __fish_seen_subcommand_from launch add-user hello completions help" -f -a "help" -d 'Print this message or the help of the given subcommand(s)'
