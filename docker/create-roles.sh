#!/bin/sh
# Runs once, when the database volume is new (docker-compose.yml mounts it for the postgres image).
set -eu
psql --username "$POSTGRES_USER" --dbname postgres \
    -v owner_password="$PORTAL_OWNER_PASSWORD" -v app_password="$PORTAL_APP_PASSWORD" -v backup_password="$PORTAL_BACKUP_PASSWORD" \
    -f /portal/database-roles.sql
