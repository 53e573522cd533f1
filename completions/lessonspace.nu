module completions {

  # Launch Lessonspace online classrooms: create or open a Space and print a join link
  export extern lessonspace [
    --help(-h)                # Print help
    --version(-V)             # Print version
  ]

  def "nu-complete lessonspace launch expect" [] {
    [ "created" "existing" ]
  }

  # Create or open a Space and print a join link
  export extern "lessonspace launch" [
    --id: string              # The Space's id: 1 to 64 characters of your choosing, never cut or changed; the same id is the same Space
    --file: path              # A JSON object with any fields of a Launch body; - is standard input. Comments and trailing commas are fine; --set and flags win over it
    --set: string             # Set any field, such as --set user.role=student or --set features.chat.enabled=false. Known fields get the right type; others are read as JSON, else as text
    --strict                  # Refuse unknown fields, instead of sending them with a warning
    --dry-run                 # Print the body that would be sent and send nothing; needs no key
    --user-id: string         # Your own id for the person
    --user-name: string       # The person's name
    --user-email: string      # The person's e-mail address; ties the link to the Lessonspace account of that address
    --role: string            # The person's role: teacher, student or admin
    --leader: string          # The person leads: invites, ends the session, controls others' audio and video
    --display-name: string    # Shown in the Space instead of the name
    --guest                   # Make a guest link, for nobody in particular
    --feature: string         # Turn a feature on or off for this link, such as --feature chat.enabled=off
    --not-before: string      # The link works from this time: 2026-12-01T14:00:00Z, "2026-12-01 14:00" or now
    --not-after: string       # The link works until this time, at most 7 days after its start
    --valid-for: string       # How long the link works, from --not-before or from now: 90m, 2h, 1h30m or 7d
    --time-zone: string       # The time zone of times that name none, such as Europe/London [default: the profile's, else this computer's]
    --kick-on-expiry: string  # Also remove the person from the Space when the link ends
    --invite-url: string      # What the "invite others" button shows
    --space-name: string      # The name that people see [default: the id]
    --record-av: string       # Record audio and video
    --record-content: string  # Record the boards' content
    --transcribe: string      # Transcribe; needs --record-av
    --summarise: string       # Summarise; needs --record-av and --transcribe
    --allow-guests: string    # Let guests in through the invite page
    --webhook: string         # Call a URL on an event, such as session.start=https://example.org/hook; a group such as session sets all its events, an empty URL removes one. The API replaces all earlier webhooks of the Space by those sent
    --expect: string@"nu-complete lessonspace launch expect" # Exit with code 8 if the outcome is another one; the link is printed all the same
    --open                    # Also open the link in the browser, never in CI. The link, a credential, is then visible in the list of processes for a moment
    --copy                    # Also put the link on the clipboard, never in CI
    --github-output           # For GitHub Actions: mask the link in the log, and write client_url, room_id and created to the file named by $GITHUB_OUTPUT
    --json                    # Print the full answer as JSON; messages become JSON lines on standard error
    --field: string           # Print only this field of the answer, raw, such as room_id, room_settings.transcribe or created
    --quiet(-q)               # Show warnings and errors only
    --verbose(-v)             # Show which key and settings are used, and each attempt and wait; never a key or a link
    --no-input                # Never ask questions; implied when CI is set or there is no terminal
    --profile: string         # Which organisation's settings to use [env: LESSONSPACE_PROFILE] [default: default]
    --api-key-file: path      # Read the API key from a file; - is standard input [env: LESSONSPACE_API_KEY_FILE]
    --api-url: string         # The API's address [env: LESSONSPACE_API_URL] [default: https://api.thelessonspace.com/v2/]
    --sandbox                 # Talk to the built-in practice API: no key needed, nothing leaves this computer [env: LESSONSPACE_SANDBOX=1]
    --timeout: string         # The longest that one call may take, retries included [default: 60s]
    --help(-h)                # Print help (see more with '--help')
  ]

  def "nu-complete lessonspace add-user expect" [] {
    [ "created" "existing" ]
  }

  # Print a join link for another person in a Space
  export extern "lessonspace add-user" [
    --id: string              # The Space's id: 1 to 64 characters of your choosing, never cut or changed; the same id is the same Space
    --file: path              # A JSON object with any fields of a Launch body; - is standard input. Comments and trailing commas are fine; --set and flags win over it
    --set: string             # Set any field, such as --set user.role=student or --set features.chat.enabled=false. Known fields get the right type; others are read as JSON, else as text
    --strict                  # Refuse unknown fields, instead of sending them with a warning
    --dry-run                 # Print the body that would be sent and send nothing; needs no key
    --user-id: string         # Your own id for the person
    --user-name: string       # The person's name
    --user-email: string      # The person's e-mail address; ties the link to the Lessonspace account of that address
    --role: string            # The person's role: teacher, student or admin
    --leader: string          # The person leads: invites, ends the session, controls others' audio and video
    --display-name: string    # Shown in the Space instead of the name
    --guest                   # Make a guest link, for nobody in particular
    --feature: string         # Turn a feature on or off for this link, such as --feature chat.enabled=off
    --not-before: string      # The link works from this time: 2026-12-01T14:00:00Z, "2026-12-01 14:00" or now
    --not-after: string       # The link works until this time, at most 7 days after its start
    --valid-for: string       # How long the link works, from --not-before or from now: 90m, 2h, 1h30m or 7d
    --time-zone: string       # The time zone of times that name none, such as Europe/London [default: the profile's, else this computer's]
    --kick-on-expiry: string  # Also remove the person from the Space when the link ends
    --invite-url: string      # What the "invite others" button shows
    --expect: string@"nu-complete lessonspace add-user expect" # Exit with code 8 if the outcome is another one; the link is printed all the same
    --open                    # Also open the link in the browser, never in CI. The link, a credential, is then visible in the list of processes for a moment
    --copy                    # Also put the link on the clipboard, never in CI
    --github-output           # For GitHub Actions: mask the link in the log, and write client_url, room_id and created to the file named by $GITHUB_OUTPUT
    --json                    # Print the full answer as JSON; messages become JSON lines on standard error
    --field: string           # Print only this field of the answer, raw, such as room_id, room_settings.transcribe or created
    --quiet(-q)               # Show warnings and errors only
    --verbose(-v)             # Show which key and settings are used, and each attempt and wait; never a key or a link
    --no-input                # Never ask questions; implied when CI is set or there is no terminal
    --profile: string         # Which organisation's settings to use [env: LESSONSPACE_PROFILE] [default: default]
    --api-key-file: path      # Read the API key from a file; - is standard input [env: LESSONSPACE_API_KEY_FILE]
    --api-url: string         # The API's address [env: LESSONSPACE_API_URL] [default: https://api.thelessonspace.com/v2/]
    --sandbox                 # Talk to the built-in practice API: no key needed, nothing leaves this computer [env: LESSONSPACE_SANDBOX=1]
    --timeout: string         # The longest that one call may take, retries included [default: 60s]
    --help(-h)                # Print help (see more with '--help')
  ]

  def "nu-complete lessonspace batch format" [] {
    [ "csv" "jsonl" "xlsx" ]
  }

  def "nu-complete lessonspace batch dates" [] {
    [ "dmy" "mdy" ]
  }

  # Make a link for each row of a roster: a spreadsheet, CSV or JSON
  export extern "lessonspace batch" [
    --output(-o): path        # Write the roster with everybody's link to this file, a workbook if it is .xlsx; LINKS.journal beside it is the record
    --resume                  # Go on with an earlier run: send what is missing or failed, and renew links that have expired
    --force                   # Start over, and replace LINKS and its journal
    --min-valid: string       # With --resume: also renew links that expire within this time, less than 7d
    --rate: string            # Requests a second, retries included; 0 is as fast as it goes [default: 4]
    --format: string@"nu-complete lessonspace batch format" # The roster's format [default: by its extension]
    --encoding: string        # The roster's encoding, such as windows-1252 [default: UTF-8 or UTF-16, as detected]
    --sheet: string           # The sheet of the workbook [default: the first with rows]
    --header: string          # The line of the header [default: the first of 20 rows with a column for the id]
    --map: string             # A field made from columns, such as --map 'user name={First name} {Last name}'; write {{ for a brace
    --recipe: path            # A TOML file that says how the roster is read, and may make several people from one row
    --shorten-ids             # Give ids of more than 64 characters a short form, always the same
    --dates: string@"nu-complete lessonspace batch dates" # How to read dates such as 01/12/2026: day first or month first
    --template                # Print an empty roster and do nothing else; with --recipe, one for that recipe
    --file: path              # A JSON object that every row starts from
    --set: string             # Set a field of every row, such as --set user.role=student; a row's own cell wins
    --strict                  # Refuse unknown fields, instead of sending them with a warning
    --dry-run                 # Check everything, print one body a line and send nothing; needs no key and no -o
    --user-id: string         # Your own id for the person
    --user-name: string       # The person's name
    --user-email: string      # The person's e-mail address; ties the link to the Lessonspace account of that address
    --role: string            # The person's role: teacher, student or admin
    --leader: string          # The person leads: invites, ends the session, controls others' audio and video
    --display-name: string    # Shown in the Space instead of the name
    --guest                   # Make a guest link, for nobody in particular
    --feature: string         # Turn a feature on or off for this link, such as --feature chat.enabled=off
    --not-before: string      # The link works from this time: 2026-12-01T14:00:00Z, "2026-12-01 14:00" or now
    --not-after: string       # The link works until this time, at most 7 days after its start
    --valid-for: string       # How long the link works, from --not-before or from now: 90m, 2h, 1h30m or 7d
    --time-zone: string       # The time zone of times that name none, such as Europe/London [default: the profile's, else this computer's]
    --kick-on-expiry: string  # Also remove the person from the Space when the link ends
    --invite-url: string      # What the "invite others" button shows
    --space-name: string      # The name that people see [default: the id]
    --record-av: string       # Record audio and video
    --record-content: string  # Record the boards' content
    --transcribe: string      # Transcribe; needs --record-av
    --summarise: string       # Summarise; needs --record-av and --transcribe
    --allow-guests: string    # Let guests in through the invite page
    --webhook: string         # Call a URL on an event, such as session.start=https://example.org/hook; a group such as session sets all its events, an empty URL removes one. The API replaces all earlier webhooks of the Space by those sent
    --quiet(-q)               # Show warnings and errors only
    --verbose(-v)             # Show which key and settings are used, and each attempt and wait; never a key or a link
    --no-input                # Never ask questions; implied when CI is set or there is no terminal
    --profile: string         # Which organisation's settings to use [env: LESSONSPACE_PROFILE] [default: default]
    --api-key-file: path      # Read the API key from a file; - is standard input [env: LESSONSPACE_API_KEY_FILE]
    --api-url: string         # The API's address [env: LESSONSPACE_API_URL] [default: https://api.thelessonspace.com/v2/]
    --sandbox                 # Talk to the built-in practice API: no key needed, nothing leaves this computer [env: LESSONSPACE_SANDBOX=1]
    --timeout: string         # The longest that one call may take, retries included [default: 60s]
    --json                    # Print the summary as JSON; messages become JSON lines on standard error
    --help(-h)                # Print help (see more with '--help')
    roster?: path             # The roster: a spreadsheet (.xlsx, .ods, .xls), CSV, or JSON, one Launch body an object; - is standard input
  ]

  # Turn the links of a batch into a page to print, or into a calendar
  export extern "lessonspace handout" [
    --output(-o): path        # The file to make: .html for a page to print, .ics for a calendar
    --title: string           # The title of the page or calendar, and the name of the only Space if LINKS has none for it [default: the Space's name, if there is only one]
    --time-zone: string       # The time zone that times are shown in [default: this computer's]
    --compact                 # Do not begin a new sheet of paper for each Space
    --force                   # Replace FILE if it exists
    --json                    # Print a summary as JSON; errors become JSON lines on standard error
    --quiet(-q)               # Show warnings and errors only
    --help(-h)                # Print help
    links?: path              # The links file that batch wrote with -o: .csv, .jsonl or .xlsx; - is standard input
  ]

  # Check that the API key works
  export extern "lessonspace hello" [
    --json                    # Print the full answer as JSON; messages become JSON lines on standard error
    --quiet(-q)               # Show warnings and errors only
    --verbose(-v)             # Show which key and settings are used, and each attempt and wait; never a key or a link
    --no-input                # Never ask questions; implied when CI is set or there is no terminal
    --profile: string         # Which organisation's settings to use [env: LESSONSPACE_PROFILE] [default: default]
    --api-key-file: path      # Read the API key from a file; - is standard input [env: LESSONSPACE_API_KEY_FILE]
    --api-url: string         # The API's address [env: LESSONSPACE_API_URL] [default: https://api.thelessonspace.com/v2/]
    --sandbox                 # Talk to the built-in practice API: no key needed, nothing leaves this computer [env: LESSONSPACE_SANDBOX=1]
    --timeout: string         # The longest that one call may take, retries included [default: 60s]
    --field: string           # Print only this field of the answer, raw: response or attempts
    --help(-h)                # Print help
  ]

  def "nu-complete lessonspace link qr" [] {
    [ "terminal" "svg" ]
  }

  # Read a join link, offline: whose it is, and until when it works
  export extern "lessonspace link" [
    --json                    # Print the claims of the link's token as JSON; errors become JSON lines on standard error
    --qr: string@"nu-complete lessonspace link qr" # Print the link as a QR code instead: in the terminal, or with --qr=svg as an image. At a terminal it is drawn white on black, even with NO_COLOR, so that it scans on any background
    --help(-h)                # Print help (see more with '--help')
    link: string              # The join link; - reads it from standard input, where nobody else sees it
  ]

  # Check an API key and save it
  export extern "lessonspace login" [
    --profile: string         # Which organisation's settings to use [env: LESSONSPACE_PROFILE] [default: default]
    --api-url: string         # The API's address [env: LESSONSPACE_API_URL] [default: https://api.thelessonspace.com/v2/]
    --timeout: string         # The longest that one call may take, retries included [default: 60s]
    --json                    # Print what was saved, and where, as JSON; messages become JSON lines on standard error
    --quiet(-q)               # Show warnings and errors only
    --verbose(-v)             # Show which settings are used, and each attempt and wait; never a key
    --no-input                # Never ask questions; implied when CI is set or there is no terminal
    --api-key-file: path      # Read the API key from a file, instead of asking for it; - is standard input
    --help(-h)                # Print help
  ]

  # Remove the saved API key
  export extern "lessonspace logout" [
    --profile: string         # Whose key to remove [env: LESSONSPACE_PROFILE] [default: default]
    --json                    # Print what was removed, and where, as JSON; messages become JSON lines on standard error
    --quiet(-q)               # Show warnings and errors only
    --help(-h)                # Print help
  ]

  # Serve a practice API on this computer until Ctrl-C
  export extern "lessonspace sandbox" [
    --port: string            # The port on 127.0.0.1; 0 takes a free one
    --rate: string            # How many requests a second each key may make; 0 for no limit
    --fail: string            # Which requests fail, and how: 429@7 is the 7th request answered with 429, drop@20 the 20th carried out but never answered
    --webhook-url: string     # Also send every event to this URL, besides the webhooks of each Space
    --json                    # Print address and key as JSON; errors become JSON lines on standard error
    --quiet(-q)               # Do not show requests and deliveries
    --help(-h)                # Print help
  ]

  # Verify a webhook's signature
  export extern "lessonspace webhook" [
    --help(-h)                # Print help
  ]

  # Check that a delivery was signed with the Space's secret
  export extern "lessonspace webhook verify" [
    --signature: string       # The x-webhook-signature header: hex or base64, with or without sha256= before it
    --body-file: path         # The delivery's body, byte for byte as it came, at most 16 MiB; - is standard input [default: -]
    --secret-file: path       # A file with the Space's secret, which launch prints with --field secret; - is standard input [env: LESSONSPACE_WEBHOOK_SECRET holds the secret itself]
    --json                    # Print the verdict as JSON; errors become JSON lines on standard error
    --quiet(-q)               # Say nothing when the signature matches
    --help(-h)                # Print help
  ]

  # Print this message or the help of the given subcommand(s)
  export extern "lessonspace webhook help" [
  ]

  # Check that a delivery was signed with the Space's secret
  export extern "lessonspace webhook help verify" [
  ]

  # Print this message or the help of the given subcommand(s)
  export extern "lessonspace webhook help help" [
  ]

  def "nu-complete lessonspace completions shell" [] {
    [ "bash" "elvish" "fish" "nushell" "powershell" "zsh" ]
  }

  # Print tab completion for a shell
  export extern "lessonspace completions" [
    --help(-h)                # Print help (see more with '--help')
    shell: string@"nu-complete lessonspace completions shell" # The shell to print tab completion for
  ]

  # Print this message or the help of the given subcommand(s)
  export extern "lessonspace help" [
  ]

  # Create or open a Space and print a join link
  export extern "lessonspace help launch" [
  ]

  # Print a join link for another person in a Space
  export extern "lessonspace help add-user" [
  ]

  # Make a link for each row of a roster: a spreadsheet, CSV or JSON
  export extern "lessonspace help batch" [
  ]

  # Turn the links of a batch into a page to print, or into a calendar
  export extern "lessonspace help handout" [
  ]

  # Check that the API key works
  export extern "lessonspace help hello" [
  ]

  # Read a join link, offline: whose it is, and until when it works
  export extern "lessonspace help link" [
  ]

  # Check an API key and save it
  export extern "lessonspace help login" [
  ]

  # Remove the saved API key
  export extern "lessonspace help logout" [
  ]

  # Serve a practice API on this computer until Ctrl-C
  export extern "lessonspace help sandbox" [
  ]

  # Verify a webhook's signature
  export extern "lessonspace help webhook" [
  ]

  # Check that a delivery was signed with the Space's secret
  export extern "lessonspace help webhook verify" [
  ]

  # Print tab completion for a shell
  export extern "lessonspace help completions" [
  ]

  # Print this message or the help of the given subcommand(s)
  export extern "lessonspace help help" [
  ]

}

export use completions *
