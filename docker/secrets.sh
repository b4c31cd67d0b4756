#!/bin/sh
# Writes docker/secrets/, once: a password for each log-in, and the addresses that hold them.
# Containers read the files as another user than whoever owns them, so the files are readable and
# the folder is closed.
set -eu
cd "$(dirname "$0")"
if [ -e secrets ]; then
    echo "docker/secrets is there already: nothing was changed" >&2
    exit 1
fi
umask 077
mkdir secrets.new

random() { od -An -N24 -tx1 /dev/urandom | tr -d ' \n'; }
keep() { printf '%s\n' "$2" >"secrets.new/$1" && chmod 444 "secrets.new/$1"; }

valkey=$(random)
keep agency_secret "$(random)$(random)"
keep agency_database_url "postgresql://app_login:$(random)@postgres:5432/agency"
keep agency_owner_database_url "postgresql://agency_owner:$(random)@postgres:5432/agency"
keep agency_platform_database_url "postgresql://platform_login:$(random)@postgres:5432/agency"
keep agency_broker_url "redis://:$valkey@valkey:6379/0"
keep agency_valkey_url "redis://:$valkey@valkey:6379/1"
keep postgres_password "$(random)"
keep valkey_conf "requirepass $valkey"
mv secrets.new secrets
