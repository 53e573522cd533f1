#!/bin/sh
# Installs lessonspace for your user only. No root needed.
#
#   sh install.sh
#
# LESSONSPACE_RELEASES     URL of a release: the folder with SHA256SUMS and the archives
#                          [default: the release this script came with]
# LESSONSPACE_INSTALL_DIR  folder to install into [default: ~/.local/bin]
#
# Everything is downloaded over https (http only from this computer) and checked against SHA256SUMS before
# anything is installed. An earlier installation is replaced. To check where a release came from, use the
# GitHub CLI and replace FILE with the path of a release file or the installed program:
#
#   gh attestation verify FILE --repo OWNER/REPO
set -eu
export LC_ALL=C

# `.ci/release` sets the URL of the release here.
default=

fail() {
  printf 'error: %s\n' "$1" >&2
  [ -z "${2-}" ] || printf 'hint: %s\n' "$2" >&2
  exit 1
}

target() {
  case "$(uname -s) $(uname -m)" in
    'Linux x86_64' | 'Linux amd64') echo x86_64-unknown-linux-musl ;;
    'Linux aarch64' | 'Linux arm64') echo aarch64-unknown-linux-musl ;;
    'Darwin arm64') echo aarch64-apple-darwin ;;
    'Darwin x86_64') echo x86_64-apple-darwin ;;
    *) fail "no prebuilt binary for $(uname -s) on $(uname -m)" 'build it from a clone of the repository: cargo install --path .' ;;
  esac
}

# https from anywhere, http from this computer only. Any other characters could hide the real host.
check_url() {
  case $1 in
    *[!][A-Za-z0-9._~:/%+=,-]*) ;;
    *) ! printf '%s\n' "$1" | grep -Eq '^(https://[^/]|http://(localhost|127\.0\.0\.1|\[::1\])(:[0-9]+)?(/|$))' || return 0 ;;
  esac
  fail 'LESSONSPACE_RELEASES must be an https URL' 'http is only allowed for this computer, such as http://127.0.0.1:8000'
}

# fetch URL FILE
fetch() {
  if command -v curl >/dev/null 2>&1; then
    with_curl "$1" "$2"
  elif wget --version 2>/dev/null | grep -q '^GNU Wget '; then
    with_wget "$1" "$2"
  elif command -v wget >/dev/null 2>&1; then
    fail 'this wget cannot be limited to https' 'install curl and run this script again'
  else
    fail 'curl or wget is required' 'install one of them and run this script again'
  fi || fail "could not download $1" 'check LESSONSPACE_RELEASES and your network, then run this script again'
}

with_curl() {
  case $1 in
    https:*) set -- "$1" "$2" --proto '=https' ;;
    # A proxy would send a request for this computer to another one.
    *) set -- "$1" "$2" --proto '=http' --noproxy '*' ;;
  esac
  url=$1 file=$2
  shift 2
  curl -fsSL --proto-redir '=https' --max-redirs 5 --globoff --connect-timeout 30 --retry 2 "$@" -o "$file" "$url"
}

# GNU wget would follow a redirect from https to http, so redirects are followed here. Wget2 and BusyBox
# always follow redirects, so they are rejected above.
with_wget() {
  url=$1 proxy=--proxy
  case $1 in http:*) proxy=--no-proxy ;; esac
  for _ in 1 2 3 4 5 6; do
    if wget -nv --server-response --max-redirect=0 --no-hsts --timeout=30 --tries=3 "$proxy" -O "$2" "$url" 2>"$work/response"; then
      return 0
    fi
    url=$(sed -n 's/^ *[Ll]ocation: *\([^[:space:]]*\).*/\1/p' "$work/response" | tail -n 1)
    case $url in
      https://*) proxy=--proxy ;;
      # Headers are indented; wget's own messages are not.
      '') grep -v '^ ' "$work/response" | tr -cd '[:print:]\n' >&2; return 1 ;;
      *) printf 'wget: redirected to a URL without https\n' >&2; return 1 ;;
    esac
  done
  return 1
}

sha256() {
  if command -v sha256sum >/dev/null 2>&1; then sha256sum <"$1"; else shasum -a 256 <"$1"; fi | cut -d ' ' -f 1
}

