#!/usr/bin/env bash
# The steps of action.yml:
#
#   action.sh plan      sets outputs of the step: what to install
#   action.sh install   downloads the archive unless it is in the cache, checks its checksum and where it was
#                       built, and adds the program to PATH
#
# ACTION_REPOSITORY  the repository of the action, OWNER/REPO; empty for `uses: ./`
# VERSION            the version to install; empty for the version of the action
set -euo pipefail

fail() {
  printf '::error::%s\n' "$*"
  exit 1
}

# cargo_toml FIELD: a field of [package] at the action's own commit.
cargo_toml() { sed -n "s/^$1 = \"\(.*\)\"\$/\1/p" "$GITHUB_ACTION_PATH/Cargo.toml" | head -n 1; }

repository=${ACTION_REPOSITORY:-$(cargo_toml repository | sed -n 's|^https://github\.com/||p')}
[[ $repository =~ ^[A-Za-z0-9_.-]+/[A-Za-z0-9_.-]+$ ]] ||
  fail 'the repository of this action is not known; use the action as OWNER/REPO@VERSION'
version=${VERSION:-$(cargo_toml version)}
version=${version#v}
[[ $version =~ ^[0-9]+\.[0-9]+\.[0-9]+$ ]] || fail 'version: expected a version such as 1.2.3'
case $RUNNER_OS-$RUNNER_ARCH in
  Linux-X64) target=x86_64-unknown-linux-musl ;;
  Linux-ARM64) target=aarch64-unknown-linux-musl ;;
  macOS-X64) target=x86_64-apple-darwin ;;
  macOS-ARM64) target=aarch64-apple-darwin ;;
  # Windows on ARM runs programs for x64.
  Windows-*) target=x86_64-pc-windows-msvc ;;
  *) fail "no prebuilt binary for $RUNNER_OS on $RUNNER_ARCH" ;;
esac
name=lessonspace-$version-$target
archive=$name.tar.gz suffix=""
[ "$RUNNER_OS" != Windows ] || archive=$name.zip suffix=.exe
releases=$GITHUB_SERVER_URL/$repository/releases/download/v$version
folder=$RUNNER_TEMP/lessonspace/$version
cached=$folder/download

# fetch NAME: https only, redirects included; http only from this computer, for tests.
fetch() {
  local only=(--proto '=https')
  if [[ $releases =~ ^http://127\.0\.0\.1:[0-9]+/ ]]; then only=(--proto '=http' --noproxy '*'); fi
  rm -f "$cached/$1" # A restored cache could contain a link.
  curl -fsSL "${only[@]}" --proto-redir '=https' --max-redirs 5 --connect-timeout 30 --retry 2 \
    -o "$cached/$1" "$releases/$1" || fail "could not download $releases/$1"
}

is_whole() { (cd "$cached" && sha256sum --check --status <<<"$sum  $archive" 2>/dev/null); }
# macOS has shasum instead.
command -v sha256sum >/dev/null || sha256sum() { shasum -a 256 "$@"; }

install() {
  local sum
  mkdir -p "$cached" "$folder/bin"
  fetch SHA256SUMS
  sum=$(awk -v name="$archive" '$2 == name && length($1) == 64 {print $1; exit}' "$cached/SHA256SUMS")
  [ -n "$sum" ] || fail "release v$version of $repository has no $archive"
  is_whole || fetch "$archive"
  is_whole || fail "the checksum of $archive does not match SHA256SUMS"
  # The cache is checked too: other workflows of the repository can write to it.
  command -v gh >/dev/null || fail 'the GitHub CLI (gh) is required to verify where the release was built'
  gh attestation verify "$cached/$archive" --repo "$repository" --source-ref "refs/tags/v$version" \
    --signer-workflow "$repository/.github/workflows/release.yml" --deny-self-hosted-runners ||
    fail "could not verify that $archive was built by $repository at v$version"
  rm -f "$folder/bin/lessonspace$suffix"
  if [ "$RUNNER_OS" = Windows ]; then
    unzip -p "$cached/$archive" "$name/lessonspace.exe"
  else
    tar -xzOf "$cached/$archive" "$name/lessonspace"
  fi >"$folder/bin/lessonspace$suffix" || fail "could not unpack $archive"
  [ -s "$folder/bin/lessonspace$suffix" ] || fail "could not unpack $archive"
  chmod 755 "$folder/bin/lessonspace$suffix"
  printf '%s\n' "$folder/bin" >>"$GITHUB_PATH"
  printf 'installed %s\n' "$("$folder/bin/lessonspace$suffix" --version)"
}

case ${1-} in
  plan) printf '%s\n' "repository=$repository" "version=$version" "archive=$archive" "cached=$cached" >>"$GITHUB_OUTPUT" ;;
  install) install ;;
  *) fail 'usage: action.sh plan|install' ;;
esac
