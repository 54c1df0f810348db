#!/bin/bash
# As the official image's, in what Weft uses of it: on an empty data directory it makes the cluster, the user and the
# database from POSTGRES_USER, POSTGRES_PASSWORD(_FILE), POSTGRES_DB and POSTGRES_INITDB_ARGS, and runs
# /docker-entrypoint-initdb.d on a server that only the local socket reaches; then it becomes `postgres`.
set -euo pipefail
shopt -s nullglob

if [[ ${1:-} == -* ]]; then set -- postgres "$@"; fi
if [[ $1 != postgres ]]; then exec "$@"; fi
if [[ $(id -u) -eq 0 ]]; then
  mkdir -p "$PGDATA"
  chmod 700 "$PGDATA"
  find "$PGDATA" ! -user postgres -exec chown postgres {} +
  chown postgres:postgres /var/run/postgresql
  exec setpriv --reuid=postgres --regid=postgres --init-groups "$BASH_SOURCE" "$@"
fi

if [[ ! -s $PGDATA/PG_VERSION ]]; then
  if [[ -n ${POSTGRES_PASSWORD_FILE:-} ]]; then POSTGRES_PASSWORD="$(<"$POSTGRES_PASSWORD_FILE")"; fi
  user="${POSTGRES_USER:-postgres}" password="${POSTGRES_PASSWORD:-}" method="${POSTGRES_HOST_AUTH_METHOD:-}"
  database="${POSTGRES_DB:-$user}"
  if [[ -z $password && $method != trust ]]; then
    echo >&2 "Error: Database is uninitialized and superuser password is not specified. Set POSTGRES_PASSWORD to a non-empty value, or POSTGRES_HOST_AUTH_METHOD=trust."
    exit 1
  fi
  # A start that was cut short leaves half a cluster, and initdb refuses a directory that is not empty.
  find "$PGDATA" -mindepth 1 -delete
  # shellcheck disable=SC2086 — several arguments in one variable, as in the official image
  initdb --username="$user" --pwfile=<(printf '%s\n' "$password") ${POSTGRES_INITDB_ARGS:-}
  printf '\nhost all all all %s\n' "${method:-$(postgres -C password_encryption)}" >>"$PGDATA/pg_hba.conf"
  pg_ctl -D "$PGDATA" -o "-c listen_addresses='' -p ${PGPORT:-5432}" -w start
  export PGPASSWORD="${PGPASSWORD:-$password}"
  run_sql=(psql -v ON_ERROR_STOP=1 --no-psqlrc --username "$user" --no-password)
  if [[ $database != postgres ]]; then
    "${run_sql[@]}" --dbname postgres --set db="$database" <<<'CREATE DATABASE :"db";'
  fi
  export POSTGRES_USER="$user" POSTGRES_DB="$database"
  for file in /docker-entrypoint-initdb.d/*; do
    echo "$0: running $file"
    case "$file" in
      *.sh) if [[ -x $file ]]; then "$file"; else . "$file"; fi ;;
      *.sql) "${run_sql[@]}" --dbname "$database" -f "$file" ;;
      *.sql.gz) gunzip -c "$file" | "${run_sql[@]}" --dbname "$database" ;;
      *) echo "$0: ignoring $file" ;;
    esac
  done
  pg_ctl -D "$PGDATA" -m fast -w stop
  unset PGPASSWORD
  echo "PostgreSQL init process complete; ready for start up."
fi
exec "$@"
