# Sourced by every script here: where our tools are and which Rust compiles us. It installs
# nothing; script/bootstrap does.
# shellcheck shell=bash

set -euo pipefail

GROUPDESK_ROOT="$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)"
export GROUPDESK_ROOT

# The exact tools, not "a recent one": wasm-bindgen's command-line tool refuses a wasm file made
# with another version of its library, and Cargo.toml pins the library.
CARGO_LEPTOS_VERSION=0.3.11
WASM_BINDGEN_VERSION=0.2.130
BINARYEN_VERSION=132.0.0
CARGO_DEB_VERSION=3.8.0
# The first that keeps prepared statements where connections are lent for a transaction, and the one that
# is built where the system has an older one: Debian's source, and its SHA-256.
PGBOUNCER_MINIMUM=1.21
PGBOUNCER_VERSION=1.24.1
PGBOUNCER_SHA256=da72a3aba13072876d055a3e58dd4aba4a5de4ed6148e73033185245598fd3e0
CARGO_AUDIT_VERSION=0.22.2
CARGO_DENY_VERSION=0.20.2
NODE_MINIMUM=20
NODE_VERSION=22
RUST_MINIMUM=1.96

# Apart from ~/.cargo/bin, so that a person's own cargo-leptos or wasm-bindgen is left alone.
GROUPDESK_TOOLS="${GROUPDESK_TOOLS:-${XDG_CACHE_HOME:-$HOME/.cache}/groupdesk/tools}"
export GROUPDESK_TOOLS
export PATH="$GROUPDESK_TOOLS/bin:$GROUPDESK_TOOLS/npm/node_modules/.bin:$HOME/.cargo/bin:$PATH"

say() { printf '\033[1m==> %s\033[0m\n' "$*" >&2; }
die() {
  printf 'groupdesk: %s\n' "$*" >&2
  exit 1
}

# Is the standard library for WebAssembly beside this compiler? Asked of the file system, because
# rustup does not know about a compiler that came from a distribution's packages.
has_wasm_std() { compgen -G "$1/lib/rustlib/wasm32-unknown-unknown/lib/libstd-*.rlib" >/dev/null; }

# Debian's own compiler set (rustc-web) is used where script/bootstrap has prepared it.
if [ "${RUSTUP_TOOLCHAIN:-}" = "" ] && [ -x /usr/bin/rustc ] && has_wasm_std /usr; then
  if command -v rustup >/dev/null && [[ "$(rustup toolchain list 2>/dev/null)" == *debian-web* ]]; then
    export RUSTUP_TOOLCHAIN=debian-web
  elif ! command -v rustup >/dev/null; then
    export PATH="$GROUPDESK_TOOLS/bin:$GROUPDESK_TOOLS/npm/node_modules/.bin:/usr/bin:$PATH"
  fi
fi

# The newest Postgres programs on this machine (initdb and pg_ctl need not be on PATH).
postgres_bin() {
  local dir
  dir="$(compgen -G '/usr/lib/postgresql/*/bin' | sort -V | tail -n 1 || true)"
  if [ -n "$dir" ] && [ -x "$dir/initdb" ]; then
    printf '%s' "$dir"
  elif command -v initdb >/dev/null; then
    dirname "$(command -v initdb)"
  fi
}

# What the surroundings say of how a release is made, beside Cargo.toml.
release_settings() { printf '%s %s\n' "${CARGO_PROFILE_RELEASE_OPT_LEVEL:-}" "${CARGO_PROFILE_RELEASE_LTO:-}"; }

# Builds target/release/groupdesk where it is not newer than all that it is made of, or was made otherwise.
build_release() {
  local binary="$GROUPDESK_ROOT/target/release/groupdesk"
  if [ ! -x "$binary" ] ||
    [ "$(release_settings)" != "$(cat "$GROUPDESK_ROOT/target/release.settings" 2>/dev/null || true)" ] ||
    [ -n "$(cd "$GROUPDESK_ROOT" && find Cargo.toml Cargo.lock .cargo .sqlx src style public migrations -newer "$binary" -type f -print -quit)" ]; then
    "$GROUPDESK_ROOT/script/build"
    # What was touched only is compiled to what it was, and looks old again the next time.
    touch "$binary"
    . "$GROUPDESK_ROOT/script/env.sh"
  fi
}
