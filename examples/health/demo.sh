#!/usr/bin/env bash
# Two hospitals, one researcher. Usage: examples/health/demo.sh BUILD_DIR
# Everything it makes lies in one temporary folder and is gone at the end (KEEP=1 keeps it).
set -euo pipefail
build=$(cd "$1" && pwd)
here=$(cd "$(dirname "$0")" && pwd)
dir=$(mktemp -d /tmp/iapp-demo-XXXXXX)
iapp=$build/apps/iapp/iapp
export XDG_DATA_HOME=$dir/data XDG_STATE_HOME=$dir/state IAPP_PASSWORD_FILE=$dir/password
export IAPP_NETWORK=$dir/net/network.toml

finish() {
    "$iapp" devnet down --dir "$dir/net" >/dev/null 2>&1 || true
    if [ "${KEEP:-}" = 1 ]; then echo "kept: $dir"; else rm -rf "$dir"; fi
}
trap finish EXIT

say() { printf '\n\033[1m== %s\033[0m\n' "$*"; }
field() { jq -r ".$1" <<<"$2"; }
free_port_base() {
    local base
    for base in $(shuf -i 210-320 -n 20); do  # below 32768: from there up the kernel gives ports to whoever connects
        base=$((base * 100))
        if ! ss -tln 2>/dev/null | grep -qE ":$((base / 100))0[0-9] "; then echo $base; return; fi
    done
}

head -c 24 /dev/urandom | base64 >"$dir/password"
chmod 600 "$dir/password"

say "a network on this machine: chain, contracts, services, a worker with a SIMULATED TEE"
"$iapp" devnet up --detach --dir "$dir/net" --port-base "$(free_port_base)"
for who in hospital-a hospital-b developer researcher; do
    "$iapp" wallet new "$who" --light >/dev/null
    "$iapp" wallet fund "$who" >/dev/null
done
researcher=$("$iapp" wallet list --json | jq -r '.wallets[] | select(.name == "researcher") | .address')

say "two hospitals encrypt their patients' data; the clear files never leave them"
"$build/examples/health/make_cohort_data" 1 4000 >"$dir/hospital-a.csv"
"$build/examples/health/make_cohort_data" 2 3500 >"$dir/hospital-b.csv"
a=$(field dataset "$("$iapp" protect "$dir/hospital-a.csv" --name "Cohort of hospital A" --wallet hospital-a --json)")
b=$(field dataset "$("$iapp" protect "$dir/hospital-b.csv" --name "Cohort of hospital B" --wallet hospital-b --json)")
echo "hospital A owns $a ($(($(wc -l <"$dir/hospital-a.csv") - 1)) patients)"
echo "hospital B owns $b ($(($(wc -l <"$dir/hospital-b.csv") - 1)) patients)"

say "a developer packs a statistics program FROM scratch and registers it by digest"
mkdir "$dir/image"
cp "$build/examples/health/cohort" "$here/app/Dockerfile" "$dir/image/"
app=$(field app "$("$iapp" deploy "$dir/image" --name cohort --wallet developer --json)")
echo "the app is $app"

say "each hospital lets this app, run by this researcher, use its data until tonight"
"$iapp" grant "$a" --app "$app" --user "$researcher" --bulk --until 12h --wallet hospital-a
"$iapp" grant "$b" --app "$app" --user "$researcher" --bulk --until 12h --wallet hospital-b

say "the researcher runs it over both; only statistics come out, sealed to the researcher"
"$iapp" run "$app" --data "$a" --data "$b" --wallet researcher --out "$dir/result"

say "the result, and the same program on the clear files"
cat "$dir/result/statistics.csv"
"$build/examples/health/cohort" "$dir/hospital-a.csv" "$dir/hospital-b.csv" >"$dir/direct.csv"
cmp "$dir/result/statistics.csv" "$dir/direct.csv"
echo "equal to the direct computation"

say "anyone can check the receipt, offline"
"$iapp" verify "$dir/result/receipt.json" | tee "$dir/verified"
head -n 1 "$dir/verified" | grep -qx SIMULATED

say "hospital B takes its grant back; the same run is refused, by name"
"$iapp" revoke "$b" --app "$app" --wallet hospital-b
if "$iapp" run "$app" --data "$a" --data "$b" --wallet researcher --out "$dir/again" 2>"$dir/refused"; then
    echo "the run was not refused" >&2
    exit 1
fi
grep -E "^error" "$dir/refused"
grep -q "Cohort of hospital B" "$dir/refused"

say "every release and refusal is on the ledger"
"$iapp" audit
echo
echo "demo: ok"
