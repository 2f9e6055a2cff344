# Sourced, after postgres.sh: the compiler checks every SQL query against a database.
# shellcheck shell=bash

# with_checked_queries COMMAND...: runs a command that compiles the library, while its macros ask a fresh database
# with all migrations about each query. Their descriptions are then in target/queries.
with_checked_queries() {
  local database="queries_$$" descriptions="$GROUPDESK_ROOT/target/queries" migration status=0
  postgres_start
  drop_query_databases
  postgres_psql postgres -c "CREATE DATABASE $database" >/dev/null
  for migration in "$GROUPDESK_ROOT"/migrations/*.sql; do
    { printf 'BEGIN;\n'; cat "$migration"; printf '\nCOMMIT;\n'; }
  done | postgres_psql "$database" >/dev/null
  rm -rf "$descriptions"
  mkdir -p "$descriptions"
  # The compiler does not know that a description is missing; a file that looks new makes it compile again.
  touch "$GROUPDESK_ROOT/src/lib.rs"
  SQLX_OFFLINE=false SQLX_OFFLINE_DIR="$descriptions" DATABASE_URL="$(postgres_url "$database")" "$@" || status=$?
  drop_query_databases
  return "$status"
}

# Drops this run's database, and those of runs that were interrupted.
drop_query_databases() {
  local database run
  for database in $(postgres_psql postgres -At -c "SELECT datname FROM pg_database WHERE datname ~ '^queries_[0-9]+$'"); do
    run="${database#queries_}"
    if [ "$run" = $$ ] || ! kill -0 "$run" 2>/dev/null; then
      postgres_psql postgres -c "DROP DATABASE IF EXISTS $database" >/dev/null 2>&1 || true
    fi
  done
}
