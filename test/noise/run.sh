#!/bin/bash
# What fires on a busy host that nobody attacks: ordinary work under an agent, and the alerts by rule.
#
#   test/noise/run.sh                          the rules of rules/
#   test/noise/run.sh -r rules -r MORE.yaml    these, and disabled rules too
#   test/noise/run.sh --load web --load git    only these of the loads in loads.sh
#   test/noise/run.sh --json FILE              also writes each alert to FILE
#
# Needs root on Debian, its package archive, and leave to install packages, which are removed again.
# Exit status 1: one of our own rules fired where expected.ts does not say so, or stayed silent where
# it does.
set -euo pipefail
cd "$(dirname "$0")/../.."

[ "$(id -u)" = 0 ] || { echo 'noise: needs root' >&2; exit 2; }
scripts/setup.sh
missing=()
for program in apt-get git make gcc npm nginx cron logrotate rsyslogd docker dockerd sudo man pg_createcluster; do
	command -v "$program" >/dev/null || missing+=("$program")
done
[ ${#missing[@]} = 0 ] || { echo "noise: install what brings ${missing[*]} first" >&2; exit 2; }

node_modules/.bin/tsc -p test/noise/tsconfig.json
exec node build/noise/test/noise/main.js "$@"
