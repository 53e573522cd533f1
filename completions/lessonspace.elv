
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
            cand hello 'Check that the API key works'
            cand completions 'Print tab completion for a shell'
            cand help 'Print this message or the help of the given subcommand(s)'
        }
        &'lessonspace;launch'= {
            cand --id 'The Space''s id: 1 to 64 characters of your choosing, never cut or changed; the same id is the same Space'
            cand --file 'A JSON object with any fields of a Launch body; - is standard input. Comments and trailing commas are fine; --set and flags win over it'
            cand --set 'Any field, such as --set user.role=student or --set features.chat.enabled=false. Known fields take their type; others are JSON, else text'
            cand --user-id 'Your own id of the person'
            cand --user-name 'The person''s name'
            cand --user-email 'The person''s e-mail address; ties the link to the Lessonspace account of that address'
            cand --role 'teacher or student'
            cand --leader 'The person leads: invites, ends the session, controls others'' audio and video'
            cand --display-name 'Shown in the Space instead of the name'
            cand --feature 'Turn a feature on or off for this link, such as --feature chat.enabled=off'
            cand --not-before 'The link works from this time: 2026-12-01T14:00:00Z, "2026-12-01 14:00" or now'
            cand --not-after 'The link works until this time, at most 7 days after its start'
            cand --valid-for 'The link works for so long, counted from --not-before or from now: 90m, 2h, 1h30m, 7d'
            cand --time-zone 'The zone of times without one, such as Europe/London [default: the profile''s, else this computer''s]'
            cand --kick-on-expiry 'Also remove the person from the Space when the link ends'
            cand --invite-url 'What the "invite others" button shows'
            cand --space-name 'The name that people see [default: the id]'
            cand --record-av 'Record audio and video'
            cand --record-content 'Record the boards'' content'
            cand --transcribe 'Transcribe; needs --record-av'
            cand --summarise 'Summarise; needs --record-av and --transcribe'
            cand --allow-guests 'Let guests in through the invite page'
            cand --webhook 'Call a URL on an event, such as session.start=https://example.org/hook; a group such as session sets all its events, an empty URL removes one. The API replaces the Space''s whole earlier set of webhooks by the one sent'
            cand --expect 'End with exit code 8 unless the Space was created, or existed; the link is printed all the same'
            cand --field 'Print only this field of the answer, raw, such as room_id, room_settings.transcribe or created'
            cand --profile 'Which organisation''s settings to use [env: LESSONSPACE_PROFILE] [default: default]'
            cand --api-key-file 'Read the API key from a file; - is standard input [env: LESSONSPACE_API_KEY_FILE]'
            cand --api-url 'The API''s address [env: LESSONSPACE_API_URL] [default: https://api.thelessonspace.com/v2/]'
            cand --timeout 'The longest that one call may take, retries included [default: 60s]'
            cand --strict 'Refuse fields that this tool does not know, instead of sending them with a warning'
            cand --dry-run 'Print the body that would be sent and send nothing; needs no key'
            cand --guest 'Make a guest link, for nobody in particular'
            cand --open 'Also open the link in the browser, never in CI. The link, a credential, is then seen in the list of processes for a moment'
            cand --github-output 'For GitHub Actions: mask the link in the log, and write client_url, room_id and created to the file named by $GITHUB_OUTPUT'
            cand --json 'Print the full answer as JSON; messages become JSON lines on standard error'
            cand -q 'No story on standard error; warnings and errors stay'
            cand --quiet 'No story on standard error; warnings and errors stay'
            cand -v 'Say which key and settings won, and each attempt and wait; never a key or a link'
            cand --verbose 'Say which key and settings won, and each attempt and wait; never a key or a link'
            cand --no-input 'Never ask; so it is too when CI is set, or without a terminal'
            cand --sandbox 'Talk to the built-in practice API: no key needed, nothing leaves this computer [env: LESSONSPACE_SANDBOX=1]'
            cand -h 'Print help (see more with ''--help'')'
            cand --help 'Print help (see more with ''--help'')'
        }
        &'lessonspace;add-user'= {
            cand --id 'The Space''s id: 1 to 64 characters of your choosing, never cut or changed; the same id is the same Space'
            cand --file 'A JSON object with any fields of a Launch body; - is standard input. Comments and trailing commas are fine; --set and flags win over it'
            cand --set 'Any field, such as --set user.role=student or --set features.chat.enabled=false. Known fields take their type; others are JSON, else text'
            cand --user-id 'Your own id of the person'
            cand --user-name 'The person''s name'
            cand --user-email 'The person''s e-mail address; ties the link to the Lessonspace account of that address'
            cand --role 'teacher or student'
            cand --leader 'The person leads: invites, ends the session, controls others'' audio and video'
            cand --display-name 'Shown in the Space instead of the name'
            cand --feature 'Turn a feature on or off for this link, such as --feature chat.enabled=off'
            cand --not-before 'The link works from this time: 2026-12-01T14:00:00Z, "2026-12-01 14:00" or now'
            cand --not-after 'The link works until this time, at most 7 days after its start'
            cand --valid-for 'The link works for so long, counted from --not-before or from now: 90m, 2h, 1h30m, 7d'
            cand --time-zone 'The zone of times without one, such as Europe/London [default: the profile''s, else this computer''s]'
            cand --kick-on-expiry 'Also remove the person from the Space when the link ends'
            cand --invite-url 'What the "invite others" button shows'
            cand --expect 'End with exit code 8 unless the Space was created, or existed; the link is printed all the same'
            cand --field 'Print only this field of the answer, raw, such as room_id, room_settings.transcribe or created'
            cand --profile 'Which organisation''s settings to use [env: LESSONSPACE_PROFILE] [default: default]'
            cand --api-key-file 'Read the API key from a file; - is standard input [env: LESSONSPACE_API_KEY_FILE]'
            cand --api-url 'The API''s address [env: LESSONSPACE_API_URL] [default: https://api.thelessonspace.com/v2/]'
            cand --timeout 'The longest that one call may take, retries included [default: 60s]'
            cand --strict 'Refuse fields that this tool does not know, instead of sending them with a warning'
            cand --dry-run 'Print the body that would be sent and send nothing; needs no key'
            cand --guest 'Make a guest link, for nobody in particular'
            cand --open 'Also open the link in the browser, never in CI. The link, a credential, is then seen in the list of processes for a moment'
            cand --github-output 'For GitHub Actions: mask the link in the log, and write client_url, room_id and created to the file named by $GITHUB_OUTPUT'
            cand --json 'Print the full answer as JSON; messages become JSON lines on standard error'
            cand -q 'No story on standard error; warnings and errors stay'
            cand --quiet 'No story on standard error; warnings and errors stay'
            cand -v 'Say which key and settings won, and each attempt and wait; never a key or a link'
            cand --verbose 'Say which key and settings won, and each attempt and wait; never a key or a link'
            cand --no-input 'Never ask; so it is too when CI is set, or without a terminal'
            cand --sandbox 'Talk to the built-in practice API: no key needed, nothing leaves this computer [env: LESSONSPACE_SANDBOX=1]'
            cand -h 'Print help (see more with ''--help'')'
            cand --help 'Print help (see more with ''--help'')'
        }
        &'lessonspace;hello'= {
            cand --field 'Print only this field of the answer, raw, such as room_id, room_settings.transcribe or created'
            cand --profile 'Which organisation''s settings to use [env: LESSONSPACE_PROFILE] [default: default]'
            cand --api-key-file 'Read the API key from a file; - is standard input [env: LESSONSPACE_API_KEY_FILE]'
            cand --api-url 'The API''s address [env: LESSONSPACE_API_URL] [default: https://api.thelessonspace.com/v2/]'
            cand --timeout 'The longest that one call may take, retries included [default: 60s]'
            cand --json 'Print the full answer as JSON; messages become JSON lines on standard error'
            cand -q 'No story on standard error; warnings and errors stay'
            cand --quiet 'No story on standard error; warnings and errors stay'
            cand -v 'Say which key and settings won, and each attempt and wait; never a key or a link'
            cand --verbose 'Say which key and settings won, and each attempt and wait; never a key or a link'
            cand --no-input 'Never ask; so it is too when CI is set, or without a terminal'
            cand --sandbox 'Talk to the built-in practice API: no key needed, nothing leaves this computer [env: LESSONSPACE_SANDBOX=1]'
            cand -h 'Print help'
            cand --help 'Print help'
        }
        &'lessonspace;completions'= {
            cand -h 'Print help (see more with ''--help'')'
            cand --help 'Print help (see more with ''--help'')'
        }
        &'lessonspace;help'= {
            cand launch 'Create or open a Space and print a join link'
            cand add-user 'Print a join link for another person in a Space'
            cand hello 'Check that the API key works'
            cand completions 'Print tab completion for a shell'
            cand help 'Print this message or the help of the given subcommand(s)'
        }
        &'lessonspace;help;launch'= {
        }
        &'lessonspace;help;add-user'= {
        }
        &'lessonspace;help;hello'= {
        }
        &'lessonspace;help;completions'= {
        }
        &'lessonspace;help;help'= {
        }
    ]
    $completions[$command]
}
