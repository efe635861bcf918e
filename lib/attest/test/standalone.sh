#!/usr/bin/env bash
# standalone.sh PART SOURCE SCRATCH BUILD LIBDIR MAKE_SAMPLE: the installed library as a stranger uses it. Only the installed
# tree is on any path. PART: install, abi, c, cpp.
set -euo pipefail
part=$1 source=$2 scratch=$3 build=$4 libdir=$5 make_sample=$6
prefix=$scratch/prefix sample=$scratch/sample
lib=$prefix/$libdir
export PKG_CONFIG_PATH=$lib/pkgconfig LD_LIBRARY_PATH=$lib
: "${CC:=cc}" "${CXX:=c++}" "${CMAKE:=cmake}"
warnings=(-Wall -Wextra -Wpedantic -Wshadow -Werror)

die() { echo "attest_standalone_$part: $1" >&2; exit 1; }
same() { [ "$1" = "$2" ] || die "$3: got [$1], want [$2]"; }

# expect PROGRAM STATUS REASON EVIDENCE REPORT_DATA: both verdicts of the examples, by exit code and by the check they name.
expect() {
    local out status=0
    out=$("$1" "$sample/policy.json" "$sample/$4" "$(cat "$sample/time")" -e "$sample/collateral.json" -l "$sample/log.json" \
        -r "$sample/$5" -d "$sample/root.pem" 2>&1) || status=$?
    same "$status" "$2" "$1 $4: $out"
    [[ $out == *"$3"* ]] || die "$1 $4 does not name $3: $out"
}

expect_all() {
    expect "$1" 0 "$2" quote.bin report_data.bin
    expect "$1" 0 "$2" quote.hex report_data.bin
    expect "$1" 6 attest.signature bent.bin report_data.bin
    expect "$1" 6 attest.evidence_kind garbage.bin report_data.bin
    expect "$1" 6 attest.report_data quote.bin other_report_data.bin
    local status=0
    "$1" "$sample/garbage.bin" "$sample/quote.bin" 1 >/dev/null 2>&1 || status=$?
    same "$status" 2 "$1 with a policy of noise"
    status=0
    "$1" "$sample/policy.json" "$sample/quote.bin" "$(cat "$sample/time")" >"$scratch/vendor.txt" 2>&1 || status=$?
    same "$status" 6 "$1 under the vendors' roots"
    grep -q attest.root "$scratch/vendor.txt" || die "the vendors' roots vouched for a simulation"
}

install_tree() {
    rm -rf "$scratch"
    mkdir -p "$scratch"
    "$CMAKE" --install "$build" --component attest --prefix "$prefix" >"$scratch/install.txt"
    "$make_sample" "$sample"
    same "$(cd "$prefix" && find . -name '*.h*')" ./include/iapp/attest.h "installed headers"
}

abi() {
    local so=$lib/libiapp-attest.so archive=$lib/libiapp-attest.a names
    names=$(grep -o 'iapp_attest_[a-z_]*;' "$source/exports.map" | tr -d ';' | sort)
    same "$(nm -D --defined-only --without-symbol-versions "$so" | awk '$2 != "A" {print $3}' | sort)" "$names" "names of the .so"
    same "$(nm -g --defined-only "$archive" | awk 'NF == 3 {print $3}' | sort)" "$names" "names of the .a"
    same "$(readelf -d "$so" | sed -n 's/.*SONAME.*\[\(.*\)\]/\1/p')" libiapp-attest.so.0 SONAME
    same "$(readelf -d "$so" | sed -n 's/.*NEEDED.*\[\(.*\)\]/\1/p' |
        grep -vE '^(libcrypto\.so\.3|libstdc\+\+\.so\.6|libgcc_s\.so\.1|libm\.so\.6|libc\.so\.6|ld-linux.*)$' || true)" "" "needs"
    readelf -d "$so" | grep -q TEXTREL && die "text relocations"
    same "$(nm -u "$archive" | awk 'NF == 2 {print $2}' | grep -iE 'secp256k1|botan|boost|iapp|inflate|deflate|sqlite' || true)" "" "undefined in the .a"
    local standard
    for standard in c99 c11 c17; do
        echo '#include <iapp/attest.h>' | "$CC" -std=$standard "${warnings[@]}" -I"$prefix/include" -x c -c - -o /dev/null
    done
    for standard in c++17 c++20 c++23; do
        echo '#include <iapp/attest.h>' | "$CXX" -std=$standard "${warnings[@]}" -I"$prefix/include" -x c++ -c - -o /dev/null
    done
}

# memcheck PROGRAM ARGUMENT...: under valgrind where there is one; verdicts stay the program's own.
memcheck() {
    if ! command -v valgrind >/dev/null; then echo "valgrind is not here: memory was not checked"; return; fi
    valgrind -q --leak-check=full --errors-for-leak-kinds=definite,indirect --error-exitcode=99 "$@"
}

c() {
    local flags crypto
    read -ra flags < <(pkg-config --cflags --libs iapp-attest)
    read -ra crypto < <(pkg-config --libs libcrypto)
    same "$(pkg-config --modversion iapp-attest)" "$(sed -n 's/^project(iapp VERSION \([0-9.]*\).*/\1/p' "$source/../../CMakeLists.txt")" version
    "$CC" -std=c99 "${warnings[@]}" "$source/example/verify.c" -o "$scratch/verify_c" "${flags[@]}"
    "$CC" -std=gnu99 -O1 -g "${warnings[@]}" "$source/test/consumer.c" -o "$scratch/consumer" "${flags[@]}" -pthread
    "$CC" -std=gnu99 -O1 -g "${warnings[@]}" -I"$prefix/include" "$source/test/consumer.c" "$lib/libiapp-attest.a" \
        -o "$scratch/consumer_static" "${crypto[@]}" -lstdc++ -lm -pthread
    expect_all "$scratch/verify_c" '"verdict":"accepted"'
    "$scratch/consumer" "$sample"
    LD_LIBRARY_PATH='' "$scratch/consumer_static" "$sample"
    memcheck "$scratch/consumer" "$sample"
}

cpp() {
    local program
    # LD_LIBRARY_PATH is for our programs, not for cmake.
    env -u LD_LIBRARY_PATH "$CMAKE" -S "$source/example" -B "$scratch/example" -DCMAKE_PREFIX_PATH="$prefix" \
        -DCMAKE_C_COMPILER="$CC" -DCMAKE_CXX_COMPILER="$CXX" -DCMAKE_CXX_FLAGS="${warnings[*]}" >"$scratch/configure.txt"
    "$CMAKE" --build "$scratch/example" >"$scratch/build.txt" || { cat "$scratch/build.txt"; die "the examples do not build"; }
    for program in verify verify_static; do expect_all "$scratch/example/$program" "ACCEPTED, SIMULATED"; done
    expect_all "$scratch/example/verify_c_static" '"verdict":"accepted"'
}

case $part in
    install) install_tree ;;
    abi | c | cpp) "$part" ;;
    *) die "no such part" ;;
esac
echo "attest_standalone_$part: ok"
