#!/bin/sh
# one-object.sh LD NM OBJCOPY OUT INPUT...: links objects, and what they need of archives, into one object whose only global
# names are the C ABI's. So the static library cannot clash with whatever else a program links, and never pulls in what
# verification does not use.
set -eu
ld=$1 nm=$2 objcopy=$3 out=$4
shift 4
"$ld" -r --force-group-allocation -o "$out.whole" --start-group "$@" --end-group
# objcopy makes local what is global or weak, but leaves STB_GNU_UNIQUE alone: those become weak first.
"$nm" "$out.whole" | awk '$(NF-1) == "u" {print $NF}' | sort -u >"$out.unique"
"$objcopy" --weaken-symbols="$out.unique" "$out.whole"
"$objcopy" --wildcard --keep-global-symbol='iapp_attest_*' "$out.whole" "$out"
rm -f "$out.whole" "$out.unique"
