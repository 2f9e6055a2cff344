# Sourced: a Postgres for tests that does not make commits durable. A script that needs it starts it and leaves it
# running; script/test stops it when it exits.
# shellcheck shell=bash

POSTGRES_HOME="${GROUPDESK_TEST_POSTGRES:-$GROUPDESK_ROOT/target/test-postgres}"
# The space that the largest tests and their write-ahead log need, in KiB.
POSTGRES_ROOM=$((4 * 1024 * 1024))

# Postgres refuses to run as root.
as_postgres() {
  if [ "$(id -u)" = 0 ]; then
    (cd / && setpriv --reuid=postgres --regid=postgres --clear-groups "$@")
  else
    "$@"
  fi
}

# private_folder FOLDER: creates a folder for the user who runs Postgres. A folder of another user is refused, because
# in /tmp and /dev/shm any user may have created it, with a Postgres of their own.
private_folder() {
  local owner
  mkdir -p "$(dirname "$1")"
  if mkdir -m 700 "$1" 2>/dev/null && [ "$(id -u)" = 0 ]; then chown postgres:postgres "$1"; fi
  owner="$(stat -c '%F %U' "$1")"
  [ "$owner" = "directory $(as_postgres id -un)" ] ||
    die "$1 must be a directory of the user $(as_postgres id -un), but is: $owner; remove it"
}

# The path of a socket has at most 107 bytes, so the name of the folder is a hash of the longer path.
postgres_socket() { printf '/tmp/groupdesk-test-%s' "$(printf '%s' "$POSTGRES_HOME" | sha256sum | cut -c1-12)"; }

# postgres_data: prints the data directory. For root it is in memory if there is enough space: each test creates and
# deletes hundreds of files, and ext4 spends a third of the time of the tests on finding inodes that were not deleted
# recently. For other users it is on disk, because systemd may delete their files in memory when they log out.
postgres_data() {
  local memory disk place free
  if [ "$(id -u)" != 0 ]; then
    printf '%s' "$POSTGRES_HOME"
    return
  fi
  memory="/dev/shm/$(basename "$(postgres_socket)")"
  # The user who runs Postgres must be able to enter this folder, which excludes folders below /root.
  disk="$(postgres_socket).data"
  # A running Postgres stays where it was started, even if the available space has changed.
  for place in "$memory" "$disk"; do
    if [ -f "$place/postmaster.pid" ]; then
      printf '%s' "$place"
      return
    fi
  done
  free="$({ df -k --output=avail /dev/shm; grep MemAvailable: /proc/meminfo; } 2>/dev/null | grep -o '[0-9]*' | sort -n | head -n 1 || true)"
  if [ -d /dev/shm ] && [ "${free:-0}" -gt "$POSTGRES_ROOM" ]; then printf '%s' "$memory"; else printf '%s' "$disk"; fi
}

# postgres_url DATABASE
postgres_url() { printf 'postgres://postgres@localhost/%s?host=%s' "$1" "$(postgres_socket)"; }

# postgres_psql DATABASE ARGUMENTS...
postgres_psql() {
  local database="$1"
  shift
  PGOPTIONS="-c client_min_messages=warning" "$(postgres_bin)/psql" -h "$(postgres_socket)" -U postgres -d "$database" -q -X -v ON_ERROR_STOP=1 "$@"
}

postgres_start() {
  local bin socket home
  socket="$(postgres_socket)"
  private_folder "$socket"
  bin="$(postgres_bin)"
  [ -n "$bin" ] || die "no PostgreSQL programs were found; run script/bootstrap database"
  "$bin/pg_isready" -q -h "$socket" && return
  home="$(postgres_data)"
  private_folder "$home"
  bin="$(postgres_bin "$home")"
  if [ -z "$bin" ]; then
    say "recreating the data of the test Postgres, because version $(cat "$home/PG_VERSION") is not installed any more"
    rm -rf "${home:?}"
    private_folder "$home"
    bin="$(postgres_bin)"
  fi
  [ -f "$home/PG_VERSION" ] ||
    as_postgres "$bin/initdb" -D "$home" -U postgres --auth=trust --encoding=UTF8 --locale=C.UTF-8 --no-sync >/dev/null
  as_postgres "$bin/pg_ctl" -D "$home" -l "$socket/server.log" -w -s start \
    -o "-c listen_addresses='' -c unix_socket_directories='$socket' -c fsync=off -c synchronous_commit=off -c full_page_writes=off -c max_connections=300 -c shared_buffers=256MB -c timezone=UTC" \
    >/dev/null || die "the test Postgres did not start; see $socket/server.log"
}

postgres_stop() {
  local home
  home="$(postgres_data)"
  as_postgres "$(postgres_bin)/pg_ctl" -D "$home" -m immediate -s stop >/dev/null 2>&1 || true
  # A stopped Postgres must not occupy memory.
  case "$home" in /dev/shm/*) rm -rf "$home" || true ;; esac
}
