#!/bin/sh
# Installs lessonspace for you alone, without root:
#
#   LESSONSPACE_RELEASES=https://... sh install.sh
#
# LESSONSPACE_RELEASES     the address of a release: the folder that holds SHA256SUMS and the archives
#                          [default: the release that this script was published with]
# LESSONSPACE_INSTALL_DIR  where the program goes [default: ~/.local/bin]
#
# What is fetched is checked against SHA256SUMS before anything is installed. Running it again replaces
# the program by the release's.
set -eu

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
    *) fail "there is no program for $(uname -s) on $(uname -m)" 'build it yourself: cargo install --path .' ;;
  esac
}

# fetch URL FILE
fetch() {
  if command -v curl >/dev/null 2>&1; then
    curl -fsSL "$1" -o "$2"
  elif command -v wget >/dev/null 2>&1; then
    wget -q "$1" -O "$2"
  else
    fail 'neither curl nor wget is installed' 'install one of them, then run this again'
  fi || fail "cannot fetch $1" 'check LESSONSPACE_RELEASES and the network, then run this again'
}

sha256() {
  if command -v sha256sum >/dev/null 2>&1; then sha256sum "$1"; else shasum -a 256 "$1"; fi | cut -d ' ' -f 1
}

# `.ci/release` writes the release's address here.
default=
releases=${LESSONSPACE_RELEASES:-$default}
[ -n "$releases" ] || fail 'LESSONSPACE_RELEASES is not set' 'set it to the address of a release, the folder that holds SHA256SUMS'
folder=${LESSONSPACE_INSTALL_DIR:-${HOME:?HOME is not set}/.local/bin}
target=$(target)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
trap 'exit 130' INT
trap 'exit 143' TERM

fetch "${releases%/}/SHA256SUMS" "$work/SHA256SUMS"
# A line of SHA256SUMS: the sum, two blanks, the name.
line=$(grep -E "^[0-9a-f]{64}  lessonspace-[0-9A-Za-z.+-]+-$target\.tar\.gz$" "$work/SHA256SUMS" | head -n 1)
[ -n "$line" ] ||
  fail "the release has no archive for $target" 'choose another release, or build it yourself: cargo install --path .'
archive=${line#*  }
fetch "${releases%/}/$archive" "$work/$archive"
[ "$(sha256 "$work/$archive")" = "${line%%  *}" ] ||
  fail "$archive is not what SHA256SUMS says; nothing was installed" 'run this again; if it stays so, tell those who made the release'

tar -xzf "$work/$archive" -C "$work" || fail "$archive cannot be unpacked; nothing was installed"
mkdir -p "$folder"
# A program that is running cannot be written to, but its name can be given to another.
new=$folder/.lessonspace-$$
cp "$work/${archive%.tar.gz}/lessonspace" "$new"
chmod 755 "$new"
mv -f "$new" "$folder/lessonspace"
printf 'installed %s in %s\n' "$("$folder/lessonspace" --version)" "$folder"

# Each shell reads another file, or has a command for it.
# shellcheck disable=SC2016,SC2088 # The shell of the one who reads it is to expand it.
case ":${PATH-}: ${SHELL-}" in
  *":$folder:"*) ;;
  *fish) printf 'hint: add it to PATH; run this line:\n  fish_add_path "%s"\n' "$folder" ;;
  *)
    case ${SHELL-} in */zsh) file='~/.zprofile' ;; *) file='~/.profile' ;; esac
    printf 'hint: add it to PATH; put this line into %s, then open a new terminal:\n  export PATH="%s:$PATH"\n' "$file" "$folder"
    ;;
esac
