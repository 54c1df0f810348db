#!/bin/bash
# On an empty data directory only: one database for each name in WEFT_DATABASES.
set -euo pipefail
for database in ${WEFT_DATABASES:-}; do
  psql -v ON_ERROR_STOP=1 --no-psqlrc --username "$POSTGRES_USER" --dbname "$POSTGRES_DB" --set db="$database" <<<'CREATE DATABASE :"db";'
done
