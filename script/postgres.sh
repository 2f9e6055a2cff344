# Sourced: a Postgres for tests, without the safety that only real data needs. A script that needs it starts it and
# leaves it running; script/test stops it at its end.
# shellcheck shell=bash

POSTGRES_HOME="${GROUPDESK_TEST_POSTGRES:-$GROUPDESK_ROOT/target/test-postgres}"
# What the largest tests need, with their write-ahead log, in KiB.
POSTGRES_ROOM=$((4 * 1024 * 1024))

# Postgres refuses to run as root.
as_postgres() {
  if [ "$(id -u)" = 0 ]; then
    (cd / && setpriv --reuid=postgres --regid=postgres --clear-groups "$@")
  else
    "$@"
  fi
}

# private_folder FOLDER: makes a folder for the user who runs Postgres. One that is another's is refused and not
# taken over: in /tmp and /dev/shm anybody may have made it, with a Postgres of theirs.
private_folder() {
  local owner
  mkdir -p "$(dirname "$1")"
  if mkdir -m 700 "$1" 2>/dev/null && [ "$(id -u)" = 0 ]; then chown postgres:postgres "$1"; fi
  owner="$(stat -c '%F %U' "$1")"
  [ "$owner" = "directory $(as_postgres id -un)" ] ||
    die "$1 is no folder of the user $(as_postgres id -un), who runs Postgres here ($owner): remove it"
}

# A socket's path has 107 bytes at most, so the folder is a short one, made from the long one's name.
postgres_socket() { printf '/tmp/groupdesk-test-%s' "$(printf '%s' "$POSTGRES_HOME" | sha256sum | cut -c1-12)"; }

# Where its data is. As root in memory where there is room for it: a test's database is hundreds of files
# that come and go, and ext4 spends a third of the tests' time on looking for inodes that were not deleted
# just now. Not for other users: systemd may delete their files there when they log out.
postgres_data() {
  local memory disk place free
  if [ "$(id -u)" != 0 ]; then
    printf '%s' "$POSTGRES_HOME"
    return
  fi
  memory="/dev/shm/$(basename "$(postgres_socket)")"
  # Somewhere that the user who runs it can reach, which a folder under /root is not.
  disk="$(postgres_socket).data"
  # What runs is where it was begun, however much room there is by now.
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
  [ -n "$bin" ] || die "no PostgreSQL programs were found: run script/bootstrap database"
  "$bin/pg_isready" -q -h "$socket" && return
  home="$(postgres_data)"
  private_folder "$home"
  bin="$(postgres_bin "$home")"
  if [ -z "$bin" ]; then
    say "the data of the tests' Postgres is that of version $(cat "$home/PG_VERSION"), which is not there any more: making it again"
    rm -rf "${home:?}"
    private_folder "$home"
    bin="$(postgres_bin)"
  fi
  [ -f "$home/PG_VERSION" ] ||
    as_postgres "$bin/initdb" -D "$home" -U postgres --auth=trust --encoding=UTF8 --locale=C.UTF-8 --no-sync >/dev/null
  as_postgres "$bin/pg_ctl" -D "$home" -l "$socket/server.log" -w -s start \
    -o "-c listen_addresses='' -c unix_socket_directories='$socket' -c fsync=off -c synchronous_commit=off -c full_page_writes=off -c max_connections=300 -c shared_buffers=256MB -c timezone=UTC" \
    >/dev/null || die "the tests' Postgres did not start: see $socket/server.log"
}

postgres_stop() {
  local home
  home="$(postgres_data)"
  as_postgres "$(postgres_bin)/pg_ctl" -D "$home" -m immediate -s stop >/dev/null 2>&1 || true
  # Stopped, it is not to keep memory.
  case "$home" in /dev/shm/*) rm -rf "$home" || true ;; esac
}
