# Sourced: the RustSec advisory database, the real one or the copy of what we need of it.
# shellcheck shell=bash

RUSTSEC_URL=https://github.com/RustSec/advisory-db
RUSTSEC_COPY="$GROUPDESK_ROOT/.ci/advisories"

# The names of the crates that Cargo.lock takes from a registry.
locked_crates() {
  awk -F '"' '/^name = /{ name = $2 } /^source = /{ print name }' "$GROUPDESK_ROOT/Cargo.lock" | LC_ALL=C sort -u
}

# rustsec_fetch FOLDER: the real one. It is a few megabytes; a machine that cannot reach it is not
# kept waiting, whether the host is unknown or just never answers.
rustsec_fetch() {
  rm -rf "$1"
  GIT_TERMINAL_PROMPT=0 timeout 30 git clone --quiet --depth 1 "$RUSTSEC_URL" "$1" 2>/dev/null
}

# rustsec_unpack FOLDER: the copy, as a repository whose one commit is as old as the copy.
rustsec_unpack() {
  rm -rf "$1"
  mkdir -p "$1"
  cp -r "$RUSTSEC_COPY/crates" "$1/"
  git -C "$1" init --quiet --initial-branch main
  git -C "$1" add crates
  GIT_COMMITTER_DATE="$(cat "$RUSTSEC_COPY/as-of")T12:00:00Z" git -C "$1" -c commit.gpgSign=false \
    -c user.name=groupdesk -c user.email=groupdesk@localhost commit --quiet --message "The copy in .ci/advisories"
}
