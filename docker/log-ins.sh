#!/bin/sh
# Makes the three log-ins, and the database, that the addresses among the secrets speak of. The
# server's first start runs it, as its superuser; `agency migrate` does the rest as the owner.
set -eu
secrets=${SECRETS:-/run/secrets}

part() { sed -nE "s|^postgresql://([^:]+):([^@]+)@[^/]+/(.+)\$|\\$2|p" "$secrets/$1"; }

psql --quiet --no-psqlrc --set ON_ERROR_STOP=1 --username "${POSTGRES_USER:-postgres}" --dbname postgres <<SQL
create role "$(part agency_owner_database_url 1)"
    login createrole password '$(part agency_owner_database_url 2)';
create role "$(part agency_database_url 1)"
    login noinherit password '$(part agency_database_url 2)';
create role "$(part agency_platform_database_url 1)"
    login noinherit password '$(part agency_platform_database_url 2)';
create database "$(part agency_owner_database_url 3)" owner "$(part agency_owner_database_url 1)";
revoke all on database "$(part agency_owner_database_url 3)" from public;
grant connect on database "$(part agency_owner_database_url 3)"
    to "$(part agency_database_url 1)", "$(part agency_platform_database_url 1)";
SQL
