#!/usr/bin/env bash
# Builds everything and runs every test; gets what is missing (Chromium from the system's packages; npm packages come with the build).
# Ends with a line "N passed, N failed, N skipped". Control-plane tests need KUBEBUILDER_ASSETS, node tests a machine that can run a node; both skip loudly.
set -uo pipefail
cd "$(dirname "$0")"
export DOTNET_CLI_TELEMETRY_OPTOUT=1 DOTNET_NOLOGO=1
started=$SECONDS

if ! command -v chromium >/dev/null 2>&1 && ! command -v google-chrome >/dev/null 2>&1; then
  if command -v apt-get >/dev/null 2>&1 && [ "$(id -u)" = 0 ]; then
    echo "installing chromium from the system's packages"
    { apt-get update -q && DEBIAN_FRONTEND=noninteractive apt-get install -y -q --no-install-recommends chromium fonts-dejavu-core; } >/tmp/rollcall-chromium.log 2>&1 \
      || { tail -n 5 /tmp/rollcall-chromium.log; echo "chromium could not be installed; browser tests will skip"; }
  else
    echo "chromium is not installed and cannot be installed here; browser tests will skip"
  fi
fi

dotnet build Dashboard.sln -v q -nologo -clp:ErrorsOnly || { echo "0 passed, 1 failed"; exit 1; }

passed=0 failed=0 skipped=0
for project in tests/*/*.csproj; do
  name=$(basename "$project" .csproj)
  echo "== $name"
  log=$(mktemp)
  dotnet run --project "$project" --no-build -- -noColor -noLogo "$@" 2>&1 | tee "$log"
  code=${PIPESTATUS[0]}
  total=$(sed -nE 's/.*Rollcall\.'"$name"'[^T]*Total: ([0-9]+).*/\1/p' "$log" | tail -n 1)
  bad=$(sed -nE 's/.*Failed: ([0-9]+).*/\1/p' "$log" | tail -n 1)
  errors=$(sed -nE 's/.*Errors: ([0-9]+).*/\1/p' "$log" | tail -n 1)
  skip=$(sed -nE 's/.*Skipped: ([0-9]+).*/\1/p' "$log" | tail -n 1)
  bad=$(( ${bad:-0} + ${errors:-0} ))
  if [ -z "$total" ]; then total=0; bad=1; echo "$name did not report"; fi
  if [ "$code" != 0 ] && [ "$bad" = 0 ]; then bad=1; fi
  passed=$(( passed + total - bad - ${skip:-0} > 0 ? passed + total - bad - ${skip:-0} : passed ))
  failed=$(( failed + bad )); skipped=$(( skipped + ${skip:-0} ))
  rm -f "$log"
done
echo "== frontend"
log=$(mktemp)
node --test tests/frontend >"$log" 2>&1 || grep -A 15 '^not ok' "$log"
good=$(sed -nE 's/^# pass ([0-9]+)/\1/p' "$log"); bad=$(sed -nE 's/^# fail ([0-9]+)/\1/p' "$log")
if [ -z "$good" ]; then good=0; bad=1; tail -n 5 "$log"; fi
passed=$(( passed + good )); failed=$(( failed + bad ))
rm -f "$log"
echo "took $(( SECONDS - started )) s"
echo "$passed passed, $failed failed, $skipped skipped"
[ "$failed" = 0 ]
