# Sourced after postgres.sh: lets the compiler check every SQL query against a database.
# shellcheck shell=bash

# with_checked_queries COMMAND...: runs a command that compiles the library, whose macros check each query against a new
# database with all migrations. The descriptions of the queries are then in target/queries.
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
  # Cargo does not detect missing descriptions, so a newer modification time forces a compilation.
  touch "$GROUPDESK_ROOT/src/lib.rs"
  SQLX_OFFLINE=false SQLX_OFFLINE_DIR="$descriptions" DATABASE_URL="$(postgres_url "$database")" "$@" || status=$?
  drop_query_databases
  return "$status"
}

# drop_query_databases: drops the databases of this run and of interrupted runs.
drop_query_databases() {
  local database run
  for database in $(postgres_psql postgres -At -c "SELECT datname FROM pg_database WHERE datname ~ '^queries_[0-9]+$'"); do
    run="${database#queries_}"
    if [ "$run" = $$ ] || ! kill -0 "$run" 2>/dev/null; then
      postgres_psql postgres -c "DROP DATABASE IF EXISTS $database" >/dev/null 2>&1 || true
    fi
  done
}
