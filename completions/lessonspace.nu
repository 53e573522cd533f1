module completions {

  # Launch Lessonspace online classrooms: create or open a Space and print a join link
  export extern lessonspace [
    --help(-h)                # Print help (see more with '--help')
    --version(-V)             # Print version
  ]

  def "nu-complete lessonspace launch role" [] {
    [ "teacher" "student" "admin" ]
  }

  def "nu-complete lessonspace launch feature" [] {
    [ "apps.enabled" "apps.dice" "apps.calculator" "apps.graphingCalculator" "apps.sharedVideo" "av.enabled" "av.screenShare" "av.publishing" "av.layoutModes" "av.directLeaderUnmute" "chat.enabled" "options.fullscreen" "options.profanityFilter" "reactions.emojis" "import.zip" "breakouts.enabled" "people.invite" "whiteboard.equations" "whiteboard.infiniteToggle" "chat" "timer" "invite" "endSession" "participants" "fullscreen" "tabContextMenu" "importZip" "importPdf" "exportZip" "tabDownload" "emojis" "profanityFilter" "hideTabbar" "hideToolbar" "lobby" "avPublishing" ]
  }

  def "nu-complete lessonspace launch time_zone" [] {
    [ "Africa/Abidjan" "Africa/Accra" "Africa/Addis_Ababa" "Africa/Algiers" "Africa/Asmara" "Africa/Asmera" "Africa/Bamako" "Africa/Bangui" "Africa/Banjul" "Africa/Bissau" "Africa/Blantyre" "Africa/Brazzaville" "Africa/Bujumbura" "Africa/Cairo" "Africa/Casablanca" "Africa/Ceuta" "Africa/Conakry" "Africa/Dakar" "Africa/Dar_es_Salaam" "Africa/Djibouti" "Africa/Douala" "Africa/El_Aaiun" "Africa/Freetown" "Africa/Gaborone" "Africa/Harare" "Africa/Johannesburg" "Africa/Juba" "Africa/Kampala" "Africa/Khartoum" "Africa/Kigali" "Africa/Kinshasa" "Africa/Lagos" "Africa/Libreville" "Africa/Lome" "Africa/Luanda" "Africa/Lubumbashi" "Africa/Lusaka" "Africa/Malabo" "Africa/Maputo" "Africa/Maseru" "Africa/Mbabane" "Africa/Mogadishu" "Africa/Monrovia" "Africa/Nairobi" "Africa/Ndjamena" "Africa/Niamey" "Africa/Nouakchott" "Africa/Ouagadougou" "Africa/Porto-Novo" "Africa/Sao_Tome" "Africa/Timbuktu" "Africa/Tripoli" "Africa/Tunis" "Africa/Windhoek" "America/Adak" "America/Anchorage" "America/Anguilla" "America/Antigua" "America/Araguaina" "America/Argentina/Buenos_Aires" "America/Argentina/Catamarca" "America/Argentina/ComodRivadavia" "America/Argentina/Cordoba" "America/Argentina/Jujuy" "America/Argentina/La_Rioja" "America/Argentina/Mendoza" "America/Argentina/Rio_Gallegos" "America/Argentina/Salta" "America/Argentina/San_Juan" "America/Argentina/San_Luis" "America/Argentina/Tucuman" "America/Argentina/Ushuaia" "America/Aruba" "America/Asuncion" "America/Atikokan" "America/Atka" "America/Bahia" "America/Bahia_Banderas" "America/Barbados" "America/Belem" "America/Belize" "America/Blanc-Sablon" "America/Boa_Vista" "America/Bogota" "America/Boise" "America/Buenos_Aires" "America/Cambridge_Bay" "America/Campo_Grande" "America/Cancun" "America/Caracas" "America/Catamarca" "America/Cayenne" "America/Cayman" "America/Chicago" "America/Chihuahua" "America/Ciudad_Juarez" "America/Coral_Harbour" "America/Cordoba" "America/Costa_Rica" "America/Coyhaique" "America/Creston" "America/Cuiaba" "America/Curacao" "America/Danmarkshavn" "America/Dawson" "America/Dawson_Creek" "America/Denver" "America/Detroit" "America/Dominica" "America/Edmonton" "America/Eirunepe" "America/El_Salvador" "America/Ensenada" "America/Fort_Nelson" "America/Fort_Wayne" "America/Fortaleza" "America/Glace_Bay" "America/Godthab" "America/Goose_Bay" "America/Grand_Turk" "America/Grenada" "America/Guadeloupe" "America/Guatemala" "America/Guayaquil" "America/Guyana" "America/Halifax" "America/Havana" "America/Hermosillo" "America/Indiana/Indianapolis" "America/Indiana/Knox" "America/Indiana/Marengo" "America/Indiana/Petersburg" "America/Indiana/Tell_City" "America/Indiana/Vevay" "America/Indiana/Vincennes" "America/Indiana/Winamac" "America/Indianapolis" "America/Inuvik" "America/Iqaluit" "America/Jamaica" "America/Jujuy" "America/Juneau" "America/Kentucky/Louisville" "America/Kentucky/Monticello" "America/Knox_IN" "America/Kralendijk" "America/La_Paz" "America/Lima" "America/Los_Angeles" "America/Louisville" "America/Lower_Princes" "America/Maceio" "America/Managua" "America/Manaus" "America/Marigot" "America/Martinique" "America/Matamoros" "America/Mazatlan" "America/Mendoza" "America/Menominee" "America/Merida" "America/Metlakatla" "America/Mexico_City" "America/Miquelon" "America/Moncton" "America/Monterrey" "America/Montevideo" "America/Montreal" "America/Montserrat" "America/Nassau" "America/New_York" "America/Nipigon" "America/Nome" "America/Noronha" "America/North_Dakota/Beulah" "America/North_Dakota/Center" "America/North_Dakota/New_Salem" "America/Nuuk" "America/Ojinaga" "America/Panama" "America/Pangnirtung" "America/Paramaribo" "America/Phoenix" "America/Port-au-Prince" "America/Port_of_Spain" "America/Porto_Acre" "America/Porto_Velho" "America/Puerto_Rico" "America/Punta_Arenas" "America/Rainy_River" "America/Rankin_Inlet" "America/Recife" "America/Regina" "America/Resolute" "America/Rio_Branco" "America/Rosario" "America/Santa_Isabel" "America/Santarem" "America/Santiago" "America/Santo_Domingo" "America/Sao_Paulo" "America/Scoresbysund" "America/Shiprock" "America/Sitka" "America/St_Barthelemy" "America/St_Johns" "America/St_Kitts" "America/St_Lucia" "America/St_Thomas" "America/St_Vincent" "America/Swift_Current" "America/Tegucigalpa" "America/Thule" "America/Thunder_Bay" "America/Tijuana" "America/Toronto" "America/Tortola" "America/Vancouver" "America/Virgin" "America/Whitehorse" "America/Winnipeg" "America/Yakutat" "America/Yellowknife" "Antarctica/Casey" "Antarctica/Davis" "Antarctica/DumontDUrville" "Antarctica/Macquarie" "Antarctica/Mawson" "Antarctica/McMurdo" "Antarctica/Palmer" "Antarctica/Rothera" "Antarctica/South_Pole" "Antarctica/Syowa" "Antarctica/Troll" "Antarctica/Vostok" "Arctic/Longyearbyen" "Asia/Aden" "Asia/Almaty" "Asia/Amman" "Asia/Anadyr" "Asia/Aqtau" "Asia/Aqtobe" "Asia/Ashgabat" "Asia/Ashkhabad" "Asia/Atyrau" "Asia/Baghdad" "Asia/Bahrain" "Asia/Baku" "Asia/Bangkok" "Asia/Barnaul" "Asia/Beirut" "Asia/Bishkek" "Asia/Brunei" "Asia/Calcutta" "Asia/Chita" "Asia/Choibalsan" "Asia/Chongqing" "Asia/Chungking" "Asia/Colombo" "Asia/Dacca" "Asia/Damascus" "Asia/Dhaka" "Asia/Dili" "Asia/Dubai" "Asia/Dushanbe" "Asia/Famagusta" "Asia/Gaza" "Asia/Harbin" "Asia/Hebron" "Asia/Ho_Chi_Minh" "Asia/Hong_Kong" "Asia/Hovd" "Asia/Irkutsk" "Asia/Istanbul" "Asia/Jakarta" "Asia/Jayapura" "Asia/Jerusalem" "Asia/Kabul" "Asia/Kamchatka" "Asia/Karachi" "Asia/Kashgar" "Asia/Kathmandu" "Asia/Katmandu" "Asia/Khandyga" "Asia/Kolkata" "Asia/Krasnoyarsk" "Asia/Kuala_Lumpur" "Asia/Kuching" "Asia/Kuwait" "Asia/Macao" "Asia/Macau" "Asia/Magadan" "Asia/Makassar" "Asia/Manila" "Asia/Muscat" "Asia/Nicosia" "Asia/Novokuznetsk" "Asia/Novosibirsk" "Asia/Omsk" "Asia/Oral" "Asia/Phnom_Penh" "Asia/Pontianak" "Asia/Pyongyang" "Asia/Qatar" "Asia/Qostanay" "Asia/Qyzylorda" "Asia/Rangoon" "Asia/Riyadh" "Asia/Saigon" "Asia/Sakhalin" "Asia/Samarkand" "Asia/Seoul" "Asia/Shanghai" "Asia/Singapore" "Asia/Srednekolymsk" "Asia/Taipei" "Asia/Tashkent" "Asia/Tbilisi" "Asia/Tehran" "Asia/Tel_Aviv" "Asia/Thimbu" "Asia/Thimphu" "Asia/Tokyo" "Asia/Tomsk" "Asia/Ujung_Pandang" "Asia/Ulaanbaatar" "Asia/Ulan_Bator" "Asia/Urumqi" "Asia/Ust-Nera" "Asia/Vientiane" "Asia/Vladivostok" "Asia/Yakutsk" "Asia/Yangon" "Asia/Yekaterinburg" "Asia/Yerevan" "Atlantic/Azores" "Atlantic/Bermuda" "Atlantic/Canary" "Atlantic/Cape_Verde" "Atlantic/Faeroe" "Atlantic/Faroe" "Atlantic/Jan_Mayen" "Atlantic/Madeira" "Atlantic/Reykjavik" "Atlantic/South_Georgia" "Atlantic/St_Helena" "Atlantic/Stanley" "Australia/ACT" "Australia/Adelaide" "Australia/Brisbane" "Australia/Broken_Hill" "Australia/Canberra" "Australia/Currie" "Australia/Darwin" "Australia/Eucla" "Australia/Hobart" "Australia/LHI" "Australia/Lindeman" "Australia/Lord_Howe" "Australia/Melbourne" "Australia/NSW" "Australia/North" "Australia/Perth" "Australia/Queensland" "Australia/South" "Australia/Sydney" "Australia/Tasmania" "Australia/Victoria" "Australia/West" "Australia/Yancowinna" "Europe/Amsterdam" "Europe/Andorra" "Europe/Astrakhan" "Europe/Athens" "Europe/Belfast" "Europe/Belgrade" "Europe/Berlin" "Europe/Bratislava" "Europe/Brussels" "Europe/Bucharest" "Europe/Budapest" "Europe/Busingen" "Europe/Chisinau" "Europe/Copenhagen" "Europe/Dublin" "Europe/Gibraltar" "Europe/Guernsey" "Europe/Helsinki" "Europe/Isle_of_Man" "Europe/Istanbul" "Europe/Jersey" "Europe/Kaliningrad" "Europe/Kiev" "Europe/Kirov" "Europe/Kyiv" "Europe/Lisbon" "Europe/Ljubljana" "Europe/London" "Europe/Luxembourg" "Europe/Madrid" "Europe/Malta" "Europe/Mariehamn" "Europe/Minsk" "Europe/Monaco" "Europe/Moscow" "Europe/Nicosia" "Europe/Oslo" "Europe/Paris" "Europe/Podgorica" "Europe/Prague" "Europe/Riga" "Europe/Rome" "Europe/Samara" "Europe/San_Marino" "Europe/Sarajevo" "Europe/Saratov" "Europe/Simferopol" "Europe/Skopje" "Europe/Sofia" "Europe/Stockholm" "Europe/Tallinn" "Europe/Tirane" "Europe/Tiraspol" "Europe/Ulyanovsk" "Europe/Uzhgorod" "Europe/Vaduz" "Europe/Vatican" "Europe/Vienna" "Europe/Vilnius" "Europe/Volgograd" "Europe/Warsaw" "Europe/Zagreb" "Europe/Zaporozhye" "Europe/Zurich" "Indian/Antananarivo" "Indian/Chagos" "Indian/Christmas" "Indian/Cocos" "Indian/Comoro" "Indian/Kerguelen" "Indian/Mahe" "Indian/Maldives" "Indian/Mauritius" "Indian/Mayotte" "Indian/Reunion" "Pacific/Apia" "Pacific/Auckland" "Pacific/Bougainville" "Pacific/Chatham" "Pacific/Chuuk" "Pacific/Easter" "Pacific/Efate" "Pacific/Enderbury" "Pacific/Fakaofo" "Pacific/Fiji" "Pacific/Funafuti" "Pacific/Galapagos" "Pacific/Gambier" "Pacific/Guadalcanal" "Pacific/Guam" "Pacific/Honolulu" "Pacific/Johnston" "Pacific/Kanton" "Pacific/Kiritimati" "Pacific/Kosrae" "Pacific/Kwajalein" "Pacific/Majuro" "Pacific/Marquesas" "Pacific/Midway" "Pacific/Nauru" "Pacific/Niue" "Pacific/Norfolk" "Pacific/Noumea" "Pacific/Pago_Pago" "Pacific/Palau" "Pacific/Pitcairn" "Pacific/Pohnpei" "Pacific/Ponape" "Pacific/Port_Moresby" "Pacific/Rarotonga" "Pacific/Saipan" "Pacific/Samoa" "Pacific/Tahiti" "Pacific/Tarawa" "Pacific/Tongatapu" "Pacific/Truk" "Pacific/Wake" "Pacific/Wallis" "Pacific/Yap" "UTC" ]
  }

  def "nu-complete lessonspace launch webhook" [] {
    [ "session.start=" "session.end=" "session.idle=" "user.join=" "user.leave=" "user.idle=" "chat.message=" "cobrowser.start=" "cobrowser.stop=" "transcription.finish=" "knock.request=" "knock.admit=" "knock.deny=" "summary.finish=" ]
  }

  def "nu-complete lessonspace launch expect" [] {
    [ "created" "existing" ]
  }

  # Create or open a Space and print a join link
  export extern "lessonspace launch" [
    --id: string              # Id of the Space: you choose it, up to 64 characters
    --file: path              # Read the request from a JSON file (- for standard input)
    --set: string             # Set any field, such as --set user.role=student
    --strict                  # Fail on unknown fields instead of sending them with a warning
    --dry-run                 # Print the request without sending it (needs no API key)
    --user-id: string         # Your id for this person, such as a student number
    --user-name: string       # Name of the person
    --user-email: string      # Email address of the person
    --role: string@"nu-complete lessonspace launch role" # Role: teacher, student or admin
    --leader: string          # Make this person a leader
    --display-name: string    # Name shown in the Space, if different
    --guest                   # Create a guest link, not tied to a person
    --feature: string@"nu-complete lessonspace launch feature" # Turn a feature on or off for this link, such as --feature chat.enabled=off
    --lesson-time: string     # Start and end of the lesson, such as "2026-12-01 14:00-14:45"
    --not-before: string      # Start of the lesson time: "2026-12-01 14:00", 2026-12-01T14:00:00Z or now
    --not-after: string       # End of the lesson time, at most 7 days after the start
    --valid-for: string       # Length of the lesson time, such as 90m, 2h or 7d
    --time-zone: string@"nu-complete lessonspace launch time_zone" # Time zone for the lesson time, such as Europe/London
    --kick-on-expiry: string  # Remove the person from the Space when the link expires
    --invite-url: string      # Address that the "invite others" button shows
    --space-name: string      # Name of the Space, shown to everyone in it [default: the id]
    --record-av: string       # Record audio and video
    --record-content: string  # Record the whiteboards
    --transcribe: string      # Transcribe the audio (requires --record-av)
    --summarise: string       # Write a summary (requires --record-av and --transcribe)
    --allow-guests: string    # Let guests in through the invite page
    --webhook: string@"nu-complete lessonspace launch webhook" # Call a URL when an event happens, such as session.start=https://example.org/hook
    --expect: string@"nu-complete lessonspace launch expect" # Exit 8 if the result differs; the link is still printed
    --open                    # Open the link in your browser (not in CI)
    --copy                    # Copy the link to the clipboard (not in CI)
    --github-output           # For GitHub Actions: mask the link in the log and set outputs
    --json                    # Print the full response as JSON; messages go to standard error as JSON lines
    --field: string           # Print one field of the response, such as room_id or created (repeatable)
    --quiet(-q)               # Print only warnings and errors
    --verbose(-v)             # Show the key's source, the settings in use and every attempt
    --no-input                # Never prompt (the default in CI and without a terminal)
    --profile: string         # Use the key and settings of this profile [env: LESSONSPACE_PROFILE]
    --api-key-file: path      # Read the API key from a file (- for standard input) [env: LESSONSPACE_API_KEY_FILE]
    --api-url: string         # URL of the API [env: LESSONSPACE_API_URL] [default: https://api.thelessonspace.com/v2/]
    --sandbox                 # Practise without an API key [env: LESSONSPACE_SANDBOX=1]
    --timeout: string         # Time limit for each launch, retries included [default: 60s]
    --help(-h)                # Print help (see more with '--help')
  ]

  def "nu-complete lessonspace add-user role" [] {
    [ "teacher" "student" "admin" ]
  }

  def "nu-complete lessonspace add-user feature" [] {
    [ "apps.enabled" "apps.dice" "apps.calculator" "apps.graphingCalculator" "apps.sharedVideo" "av.enabled" "av.screenShare" "av.publishing" "av.layoutModes" "av.directLeaderUnmute" "chat.enabled" "options.fullscreen" "options.profanityFilter" "reactions.emojis" "import.zip" "breakouts.enabled" "people.invite" "whiteboard.equations" "whiteboard.infiniteToggle" "chat" "timer" "invite" "endSession" "participants" "fullscreen" "tabContextMenu" "importZip" "importPdf" "exportZip" "tabDownload" "emojis" "profanityFilter" "hideTabbar" "hideToolbar" "lobby" "avPublishing" ]
  }

  def "nu-complete lessonspace add-user time_zone" [] {
    [ "Africa/Abidjan" "Africa/Accra" "Africa/Addis_Ababa" "Africa/Algiers" "Africa/Asmara" "Africa/Asmera" "Africa/Bamako" "Africa/Bangui" "Africa/Banjul" "Africa/Bissau" "Africa/Blantyre" "Africa/Brazzaville" "Africa/Bujumbura" "Africa/Cairo" "Africa/Casablanca" "Africa/Ceuta" "Africa/Conakry" "Africa/Dakar" "Africa/Dar_es_Salaam" "Africa/Djibouti" "Africa/Douala" "Africa/El_Aaiun" "Africa/Freetown" "Africa/Gaborone" "Africa/Harare" "Africa/Johannesburg" "Africa/Juba" "Africa/Kampala" "Africa/Khartoum" "Africa/Kigali" "Africa/Kinshasa" "Africa/Lagos" "Africa/Libreville" "Africa/Lome" "Africa/Luanda" "Africa/Lubumbashi" "Africa/Lusaka" "Africa/Malabo" "Africa/Maputo" "Africa/Maseru" "Africa/Mbabane" "Africa/Mogadishu" "Africa/Monrovia" "Africa/Nairobi" "Africa/Ndjamena" "Africa/Niamey" "Africa/Nouakchott" "Africa/Ouagadougou" "Africa/Porto-Novo" "Africa/Sao_Tome" "Africa/Timbuktu" "Africa/Tripoli" "Africa/Tunis" "Africa/Windhoek" "America/Adak" "America/Anchorage" "America/Anguilla" "America/Antigua" "America/Araguaina" "America/Argentina/Buenos_Aires" "America/Argentina/Catamarca" "America/Argentina/ComodRivadavia" "America/Argentina/Cordoba" "America/Argentina/Jujuy" "America/Argentina/La_Rioja" "America/Argentina/Mendoza" "America/Argentina/Rio_Gallegos" "America/Argentina/Salta" "America/Argentina/San_Juan" "America/Argentina/San_Luis" "America/Argentina/Tucuman" "America/Argentina/Ushuaia" "America/Aruba" "America/Asuncion" "America/Atikokan" "America/Atka" "America/Bahia" "America/Bahia_Banderas" "America/Barbados" "America/Belem" "America/Belize" "America/Blanc-Sablon" "America/Boa_Vista" "America/Bogota" "America/Boise" "America/Buenos_Aires" "America/Cambridge_Bay" "America/Campo_Grande" "America/Cancun" "America/Caracas" "America/Catamarca" "America/Cayenne" "America/Cayman" "America/Chicago" "America/Chihuahua" "America/Ciudad_Juarez" "America/Coral_Harbour" "America/Cordoba" "America/Costa_Rica" "America/Coyhaique" "America/Creston" "America/Cuiaba" "America/Curacao" "America/Danmarkshavn" "America/Dawson" "America/Dawson_Creek" "America/Denver" "America/Detroit" "America/Dominica" "America/Edmonton" "America/Eirunepe" "America/El_Salvador" "America/Ensenada" "America/Fort_Nelson" "America/Fort_Wayne" "America/Fortaleza" "America/Glace_Bay" "America/Godthab" "America/Goose_Bay" "America/Grand_Turk" "America/Grenada" "America/Guadeloupe" "America/Guatemala" "America/Guayaquil" "America/Guyana" "America/Halifax" "America/Havana" "America/Hermosillo" "America/Indiana/Indianapolis" "America/Indiana/Knox" "America/Indiana/Marengo" "America/Indiana/Petersburg" "America/Indiana/Tell_City" "America/Indiana/Vevay" "America/Indiana/Vincennes" "America/Indiana/Winamac" "America/Indianapolis" "America/Inuvik" "America/Iqaluit" "America/Jamaica" "America/Jujuy" "America/Juneau" "America/Kentucky/Louisville" "America/Kentucky/Monticello" "America/Knox_IN" "America/Kralendijk" "America/La_Paz" "America/Lima" "America/Los_Angeles" "America/Louisville" "America/Lower_Princes" "America/Maceio" "America/Managua" "America/Manaus" "America/Marigot" "America/Martinique" "America/Matamoros" "America/Mazatlan" "America/Mendoza" "America/Menominee" "America/Merida" "America/Metlakatla" "America/Mexico_City" "America/Miquelon" "America/Moncton" "America/Monterrey" "America/Montevideo" "America/Montreal" "America/Montserrat" "America/Nassau" "America/New_York" "America/Nipigon" "America/Nome" "America/Noronha" "America/North_Dakota/Beulah" "America/North_Dakota/Center" "America/North_Dakota/New_Salem" "America/Nuuk" "America/Ojinaga" "America/Panama" "America/Pangnirtung" "America/Paramaribo" "America/Phoenix" "America/Port-au-Prince" "America/Port_of_Spain" "America/Porto_Acre" "America/Porto_Velho" "America/Puerto_Rico" "America/Punta_Arenas" "America/Rainy_River" "America/Rankin_Inlet" "America/Recife" "America/Regina" "America/Resolute" "America/Rio_Branco" "America/Rosario" "America/Santa_Isabel" "America/Santarem" "America/Santiago" "America/Santo_Domingo" "America/Sao_Paulo" "America/Scoresbysund" "America/Shiprock" "America/Sitka" "America/St_Barthelemy" "America/St_Johns" "America/St_Kitts" "America/St_Lucia" "America/St_Thomas" "America/St_Vincent" "America/Swift_Current" "America/Tegucigalpa" "America/Thule" "America/Thunder_Bay" "America/Tijuana" "America/Toronto" "America/Tortola" "America/Vancouver" "America/Virgin" "America/Whitehorse" "America/Winnipeg" "America/Yakutat" "America/Yellowknife" "Antarctica/Casey" "Antarctica/Davis" "Antarctica/DumontDUrville" "Antarctica/Macquarie" "Antarctica/Mawson" "Antarctica/McMurdo" "Antarctica/Palmer" "Antarctica/Rothera" "Antarctica/South_Pole" "Antarctica/Syowa" "Antarctica/Troll" "Antarctica/Vostok" "Arctic/Longyearbyen" "Asia/Aden" "Asia/Almaty" "Asia/Amman" "Asia/Anadyr" "Asia/Aqtau" "Asia/Aqtobe" "Asia/Ashgabat" "Asia/Ashkhabad" "Asia/Atyrau" "Asia/Baghdad" "Asia/Bahrain" "Asia/Baku" "Asia/Bangkok" "Asia/Barnaul" "Asia/Beirut" "Asia/Bishkek" "Asia/Brunei" "Asia/Calcutta" "Asia/Chita" "Asia/Choibalsan" "Asia/Chongqing" "Asia/Chungking" "Asia/Colombo" "Asia/Dacca" "Asia/Damascus" "Asia/Dhaka" "Asia/Dili" "Asia/Dubai" "Asia/Dushanbe" "Asia/Famagusta" "Asia/Gaza" "Asia/Harbin" "Asia/Hebron" "Asia/Ho_Chi_Minh" "Asia/Hong_Kong" "Asia/Hovd" "Asia/Irkutsk" "Asia/Istanbul" "Asia/Jakarta" "Asia/Jayapura" "Asia/Jerusalem" "Asia/Kabul" "Asia/Kamchatka" "Asia/Karachi" "Asia/Kashgar" "Asia/Kathmandu" "Asia/Katmandu" "Asia/Khandyga" "Asia/Kolkata" "Asia/Krasnoyarsk" "Asia/Kuala_Lumpur" "Asia/Kuching" "Asia/Kuwait" "Asia/Macao" "Asia/Macau" "Asia/Magadan" "Asia/Makassar" "Asia/Manila" "Asia/Muscat" "Asia/Nicosia" "Asia/Novokuznetsk" "Asia/Novosibirsk" "Asia/Omsk" "Asia/Oral" "Asia/Phnom_Penh" "Asia/Pontianak" "Asia/Pyongyang" "Asia/Qatar" "Asia/Qostanay" "Asia/Qyzylorda" "Asia/Rangoon" "Asia/Riyadh" "Asia/Saigon" "Asia/Sakhalin" "Asia/Samarkand" "Asia/Seoul" "Asia/Shanghai" "Asia/Singapore" "Asia/Srednekolymsk" "Asia/Taipei" "Asia/Tashkent" "Asia/Tbilisi" "Asia/Tehran" "Asia/Tel_Aviv" "Asia/Thimbu" "Asia/Thimphu" "Asia/Tokyo" "Asia/Tomsk" "Asia/Ujung_Pandang" "Asia/Ulaanbaatar" "Asia/Ulan_Bator" "Asia/Urumqi" "Asia/Ust-Nera" "Asia/Vientiane" "Asia/Vladivostok" "Asia/Yakutsk" "Asia/Yangon" "Asia/Yekaterinburg" "Asia/Yerevan" "Atlantic/Azores" "Atlantic/Bermuda" "Atlantic/Canary" "Atlantic/Cape_Verde" "Atlantic/Faeroe" "Atlantic/Faroe" "Atlantic/Jan_Mayen" "Atlantic/Madeira" "Atlantic/Reykjavik" "Atlantic/South_Georgia" "Atlantic/St_Helena" "Atlantic/Stanley" "Australia/ACT" "Australia/Adelaide" "Australia/Brisbane" "Australia/Broken_Hill" "Australia/Canberra" "Australia/Currie" "Australia/Darwin" "Australia/Eucla" "Australia/Hobart" "Australia/LHI" "Australia/Lindeman" "Australia/Lord_Howe" "Australia/Melbourne" "Australia/NSW" "Australia/North" "Australia/Perth" "Australia/Queensland" "Australia/South" "Australia/Sydney" "Australia/Tasmania" "Australia/Victoria" "Australia/West" "Australia/Yancowinna" "Europe/Amsterdam" "Europe/Andorra" "Europe/Astrakhan" "Europe/Athens" "Europe/Belfast" "Europe/Belgrade" "Europe/Berlin" "Europe/Bratislava" "Europe/Brussels" "Europe/Bucharest" "Europe/Budapest" "Europe/Busingen" "Europe/Chisinau" "Europe/Copenhagen" "Europe/Dublin" "Europe/Gibraltar" "Europe/Guernsey" "Europe/Helsinki" "Europe/Isle_of_Man" "Europe/Istanbul" "Europe/Jersey" "Europe/Kaliningrad" "Europe/Kiev" "Europe/Kirov" "Europe/Kyiv" "Europe/Lisbon" "Europe/Ljubljana" "Europe/London" "Europe/Luxembourg" "Europe/Madrid" "Europe/Malta" "Europe/Mariehamn" "Europe/Minsk" "Europe/Monaco" "Europe/Moscow" "Europe/Nicosia" "Europe/Oslo" "Europe/Paris" "Europe/Podgorica" "Europe/Prague" "Europe/Riga" "Europe/Rome" "Europe/Samara" "Europe/San_Marino" "Europe/Sarajevo" "Europe/Saratov" "Europe/Simferopol" "Europe/Skopje" "Europe/Sofia" "Europe/Stockholm" "Europe/Tallinn" "Europe/Tirane" "Europe/Tiraspol" "Europe/Ulyanovsk" "Europe/Uzhgorod" "Europe/Vaduz" "Europe/Vatican" "Europe/Vienna" "Europe/Vilnius" "Europe/Volgograd" "Europe/Warsaw" "Europe/Zagreb" "Europe/Zaporozhye" "Europe/Zurich" "Indian/Antananarivo" "Indian/Chagos" "Indian/Christmas" "Indian/Cocos" "Indian/Comoro" "Indian/Kerguelen" "Indian/Mahe" "Indian/Maldives" "Indian/Mauritius" "Indian/Mayotte" "Indian/Reunion" "Pacific/Apia" "Pacific/Auckland" "Pacific/Bougainville" "Pacific/Chatham" "Pacific/Chuuk" "Pacific/Easter" "Pacific/Efate" "Pacific/Enderbury" "Pacific/Fakaofo" "Pacific/Fiji" "Pacific/Funafuti" "Pacific/Galapagos" "Pacific/Gambier" "Pacific/Guadalcanal" "Pacific/Guam" "Pacific/Honolulu" "Pacific/Johnston" "Pacific/Kanton" "Pacific/Kiritimati" "Pacific/Kosrae" "Pacific/Kwajalein" "Pacific/Majuro" "Pacific/Marquesas" "Pacific/Midway" "Pacific/Nauru" "Pacific/Niue" "Pacific/Norfolk" "Pacific/Noumea" "Pacific/Pago_Pago" "Pacific/Palau" "Pacific/Pitcairn" "Pacific/Pohnpei" "Pacific/Ponape" "Pacific/Port_Moresby" "Pacific/Rarotonga" "Pacific/Saipan" "Pacific/Samoa" "Pacific/Tahiti" "Pacific/Tarawa" "Pacific/Tongatapu" "Pacific/Truk" "Pacific/Wake" "Pacific/Wallis" "Pacific/Yap" "UTC" ]
  }

  def "nu-complete lessonspace add-user expect" [] {
    [ "created" "existing" ]
  }

  # Print a join link for another person in a Space
  export extern "lessonspace add-user" [
    --id: string              # Id of the Space: you choose it, up to 64 characters
    --file: path              # Read the request from a JSON file (- for standard input)
    --set: string             # Set any field, such as --set user.role=student
    --strict                  # Fail on unknown fields instead of sending them with a warning
    --dry-run                 # Print the request without sending it (needs no API key)
    --user-id: string         # Your id for this person, such as a student number
    --user-name: string       # Name of the person
    --user-email: string      # Email address of the person
    --role: string@"nu-complete lessonspace add-user role" # Role: teacher, student or admin
    --leader: string          # Make this person a leader
    --display-name: string    # Name shown in the Space, if different
    --guest                   # Create a guest link, not tied to a person
    --feature: string@"nu-complete lessonspace add-user feature" # Turn a feature on or off for this link, such as --feature chat.enabled=off
    --lesson-time: string     # Start and end of the lesson, such as "2026-12-01 14:00-14:45"
    --not-before: string      # Start of the lesson time: "2026-12-01 14:00", 2026-12-01T14:00:00Z or now
    --not-after: string       # End of the lesson time, at most 7 days after the start
    --valid-for: string       # Length of the lesson time, such as 90m, 2h or 7d
    --time-zone: string@"nu-complete lessonspace add-user time_zone" # Time zone for the lesson time, such as Europe/London
    --kick-on-expiry: string  # Remove the person from the Space when the link expires
    --invite-url: string      # Address that the "invite others" button shows
    --expect: string@"nu-complete lessonspace add-user expect" # Exit 8 if the result differs; the link is still printed
    --open                    # Open the link in your browser (not in CI)
    --copy                    # Copy the link to the clipboard (not in CI)
    --github-output           # For GitHub Actions: mask the link in the log and set outputs
    --json                    # Print the full response as JSON; messages go to standard error as JSON lines
    --field: string           # Print one field of the response, such as room_id or created (repeatable)
    --quiet(-q)               # Print only warnings and errors
    --verbose(-v)             # Show the key's source, the settings in use and every attempt
    --no-input                # Never prompt (the default in CI and without a terminal)
    --profile: string         # Use the key and settings of this profile [env: LESSONSPACE_PROFILE]
    --api-key-file: path      # Read the API key from a file (- for standard input) [env: LESSONSPACE_API_KEY_FILE]
    --api-url: string         # URL of the API [env: LESSONSPACE_API_URL] [default: https://api.thelessonspace.com/v2/]
    --sandbox                 # Practise without an API key [env: LESSONSPACE_SANDBOX=1]
    --timeout: string         # Time limit for each launch, retries included [default: 60s]
    --help(-h)                # Print help (see more with '--help')
  ]

  def "nu-complete lessonspace batch format" [] {
    [ "csv" "jsonl" "xlsx" ]
  }

  def "nu-complete lessonspace batch hidden" [] {
    [ "include" "skip" ]
  }

  def "nu-complete lessonspace batch dates" [] {
    [ "dmy" "mdy" ]
  }

  def "nu-complete lessonspace batch from" [] {
    [ "oneroster" "sds" "ics" ]
  }

  def "nu-complete lessonspace batch role" [] {
    [ "teacher" "student" "admin" ]
  }

  def "nu-complete lessonspace batch time_zone" [] {
    [ "Africa/Abidjan" "Africa/Accra" "Africa/Addis_Ababa" "Africa/Algiers" "Africa/Asmara" "Africa/Asmera" "Africa/Bamako" "Africa/Bangui" "Africa/Banjul" "Africa/Bissau" "Africa/Blantyre" "Africa/Brazzaville" "Africa/Bujumbura" "Africa/Cairo" "Africa/Casablanca" "Africa/Ceuta" "Africa/Conakry" "Africa/Dakar" "Africa/Dar_es_Salaam" "Africa/Djibouti" "Africa/Douala" "Africa/El_Aaiun" "Africa/Freetown" "Africa/Gaborone" "Africa/Harare" "Africa/Johannesburg" "Africa/Juba" "Africa/Kampala" "Africa/Khartoum" "Africa/Kigali" "Africa/Kinshasa" "Africa/Lagos" "Africa/Libreville" "Africa/Lome" "Africa/Luanda" "Africa/Lubumbashi" "Africa/Lusaka" "Africa/Malabo" "Africa/Maputo" "Africa/Maseru" "Africa/Mbabane" "Africa/Mogadishu" "Africa/Monrovia" "Africa/Nairobi" "Africa/Ndjamena" "Africa/Niamey" "Africa/Nouakchott" "Africa/Ouagadougou" "Africa/Porto-Novo" "Africa/Sao_Tome" "Africa/Timbuktu" "Africa/Tripoli" "Africa/Tunis" "Africa/Windhoek" "America/Adak" "America/Anchorage" "America/Anguilla" "America/Antigua" "America/Araguaina" "America/Argentina/Buenos_Aires" "America/Argentina/Catamarca" "America/Argentina/ComodRivadavia" "America/Argentina/Cordoba" "America/Argentina/Jujuy" "America/Argentina/La_Rioja" "America/Argentina/Mendoza" "America/Argentina/Rio_Gallegos" "America/Argentina/Salta" "America/Argentina/San_Juan" "America/Argentina/San_Luis" "America/Argentina/Tucuman" "America/Argentina/Ushuaia" "America/Aruba" "America/Asuncion" "America/Atikokan" "America/Atka" "America/Bahia" "America/Bahia_Banderas" "America/Barbados" "America/Belem" "America/Belize" "America/Blanc-Sablon" "America/Boa_Vista" "America/Bogota" "America/Boise" "America/Buenos_Aires" "America/Cambridge_Bay" "America/Campo_Grande" "America/Cancun" "America/Caracas" "America/Catamarca" "America/Cayenne" "America/Cayman" "America/Chicago" "America/Chihuahua" "America/Ciudad_Juarez" "America/Coral_Harbour" "America/Cordoba" "America/Costa_Rica" "America/Coyhaique" "America/Creston" "America/Cuiaba" "America/Curacao" "America/Danmarkshavn" "America/Dawson" "America/Dawson_Creek" "America/Denver" "America/Detroit" "America/Dominica" "America/Edmonton" "America/Eirunepe" "America/El_Salvador" "America/Ensenada" "America/Fort_Nelson" "America/Fort_Wayne" "America/Fortaleza" "America/Glace_Bay" "America/Godthab" "America/Goose_Bay" "America/Grand_Turk" "America/Grenada" "America/Guadeloupe" "America/Guatemala" "America/Guayaquil" "America/Guyana" "America/Halifax" "America/Havana" "America/Hermosillo" "America/Indiana/Indianapolis" "America/Indiana/Knox" "America/Indiana/Marengo" "America/Indiana/Petersburg" "America/Indiana/Tell_City" "America/Indiana/Vevay" "America/Indiana/Vincennes" "America/Indiana/Winamac" "America/Indianapolis" "America/Inuvik" "America/Iqaluit" "America/Jamaica" "America/Jujuy" "America/Juneau" "America/Kentucky/Louisville" "America/Kentucky/Monticello" "America/Knox_IN" "America/Kralendijk" "America/La_Paz" "America/Lima" "America/Los_Angeles" "America/Louisville" "America/Lower_Princes" "America/Maceio" "America/Managua" "America/Manaus" "America/Marigot" "America/Martinique" "America/Matamoros" "America/Mazatlan" "America/Mendoza" "America/Menominee" "America/Merida" "America/Metlakatla" "America/Mexico_City" "America/Miquelon" "America/Moncton" "America/Monterrey" "America/Montevideo" "America/Montreal" "America/Montserrat" "America/Nassau" "America/New_York" "America/Nipigon" "America/Nome" "America/Noronha" "America/North_Dakota/Beulah" "America/North_Dakota/Center" "America/North_Dakota/New_Salem" "America/Nuuk" "America/Ojinaga" "America/Panama" "America/Pangnirtung" "America/Paramaribo" "America/Phoenix" "America/Port-au-Prince" "America/Port_of_Spain" "America/Porto_Acre" "America/Porto_Velho" "America/Puerto_Rico" "America/Punta_Arenas" "America/Rainy_River" "America/Rankin_Inlet" "America/Recife" "America/Regina" "America/Resolute" "America/Rio_Branco" "America/Rosario" "America/Santa_Isabel" "America/Santarem" "America/Santiago" "America/Santo_Domingo" "America/Sao_Paulo" "America/Scoresbysund" "America/Shiprock" "America/Sitka" "America/St_Barthelemy" "America/St_Johns" "America/St_Kitts" "America/St_Lucia" "America/St_Thomas" "America/St_Vincent" "America/Swift_Current" "America/Tegucigalpa" "America/Thule" "America/Thunder_Bay" "America/Tijuana" "America/Toronto" "America/Tortola" "America/Vancouver" "America/Virgin" "America/Whitehorse" "America/Winnipeg" "America/Yakutat" "America/Yellowknife" "Antarctica/Casey" "Antarctica/Davis" "Antarctica/DumontDUrville" "Antarctica/Macquarie" "Antarctica/Mawson" "Antarctica/McMurdo" "Antarctica/Palmer" "Antarctica/Rothera" "Antarctica/South_Pole" "Antarctica/Syowa" "Antarctica/Troll" "Antarctica/Vostok" "Arctic/Longyearbyen" "Asia/Aden" "Asia/Almaty" "Asia/Amman" "Asia/Anadyr" "Asia/Aqtau" "Asia/Aqtobe" "Asia/Ashgabat" "Asia/Ashkhabad" "Asia/Atyrau" "Asia/Baghdad" "Asia/Bahrain" "Asia/Baku" "Asia/Bangkok" "Asia/Barnaul" "Asia/Beirut" "Asia/Bishkek" "Asia/Brunei" "Asia/Calcutta" "Asia/Chita" "Asia/Choibalsan" "Asia/Chongqing" "Asia/Chungking" "Asia/Colombo" "Asia/Dacca" "Asia/Damascus" "Asia/Dhaka" "Asia/Dili" "Asia/Dubai" "Asia/Dushanbe" "Asia/Famagusta" "Asia/Gaza" "Asia/Harbin" "Asia/Hebron" "Asia/Ho_Chi_Minh" "Asia/Hong_Kong" "Asia/Hovd" "Asia/Irkutsk" "Asia/Istanbul" "Asia/Jakarta" "Asia/Jayapura" "Asia/Jerusalem" "Asia/Kabul" "Asia/Kamchatka" "Asia/Karachi" "Asia/Kashgar" "Asia/Kathmandu" "Asia/Katmandu" "Asia/Khandyga" "Asia/Kolkata" "Asia/Krasnoyarsk" "Asia/Kuala_Lumpur" "Asia/Kuching" "Asia/Kuwait" "Asia/Macao" "Asia/Macau" "Asia/Magadan" "Asia/Makassar" "Asia/Manila" "Asia/Muscat" "Asia/Nicosia" "Asia/Novokuznetsk" "Asia/Novosibirsk" "Asia/Omsk" "Asia/Oral" "Asia/Phnom_Penh" "Asia/Pontianak" "Asia/Pyongyang" "Asia/Qatar" "Asia/Qostanay" "Asia/Qyzylorda" "Asia/Rangoon" "Asia/Riyadh" "Asia/Saigon" "Asia/Sakhalin" "Asia/Samarkand" "Asia/Seoul" "Asia/Shanghai" "Asia/Singapore" "Asia/Srednekolymsk" "Asia/Taipei" "Asia/Tashkent" "Asia/Tbilisi" "Asia/Tehran" "Asia/Tel_Aviv" "Asia/Thimbu" "Asia/Thimphu" "Asia/Tokyo" "Asia/Tomsk" "Asia/Ujung_Pandang" "Asia/Ulaanbaatar" "Asia/Ulan_Bator" "Asia/Urumqi" "Asia/Ust-Nera" "Asia/Vientiane" "Asia/Vladivostok" "Asia/Yakutsk" "Asia/Yangon" "Asia/Yekaterinburg" "Asia/Yerevan" "Atlantic/Azores" "Atlantic/Bermuda" "Atlantic/Canary" "Atlantic/Cape_Verde" "Atlantic/Faeroe" "Atlantic/Faroe" "Atlantic/Jan_Mayen" "Atlantic/Madeira" "Atlantic/Reykjavik" "Atlantic/South_Georgia" "Atlantic/St_Helena" "Atlantic/Stanley" "Australia/ACT" "Australia/Adelaide" "Australia/Brisbane" "Australia/Broken_Hill" "Australia/Canberra" "Australia/Currie" "Australia/Darwin" "Australia/Eucla" "Australia/Hobart" "Australia/LHI" "Australia/Lindeman" "Australia/Lord_Howe" "Australia/Melbourne" "Australia/NSW" "Australia/North" "Australia/Perth" "Australia/Queensland" "Australia/South" "Australia/Sydney" "Australia/Tasmania" "Australia/Victoria" "Australia/West" "Australia/Yancowinna" "Europe/Amsterdam" "Europe/Andorra" "Europe/Astrakhan" "Europe/Athens" "Europe/Belfast" "Europe/Belgrade" "Europe/Berlin" "Europe/Bratislava" "Europe/Brussels" "Europe/Bucharest" "Europe/Budapest" "Europe/Busingen" "Europe/Chisinau" "Europe/Copenhagen" "Europe/Dublin" "Europe/Gibraltar" "Europe/Guernsey" "Europe/Helsinki" "Europe/Isle_of_Man" "Europe/Istanbul" "Europe/Jersey" "Europe/Kaliningrad" "Europe/Kiev" "Europe/Kirov" "Europe/Kyiv" "Europe/Lisbon" "Europe/Ljubljana" "Europe/London" "Europe/Luxembourg" "Europe/Madrid" "Europe/Malta" "Europe/Mariehamn" "Europe/Minsk" "Europe/Monaco" "Europe/Moscow" "Europe/Nicosia" "Europe/Oslo" "Europe/Paris" "Europe/Podgorica" "Europe/Prague" "Europe/Riga" "Europe/Rome" "Europe/Samara" "Europe/San_Marino" "Europe/Sarajevo" "Europe/Saratov" "Europe/Simferopol" "Europe/Skopje" "Europe/Sofia" "Europe/Stockholm" "Europe/Tallinn" "Europe/Tirane" "Europe/Tiraspol" "Europe/Ulyanovsk" "Europe/Uzhgorod" "Europe/Vaduz" "Europe/Vatican" "Europe/Vienna" "Europe/Vilnius" "Europe/Volgograd" "Europe/Warsaw" "Europe/Zagreb" "Europe/Zaporozhye" "Europe/Zurich" "Indian/Antananarivo" "Indian/Chagos" "Indian/Christmas" "Indian/Cocos" "Indian/Comoro" "Indian/Kerguelen" "Indian/Mahe" "Indian/Maldives" "Indian/Mauritius" "Indian/Mayotte" "Indian/Reunion" "Pacific/Apia" "Pacific/Auckland" "Pacific/Bougainville" "Pacific/Chatham" "Pacific/Chuuk" "Pacific/Easter" "Pacific/Efate" "Pacific/Enderbury" "Pacific/Fakaofo" "Pacific/Fiji" "Pacific/Funafuti" "Pacific/Galapagos" "Pacific/Gambier" "Pacific/Guadalcanal" "Pacific/Guam" "Pacific/Honolulu" "Pacific/Johnston" "Pacific/Kanton" "Pacific/Kiritimati" "Pacific/Kosrae" "Pacific/Kwajalein" "Pacific/Majuro" "Pacific/Marquesas" "Pacific/Midway" "Pacific/Nauru" "Pacific/Niue" "Pacific/Norfolk" "Pacific/Noumea" "Pacific/Pago_Pago" "Pacific/Palau" "Pacific/Pitcairn" "Pacific/Pohnpei" "Pacific/Ponape" "Pacific/Port_Moresby" "Pacific/Rarotonga" "Pacific/Saipan" "Pacific/Samoa" "Pacific/Tahiti" "Pacific/Tarawa" "Pacific/Tongatapu" "Pacific/Truk" "Pacific/Wake" "Pacific/Wallis" "Pacific/Yap" "UTC" ]
  }

  def "nu-complete lessonspace batch webhook" [] {
    [ "session.start=" "session.end=" "session.idle=" "user.join=" "user.leave=" "user.idle=" "chat.message=" "cobrowser.start=" "cobrowser.stop=" "transcription.finish=" "knock.request=" "knock.admit=" "knock.deny=" "summary.finish=" ]
  }

  def "nu-complete lessonspace batch feature" [] {
    [ "apps.enabled" "apps.dice" "apps.calculator" "apps.graphingCalculator" "apps.sharedVideo" "av.enabled" "av.screenShare" "av.publishing" "av.layoutModes" "av.directLeaderUnmute" "chat.enabled" "options.fullscreen" "options.profanityFilter" "reactions.emojis" "import.zip" "breakouts.enabled" "people.invite" "whiteboard.equations" "whiteboard.infiniteToggle" "chat" "timer" "invite" "endSession" "participants" "fullscreen" "tabContextMenu" "importZip" "importPdf" "exportZip" "tabDownload" "emojis" "profanityFilter" "hideTabbar" "hideToolbar" "lobby" "avPublishing" ]
  }

  # Create join links for everyone in a roster (spreadsheet, CSV, export, calendar)
  export extern "lessonspace batch" [
    --output(-o): path        # Links file to write [default: NAME-links next to the roster]
    --resume                  # Resume or repeat: send missing and failed rows, renew expired links
    --force                   # Start over and replace LINKS and its journal
    --min-valid: string       # With --resume, renew links this long before they expire, such as 2d
    --dry-run                 # Check the whole roster and print the plan without sending anything
    --yes                     # Start without asking
    --rate: string            # Requests per second, retries included; 0 means no limit [default: 4]
    --max-wait: string        # How long to wait for a busy or unreachable API [default: 15m]
    --format: string@"nu-complete lessonspace batch format" # Format of the roster [default: from the file extension]
    --encoding: string        # Text encoding of the roster, such as windows-1252 [default: UTF-8 or UTF-16, detected]
    --sheet: string           # Sheet to read [default: the first visible sheet that is not empty]
    --all-sheets              # Read all sheets; in --map, {sheet} is the name of a row's sheet
    --header: string          # Line with the column names [default: found in the first 20 rows]
    --map: string             # Fill a column from your own columns, such as --map "id={Class}"
    --recipe: path            # Read column rules from a recipe (a TOML file)
    --only: string            # Include only rows with this value in this column
    --hidden: string@"nu-complete lessonspace batch hidden" # What to do with hidden and filtered rows (an error if not set)
    --shorten-ids             # Shorten Space ids over 64 characters
    --dates: string@"nu-complete lessonspace batch dates" # Order of day and month, as in 01/12/2026
    --week-of: string         # Week for weekdays such as "Tue 14:00": this, next or any date in that week
    --from: string@"nu-complete lessonspace batch from" # Kind of export [default: detected from its files]
    --on: string              # Date on which enrolments must be current, or first day to read from a calendar [default: today]
    --days: string            # Number of days to read from a calendar [default: 14]
    --skip-broken             # Skip and count broken rows in an export, such as rows with an unknown class
    --template                # Print an empty roster to fill in
    --example: directory      # Write example rosters and recipes into a new folder
    --file: path              # Default values for every row, from a JSON file
    --set: string             # Set a default for every row, such as --set user.role=student
    --strict                  # Fail on unknown fields instead of sending them with a warning
    --user-id: string         # Your id for this person, such as a student number
    --user-name: string       # Name of the person
    --user-email: string      # Email address of the person
    --role: string@"nu-complete lessonspace batch role" # Role: teacher, student or admin
    --display-name: string    # Name shown in the Space, if different
    --not-after: string       # End of the lesson time, at most 7 days after the start
    --valid-for: string       # Length of the lesson time, such as 90m, 2h or 7d
    --time-zone: string@"nu-complete lessonspace batch time_zone" # Time zone for the lesson time, such as Europe/London
    --kick-on-expiry: string  # Remove the person from the Space when the link expires
    --invite-url: string      # Address that the "invite others" button shows
    --space-name: string      # Name of the Space, shown to everyone in it [default: the id]
    --record-av: string       # Record audio and video
    --record-content: string  # Record the whiteboards
    --transcribe: string      # Transcribe the audio (requires --record-av)
    --summarise: string       # Write a summary (requires --record-av and --transcribe)
    --allow-guests: string    # Let guests in through the invite page
    --webhook: string@"nu-complete lessonspace batch webhook" # Call a URL when an event happens, such as session.start=https://example.org/hook
    --quiet(-q)               # Print only warnings and errors
    --verbose(-v)             # Show the key's source, the settings in use and every attempt
    --no-input                # Never prompt (the default in CI and without a terminal)
    --profile: string         # Use the key and settings of this profile [env: LESSONSPACE_PROFILE]
    --api-key-file: path      # Read the API key from a file (- for standard input) [env: LESSONSPACE_API_KEY_FILE]
    --api-url: string         # URL of the API [env: LESSONSPACE_API_URL] [default: https://api.thelessonspace.com/v2/]
    --sandbox                 # Practise without an API key [env: LESSONSPACE_SANDBOX=1]
    --timeout: string         # Time limit for each launch, retries included [default: 60s]
    --json                    # Print the summary as JSON; messages go to standard error as JSON lines
    --guest                   # Create guest links for rows without a person
    --leader: string          # Make everyone a leader unless their row says otherwise
    --feature: string@"nu-complete lessonspace batch feature" # Turn a feature on or off in every link, such as --feature chat.enabled=off
    --lesson-time: string     # Start and end of the lesson, such as "2026-12-01 14:00-14:45"
    --not-before: string      # Start of the lesson time: "2026-12-01 14:00", 2026-12-01T14:00:00Z or now
    --help(-h)                # Print help (see more with '--help')
    roster?: path             # Roster: a spreadsheet, CSV, JSON, a school export or a calendar (- for standard input)
  ]

  def "nu-complete lessonspace handout each" [] {
    [ "person" "space" ]
  }

  def "nu-complete lessonspace handout format" [] {
    [ "html" "ics" ]
  }

  def "nu-complete lessonspace handout time_zone" [] {
    [ "Africa/Abidjan" "Africa/Accra" "Africa/Addis_Ababa" "Africa/Algiers" "Africa/Asmara" "Africa/Asmera" "Africa/Bamako" "Africa/Bangui" "Africa/Banjul" "Africa/Bissau" "Africa/Blantyre" "Africa/Brazzaville" "Africa/Bujumbura" "Africa/Cairo" "Africa/Casablanca" "Africa/Ceuta" "Africa/Conakry" "Africa/Dakar" "Africa/Dar_es_Salaam" "Africa/Djibouti" "Africa/Douala" "Africa/El_Aaiun" "Africa/Freetown" "Africa/Gaborone" "Africa/Harare" "Africa/Johannesburg" "Africa/Juba" "Africa/Kampala" "Africa/Khartoum" "Africa/Kigali" "Africa/Kinshasa" "Africa/Lagos" "Africa/Libreville" "Africa/Lome" "Africa/Luanda" "Africa/Lubumbashi" "Africa/Lusaka" "Africa/Malabo" "Africa/Maputo" "Africa/Maseru" "Africa/Mbabane" "Africa/Mogadishu" "Africa/Monrovia" "Africa/Nairobi" "Africa/Ndjamena" "Africa/Niamey" "Africa/Nouakchott" "Africa/Ouagadougou" "Africa/Porto-Novo" "Africa/Sao_Tome" "Africa/Timbuktu" "Africa/Tripoli" "Africa/Tunis" "Africa/Windhoek" "America/Adak" "America/Anchorage" "America/Anguilla" "America/Antigua" "America/Araguaina" "America/Argentina/Buenos_Aires" "America/Argentina/Catamarca" "America/Argentina/ComodRivadavia" "America/Argentina/Cordoba" "America/Argentina/Jujuy" "America/Argentina/La_Rioja" "America/Argentina/Mendoza" "America/Argentina/Rio_Gallegos" "America/Argentina/Salta" "America/Argentina/San_Juan" "America/Argentina/San_Luis" "America/Argentina/Tucuman" "America/Argentina/Ushuaia" "America/Aruba" "America/Asuncion" "America/Atikokan" "America/Atka" "America/Bahia" "America/Bahia_Banderas" "America/Barbados" "America/Belem" "America/Belize" "America/Blanc-Sablon" "America/Boa_Vista" "America/Bogota" "America/Boise" "America/Buenos_Aires" "America/Cambridge_Bay" "America/Campo_Grande" "America/Cancun" "America/Caracas" "America/Catamarca" "America/Cayenne" "America/Cayman" "America/Chicago" "America/Chihuahua" "America/Ciudad_Juarez" "America/Coral_Harbour" "America/Cordoba" "America/Costa_Rica" "America/Coyhaique" "America/Creston" "America/Cuiaba" "America/Curacao" "America/Danmarkshavn" "America/Dawson" "America/Dawson_Creek" "America/Denver" "America/Detroit" "America/Dominica" "America/Edmonton" "America/Eirunepe" "America/El_Salvador" "America/Ensenada" "America/Fort_Nelson" "America/Fort_Wayne" "America/Fortaleza" "America/Glace_Bay" "America/Godthab" "America/Goose_Bay" "America/Grand_Turk" "America/Grenada" "America/Guadeloupe" "America/Guatemala" "America/Guayaquil" "America/Guyana" "America/Halifax" "America/Havana" "America/Hermosillo" "America/Indiana/Indianapolis" "America/Indiana/Knox" "America/Indiana/Marengo" "America/Indiana/Petersburg" "America/Indiana/Tell_City" "America/Indiana/Vevay" "America/Indiana/Vincennes" "America/Indiana/Winamac" "America/Indianapolis" "America/Inuvik" "America/Iqaluit" "America/Jamaica" "America/Jujuy" "America/Juneau" "America/Kentucky/Louisville" "America/Kentucky/Monticello" "America/Knox_IN" "America/Kralendijk" "America/La_Paz" "America/Lima" "America/Los_Angeles" "America/Louisville" "America/Lower_Princes" "America/Maceio" "America/Managua" "America/Manaus" "America/Marigot" "America/Martinique" "America/Matamoros" "America/Mazatlan" "America/Mendoza" "America/Menominee" "America/Merida" "America/Metlakatla" "America/Mexico_City" "America/Miquelon" "America/Moncton" "America/Monterrey" "America/Montevideo" "America/Montreal" "America/Montserrat" "America/Nassau" "America/New_York" "America/Nipigon" "America/Nome" "America/Noronha" "America/North_Dakota/Beulah" "America/North_Dakota/Center" "America/North_Dakota/New_Salem" "America/Nuuk" "America/Ojinaga" "America/Panama" "America/Pangnirtung" "America/Paramaribo" "America/Phoenix" "America/Port-au-Prince" "America/Port_of_Spain" "America/Porto_Acre" "America/Porto_Velho" "America/Puerto_Rico" "America/Punta_Arenas" "America/Rainy_River" "America/Rankin_Inlet" "America/Recife" "America/Regina" "America/Resolute" "America/Rio_Branco" "America/Rosario" "America/Santa_Isabel" "America/Santarem" "America/Santiago" "America/Santo_Domingo" "America/Sao_Paulo" "America/Scoresbysund" "America/Shiprock" "America/Sitka" "America/St_Barthelemy" "America/St_Johns" "America/St_Kitts" "America/St_Lucia" "America/St_Thomas" "America/St_Vincent" "America/Swift_Current" "America/Tegucigalpa" "America/Thule" "America/Thunder_Bay" "America/Tijuana" "America/Toronto" "America/Tortola" "America/Vancouver" "America/Virgin" "America/Whitehorse" "America/Winnipeg" "America/Yakutat" "America/Yellowknife" "Antarctica/Casey" "Antarctica/Davis" "Antarctica/DumontDUrville" "Antarctica/Macquarie" "Antarctica/Mawson" "Antarctica/McMurdo" "Antarctica/Palmer" "Antarctica/Rothera" "Antarctica/South_Pole" "Antarctica/Syowa" "Antarctica/Troll" "Antarctica/Vostok" "Arctic/Longyearbyen" "Asia/Aden" "Asia/Almaty" "Asia/Amman" "Asia/Anadyr" "Asia/Aqtau" "Asia/Aqtobe" "Asia/Ashgabat" "Asia/Ashkhabad" "Asia/Atyrau" "Asia/Baghdad" "Asia/Bahrain" "Asia/Baku" "Asia/Bangkok" "Asia/Barnaul" "Asia/Beirut" "Asia/Bishkek" "Asia/Brunei" "Asia/Calcutta" "Asia/Chita" "Asia/Choibalsan" "Asia/Chongqing" "Asia/Chungking" "Asia/Colombo" "Asia/Dacca" "Asia/Damascus" "Asia/Dhaka" "Asia/Dili" "Asia/Dubai" "Asia/Dushanbe" "Asia/Famagusta" "Asia/Gaza" "Asia/Harbin" "Asia/Hebron" "Asia/Ho_Chi_Minh" "Asia/Hong_Kong" "Asia/Hovd" "Asia/Irkutsk" "Asia/Istanbul" "Asia/Jakarta" "Asia/Jayapura" "Asia/Jerusalem" "Asia/Kabul" "Asia/Kamchatka" "Asia/Karachi" "Asia/Kashgar" "Asia/Kathmandu" "Asia/Katmandu" "Asia/Khandyga" "Asia/Kolkata" "Asia/Krasnoyarsk" "Asia/Kuala_Lumpur" "Asia/Kuching" "Asia/Kuwait" "Asia/Macao" "Asia/Macau" "Asia/Magadan" "Asia/Makassar" "Asia/Manila" "Asia/Muscat" "Asia/Nicosia" "Asia/Novokuznetsk" "Asia/Novosibirsk" "Asia/Omsk" "Asia/Oral" "Asia/Phnom_Penh" "Asia/Pontianak" "Asia/Pyongyang" "Asia/Qatar" "Asia/Qostanay" "Asia/Qyzylorda" "Asia/Rangoon" "Asia/Riyadh" "Asia/Saigon" "Asia/Sakhalin" "Asia/Samarkand" "Asia/Seoul" "Asia/Shanghai" "Asia/Singapore" "Asia/Srednekolymsk" "Asia/Taipei" "Asia/Tashkent" "Asia/Tbilisi" "Asia/Tehran" "Asia/Tel_Aviv" "Asia/Thimbu" "Asia/Thimphu" "Asia/Tokyo" "Asia/Tomsk" "Asia/Ujung_Pandang" "Asia/Ulaanbaatar" "Asia/Ulan_Bator" "Asia/Urumqi" "Asia/Ust-Nera" "Asia/Vientiane" "Asia/Vladivostok" "Asia/Yakutsk" "Asia/Yangon" "Asia/Yekaterinburg" "Asia/Yerevan" "Atlantic/Azores" "Atlantic/Bermuda" "Atlantic/Canary" "Atlantic/Cape_Verde" "Atlantic/Faeroe" "Atlantic/Faroe" "Atlantic/Jan_Mayen" "Atlantic/Madeira" "Atlantic/Reykjavik" "Atlantic/South_Georgia" "Atlantic/St_Helena" "Atlantic/Stanley" "Australia/ACT" "Australia/Adelaide" "Australia/Brisbane" "Australia/Broken_Hill" "Australia/Canberra" "Australia/Currie" "Australia/Darwin" "Australia/Eucla" "Australia/Hobart" "Australia/LHI" "Australia/Lindeman" "Australia/Lord_Howe" "Australia/Melbourne" "Australia/NSW" "Australia/North" "Australia/Perth" "Australia/Queensland" "Australia/South" "Australia/Sydney" "Australia/Tasmania" "Australia/Victoria" "Australia/West" "Australia/Yancowinna" "Europe/Amsterdam" "Europe/Andorra" "Europe/Astrakhan" "Europe/Athens" "Europe/Belfast" "Europe/Belgrade" "Europe/Berlin" "Europe/Bratislava" "Europe/Brussels" "Europe/Bucharest" "Europe/Budapest" "Europe/Busingen" "Europe/Chisinau" "Europe/Copenhagen" "Europe/Dublin" "Europe/Gibraltar" "Europe/Guernsey" "Europe/Helsinki" "Europe/Isle_of_Man" "Europe/Istanbul" "Europe/Jersey" "Europe/Kaliningrad" "Europe/Kiev" "Europe/Kirov" "Europe/Kyiv" "Europe/Lisbon" "Europe/Ljubljana" "Europe/London" "Europe/Luxembourg" "Europe/Madrid" "Europe/Malta" "Europe/Mariehamn" "Europe/Minsk" "Europe/Monaco" "Europe/Moscow" "Europe/Nicosia" "Europe/Oslo" "Europe/Paris" "Europe/Podgorica" "Europe/Prague" "Europe/Riga" "Europe/Rome" "Europe/Samara" "Europe/San_Marino" "Europe/Sarajevo" "Europe/Saratov" "Europe/Simferopol" "Europe/Skopje" "Europe/Sofia" "Europe/Stockholm" "Europe/Tallinn" "Europe/Tirane" "Europe/Tiraspol" "Europe/Ulyanovsk" "Europe/Uzhgorod" "Europe/Vaduz" "Europe/Vatican" "Europe/Vienna" "Europe/Vilnius" "Europe/Volgograd" "Europe/Warsaw" "Europe/Zagreb" "Europe/Zaporozhye" "Europe/Zurich" "Indian/Antananarivo" "Indian/Chagos" "Indian/Christmas" "Indian/Cocos" "Indian/Comoro" "Indian/Kerguelen" "Indian/Mahe" "Indian/Maldives" "Indian/Mauritius" "Indian/Mayotte" "Indian/Reunion" "Pacific/Apia" "Pacific/Auckland" "Pacific/Bougainville" "Pacific/Chatham" "Pacific/Chuuk" "Pacific/Easter" "Pacific/Efate" "Pacific/Enderbury" "Pacific/Fakaofo" "Pacific/Fiji" "Pacific/Funafuti" "Pacific/Galapagos" "Pacific/Gambier" "Pacific/Guadalcanal" "Pacific/Guam" "Pacific/Honolulu" "Pacific/Johnston" "Pacific/Kanton" "Pacific/Kiritimati" "Pacific/Kosrae" "Pacific/Kwajalein" "Pacific/Majuro" "Pacific/Marquesas" "Pacific/Midway" "Pacific/Nauru" "Pacific/Niue" "Pacific/Norfolk" "Pacific/Noumea" "Pacific/Pago_Pago" "Pacific/Palau" "Pacific/Pitcairn" "Pacific/Pohnpei" "Pacific/Ponape" "Pacific/Port_Moresby" "Pacific/Rarotonga" "Pacific/Saipan" "Pacific/Samoa" "Pacific/Tahiti" "Pacific/Tarawa" "Pacific/Tongatapu" "Pacific/Truk" "Pacific/Wake" "Pacific/Wallis" "Pacific/Yap" "UTC" ]
  }

  # Turn a links file into printable cards or a calendar
  export extern "lessonspace handout" [
    --output(-o): path        # File to write: .html for printable cards, .ics for a calendar
    --each: string@"nu-complete lessonspace handout each" # Write one file per person or Space into a folder, and index.csv for a mail merge
    --format: string@"nu-complete lessonspace handout format" # File format for --each [default: html]
    --title: string           # Title of the page or calendar [default: the Space's name, if there is only one]
    --lang: string            # Language: en, de, es, fr, it, nl, pl or pt [default: the system's, else en]
    --time-zone: string@"nu-complete lessonspace handout time_zone" # Time zone for the times shown [default: from the batch, then this computer]
    --sheet: string           # Sheet of LINKS to read [default: the first that is not empty]
    --compact                 # Do not start a new page for each Space
    --lesson-id: string       # Columns that identify a lesson in a calendar, such as "{Booking}"
    --update                  # Update the calendar at FILE: move, cancel and add lessons
    --force                   # Replace FILE if it exists; in a folder, replace only the files that handout wrote
    --json                    # Print a summary as JSON; errors go to standard error as JSON lines
    --quiet(-q)               # Print only warnings and errors
    --help(-h)                # Print help (see more with '--help')
    links?: path              # Links file that batch wrote: .csv, .tsv, .xlsx or .jsonl (- for standard input)
  ]

  # Check that the API key works
  export extern "lessonspace hello" [
    --json                    # Print the full response as JSON; messages go to standard error as JSON lines
    --quiet(-q)               # Print only warnings and errors
    --verbose(-v)             # Show the key's source, the settings in use and every attempt
    --no-input                # Never prompt (the default in CI and without a terminal)
    --profile: string         # Use the key and settings of this profile [env: LESSONSPACE_PROFILE]
    --api-key-file: path      # Read the API key from a file (- for standard input) [env: LESSONSPACE_API_KEY_FILE]
    --api-url: string         # URL of the API [env: LESSONSPACE_API_URL] [default: https://api.thelessonspace.com/v2/]
    --sandbox                 # Practise without an API key [env: LESSONSPACE_SANDBOX=1]
    --field: string           # Print one field of the response: response or attempts (repeatable)
    --timeout: string         # Time limit for each request, retries included [default: 60s]
    --help(-h)                # Print help (see more with '--help')
  ]

  def "nu-complete lessonspace link qr" [] {
    [ "terminal" "svg" ]
  }

  # Show who a join link is for and when it expires (works offline)
  export extern "lessonspace link" [
    --json                    # Print the link's token as JSON; errors go to standard error as JSON lines
    --qr: string@"nu-complete lessonspace link qr" # Print the link as a QR code, in the terminal or as an SVG image (--qr=svg)
    --help(-h)                # Print help (see more with '--help')
    link: string              # Join link, or - to read it from standard input (safer)
  ]

  # Check an API key and save it
  export extern "lessonspace login" [
    --profile: string         # Use the key and settings of this profile [env: LESSONSPACE_PROFILE]
    --api-url: string         # URL of the API [env: LESSONSPACE_API_URL] [default: https://api.thelessonspace.com/v2/]
    --json                    # Print what was saved and where as JSON; messages go to standard error as JSON lines
    --quiet(-q)               # Print only warnings and errors
    --verbose(-v)             # Show the settings in use and every attempt; never a key
    --no-input                # Never prompt (the default in CI and without a terminal)
    --api-key-file: path      # Read the API key from a file (- for standard input) instead of prompting
    --timeout: string         # Time limit for each request, retries included [default: 60s]
    --help(-h)                # Print help (see more with '--help')
  ]

  # Remove the saved API key
  export extern "lessonspace logout" [
    --profile: string         # Profile to remove the key from [env: LESSONSPACE_PROFILE] [default: default]
    --json                    # Print what was removed and where as JSON; messages go to standard error as JSON lines
    --quiet(-q)               # Print only warnings and errors
    --help(-h)                # Print help
  ]

  # Run a practice API on this computer
  export extern "lessonspace sandbox" [
    --port: string            # Port on 127.0.0.1; 0 picks a free one
    --rate: string            # Requests per second allowed for each key; 0 means no limit
    --fail: string            # Make requests fail, such as 429@7,500@12,drop@20
    --webhook-url: string     # Send every event to this URL too, in addition to each Space's webhooks
    --json                    # Print the address and key as JSON; errors go to standard error as JSON lines
    --quiet(-q)               # Do not show requests and webhooks
    --help(-h)                # Print help (see more with '--help')
  ]

  # Verify webhook signatures
  export extern "lessonspace webhook" [
    --help(-h)                # Print help
  ]

  # Check that a webhook was signed with the Space's secret
  export extern "lessonspace webhook verify" [
    --signature: string       # Value of the x-webhook-signature header, in hex or base64
    --body-file: path         # File with the webhook body, exactly as received, up to 16 MiB (- for standard input) [default: -]
    --secret-file: path       # File with the Space's secret (- for standard input)
    --json                    # Print the result as JSON; errors go to standard error as JSON lines
    --quiet(-q)               # Print nothing if the signature matches
    --help(-h)                # Print help (see more with '--help')
  ]

  # Print this message or the help of the given subcommand(s)
  export extern "lessonspace webhook help" [
  ]

  # Check that a webhook was signed with the Space's secret
  export extern "lessonspace webhook help verify" [
  ]

  # Print this message or the help of the given subcommand(s)
  export extern "lessonspace webhook help help" [
  ]

  def "nu-complete lessonspace completions shell" [] {
    [ "bash" "elvish" "fish" "nushell" "powershell" "zsh" ]
  }

  # Print a tab-completion script for your shell
  export extern "lessonspace completions" [
    --help(-h)                # Print help (see more with '--help')
    shell: string@"nu-complete lessonspace completions shell" # Your shell
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

  # Create join links for everyone in a roster (spreadsheet, CSV, export, calendar)
  export extern "lessonspace help batch" [
  ]

  # Turn a links file into printable cards or a calendar
  export extern "lessonspace help handout" [
  ]

  # Check that the API key works
  export extern "lessonspace help hello" [
  ]

  # Show who a join link is for and when it expires (works offline)
  export extern "lessonspace help link" [
  ]

  # Check an API key and save it
  export extern "lessonspace help login" [
  ]

  # Remove the saved API key
  export extern "lessonspace help logout" [
  ]

  # Run a practice API on this computer
  export extern "lessonspace help sandbox" [
  ]

  # Verify webhook signatures
  export extern "lessonspace help webhook" [
  ]

  # Check that a webhook was signed with the Space's secret
  export extern "lessonspace help webhook verify" [
  ]

  # Print a tab-completion script for your shell
  export extern "lessonspace help completions" [
  ]

  # Print this message or the help of the given subcommand(s)
  export extern "lessonspace help help" [
  ]

}

export use completions *