# put FILE PLACE: renames FILE, so that a running program can be replaced. A link at PLACE is replaced, never
# followed; plain `mv` would follow a link to a folder. GNU and BSD have different options for this, and an
# old mv has none.
put() {
  [ ! -d "$2" ] || [ -L "$2" ] || fail "$2 is a folder; nothing was installed"
  mv -fT "$1" "$2" 2>/dev/null || mv -fh "$1" "$2" 2>/dev/null || {
    [ ! -L "$2" ] || rm -f "$2"
    mv -f "$1" "$2"
  }
}

# Shells set PATH in different ways.
# shellcheck disable=SC2016,SC2088 # Expanded by the user's shell, not by this script.
explain_path() {
  case ":${PATH-}: ${SHELL-}" in
    *":$folder:"*) ;;
    *fish) printf 'hint: to add it to PATH, run:\n  fish_add_path "%s"\n' "$folder" ;;
    *)
      case ${SHELL-} in */zsh) file='~/.zprofile' ;; *) file='~/.profile' ;; esac
      printf 'hint: to add it to PATH, put this line in %s and open a new terminal:\n  export PATH="%s:$PATH"\n' "$file" "$folder"
      ;;
  esac
}

explain_origin() {
  repository=${default:-$releases}
  case $repository in
    https://github.com/*/*/releases/*) repository=${repository#https://github.com/} repository=${repository%%/releases/*} ;;
    *) repository=OWNER/REPO ;;
  esac
  printf 'hint: to check where it came from, run:\n  gh attestation verify "%s/lessonspace" --repo %s\n' "$folder" "$repository"
}

# A function, so that a partially downloaded script does nothing.
main() {
  releases=${LESSONSPACE_RELEASES:-$default}
  [ -n "$releases" ] || fail 'this install.sh is not from a release, so it has no download URL' \
    'to build from this clone, run: cargo install --path .; for a release, set LESSONSPACE_RELEASES to its URL'
  check_url "$releases"
  releases=${releases%/}
  folder=${LESSONSPACE_INSTALL_DIR:-${HOME:+$HOME/.local/bin}}
  [ -n "$folder" ] || fail 'HOME is not set' 'set LESSONSPACE_INSTALL_DIR to the folder to install into'
  case $folder in /*) ;; *) folder=$PWD/$folder ;; esac
  target=$(target)

  work='' staging=''
  trap 'rm -rf ${work:+"$work"} ${staging:+"$staging"}' EXIT
  trap 'exit 130' INT
  trap 'exit 143' TERM
  work=$(mktemp -d) || fail 'could not create a temporary folder'

  fetch "$releases/SHA256SUMS" "$work/SHA256SUMS"
  # A line of SHA256SUMS: checksum, two spaces, file name.
  line=$(grep -E "^[0-9a-f]{64}  lessonspace-[0-9A-Za-z.+-]+-$target\.tar\.gz$" "$work/SHA256SUMS" | head -n 1)
  [ -n "$line" ] ||
    fail "this release has no binary for $target" 'use another release, or build it from a clone of the repository: cargo install --path .'
  archive=${line#*  }
  fetch "$releases/$archive" "$work/$archive"
  [ "$(sha256 "$work/$archive")" = "${line%%  *}" ] ||
    fail "the checksum of $archive does not match SHA256SUMS; nothing was installed" \
      'run this script again; if it fails again, please report it'

  mkdir -p "$folder" || fail "could not create $folder"
  # A new folder with a random name that only this user can enter, so that no one else can plant a link in it.
  staging=$(mktemp -d "$folder/.lessonspace-XXXXXXXXXX") || fail "could not write to $folder"
  # Extracts only the bytes of the program: nothing else in the archive is unpacked.
  tar -xzOf "$work/$archive" "${archive%.tar.gz}/lessonspace" >"$staging/lessonspace" && [ -s "$staging/lessonspace" ] ||
    fail "could not unpack $archive; nothing was installed"
  chmod 755 "$staging/lessonspace"
  version=$("$staging/lessonspace" --version) || fail 'the program does not run on this computer; nothing was installed'
  put "$staging/lessonspace" "$folder/lessonspace" || fail "could not write $folder/lessonspace"
  printf 'installed %s in %s\n' "$version" "$folder"
  explain_path
  explain_origin
}

main
