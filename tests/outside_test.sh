#!/bin/bash
# outside_test.sh BUILD SOURCE MAKE_DOMAIN - strangers: programs in C, C++ and Python and a plug-in, built from an installed
# prefix and nothing else, run against the broker and worker installed there.
set -u
build=$1
source=$2
make_domain=$3
folder=$(mktemp -d "${TMPDIR:-/tmp}/gpmq-outside-XXXXXX")
prefix=$folder/usr
control=ipc://$folder/control
export LC_ALL=C.UTF-8 HOME=$folder
passed=0
failed=0
pids=()

finish() {
    for pid in "${pids[@]}"; do kill "$pid" 2>/dev/null; done
    wait 2>/dev/null
    rm -rf "$folder"
}
trap finish EXIT

# count WORD SENTENCE: "ok" or "FAILED".
count() {
    echo "$1: $2"
    if [ "$1" = ok ]; then passed=$((passed + 1)); else failed=$((failed + 1)); fi
}

# check SENTENCE COMMAND...: that it succeeds; else shows what it said.
check() {
    local sentence=$1
    shift
    if "$@" >"$folder/out" 2>&1; then
        count ok "$sentence"
    else
        count FAILED "$sentence: $*"
        tail -n 30 "$folder/out"
    fi
}

# told PATTERN SENTENCE: that the command before said so.
told() {
    if grep -qE -- "$1" "$folder/out"; then
        count ok "$2"
    else
        count FAILED "$2: no '$1' in:"
        cat "$folder/out"
    fi
}

# ---- an installed prefix, and programs built from it ---------------------------------------------

check "everything is installed below a prefix" cmake --install "$build" --prefix "$prefix"
pc=$(dirname "$(find "$prefix" -name gpmq.pc)")
export PKG_CONFIG_PATH=$pc LD_LIBRARY_PATH=$(dirname "$pc")
cd "$folder" || exit 1
cp -r "$source/tests/outside" programs
warnings=(-Wall -Wextra -Werror -pedantic)

# The words of pkg-config are meant to be split.
# shellcheck disable=SC2046
c_program() { ${CC:-cc} -std=c11 "${warnings[@]}" -o backup programs/backup.c $(pkg-config --cflags --libs gpmq); }
# shellcheck disable=SC2046
plug_in() { ${CC:-cc} -std=c11 "${warnings[@]}" -shared -fPIC -o usage.so programs/plugin.c $(pkg-config --cflags gpmq); }
cxx_program() {
    cmake -S programs/cxx -B cxx -G Ninja -DCMAKE_PREFIX_PATH="$prefix" -DCMAKE_CXX_FLAGS="${warnings[*]}" &&
        cmake --build cxx
}
# The first program of the README, between ```c and ```.
readme_program() { awk '/^```$/ {on = 0} on; /^```c$/ {on = 1}' "$source/README.md"; }

check "a C program builds with pkg-config" c_program
check "a plug-in builds with one header" plug_in
check "a C++ program builds with find_package" cxx_program
check "the README has the program that was built" diff <(readme_program) programs/backup.c
check "it has under 40 lines" test "$(wc -l <programs/backup.c)" -lt 40
check "the plug-in has under 80 lines" test "$(wc -l <programs/plugin.c)" -lt 80
check "the plug-in exports one symbol" test "$(nm -D --defined-only usage.so | grep -c ' [A-Z] gpmq_')" = 1
check "the library has a version in its name" test -e "$LD_LIBRARY_PATH/libgpmq.so.0"
check "the library exports nothing but gpmq_" \
    test -z "$(nm -D --defined-only "$LD_LIBRARY_PATH/libgpmq.so" | grep -E ' [TDBR] ' | grep -vE ' gpmq_|__asan|__ubsan|__odr')"

# ---- against what is installed ---------------------------------------------------------------------

mkdir backups weekly
"$make_domain" "$source/tests/data/demo-domain" domain >/dev/null
cat >greet.sh <<'SCRIPT'
#!/bin/sh
echo 'progress 1 2' >&3
echo 'result {"type": "greeting", "properties": {"hello": "world"}}' >&3
SCRIPT
chmod +x greet.sh
cat >worker.yaml <<SETTINGS
broker: ipc://$folder/worker
domains: [{name: example.test, url: "folder:$folder/domain"}]
repositories: [{name: nightly, url: "$folder/backups"}, {name: weekly, url: "folder:$folder/weekly"}]
plugins: [$folder/usage.so]
programs: [{kind: site.greet, command: [$folder/greet.sh]}]
SETTINGS
check "a worker's settings with them are good" "$prefix/bin/gpmq-worker" --config worker.yaml --check
sed "s,usage.so,missing.so," worker.yaml >missing.yaml
check "a plug-in that is not there is told" bash -c "! '$prefix/bin/gpmq-worker' --config missing.yaml --check 2>&1"
told "missing.so" "... by its name"
sed "s,site.greet,noop," worker.yaml >twice.yaml
check "a kind that is there already is refused" bash -c "! '$prefix/bin/gpmq-worker' --config twice.yaml --check 2>&1"
told "'noop'" "... by its name"

"$prefix/bin/gpmq-broker" --store "sqlite:$folder/queue.db" --control "$control" --worker "ipc://$folder/worker" \
    --status "ipc://$folder/status" 2>broker.log &
pids+=($!)
"$prefix/bin/gpmq-worker" --config worker.yaml 2>worker.log &
pids+=($!)

check "the C program backs up a GPO" ./backup "$control" example.test "{31B2F340-016D-11D2-945F-00C04FB984F9}" nightly
told "100 % succeeded" "... and shows its end"
told "^backup [{]" "... and the backup"
check "... which is there" test "$(find backups -name Backup.xml | wc -l)" = 1
check "its exit code tells of a failure" bash -c \
    "./backup '$control' example.test '{00000000-0000-0000-0000-000000000001}' nightly; test \$? = 1"
check "the C++ program runs the plug-in" cxx/usage "$control" nightly weekly
told '^nightly: [1-9][0-9]* files, [0-9]+ bytes$' "... which has counted"
told '^weekly: 0 files, 0 bytes$' "... everything"
python_client() { /usr/bin/python3 "$source/tests/client.py" "$control" "$@"; }
python_greets() {
    local id=0193a100000070008000000000000001
    python_client submit "{\"ops\": [{\"id\": \"$id\", \"kind\": \"site.greet\"}]}" && python_client follow $id
}
check "the Python client runs the program" python_greets
told '"hello"' "... and has its result"
told '"succeeded"' "... and its end"

echo "$passed passed, $failed failed, 0 skipped"
[ $failed = 0 ]
