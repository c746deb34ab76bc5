#!/usr/bin/env bash
# Takes the pictures of this folder anew: starts the demo on a free port with a database of its own, drives rollouts to where they are worth a look, and writes every page
# at 1440 px dark, 1440 px light and 390 px. Needs what the build needs (.NET 10 SDK, Node.js 20) and Chromium; CHROMIUM_PATH names one that is elsewhere.
#   docs/screens/make.sh [NAME...]      only pictures whose name starts with one of these
set -euo pipefail
cd "$(dirname "$0")"
root=$(cd ../.. && pwd)
work=$(mktemp -d)
server=
trap '[ -z "$server" ] || kill "$server" 2>/dev/null || true; rm -rf "$work"' EXIT
[ -d node_modules/upng-js ] || npm ci --no-audit --no-fund
[ -n "${NO_BUILD:-}" ] || dotnet build "$root/src/Web" -v q -nologo -clp:ErrorsOnly
port=$(node -e "const s=require('net').createServer();s.listen(0,'127.0.0.1',()=>{console.log(s.address().port);s.close()})")
token=$(node -e "console.log(require('crypto').randomBytes(24).toString('hex'))")
echo rollcall >"$work/rollcall.db.owner"     # not the name of whose machine this is
Rollcall__Auth__BootstrapToken=$token dotnet run --project "$root/src/Web" --no-build -- --demo --urls "http://127.0.0.1:$port" --database "$work/rollcall.db" --Logging:LogLevel:Default=Warning >"$work/log" 2>&1 &
server=$!
URL="http://127.0.0.1:$port" TOKEN=$token node make.mjs "$@" || { tail -n 20 "$work/log"; exit 1; }
