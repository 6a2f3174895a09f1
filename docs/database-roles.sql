-- The roles and the database of the portal on a PostgreSQL of your own (16 or newer). Run once, as a superuser:
--   psql -v owner_password=... -v app_password=... -v backup_password=... -f docs/database-roles.sql
-- Three roles, so that no process holds more than it needs: the owner migrates, the application owns nothing and is
-- bound by row security, backup reads everything and writes nothing. `manage.py doctor` checks them.
-- The cluster should be initialised like the embedded one, so that both sort alike:
--   initdb --encoding=UTF8 --locale=C --lc-ctype=C.UTF-8 --locale-provider=builtin --builtin-locale=C.UTF-8   (17 or newer)
\set ON_ERROR_STOP on

CREATE ROLE portal_owner LOGIN NOSUPERUSER NOBYPASSRLS CREATEDB PASSWORD :'owner_password';
CREATE ROLE portal_app LOGIN NOSUPERUSER NOBYPASSRLS PASSWORD :'app_password';
CREATE ROLE portal_backup LOGIN NOSUPERUSER BYPASSRLS PASSWORD :'backup_password';
GRANT pg_read_all_data TO portal_backup;

CREATE DATABASE portal OWNER portal_owner;
REVOKE ALL ON DATABASE portal FROM PUBLIC;
GRANT CONNECT, TEMPORARY ON DATABASE portal TO portal_app;
GRANT CONNECT ON DATABASE portal TO portal_backup;

-- In template1 too: the scratch databases of restore_check and of the tests take their extensions from there.
\connect template1
CREATE EXTENSION IF NOT EXISTS unaccent;
CREATE EXTENSION IF NOT EXISTS pg_trgm;
\connect portal
CREATE EXTENSION IF NOT EXISTS unaccent;
CREATE EXTENSION IF NOT EXISTS pg_trgm;
