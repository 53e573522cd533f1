
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
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('-V', '-V ', [CompletionResultType]::ParameterName, 'Print version')
            [CompletionResult]::new('--version', '--version', [CompletionResultType]::ParameterName, 'Print version')
            [CompletionResult]::new('launch', 'launch', [CompletionResultType]::ParameterValue, 'Create or open a Space and print a join link')
            [CompletionResult]::new('add-user', 'add-user', [CompletionResultType]::ParameterValue, 'Print a join link for another person in a Space')
            [CompletionResult]::new('batch', 'batch', [CompletionResultType]::ParameterValue, 'Create join links for everyone in a roster (spreadsheet, CSV, export, calendar)')
            [CompletionResult]::new('handout', 'handout', [CompletionResultType]::ParameterValue, 'Turn a links file into printable cards or a calendar')
            [CompletionResult]::new('hello', 'hello', [CompletionResultType]::ParameterValue, 'Check that the API key works')
            [CompletionResult]::new('link', 'link', [CompletionResultType]::ParameterValue, 'Show who a join link is for and when it expires (works offline)')
            [CompletionResult]::new('login', 'login', [CompletionResultType]::ParameterValue, 'Check an API key and save it')
            [CompletionResult]::new('logout', 'logout', [CompletionResultType]::ParameterValue, 'Remove the saved API key')
            [CompletionResult]::new('sandbox', 'sandbox', [CompletionResultType]::ParameterValue, 'Run a practice API on this computer')
            [CompletionResult]::new('webhook', 'webhook', [CompletionResultType]::ParameterValue, 'Verify webhook signatures')
            [CompletionResult]::new('completions', 'completions', [CompletionResultType]::ParameterValue, 'Print a tab-completion script for your shell')
            [CompletionResult]::new('help', 'help', [CompletionResultType]::ParameterValue, 'Print this message or the help of the given subcommand(s)')
            break
        }
        'lessonspace;launch' {
            [CompletionResult]::new('--id', '--id', [CompletionResultType]::ParameterName, 'Id of the Space: you choose it, up to 64 characters')
            [CompletionResult]::new('--file', '--file', [CompletionResultType]::ParameterName, 'Read the request from a JSON file (- for standard input)')
            [CompletionResult]::new('--set', '--set', [CompletionResultType]::ParameterName, 'Set any field, such as --set user.role=student')
            [CompletionResult]::new('--user-id', '--user-id', [CompletionResultType]::ParameterName, 'Your id for this person, such as a student number')
            [CompletionResult]::new('--user-name', '--user-name', [CompletionResultType]::ParameterName, 'Name of the person')
            [CompletionResult]::new('--user-email', '--user-email', [CompletionResultType]::ParameterName, 'Email address of the person')
            [CompletionResult]::new('--role', '--role', [CompletionResultType]::ParameterName, 'Role: teacher, student or admin')
            [CompletionResult]::new('--leader', '--leader', [CompletionResultType]::ParameterName, 'Make this person a leader')
            [CompletionResult]::new('--display-name', '--display-name', [CompletionResultType]::ParameterName, 'Name shown in the Space, if different')
            [CompletionResult]::new('--feature', '--feature', [CompletionResultType]::ParameterName, 'Turn a feature on or off for this link, such as --feature chat.enabled=off')
            [CompletionResult]::new('--lesson-time', '--lesson-time', [CompletionResultType]::ParameterName, 'Start and end of the lesson, such as "2026-12-01 14:00-14:45"')
            [CompletionResult]::new('--not-before', '--not-before', [CompletionResultType]::ParameterName, 'Start of the lesson time: "2026-12-01 14:00", 2026-12-01T14:00:00Z or now')
            [CompletionResult]::new('--not-after', '--not-after', [CompletionResultType]::ParameterName, 'End of the lesson time, at most 7 days after the start')
            [CompletionResult]::new('--valid-for', '--valid-for', [CompletionResultType]::ParameterName, 'Length of the lesson time, such as 90m, 2h or 7d')
            [CompletionResult]::new('--time-zone', '--time-zone', [CompletionResultType]::ParameterName, 'Time zone for the lesson time, such as Europe/London')
            [CompletionResult]::new('--kick-on-expiry', '--kick-on-expiry', [CompletionResultType]::ParameterName, 'Remove the person from the Space when the link expires')
            [CompletionResult]::new('--invite-url', '--invite-url', [CompletionResultType]::ParameterName, 'Address that the "invite others" button shows')
            [CompletionResult]::new('--space-name', '--space-name', [CompletionResultType]::ParameterName, 'Name of the Space, shown to everyone in it [default: the id]')
            [CompletionResult]::new('--record-av', '--record-av', [CompletionResultType]::ParameterName, 'Record audio and video')
            [CompletionResult]::new('--record-content', '--record-content', [CompletionResultType]::ParameterName, 'Record the whiteboards')
            [CompletionResult]::new('--transcribe', '--transcribe', [CompletionResultType]::ParameterName, 'Transcribe the audio (requires --record-av)')
            [CompletionResult]::new('--summarise', '--summarise', [CompletionResultType]::ParameterName, 'Write a summary (requires --record-av and --transcribe)')
            [CompletionResult]::new('--allow-guests', '--allow-guests', [CompletionResultType]::ParameterName, 'Let guests in through the invite page')
            [CompletionResult]::new('--webhook', '--webhook', [CompletionResultType]::ParameterName, 'Call a URL when an event happens, such as session.start=https://example.org/hook')
            [CompletionResult]::new('--expect', '--expect', [CompletionResultType]::ParameterName, 'Exit 8 if the result differs; the link is still printed')
            [CompletionResult]::new('--field', '--field', [CompletionResultType]::ParameterName, 'Print one field of the response, such as room_id or created (repeatable)')
            [CompletionResult]::new('--profile', '--profile', [CompletionResultType]::ParameterName, 'Use the key and settings of this profile [env: LESSONSPACE_PROFILE]')
            [CompletionResult]::new('--api-key-file', '--api-key-file', [CompletionResultType]::ParameterName, 'Read the API key from a file (- for standard input) [env: LESSONSPACE_API_KEY_FILE]')
            [CompletionResult]::new('--api-url', '--api-url', [CompletionResultType]::ParameterName, 'URL of the API [env: LESSONSPACE_API_URL] [default: https://api.thelessonspace.com/v2/]')
            [CompletionResult]::new('--timeout', '--timeout', [CompletionResultType]::ParameterName, 'Time limit for each launch, retries included [default: 60s]')
            [CompletionResult]::new('--strict', '--strict', [CompletionResultType]::ParameterName, 'Fail on unknown fields instead of sending them with a warning')
            [CompletionResult]::new('--dry-run', '--dry-run', [CompletionResultType]::ParameterName, 'Print the request without sending it (needs no API key)')
            [CompletionResult]::new('--guest', '--guest', [CompletionResultType]::ParameterName, 'Create a guest link, not tied to a person')
            [CompletionResult]::new('--open', '--open', [CompletionResultType]::ParameterName, 'Open the link in your browser (not in CI)')
            [CompletionResult]::new('--copy', '--copy', [CompletionResultType]::ParameterName, 'Copy the link to the clipboard (not in CI)')
            [CompletionResult]::new('--github-output', '--github-output', [CompletionResultType]::ParameterName, 'For GitHub Actions: mask the link in the log and set outputs')
            [CompletionResult]::new('--json', '--json', [CompletionResultType]::ParameterName, 'Print the full response as JSON; messages go to standard error as JSON lines')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Print only warnings and errors')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Print only warnings and errors')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Show the key''s source, the settings in use and every attempt')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Show the key''s source, the settings in use and every attempt')
            [CompletionResult]::new('--no-input', '--no-input', [CompletionResultType]::ParameterName, 'Never prompt (the default in CI and without a terminal)')
            [CompletionResult]::new('--sandbox', '--sandbox', [CompletionResultType]::ParameterName, 'Practise without an API key [env: LESSONSPACE_SANDBOX=1]')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            break
        }
        'lessonspace;add-user' {
            [CompletionResult]::new('--id', '--id', [CompletionResultType]::ParameterName, 'Id of the Space: you choose it, up to 64 characters')
            [CompletionResult]::new('--file', '--file', [CompletionResultType]::ParameterName, 'Read the request from a JSON file (- for standard input)')
            [CompletionResult]::new('--set', '--set', [CompletionResultType]::ParameterName, 'Set any field, such as --set user.role=student')
            [CompletionResult]::new('--user-id', '--user-id', [CompletionResultType]::ParameterName, 'Your id for this person, such as a student number')
            [CompletionResult]::new('--user-name', '--user-name', [CompletionResultType]::ParameterName, 'Name of the person')
            [CompletionResult]::new('--user-email', '--user-email', [CompletionResultType]::ParameterName, 'Email address of the person')
            [CompletionResult]::new('--role', '--role', [CompletionResultType]::ParameterName, 'Role: teacher, student or admin')
            [CompletionResult]::new('--leader', '--leader', [CompletionResultType]::ParameterName, 'Make this person a leader')
            [CompletionResult]::new('--display-name', '--display-name', [CompletionResultType]::ParameterName, 'Name shown in the Space, if different')
            [CompletionResult]::new('--feature', '--feature', [CompletionResultType]::ParameterName, 'Turn a feature on or off for this link, such as --feature chat.enabled=off')
            [CompletionResult]::new('--lesson-time', '--lesson-time', [CompletionResultType]::ParameterName, 'Start and end of the lesson, such as "2026-12-01 14:00-14:45"')
            [CompletionResult]::new('--not-before', '--not-before', [CompletionResultType]::ParameterName, 'Start of the lesson time: "2026-12-01 14:00", 2026-12-01T14:00:00Z or now')
            [CompletionResult]::new('--not-after', '--not-after', [CompletionResultType]::ParameterName, 'End of the lesson time, at most 7 days after the start')
            [CompletionResult]::new('--valid-for', '--valid-for', [CompletionResultType]::ParameterName, 'Length of the lesson time, such as 90m, 2h or 7d')
            [CompletionResult]::new('--time-zone', '--time-zone', [CompletionResultType]::ParameterName, 'Time zone for the lesson time, such as Europe/London')
            [CompletionResult]::new('--kick-on-expiry', '--kick-on-expiry', [CompletionResultType]::ParameterName, 'Remove the person from the Space when the link expires')
            [CompletionResult]::new('--invite-url', '--invite-url', [CompletionResultType]::ParameterName, 'Address that the "invite others" button shows')
            [CompletionResult]::new('--expect', '--expect', [CompletionResultType]::ParameterName, 'Exit 8 if the result differs; the link is still printed')
            [CompletionResult]::new('--field', '--field', [CompletionResultType]::ParameterName, 'Print one field of the response, such as room_id or created (repeatable)')
            [CompletionResult]::new('--profile', '--profile', [CompletionResultType]::ParameterName, 'Use the key and settings of this profile [env: LESSONSPACE_PROFILE]')
            [CompletionResult]::new('--api-key-file', '--api-key-file', [CompletionResultType]::ParameterName, 'Read the API key from a file (- for standard input) [env: LESSONSPACE_API_KEY_FILE]')
            [CompletionResult]::new('--api-url', '--api-url', [CompletionResultType]::ParameterName, 'URL of the API [env: LESSONSPACE_API_URL] [default: https://api.thelessonspace.com/v2/]')
            [CompletionResult]::new('--timeout', '--timeout', [CompletionResultType]::ParameterName, 'Time limit for each launch, retries included [default: 60s]')
            [CompletionResult]::new('--strict', '--strict', [CompletionResultType]::ParameterName, 'Fail on unknown fields instead of sending them with a warning')
            [CompletionResult]::new('--dry-run', '--dry-run', [CompletionResultType]::ParameterName, 'Print the request without sending it (needs no API key)')
            [CompletionResult]::new('--guest', '--guest', [CompletionResultType]::ParameterName, 'Create a guest link, not tied to a person')
            [CompletionResult]::new('--open', '--open', [CompletionResultType]::ParameterName, 'Open the link in your browser (not in CI)')
            [CompletionResult]::new('--copy', '--copy', [CompletionResultType]::ParameterName, 'Copy the link to the clipboard (not in CI)')
            [CompletionResult]::new('--github-output', '--github-output', [CompletionResultType]::ParameterName, 'For GitHub Actions: mask the link in the log and set outputs')
            [CompletionResult]::new('--json', '--json', [CompletionResultType]::ParameterName, 'Print the full response as JSON; messages go to standard error as JSON lines')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Print only warnings and errors')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Print only warnings and errors')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Show the key''s source, the settings in use and every attempt')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Show the key''s source, the settings in use and every attempt')
            [CompletionResult]::new('--no-input', '--no-input', [CompletionResultType]::ParameterName, 'Never prompt (the default in CI and without a terminal)')
            [CompletionResult]::new('--sandbox', '--sandbox', [CompletionResultType]::ParameterName, 'Practise without an API key [env: LESSONSPACE_SANDBOX=1]')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            break
        }
        'lessonspace;batch' {
            [CompletionResult]::new('-o', '-o', [CompletionResultType]::ParameterName, 'Links file to write [default: NAME-links next to the roster]')
            [CompletionResult]::new('--output', '--output', [CompletionResultType]::ParameterName, 'Links file to write [default: NAME-links next to the roster]')
            [CompletionResult]::new('--min-valid', '--min-valid', [CompletionResultType]::ParameterName, 'With --resume, renew links this long before they expire, such as 2d')
            [CompletionResult]::new('--rate', '--rate', [CompletionResultType]::ParameterName, 'Requests per second, retries included; 0 means no limit [default: 4]')
            [CompletionResult]::new('--max-wait', '--max-wait', [CompletionResultType]::ParameterName, 'How long to wait for a busy or unreachable API [default: 15m]')
            [CompletionResult]::new('--format', '--format', [CompletionResultType]::ParameterName, 'Format of the roster [default: from the file extension]')
            [CompletionResult]::new('--encoding', '--encoding', [CompletionResultType]::ParameterName, 'Text encoding of the roster, such as windows-1252 [default: UTF-8 or UTF-16, detected]')
            [CompletionResult]::new('--sheet', '--sheet', [CompletionResultType]::ParameterName, 'Sheet to read [default: the first visible sheet that is not empty]')
            [CompletionResult]::new('--header', '--header', [CompletionResultType]::ParameterName, 'Line with the column names [default: found in the first 20 rows]')
            [CompletionResult]::new('--map', '--map', [CompletionResultType]::ParameterName, 'Fill a column from your own columns, such as --map "id={Class}"')
            [CompletionResult]::new('--recipe', '--recipe', [CompletionResultType]::ParameterName, 'Read column rules from a recipe (a TOML file)')
            [CompletionResult]::new('--only', '--only', [CompletionResultType]::ParameterName, 'Include only rows with this value in this column')
            [CompletionResult]::new('--hidden', '--hidden', [CompletionResultType]::ParameterName, 'What to do with hidden and filtered rows (an error if not set)')
            [CompletionResult]::new('--dates', '--dates', [CompletionResultType]::ParameterName, 'Order of day and month, as in 01/12/2026')
            [CompletionResult]::new('--week-of', '--week-of', [CompletionResultType]::ParameterName, 'Week for weekdays such as "Tue 14:00": this, next or any date in that week')
            [CompletionResult]::new('--from', '--from', [CompletionResultType]::ParameterName, 'Kind of export [default: detected from its files]')
            [CompletionResult]::new('--on', '--on', [CompletionResultType]::ParameterName, 'Date on which enrolments must be current, or first day to read from a calendar [default: today]')
            [CompletionResult]::new('--days', '--days', [CompletionResultType]::ParameterName, 'Number of days to read from a calendar [default: 14]')
            [CompletionResult]::new('--example', '--example', [CompletionResultType]::ParameterName, 'Write example rosters and recipes into a new folder')
            [CompletionResult]::new('--file', '--file', [CompletionResultType]::ParameterName, 'Default values for every row, from a JSON file')
            [CompletionResult]::new('--set', '--set', [CompletionResultType]::ParameterName, 'Set a default for every row, such as --set user.role=student')
            [CompletionResult]::new('--user-id', '--user-id', [CompletionResultType]::ParameterName, 'Your id for this person, such as a student number')
            [CompletionResult]::new('--user-name', '--user-name', [CompletionResultType]::ParameterName, 'Name of the person')
            [CompletionResult]::new('--user-email', '--user-email', [CompletionResultType]::ParameterName, 'Email address of the person')
            [CompletionResult]::new('--role', '--role', [CompletionResultType]::ParameterName, 'Role: teacher, student or admin')
            [CompletionResult]::new('--display-name', '--display-name', [CompletionResultType]::ParameterName, 'Name shown in the Space, if different')
            [CompletionResult]::new('--not-after', '--not-after', [CompletionResultType]::ParameterName, 'End of the lesson time, at most 7 days after the start')
            [CompletionResult]::new('--valid-for', '--valid-for', [CompletionResultType]::ParameterName, 'Length of the lesson time, such as 90m, 2h or 7d')
            [CompletionResult]::new('--time-zone', '--time-zone', [CompletionResultType]::ParameterName, 'Time zone for the lesson time, such as Europe/London')
            [CompletionResult]::new('--kick-on-expiry', '--kick-on-expiry', [CompletionResultType]::ParameterName, 'Remove the person from the Space when the link expires')
            [CompletionResult]::new('--invite-url', '--invite-url', [CompletionResultType]::ParameterName, 'Address that the "invite others" button shows')
            [CompletionResult]::new('--space-name', '--space-name', [CompletionResultType]::ParameterName, 'Name of the Space, shown to everyone in it [default: the id]')
            [CompletionResult]::new('--record-av', '--record-av', [CompletionResultType]::ParameterName, 'Record audio and video')
            [CompletionResult]::new('--record-content', '--record-content', [CompletionResultType]::ParameterName, 'Record the whiteboards')
            [CompletionResult]::new('--transcribe', '--transcribe', [CompletionResultType]::ParameterName, 'Transcribe the audio (requires --record-av)')
            [CompletionResult]::new('--summarise', '--summarise', [CompletionResultType]::ParameterName, 'Write a summary (requires --record-av and --transcribe)')
            [CompletionResult]::new('--allow-guests', '--allow-guests', [CompletionResultType]::ParameterName, 'Let guests in through the invite page')
            [CompletionResult]::new('--webhook', '--webhook', [CompletionResultType]::ParameterName, 'Call a URL when an event happens, such as session.start=https://example.org/hook')
            [CompletionResult]::new('--profile', '--profile', [CompletionResultType]::ParameterName, 'Use the key and settings of this profile [env: LESSONSPACE_PROFILE]')
            [CompletionResult]::new('--api-key-file', '--api-key-file', [CompletionResultType]::ParameterName, 'Read the API key from a file (- for standard input) [env: LESSONSPACE_API_KEY_FILE]')
            [CompletionResult]::new('--api-url', '--api-url', [CompletionResultType]::ParameterName, 'URL of the API [env: LESSONSPACE_API_URL] [default: https://api.thelessonspace.com/v2/]')
            [CompletionResult]::new('--timeout', '--timeout', [CompletionResultType]::ParameterName, 'Time limit for each launch, retries included [default: 60s]')
            [CompletionResult]::new('--leader', '--leader', [CompletionResultType]::ParameterName, 'Make everyone a leader unless their row says otherwise')
            [CompletionResult]::new('--feature', '--feature', [CompletionResultType]::ParameterName, 'Turn a feature on or off in every link, such as --feature chat.enabled=off')
            [CompletionResult]::new('--lesson-time', '--lesson-time', [CompletionResultType]::ParameterName, 'Start and end of the lesson, such as "2026-12-01 14:00-14:45"')
            [CompletionResult]::new('--not-before', '--not-before', [CompletionResultType]::ParameterName, 'Start of the lesson time: "2026-12-01 14:00", 2026-12-01T14:00:00Z or now')
            [CompletionResult]::new('--resume', '--resume', [CompletionResultType]::ParameterName, 'Resume or repeat: send missing and failed rows, renew expired links')
            [CompletionResult]::new('--force', '--force', [CompletionResultType]::ParameterName, 'Start over and replace LINKS and its journal')
            [CompletionResult]::new('--dry-run', '--dry-run', [CompletionResultType]::ParameterName, 'Check the whole roster and print the plan without sending anything')
            [CompletionResult]::new('--yes', '--yes', [CompletionResultType]::ParameterName, 'Start without asking')
            [CompletionResult]::new('--all-sheets', '--all-sheets', [CompletionResultType]::ParameterName, 'Read all sheets; in --map, {sheet} is the name of a row''s sheet')
            [CompletionResult]::new('--shorten-ids', '--shorten-ids', [CompletionResultType]::ParameterName, 'Shorten Space ids over 64 characters')
            [CompletionResult]::new('--skip-broken', '--skip-broken', [CompletionResultType]::ParameterName, 'Skip and count broken rows in an export, such as rows with an unknown class')
            [CompletionResult]::new('--template', '--template', [CompletionResultType]::ParameterName, 'Print an empty roster to fill in')
            [CompletionResult]::new('--strict', '--strict', [CompletionResultType]::ParameterName, 'Fail on unknown fields instead of sending them with a warning')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Print only warnings and errors')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Print only warnings and errors')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Show the key''s source, the settings in use and every attempt')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Show the key''s source, the settings in use and every attempt')
            [CompletionResult]::new('--no-input', '--no-input', [CompletionResultType]::ParameterName, 'Never prompt (the default in CI and without a terminal)')
            [CompletionResult]::new('--sandbox', '--sandbox', [CompletionResultType]::ParameterName, 'Practise without an API key [env: LESSONSPACE_SANDBOX=1]')
            [CompletionResult]::new('--json', '--json', [CompletionResultType]::ParameterName, 'Print the summary as JSON; messages go to standard error as JSON lines')
            [CompletionResult]::new('--guest', '--guest', [CompletionResultType]::ParameterName, 'Create guest links for rows without a person')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            break
        }
        'lessonspace;handout' {
            [CompletionResult]::new('-o', '-o', [CompletionResultType]::ParameterName, 'File to write: .html for printable cards, .ics for a calendar')
            [CompletionResult]::new('--output', '--output', [CompletionResultType]::ParameterName, 'File to write: .html for printable cards, .ics for a calendar')
            [CompletionResult]::new('--each', '--each', [CompletionResultType]::ParameterName, 'Write one file per person or Space into a folder, and index.csv for a mail merge')
            [CompletionResult]::new('--format', '--format', [CompletionResultType]::ParameterName, 'File format for --each [default: html]')
            [CompletionResult]::new('--title', '--title', [CompletionResultType]::ParameterName, 'Title of the page or calendar [default: the Space''s name, if there is only one]')
            [CompletionResult]::new('--lang', '--lang', [CompletionResultType]::ParameterName, 'Language: en, de, es, fr, it, nl, pl or pt [default: the system''s, else en]')
            [CompletionResult]::new('--time-zone', '--time-zone', [CompletionResultType]::ParameterName, 'Time zone for the times shown [default: from the batch, then this computer]')
            [CompletionResult]::new('--sheet', '--sheet', [CompletionResultType]::ParameterName, 'Sheet of LINKS to read [default: the first that is not empty]')
            [CompletionResult]::new('--lesson-id', '--lesson-id', [CompletionResultType]::ParameterName, 'Columns that identify a lesson in a calendar, such as "{Booking}"')
            [CompletionResult]::new('--compact', '--compact', [CompletionResultType]::ParameterName, 'Do not start a new page for each Space')
            [CompletionResult]::new('--update', '--update', [CompletionResultType]::ParameterName, 'Update the calendar at FILE: move, cancel and add lessons')
            [CompletionResult]::new('--force', '--force', [CompletionResultType]::ParameterName, 'Replace FILE if it exists; in a folder, replace only the files that handout wrote')
            [CompletionResult]::new('--json', '--json', [CompletionResultType]::ParameterName, 'Print a summary as JSON; errors go to standard error as JSON lines')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Print only warnings and errors')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Print only warnings and errors')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            break
        }
        'lessonspace;hello' {
            [CompletionResult]::new('--profile', '--profile', [CompletionResultType]::ParameterName, 'Use the key and settings of this profile [env: LESSONSPACE_PROFILE]')
            [CompletionResult]::new('--api-key-file', '--api-key-file', [CompletionResultType]::ParameterName, 'Read the API key from a file (- for standard input) [env: LESSONSPACE_API_KEY_FILE]')
            [CompletionResult]::new('--api-url', '--api-url', [CompletionResultType]::ParameterName, 'URL of the API [env: LESSONSPACE_API_URL] [default: https://api.thelessonspace.com/v2/]')
            [CompletionResult]::new('--field', '--field', [CompletionResultType]::ParameterName, 'Print one field of the response: response or attempts (repeatable)')
            [CompletionResult]::new('--timeout', '--timeout', [CompletionResultType]::ParameterName, 'Time limit for each request, retries included [default: 60s]')
            [CompletionResult]::new('--json', '--json', [CompletionResultType]::ParameterName, 'Print the full response as JSON; messages go to standard error as JSON lines')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Print only warnings and errors')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Print only warnings and errors')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Show the key''s source, the settings in use and every attempt')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Show the key''s source, the settings in use and every attempt')
            [CompletionResult]::new('--no-input', '--no-input', [CompletionResultType]::ParameterName, 'Never prompt (the default in CI and without a terminal)')
            [CompletionResult]::new('--sandbox', '--sandbox', [CompletionResultType]::ParameterName, 'Practise without an API key [env: LESSONSPACE_SANDBOX=1]')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            break
        }
        'lessonspace;link' {
            [CompletionResult]::new('--qr', '--qr', [CompletionResultType]::ParameterName, 'Print the link as a QR code, in the terminal or as an SVG image (--qr=svg)')
            [CompletionResult]::new('--json', '--json', [CompletionResultType]::ParameterName, 'Print the link''s token as JSON; errors go to standard error as JSON lines')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            break
        }
        'lessonspace;login' {
            [CompletionResult]::new('--profile', '--profile', [CompletionResultType]::ParameterName, 'Use the key and settings of this profile [env: LESSONSPACE_PROFILE]')
            [CompletionResult]::new('--api-url', '--api-url', [CompletionResultType]::ParameterName, 'URL of the API [env: LESSONSPACE_API_URL] [default: https://api.thelessonspace.com/v2/]')
            [CompletionResult]::new('--api-key-file', '--api-key-file', [CompletionResultType]::ParameterName, 'Read the API key from a file (- for standard input) instead of prompting')
            [CompletionResult]::new('--timeout', '--timeout', [CompletionResultType]::ParameterName, 'Time limit for each request, retries included [default: 60s]')
            [CompletionResult]::new('--json', '--json', [CompletionResultType]::ParameterName, 'Print what was saved and where as JSON; messages go to standard error as JSON lines')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Print only warnings and errors')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Print only warnings and errors')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Show the settings in use and every attempt; never a key')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Show the settings in use and every attempt; never a key')
            [CompletionResult]::new('--no-input', '--no-input', [CompletionResultType]::ParameterName, 'Never prompt (the default in CI and without a terminal)')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            break
        }
        'lessonspace;logout' {
            [CompletionResult]::new('--profile', '--profile', [CompletionResultType]::ParameterName, 'Profile to remove the key from [env: LESSONSPACE_PROFILE] [default: default]')
            [CompletionResult]::new('--json', '--json', [CompletionResultType]::ParameterName, 'Print what was removed and where as JSON; messages go to standard error as JSON lines')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Print only warnings and errors')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Print only warnings and errors')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help')
            break
        }
        'lessonspace;sandbox' {
            [CompletionResult]::new('--port', '--port', [CompletionResultType]::ParameterName, 'Port on 127.0.0.1; 0 picks a free one')
            [CompletionResult]::new('--rate', '--rate', [CompletionResultType]::ParameterName, 'Requests per second allowed for each key; 0 means no limit')
            [CompletionResult]::new('--fail', '--fail', [CompletionResultType]::ParameterName, 'Make requests fail, such as 429@7,500@12,drop@20')
            [CompletionResult]::new('--webhook-url', '--webhook-url', [CompletionResultType]::ParameterName, 'Send every event to this URL too, in addition to each Space''s webhooks')
            [CompletionResult]::new('--json', '--json', [CompletionResultType]::ParameterName, 'Print the address and key as JSON; errors go to standard error as JSON lines')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Do not show requests and webhooks')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Do not show requests and webhooks')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            break
        }
        'lessonspace;webhook' {
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help')
            [CompletionResult]::new('verify', 'verify', [CompletionResultType]::ParameterValue, 'Check that a webhook was signed with the Space''s secret')
            [CompletionResult]::new('help', 'help', [CompletionResultType]::ParameterValue, 'Print this message or the help of the given subcommand(s)')
            break
        }
        'lessonspace;webhook;verify' {
            [CompletionResult]::new('--signature', '--signature', [CompletionResultType]::ParameterName, 'Value of the x-webhook-signature header, in hex or base64')
            [CompletionResult]::new('--body-file', '--body-file', [CompletionResultType]::ParameterName, 'File with the webhook body, exactly as received, up to 16 MiB (- for standard input) [default: -]')
            [CompletionResult]::new('--secret-file', '--secret-file', [CompletionResultType]::ParameterName, 'File with the Space''s secret (- for standard input)')
            [CompletionResult]::new('--json', '--json', [CompletionResultType]::ParameterName, 'Print the result as JSON; errors go to standard error as JSON lines')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Print nothing if the signature matches')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Print nothing if the signature matches')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            break
        }
        'lessonspace;webhook;help' {
            [CompletionResult]::new('verify', 'verify', [CompletionResultType]::ParameterValue, 'Check that a webhook was signed with the Space''s secret')
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
            [CompletionResult]::new('batch', 'batch', [CompletionResultType]::ParameterValue, 'Create join links for everyone in a roster (spreadsheet, CSV, export, calendar)')
            [CompletionResult]::new('handout', 'handout', [CompletionResultType]::ParameterValue, 'Turn a links file into printable cards or a calendar')
            [CompletionResult]::new('hello', 'hello', [CompletionResultType]::ParameterValue, 'Check that the API key works')
            [CompletionResult]::new('link', 'link', [CompletionResultType]::ParameterValue, 'Show who a join link is for and when it expires (works offline)')
            [CompletionResult]::new('login', 'login', [CompletionResultType]::ParameterValue, 'Check an API key and save it')
            [CompletionResult]::new('logout', 'logout', [CompletionResultType]::ParameterValue, 'Remove the saved API key')
            [CompletionResult]::new('sandbox', 'sandbox', [CompletionResultType]::ParameterValue, 'Run a practice API on this computer')
            [CompletionResult]::new('webhook', 'webhook', [CompletionResultType]::ParameterValue, 'Verify webhook signatures')
            [CompletionResult]::new('completions', 'completions', [CompletionResultType]::ParameterValue, 'Print a tab-completion script for your shell')
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
            [CompletionResult]::new('verify', 'verify', [CompletionResultType]::ParameterValue, 'Check that a webhook was signed with the Space''s secret')
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
