
using namespace System.Management.Automation
using namespace System.Management.Automation.Language

Register-ArgumentCompleter -Native -CommandName 'lessonspace' -ScriptBlock {
    param($wordToComplete, $commandAst, $cursorPosition)

    $commandElements = $commandAst.CommandElements
    $command = @(
        'lessonspace'
        for ($i = 1; $i -lt $commandElements.Count; $i++) {
            $element = $commandElements[$i]
            if ($element -isnot [StringConstantExpressionAst] -or
                $element.StringConstantType -ne [StringConstantType]::BareWord -or
                $element.Value.StartsWith('-') -or
                $element.Value -eq $wordToComplete) {
                break
        }
        $element.Value
    }) -join ';'

    $completions = @(switch ($command) {
        'lessonspace' {
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help')
            [CompletionResult]::new('-V', '-V ', [CompletionResultType]::ParameterName, 'Print version')
            [CompletionResult]::new('--version', '--version', [CompletionResultType]::ParameterName, 'Print version')
            [CompletionResult]::new('launch', 'launch', [CompletionResultType]::ParameterValue, 'Create or open a Space and print a join link')
            [CompletionResult]::new('add-user', 'add-user', [CompletionResultType]::ParameterValue, 'Print a join link for another person in a Space')
            [CompletionResult]::new('batch', 'batch', [CompletionResultType]::ParameterValue, 'Make a link for each row of a roster: a spreadsheet, CSV or JSON')
            [CompletionResult]::new('handout', 'handout', [CompletionResultType]::ParameterValue, 'Turn the links of a batch into a page to print, or into a calendar')
            [CompletionResult]::new('hello', 'hello', [CompletionResultType]::ParameterValue, 'Check that the API key works')
            [CompletionResult]::new('link', 'link', [CompletionResultType]::ParameterValue, 'Read a join link, offline: whose it is, and until when it works')
            [CompletionResult]::new('login', 'login', [CompletionResultType]::ParameterValue, 'Check an API key and save it')
            [CompletionResult]::new('logout', 'logout', [CompletionResultType]::ParameterValue, 'Remove the saved API key')
            [CompletionResult]::new('sandbox', 'sandbox', [CompletionResultType]::ParameterValue, 'Serve a practice API on this computer until Ctrl-C')
            [CompletionResult]::new('webhook', 'webhook', [CompletionResultType]::ParameterValue, 'Verify a webhook''s signature')
            [CompletionResult]::new('completions', 'completions', [CompletionResultType]::ParameterValue, 'Print tab completion for a shell')
            [CompletionResult]::new('help', 'help', [CompletionResultType]::ParameterValue, 'Print this message or the help of the given subcommand(s)')
            break
        }
        'lessonspace;launch' {
            [CompletionResult]::new('--id', '--id', [CompletionResultType]::ParameterName, 'The Space''s id: 1 to 64 characters of your choosing, never cut or changed; the same id is the same Space')
            [CompletionResult]::new('--file', '--file', [CompletionResultType]::ParameterName, 'A JSON object with any fields of a Launch body; - is standard input. Comments and trailing commas are fine; --set and flags win over it')
            [CompletionResult]::new('--set', '--set', [CompletionResultType]::ParameterName, 'Set any field, such as --set user.role=student or --set features.chat.enabled=false. Known fields get the right type; others are read as JSON, else as text')
            [CompletionResult]::new('--user-id', '--user-id', [CompletionResultType]::ParameterName, 'Your own id for the person')
            [CompletionResult]::new('--user-name', '--user-name', [CompletionResultType]::ParameterName, 'The person''s name')
            [CompletionResult]::new('--user-email', '--user-email', [CompletionResultType]::ParameterName, 'The person''s e-mail address; ties the link to the Lessonspace account of that address')
            [CompletionResult]::new('--role', '--role', [CompletionResultType]::ParameterName, 'The person''s role: teacher, student or admin')
            [CompletionResult]::new('--leader', '--leader', [CompletionResultType]::ParameterName, 'The person leads: invites, ends the session, controls others'' audio and video')
            [CompletionResult]::new('--display-name', '--display-name', [CompletionResultType]::ParameterName, 'Shown in the Space instead of the name')
            [CompletionResult]::new('--feature', '--feature', [CompletionResultType]::ParameterName, 'Turn a feature on or off for this link, such as --feature chat.enabled=off')
            [CompletionResult]::new('--not-before', '--not-before', [CompletionResultType]::ParameterName, 'The link works from this time: 2026-12-01T14:00:00Z, "2026-12-01 14:00" or now')
            [CompletionResult]::new('--not-after', '--not-after', [CompletionResultType]::ParameterName, 'The link works until this time, at most 7 days after its start')
            [CompletionResult]::new('--valid-for', '--valid-for', [CompletionResultType]::ParameterName, 'How long the link works, from --not-before or from now: 90m, 2h, 1h30m or 7d')
            [CompletionResult]::new('--time-zone', '--time-zone', [CompletionResultType]::ParameterName, 'The time zone of times that name none, such as Europe/London [default: the profile''s, else this computer''s]')
            [CompletionResult]::new('--kick-on-expiry', '--kick-on-expiry', [CompletionResultType]::ParameterName, 'Also remove the person from the Space when the link ends')
            [CompletionResult]::new('--invite-url', '--invite-url', [CompletionResultType]::ParameterName, 'What the "invite others" button shows')
            [CompletionResult]::new('--space-name', '--space-name', [CompletionResultType]::ParameterName, 'The name that people see [default: the id]')
            [CompletionResult]::new('--record-av', '--record-av', [CompletionResultType]::ParameterName, 'Record audio and video')
            [CompletionResult]::new('--record-content', '--record-content', [CompletionResultType]::ParameterName, 'Record the boards'' content')
            [CompletionResult]::new('--transcribe', '--transcribe', [CompletionResultType]::ParameterName, 'Transcribe; needs --record-av')
            [CompletionResult]::new('--summarise', '--summarise', [CompletionResultType]::ParameterName, 'Summarise; needs --record-av and --transcribe')
            [CompletionResult]::new('--allow-guests', '--allow-guests', [CompletionResultType]::ParameterName, 'Let guests in through the invite page')
            [CompletionResult]::new('--webhook', '--webhook', [CompletionResultType]::ParameterName, 'Call a URL on an event, such as session.start=https://example.org/hook; a group such as session sets all its events, an empty URL removes one. The API replaces all earlier webhooks of the Space by those sent')
            [CompletionResult]::new('--expect', '--expect', [CompletionResultType]::ParameterName, 'Exit with code 8 if the outcome is another one; the link is printed all the same')
            [CompletionResult]::new('--field', '--field', [CompletionResultType]::ParameterName, 'Print only this field of the answer, raw, such as room_id, room_settings.transcribe or created')
            [CompletionResult]::new('--profile', '--profile', [CompletionResultType]::ParameterName, 'Which organisation''s settings to use [env: LESSONSPACE_PROFILE] [default: default]')
            [CompletionResult]::new('--api-key-file', '--api-key-file', [CompletionResultType]::ParameterName, 'Read the API key from a file; - is standard input [env: LESSONSPACE_API_KEY_FILE]')
            [CompletionResult]::new('--api-url', '--api-url', [CompletionResultType]::ParameterName, 'The API''s address [env: LESSONSPACE_API_URL] [default: https://api.thelessonspace.com/v2/]')
            [CompletionResult]::new('--timeout', '--timeout', [CompletionResultType]::ParameterName, 'The longest that one call may take, retries included [default: 60s]')
            [CompletionResult]::new('--strict', '--strict', [CompletionResultType]::ParameterName, 'Refuse unknown fields, instead of sending them with a warning')
            [CompletionResult]::new('--dry-run', '--dry-run', [CompletionResultType]::ParameterName, 'Print the body that would be sent and send nothing; needs no key')
            [CompletionResult]::new('--guest', '--guest', [CompletionResultType]::ParameterName, 'Make a guest link, for nobody in particular')
            [CompletionResult]::new('--open', '--open', [CompletionResultType]::ParameterName, 'Also open the link in the browser, never in CI. The link, a credential, is then visible in the list of processes for a moment')
            [CompletionResult]::new('--copy', '--copy', [CompletionResultType]::ParameterName, 'Also put the link on the clipboard, never in CI')
            [CompletionResult]::new('--github-output', '--github-output', [CompletionResultType]::ParameterName, 'For GitHub Actions: mask the link in the log, and write client_url, room_id and created to the file named by $GITHUB_OUTPUT')
            [CompletionResult]::new('--json', '--json', [CompletionResultType]::ParameterName, 'Print the full answer as JSON; messages become JSON lines on standard error')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Show warnings and errors only')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Show warnings and errors only')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Show which key and settings are used, and each attempt and wait; never a key or a link')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Show which key and settings are used, and each attempt and wait; never a key or a link')
            [CompletionResult]::new('--no-input', '--no-input', [CompletionResultType]::ParameterName, 'Never ask questions; implied when CI is set or there is no terminal')
            [CompletionResult]::new('--sandbox', '--sandbox', [CompletionResultType]::ParameterName, 'Talk to the built-in practice API: no key needed, nothing leaves this computer [env: LESSONSPACE_SANDBOX=1]')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            break
        }
        'lessonspace;add-user' {
            [CompletionResult]::new('--id', '--id', [CompletionResultType]::ParameterName, 'The Space''s id: 1 to 64 characters of your choosing, never cut or changed; the same id is the same Space')
            [CompletionResult]::new('--file', '--file', [CompletionResultType]::ParameterName, 'A JSON object with any fields of a Launch body; - is standard input. Comments and trailing commas are fine; --set and flags win over it')
            [CompletionResult]::new('--set', '--set', [CompletionResultType]::ParameterName, 'Set any field, such as --set user.role=student or --set features.chat.enabled=false. Known fields get the right type; others are read as JSON, else as text')
            [CompletionResult]::new('--user-id', '--user-id', [CompletionResultType]::ParameterName, 'Your own id for the person')
            [CompletionResult]::new('--user-name', '--user-name', [CompletionResultType]::ParameterName, 'The person''s name')
            [CompletionResult]::new('--user-email', '--user-email', [CompletionResultType]::ParameterName, 'The person''s e-mail address; ties the link to the Lessonspace account of that address')
            [CompletionResult]::new('--role', '--role', [CompletionResultType]::ParameterName, 'The person''s role: teacher, student or admin')
            [CompletionResult]::new('--leader', '--leader', [CompletionResultType]::ParameterName, 'The person leads: invites, ends the session, controls others'' audio and video')
            [CompletionResult]::new('--display-name', '--display-name', [CompletionResultType]::ParameterName, 'Shown in the Space instead of the name')
            [CompletionResult]::new('--feature', '--feature', [CompletionResultType]::ParameterName, 'Turn a feature on or off for this link, such as --feature chat.enabled=off')
            [CompletionResult]::new('--not-before', '--not-before', [CompletionResultType]::ParameterName, 'The link works from this time: 2026-12-01T14:00:00Z, "2026-12-01 14:00" or now')
            [CompletionResult]::new('--not-after', '--not-after', [CompletionResultType]::ParameterName, 'The link works until this time, at most 7 days after its start')
            [CompletionResult]::new('--valid-for', '--valid-for', [CompletionResultType]::ParameterName, 'How long the link works, from --not-before or from now: 90m, 2h, 1h30m or 7d')
            [CompletionResult]::new('--time-zone', '--time-zone', [CompletionResultType]::ParameterName, 'The time zone of times that name none, such as Europe/London [default: the profile''s, else this computer''s]')
            [CompletionResult]::new('--kick-on-expiry', '--kick-on-expiry', [CompletionResultType]::ParameterName, 'Also remove the person from the Space when the link ends')
            [CompletionResult]::new('--invite-url', '--invite-url', [CompletionResultType]::ParameterName, 'What the "invite others" button shows')
            [CompletionResult]::new('--expect', '--expect', [CompletionResultType]::ParameterName, 'Exit with code 8 if the outcome is another one; the link is printed all the same')
            [CompletionResult]::new('--field', '--field', [CompletionResultType]::ParameterName, 'Print only this field of the answer, raw, such as room_id, room_settings.transcribe or created')
            [CompletionResult]::new('--profile', '--profile', [CompletionResultType]::ParameterName, 'Which organisation''s settings to use [env: LESSONSPACE_PROFILE] [default: default]')
            [CompletionResult]::new('--api-key-file', '--api-key-file', [CompletionResultType]::ParameterName, 'Read the API key from a file; - is standard input [env: LESSONSPACE_API_KEY_FILE]')
            [CompletionResult]::new('--api-url', '--api-url', [CompletionResultType]::ParameterName, 'The API''s address [env: LESSONSPACE_API_URL] [default: https://api.thelessonspace.com/v2/]')
            [CompletionResult]::new('--timeout', '--timeout', [CompletionResultType]::ParameterName, 'The longest that one call may take, retries included [default: 60s]')
            [CompletionResult]::new('--strict', '--strict', [CompletionResultType]::ParameterName, 'Refuse unknown fields, instead of sending them with a warning')
            [CompletionResult]::new('--dry-run', '--dry-run', [CompletionResultType]::ParameterName, 'Print the body that would be sent and send nothing; needs no key')
            [CompletionResult]::new('--guest', '--guest', [CompletionResultType]::ParameterName, 'Make a guest link, for nobody in particular')
            [CompletionResult]::new('--open', '--open', [CompletionResultType]::ParameterName, 'Also open the link in the browser, never in CI. The link, a credential, is then visible in the list of processes for a moment')
            [CompletionResult]::new('--copy', '--copy', [CompletionResultType]::ParameterName, 'Also put the link on the clipboard, never in CI')
            [CompletionResult]::new('--github-output', '--github-output', [CompletionResultType]::ParameterName, 'For GitHub Actions: mask the link in the log, and write client_url, room_id and created to the file named by $GITHUB_OUTPUT')
            [CompletionResult]::new('--json', '--json', [CompletionResultType]::ParameterName, 'Print the full answer as JSON; messages become JSON lines on standard error')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Show warnings and errors only')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Show warnings and errors only')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Show which key and settings are used, and each attempt and wait; never a key or a link')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Show which key and settings are used, and each attempt and wait; never a key or a link')
            [CompletionResult]::new('--no-input', '--no-input', [CompletionResultType]::ParameterName, 'Never ask questions; implied when CI is set or there is no terminal')
            [CompletionResult]::new('--sandbox', '--sandbox', [CompletionResultType]::ParameterName, 'Talk to the built-in practice API: no key needed, nothing leaves this computer [env: LESSONSPACE_SANDBOX=1]')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            break
        }
        'lessonspace;batch' {
            [CompletionResult]::new('-o', '-o', [CompletionResultType]::ParameterName, 'Write the roster with everybody''s link to this file, a workbook if it is .xlsx; LINKS.journal beside it is the record')
            [CompletionResult]::new('--output', '--output', [CompletionResultType]::ParameterName, 'Write the roster with everybody''s link to this file, a workbook if it is .xlsx; LINKS.journal beside it is the record')
            [CompletionResult]::new('--min-valid', '--min-valid', [CompletionResultType]::ParameterName, 'With --resume: also renew links that expire within this time, less than 7d')
            [CompletionResult]::new('--rate', '--rate', [CompletionResultType]::ParameterName, 'Requests a second, retries included; 0 is as fast as it goes [default: 4]')
            [CompletionResult]::new('--format', '--format', [CompletionResultType]::ParameterName, 'The roster''s format [default: by its extension]')
            [CompletionResult]::new('--encoding', '--encoding', [CompletionResultType]::ParameterName, 'The roster''s encoding, such as windows-1252 [default: UTF-8 or UTF-16, as detected]')
            [CompletionResult]::new('--sheet', '--sheet', [CompletionResultType]::ParameterName, 'The sheet of the workbook [default: the first with rows]')
            [CompletionResult]::new('--header', '--header', [CompletionResultType]::ParameterName, 'The line of the header [default: the first of 20 rows with a column for the id]')
            [CompletionResult]::new('--map', '--map', [CompletionResultType]::ParameterName, 'A field made from columns, such as --map ''user name={First name} {Last name}''; write {{ for a brace')
            [CompletionResult]::new('--recipe', '--recipe', [CompletionResultType]::ParameterName, 'A TOML file that says how the roster is read, and may make several people from one row')
            [CompletionResult]::new('--dates', '--dates', [CompletionResultType]::ParameterName, 'How to read dates such as 01/12/2026: day first or month first')
            [CompletionResult]::new('--file', '--file', [CompletionResultType]::ParameterName, 'A JSON object that every row starts from')
            [CompletionResult]::new('--set', '--set', [CompletionResultType]::ParameterName, 'Set a field of every row, such as --set user.role=student; a row''s own cell wins')
            [CompletionResult]::new('--user-id', '--user-id', [CompletionResultType]::ParameterName, 'Your own id for the person')
            [CompletionResult]::new('--user-name', '--user-name', [CompletionResultType]::ParameterName, 'The person''s name')
            [CompletionResult]::new('--user-email', '--user-email', [CompletionResultType]::ParameterName, 'The person''s e-mail address; ties the link to the Lessonspace account of that address')
            [CompletionResult]::new('--role', '--role', [CompletionResultType]::ParameterName, 'The person''s role: teacher, student or admin')
            [CompletionResult]::new('--leader', '--leader', [CompletionResultType]::ParameterName, 'The person leads: invites, ends the session, controls others'' audio and video')
            [CompletionResult]::new('--display-name', '--display-name', [CompletionResultType]::ParameterName, 'Shown in the Space instead of the name')
            [CompletionResult]::new('--feature', '--feature', [CompletionResultType]::ParameterName, 'Turn a feature on or off for this link, such as --feature chat.enabled=off')
            [CompletionResult]::new('--not-before', '--not-before', [CompletionResultType]::ParameterName, 'The link works from this time: 2026-12-01T14:00:00Z, "2026-12-01 14:00" or now')
            [CompletionResult]::new('--not-after', '--not-after', [CompletionResultType]::ParameterName, 'The link works until this time, at most 7 days after its start')
            [CompletionResult]::new('--valid-for', '--valid-for', [CompletionResultType]::ParameterName, 'How long the link works, from --not-before or from now: 90m, 2h, 1h30m or 7d')
            [CompletionResult]::new('--time-zone', '--time-zone', [CompletionResultType]::ParameterName, 'The time zone of times that name none, such as Europe/London [default: the profile''s, else this computer''s]')
            [CompletionResult]::new('--kick-on-expiry', '--kick-on-expiry', [CompletionResultType]::ParameterName, 'Also remove the person from the Space when the link ends')
            [CompletionResult]::new('--invite-url', '--invite-url', [CompletionResultType]::ParameterName, 'What the "invite others" button shows')
            [CompletionResult]::new('--space-name', '--space-name', [CompletionResultType]::ParameterName, 'The name that people see [default: the id]')
            [CompletionResult]::new('--record-av', '--record-av', [CompletionResultType]::ParameterName, 'Record audio and video')
            [CompletionResult]::new('--record-content', '--record-content', [CompletionResultType]::ParameterName, 'Record the boards'' content')
            [CompletionResult]::new('--transcribe', '--transcribe', [CompletionResultType]::ParameterName, 'Transcribe; needs --record-av')
            [CompletionResult]::new('--summarise', '--summarise', [CompletionResultType]::ParameterName, 'Summarise; needs --record-av and --transcribe')
            [CompletionResult]::new('--allow-guests', '--allow-guests', [CompletionResultType]::ParameterName, 'Let guests in through the invite page')
            [CompletionResult]::new('--webhook', '--webhook', [CompletionResultType]::ParameterName, 'Call a URL on an event, such as session.start=https://example.org/hook; a group such as session sets all its events, an empty URL removes one. The API replaces all earlier webhooks of the Space by those sent')
            [CompletionResult]::new('--profile', '--profile', [CompletionResultType]::ParameterName, 'Which organisation''s settings to use [env: LESSONSPACE_PROFILE] [default: default]')
            [CompletionResult]::new('--api-key-file', '--api-key-file', [CompletionResultType]::ParameterName, 'Read the API key from a file; - is standard input [env: LESSONSPACE_API_KEY_FILE]')
            [CompletionResult]::new('--api-url', '--api-url', [CompletionResultType]::ParameterName, 'The API''s address [env: LESSONSPACE_API_URL] [default: https://api.thelessonspace.com/v2/]')
            [CompletionResult]::new('--timeout', '--timeout', [CompletionResultType]::ParameterName, 'The longest that one call may take, retries included [default: 60s]')
            [CompletionResult]::new('--resume', '--resume', [CompletionResultType]::ParameterName, 'Go on with an earlier run: send what is missing or failed, and renew links that have expired')
            [CompletionResult]::new('--force', '--force', [CompletionResultType]::ParameterName, 'Start over, and replace LINKS and its journal')
            [CompletionResult]::new('--shorten-ids', '--shorten-ids', [CompletionResultType]::ParameterName, 'Give ids of more than 64 characters a short form, always the same')
            [CompletionResult]::new('--template', '--template', [CompletionResultType]::ParameterName, 'Print an empty roster and do nothing else; with --recipe, one for that recipe')
            [CompletionResult]::new('--strict', '--strict', [CompletionResultType]::ParameterName, 'Refuse unknown fields, instead of sending them with a warning')
            [CompletionResult]::new('--dry-run', '--dry-run', [CompletionResultType]::ParameterName, 'Check everything, print one body a line and send nothing; needs no key and no -o')
            [CompletionResult]::new('--guest', '--guest', [CompletionResultType]::ParameterName, 'Make a guest link, for nobody in particular')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Show warnings and errors only')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Show warnings and errors only')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Show which key and settings are used, and each attempt and wait; never a key or a link')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Show which key and settings are used, and each attempt and wait; never a key or a link')
            [CompletionResult]::new('--no-input', '--no-input', [CompletionResultType]::ParameterName, 'Never ask questions; implied when CI is set or there is no terminal')
            [CompletionResult]::new('--sandbox', '--sandbox', [CompletionResultType]::ParameterName, 'Talk to the built-in practice API: no key needed, nothing leaves this computer [env: LESSONSPACE_SANDBOX=1]')
            [CompletionResult]::new('--json', '--json', [CompletionResultType]::ParameterName, 'Print the summary as JSON; messages become JSON lines on standard error')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            break
        }
        'lessonspace;handout' {
            [CompletionResult]::new('-o', '-o', [CompletionResultType]::ParameterName, 'The file to make: .html for a page to print, .ics for a calendar')
            [CompletionResult]::new('--output', '--output', [CompletionResultType]::ParameterName, 'The file to make: .html for a page to print, .ics for a calendar')
            [CompletionResult]::new('--title', '--title', [CompletionResultType]::ParameterName, 'The title of the page or calendar, and the name of the only Space if LINKS has none for it [default: the Space''s name, if there is only one]')
            [CompletionResult]::new('--time-zone', '--time-zone', [CompletionResultType]::ParameterName, 'The time zone that times are shown in [default: this computer''s]')
            [CompletionResult]::new('--compact', '--compact', [CompletionResultType]::ParameterName, 'Do not begin a new sheet of paper for each Space')
            [CompletionResult]::new('--force', '--force', [CompletionResultType]::ParameterName, 'Replace FILE if it exists')
            [CompletionResult]::new('--json', '--json', [CompletionResultType]::ParameterName, 'Print a summary as JSON; errors become JSON lines on standard error')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Show warnings and errors only')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Show warnings and errors only')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help')
            break
        }
        'lessonspace;hello' {
            [CompletionResult]::new('--profile', '--profile', [CompletionResultType]::ParameterName, 'Which organisation''s settings to use [env: LESSONSPACE_PROFILE] [default: default]')
            [CompletionResult]::new('--api-key-file', '--api-key-file', [CompletionResultType]::ParameterName, 'Read the API key from a file; - is standard input [env: LESSONSPACE_API_KEY_FILE]')
            [CompletionResult]::new('--api-url', '--api-url', [CompletionResultType]::ParameterName, 'The API''s address [env: LESSONSPACE_API_URL] [default: https://api.thelessonspace.com/v2/]')
            [CompletionResult]::new('--timeout', '--timeout', [CompletionResultType]::ParameterName, 'The longest that one call may take, retries included [default: 60s]')
            [CompletionResult]::new('--field', '--field', [CompletionResultType]::ParameterName, 'Print only this field of the answer, raw: response or attempts')
            [CompletionResult]::new('--json', '--json', [CompletionResultType]::ParameterName, 'Print the full answer as JSON; messages become JSON lines on standard error')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Show warnings and errors only')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Show warnings and errors only')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Show which key and settings are used, and each attempt and wait; never a key or a link')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Show which key and settings are used, and each attempt and wait; never a key or a link')
            [CompletionResult]::new('--no-input', '--no-input', [CompletionResultType]::ParameterName, 'Never ask questions; implied when CI is set or there is no terminal')
            [CompletionResult]::new('--sandbox', '--sandbox', [CompletionResultType]::ParameterName, 'Talk to the built-in practice API: no key needed, nothing leaves this computer [env: LESSONSPACE_SANDBOX=1]')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help')
            break
        }
        'lessonspace;link' {
            [CompletionResult]::new('--qr', '--qr', [CompletionResultType]::ParameterName, 'Print the link as a QR code instead: in the terminal, or with --qr=svg as an image. At a terminal it is drawn white on black, even with NO_COLOR, so that it scans on any background')
            [CompletionResult]::new('--json', '--json', [CompletionResultType]::ParameterName, 'Print the claims of the link''s token as JSON; errors become JSON lines on standard error')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            break
        }
        'lessonspace;login' {
            [CompletionResult]::new('--profile', '--profile', [CompletionResultType]::ParameterName, 'Which organisation''s settings to use [env: LESSONSPACE_PROFILE] [default: default]')
            [CompletionResult]::new('--api-url', '--api-url', [CompletionResultType]::ParameterName, 'The API''s address [env: LESSONSPACE_API_URL] [default: https://api.thelessonspace.com/v2/]')
            [CompletionResult]::new('--timeout', '--timeout', [CompletionResultType]::ParameterName, 'The longest that one call may take, retries included [default: 60s]')
            [CompletionResult]::new('--api-key-file', '--api-key-file', [CompletionResultType]::ParameterName, 'Read the API key from a file, instead of asking for it; - is standard input')
            [CompletionResult]::new('--json', '--json', [CompletionResultType]::ParameterName, 'Print what was saved, and where, as JSON; messages become JSON lines on standard error')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Show warnings and errors only')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Show warnings and errors only')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Show which settings are used, and each attempt and wait; never a key')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Show which settings are used, and each attempt and wait; never a key')
            [CompletionResult]::new('--no-input', '--no-input', [CompletionResultType]::ParameterName, 'Never ask questions; implied when CI is set or there is no terminal')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help')
            break
        }
        'lessonspace;logout' {
            [CompletionResult]::new('--profile', '--profile', [CompletionResultType]::ParameterName, 'Whose key to remove [env: LESSONSPACE_PROFILE] [default: default]')
            [CompletionResult]::new('--json', '--json', [CompletionResultType]::ParameterName, 'Print what was removed, and where, as JSON; messages become JSON lines on standard error')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Show warnings and errors only')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Show warnings and errors only')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help')
            break
        }
        'lessonspace;sandbox' {
            [CompletionResult]::new('--port', '--port', [CompletionResultType]::ParameterName, 'The port on 127.0.0.1; 0 takes a free one')
            [CompletionResult]::new('--rate', '--rate', [CompletionResultType]::ParameterName, 'How many requests a second each key may make; 0 for no limit')
            [CompletionResult]::new('--fail', '--fail', [CompletionResultType]::ParameterName, 'Which requests fail, and how: 429@7 is the 7th request answered with 429, drop@20 the 20th carried out but never answered')
            [CompletionResult]::new('--webhook-url', '--webhook-url', [CompletionResultType]::ParameterName, 'Also send every event to this URL, besides the webhooks of each Space')
            [CompletionResult]::new('--json', '--json', [CompletionResultType]::ParameterName, 'Print address and key as JSON; errors become JSON lines on standard error')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Do not show requests and deliveries')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Do not show requests and deliveries')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help')
            break
        }
        'lessonspace;webhook' {
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help')
            [CompletionResult]::new('verify', 'verify', [CompletionResultType]::ParameterValue, 'Check that a delivery was signed with the Space''s secret')
            [CompletionResult]::new('help', 'help', [CompletionResultType]::ParameterValue, 'Print this message or the help of the given subcommand(s)')
            break
        }
        'lessonspace;webhook;verify' {
            [CompletionResult]::new('--signature', '--signature', [CompletionResultType]::ParameterName, 'The x-webhook-signature header: hex or base64, with or without sha256= before it')
            [CompletionResult]::new('--body-file', '--body-file', [CompletionResultType]::ParameterName, 'The delivery''s body, byte for byte as it came, at most 16 MiB; - is standard input [default: -]')
            [CompletionResult]::new('--secret-file', '--secret-file', [CompletionResultType]::ParameterName, 'A file with the Space''s secret, which launch prints with --field secret; - is standard input [env: LESSONSPACE_WEBHOOK_SECRET holds the secret itself]')
            [CompletionResult]::new('--json', '--json', [CompletionResultType]::ParameterName, 'Print the verdict as JSON; errors become JSON lines on standard error')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Say nothing when the signature matches')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Say nothing when the signature matches')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help')
            break
        }
        'lessonspace;webhook;help' {
            [CompletionResult]::new('verify', 'verify', [CompletionResultType]::ParameterValue, 'Check that a delivery was signed with the Space''s secret')
            [CompletionResult]::new('help', 'help', [CompletionResultType]::ParameterValue, 'Print this message or the help of the given subcommand(s)')
            break
        }
        'lessonspace;webhook;help;verify' {
            break
        }
        'lessonspace;webhook;help;help' {
            break
        }
        'lessonspace;completions' {
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            break
        }
        'lessonspace;help' {
            [CompletionResult]::new('launch', 'launch', [CompletionResultType]::ParameterValue, 'Create or open a Space and print a join link')
            [CompletionResult]::new('add-user', 'add-user', [CompletionResultType]::ParameterValue, 'Print a join link for another person in a Space')
            [CompletionResult]::new('batch', 'batch', [CompletionResultType]::ParameterValue, 'Make a link for each row of a roster: a spreadsheet, CSV or JSON')
            [CompletionResult]::new('handout', 'handout', [CompletionResultType]::ParameterValue, 'Turn the links of a batch into a page to print, or into a calendar')
            [CompletionResult]::new('hello', 'hello', [CompletionResultType]::ParameterValue, 'Check that the API key works')
            [CompletionResult]::new('link', 'link', [CompletionResultType]::ParameterValue, 'Read a join link, offline: whose it is, and until when it works')
            [CompletionResult]::new('login', 'login', [CompletionResultType]::ParameterValue, 'Check an API key and save it')
            [CompletionResult]::new('logout', 'logout', [CompletionResultType]::ParameterValue, 'Remove the saved API key')
            [CompletionResult]::new('sandbox', 'sandbox', [CompletionResultType]::ParameterValue, 'Serve a practice API on this computer until Ctrl-C')
            [CompletionResult]::new('webhook', 'webhook', [CompletionResultType]::ParameterValue, 'Verify a webhook''s signature')
            [CompletionResult]::new('completions', 'completions', [CompletionResultType]::ParameterValue, 'Print tab completion for a shell')
            [CompletionResult]::new('help', 'help', [CompletionResultType]::ParameterValue, 'Print this message or the help of the given subcommand(s)')
            break
        }
        'lessonspace;help;launch' {
            break
        }
        'lessonspace;help;add-user' {
            break
        }
        'lessonspace;help;batch' {
            break
        }
        'lessonspace;help;handout' {
            break
        }
        'lessonspace;help;hello' {
            break
        }
        'lessonspace;help;link' {
            break
        }
        'lessonspace;help;login' {
            break
        }
        'lessonspace;help;logout' {
            break
        }
        'lessonspace;help;sandbox' {
            break
        }
        'lessonspace;help;webhook' {
            [CompletionResult]::new('verify', 'verify', [CompletionResultType]::ParameterValue, 'Check that a delivery was signed with the Space''s secret')
            break
        }
        'lessonspace;help;webhook;verify' {
            break
        }
        'lessonspace;help;completions' {
            break
        }
        'lessonspace;help;help' {
            break
        }
    })

    $completions.Where{ $_.CompletionText -like "$wordToComplete*" } |
        Sort-Object -Property ListItemText
}
