#!/bin/bash
# cli_test.sh BIN MAKE_DOMAIN DEMO_DOMAIN - the command line against a real broker and real workers: every exit code, JSON,
# Ctrl-C, keys, a restart of the broker. Needs the programs of BIN, make_domain with the demo
# domain's text, python3 and script(1).
set -u
bin=$1
make_domain=$2
demo=$3
folder=$(mktemp -d "${TMPDIR:-/tmp}/gpmq-cli-XXXXXX")
export XDG_CONFIG_HOME=$folder/config LC_ALL=C.UTF-8 HOME=$folder
unset GPMQ_BROKER NO_COLOR XDG_STATE_HOME
failed=0
pids=()

finish() {
    for pid in "${pids[@]}"; do kill "$pid" 2>/dev/null; done
    wait 2>/dev/null
    rm -rf "$folder"
}
trap finish EXIT

# expect CODE WORD SENTENCE COMMAND...: the exit code, and a word in what it says.
expect() {
    local code=$1 word=$2 sentence=$3
    shift 3
    "$@" >"$folder/out" 2>"$folder/err"
    local got=$?
    if [ $got -ne "$code" ] || ! cat "$folder/out" "$folder/err" <(echo) | grep -qF -- "$word"; then
        echo "FAILED: $sentence: exit $got, not $code, or no '$word' in:"
        cat "$folder/out" "$folder/err"
        failed=1
    else
        echo "ok: $sentence"
    fi
}

check() {
    local sentence=$1
    shift
    if "$@"; then echo "ok: $sentence"; else echo "FAILED: $sentence"; failed=1; fi
}

# wait_for COMMAND...: until it succeeds; 20 s at most.
wait_for() {
    for _ in $(seq 400); do
        "$@" >/dev/null 2>&1 && return 0
        sleep 0.05
    done
    echo "FAILED: waited in vain for: $*"
    exit 1
}

start_broker() {
    "$bin/gpmq-broker" --store "sqlite:$folder/queue.db" --control "ipc://$folder/control" \
        --worker "ipc://$folder/worker" --status "ipc://$folder/status" --lease-ms 2000 \
        --keepalive-ms 500 2>>"$folder/broker.log" &
    broker=$!
    pids+=("$broker")
}

gpmq() { "$bin/gpmq" "$@"; }

# ---- without a broker ---------------------------------------------------------------------------

expect 2 "did you mean 'backup'" "a typo of a command is recognized" gpmq bakup
expect 2 "did you mean --comment" "a typo of an option is recognized" gpmq backup --coment x
for daemon in gpmq-broker gpmq-worker; do
    expect 0 "$daemon 0." "$daemon tells its version" "$bin/$daemon" --version
done
expect 2 "gpmq-broker --store" "without a broker there is an example" gpmq ops
expect 2 "is no id" "what is no id is refused" gpmq show nonsense
expect 0 "gpmq backup --all" "help begins with examples" gpmq backup --help
check "help of all commands fits a screen" test "$(gpmq --help | wc -l)" -le 24
expect 7 "is it running" "no broker is exit 7" gpmq ops --broker "ipc://$folder/nobody"
expect 7 "is it running" "also for a ping" gpmq ping --broker "ipc://$folder/nobody"
expect 0 "gpmq ping --broker" "a ping has help" gpmq ping --help
expect 2 "no option '--timeout'" "and no time of its own" gpmq ping --timeout 3
mkdir -p "$folder/config/gpmq"
printf 'broker: ipc://%s/control\nbrokre: x\n' "$folder" >"$folder/config/gpmq/gpmq.yaml"
expect 2 "brokre" "an unknown key of the configuration is named" gpmq ops
rm "$folder/config/gpmq/gpmq.yaml"
expect 0 "admin" "keys are made" gpmq keys create boss --role admin --to "$folder" --json
expect 1 "not overwritten" "keys are not made twice" gpmq keys create boss --role admin --to "$folder"
check "a secret key is its owner's alone" test "$(stat -c %a "$folder/boss.key")" = 600
expect 0 "example.test" "a domain is made" gpmq domain create "$folder/domain" --dns-name example.test
expect 1 "$folder/domain" "a domain is not made twice" \
    gpmq domain create "$folder/domain" --dns-name example.test

# ---- with a broker and workers ------------------------------------------------------------------

mkdir "$folder/repo" "$folder/empty"
"$make_domain" "$demo" "$folder/demo" >/dev/null || exit 1
mkdir "$folder/admx"
cat >"$folder/admx/update.admx" <<'END'
<policyDefinitions xmlns="x"><policies><policy name="P" class="Machine" displayName="Named by the worker's folder"
 key="Software\Policies\Microsoft\Windows\WindowsUpdate\AU" valueName="UseWUServer"/></policies></policyDefinitions>
END
start_broker
for name in one two; do
    "$bin/gpmq-worker" --broker "ipc://$folder/worker" --name $name \
        --domain "example.test=folder:$folder/domain" --repository "nightly=$folder/repo" \
        --repository "empty=$folder/empty" --domain "demo=folder:$folder/demo" --templates "$folder/admx" \
        2>"$folder/worker-$name.log" &
    pids+=("$!")
done
export GPMQ_BROKER=ipc://$folder/control
wait_for gpmq ops
wait_for gpmq list gpos --domain example.test
expect 0 "ipc://$folder/control answered in" "a broker that is there answers a ping" gpmq ping
expect 0 '"type":"pong"' "also as JSON" gpmq ping --json
expect 0 "" "an empty domain has no GPOs" gpmq list gpos --domain example.test
expect 0 "there is no backup" "an empty repository is whole" gpmq verify empty
expect 1 "nosuch" "a GPO that is not there is exit 1" \
    gpmq backup nosuch --to nightly --domain example.test
expect 2 "which domain" "a missing domain is exit 2" gpmq backup --all --to nightly
expect 5 "bytes" "a comment that is too long is not accepted" \
    gpmq backup --all --to nightly --domain demo --comment "$(printf '%09000d' 1)"
expect 1 "knows no operation" "an unknown id is exit 1" \
    gpmq show 0193a1c07b5e7c1e8a54d3e1f0a9b8c7

gpo={11111111-2222-4333-8444-555555555555}
expect 8 "go on" "waiting has an end: exit 8" \
    gpmq backup "$gpo" --to nightly --domain nowhere --timeout 1
id=$(gpmq backup "$gpo" --to nightly --domain nowhere --detach)
check "--detach prints the id" test ${#id} -eq 32
expect 0 "no_worker" "show says why it waits" gpmq show "$id"
expect 0 "cancelled" "cancel answers" gpmq cancel "$id"
expect 4 "cancelled" "a cancelled one is exit 4" gpmq wait "$id"
expect 1 "too late" "what has ended cannot be cancelled" gpmq cancel "$id"
id=$(gpmq backup "$gpo" --to nightly --domain demo --not-before +1h --detach)
expect 0 "waiting: not_before" "--not-before waits" gpmq show "$id"
second=$(gpmq backup "$gpo" --to nightly --domain demo --after "$id" --detach)
expect 0 "waiting: dependency" "--after waits for the other" gpmq show "$second"
expect 0 "waits for    $id" "which is named" gpmq show "$second"
expect 0 "must succeed first" "in words too" gpmq show "$second"
expect 0 "waiting: not_before" "a list has the reasons" gpmq ops --open
gpmq cancel "$id" >/dev/null
expect 1 "which had to succeed first" "what waits for one that was cancelled fails" gpmq watch "$second"
batch=$(gpmq backup "$gpo" "{6AC1786C-016F-11D2-945F-00C04FB984F9}" --to nightly --domain demo --not-before +1h --detach)
second=$(gpmq backup "$gpo" --to nightly --domain demo --after "$batch" --detach)
expect 0 "batch $batch" "--after waits for a whole batch, too" gpmq show "$second"
gpmq cancel "$batch" >/dev/null
expect 1 "batch $batch, which had to succeed first" "which fails it when it is cancelled" \
    gpmq watch "$second"
expect 8 "expired" "--deadline ends what waits" \
    gpmq backup "$gpo" --to nightly --domain demo --not-before +1h --deadline +1
crash='{"ops":[{"id":"","kind":"noop","args":"{\"crash\":true}","backoff_ms":10}]}'
/usr/bin/python3 "$(dirname "$0")/client.py" "ipc://$folder/control" submit "$crash" >/dev/null
wait_for sh -c "'$bin/gpmq' dead list | grep -q dead"
dead=$(gpmq dead list | cut -d' ' -f1)
expect 0 '"state":"dead"' "what was given up is listed" gpmq dead list --json
again=$(gpmq dead retry --all)
check "a retry prints the id of the new operation" test "$again" != "$dead" -a ${#again} -eq 32
expect 1 "dead" "which has an end of its own" gpmq wait "$again"
expect 0 "retried as   $again" "and is named by the dead one" gpmq show "$dead"
expect 0 "retry of     $dead" "which it names" gpmq show "$again"
expect 0 "$again" "to retry twice is to retry once" gpmq dead retry "$dead"
expect 0 "$again" "what is dropped" gpmq dead drop "$again"
expect 0 "nothing is dead" "is off the list" gpmq dead list
expect 0 "dropped" "and still known" gpmq show "$again"
expect 1 "not dead" "only what is dead is run again" gpmq dead retry "$id"
expect 2 "take --all" "which is to be said" gpmq dead drop
expect 2 "as 90s, 15m" "a limit is a duration" gpmq backup "$gpo" --to nightly --run-limit soon

# ---- Ctrl-C, and a restart of the broker --------------------------------------------------------

# interrupted: follows an operation that nobody runs, until it has shown that it waits.
interrupted() {
    setsid "$bin/gpmq" backup "$gpo" --to nightly --domain nowhere --json >"$folder/live" 2>&1 &
    live=$!
    wait_for grep -q waiting "$folder/live"
}
interrupted
kill -INT $live
wait $live
check "Ctrl-C cancels and waits: exit 4" test $? -eq 4
check "and the answer is told" grep -q '"disposition":"cancelled"' "$folder/live"

interrupted
kill -KILL "$broker"
wait_for sh -c "! kill -0 $broker" # its store has an owner until then
start_broker
wait_for gpmq ops
op=$(sed -n 's/.*"type":"submitted".*"id":"\([0-9a-f]*\)".*/\1/p' "$folder/live")
wait_for gpmq cancel "$op"
wait $live
check "a follower survives a restart of the broker" test $? -eq 4

# ---- backups ------------------------------------------------------------------------------------

wait_for gpmq list gpos --domain demo
expect 0 "42 of 42 succeeded" "a whole domain is backed up" \
    gpmq backup --all --to nightly --domain demo --comment "first"
expect 0 "42 of 42 succeeded" "and imported into another" \
    gpmq import --all --from nightly --create --domain example.test
check "which then has them all" test "$(gpmq list gpos --domain example.test | wc -l)" -eq 42
expect 0 "succeeded" "one GPO is backed up by its name, in any case" \
    gpmq backup "default domain POLICY" --to nightly --domain demo
expect 1 "did you mean 'Default Domain Policy'" "a name that is nearly right is suggested" \
    gpmq backup "Default Domain Polic" --to nightly --domain demo
guid={31B2F340-016D-11D2-945F-00C04FB984F9}
expect 0 "succeeded" "and by its GUID, in any form" \
    gpmq backup 31b2f340-016d-11d2-945f-00c04fb984f9 --to nightly --domain demo
expect 3 "no GPO 'nosuch'" "an unknown name fails only that item: exit 3" \
    gpmq backup "$guid" nosuch --to nightly --domain demo
expect 3 "named twice" "a name given twice fails only that item" \
    gpmq backup "$guid" "$guid" --to nightly --domain demo
expect 0 "succeeded" "a backup is imported into a GPO that is there" \
    gpmq import "Default Domain Policy" --from nightly --into "Default Domain Policy" \
    --domain example.test
expect 2 "give one of them" "an import needs one target" \
    gpmq import "Default Domain Policy" --from nightly --domain example.test

# ---- restore and copy ---------------------------------------------------------------------------

policies=$folder/demo/Policies
kiosk=$(gpmq list gpos --domain demo | sed -n 's/^\({[^ ]*}\)  Kiosk - Lobby$/\1/p')
echo spoilt >"$policies/$kiosk/Machine/spoilt.txt"
printf 'x' >"$policies/$kiosk/User/registry.pol"
expect 0 "  - Machine/spoilt.txt (7 bytes)" "a dry run of a restore tells what is taken away" \
    gpmq restore "kiosk - lobby" --from nightly --domain demo --dry-run
check "and what is changed" grep -q '^  ~ User/registry.pol (1 -> [0-9]* bytes)$' "$folder/out"
check "and what it would become" grep -q "^would change  Kiosk - Lobby  $kiosk  contoso.example$" "$folder/out"
check "it takes nothing away" test -e "$policies/$kiosk/Machine/spoilt.txt"
expect 0 "succeeded  Kiosk - Lobby  $kiosk" "a GPO is restored by its name" \
    gpmq restore "kiosk - lobby" --from nightly --domain demo
check "what was not in the backup is gone" test ! -e "$policies/$kiosk/Machine/spoilt.txt"
rm -r "$policies/$kiosk" "$policies/$kiosk.ldif"
expect 0 "42 of 42 succeeded" "a whole domain is restored, what was deleted too" \
    gpmq restore --all --from nightly --domain demo
check "under its GUID" test -e "$policies/$kiosk.ldif"
expect 0 "there is no backup of example.test" "the backups of one domain are no other's" \
    gpmq restore --all --from nightly --domain example.test
expect 1 "no backup 'Kiosk - Lobby'" "not even by name" \
    gpmq restore "Kiosk - Lobby" --from nightly --domain example.test
stranger=$(gpmq list backups --from nightly | head -1 | cut -c 1-38)
expect 1 "is of the domain contoso.example" "nor by id" \
    gpmq restore "$stranger" --from nightly --domain example.test
expect 3 "no backup 'nosuch'" "a backup that is not there fails alone" \
    gpmq restore "Kiosk - Lobby" nosuch --from nightly --domain demo
expect 2 "which backups" "a restore needs to know what" gpmq restore --from nightly --domain demo
expect 0 "would make  Kiosk - Hall" "a dry run of a copy tells what it makes" \
    gpmq copy "Kiosk - Lobby" --as "Kiosk - Hall" --domain demo --dry-run
expect 0 "succeeded  Kiosk - Lobby" "a GPO is copied" \
    gpmq copy "Kiosk - Lobby" --as "Kiosk - Hall" --domain demo
expect 1 "has a GPO 'Kiosk - Hall' already" "a name that is taken is refused" \
    gpmq copy "Kiosk - Lobby" --as "KIOSK - HALL" --domain demo
expect 0 "which example.test does not know" "a copy goes to another domain, its strangers are told" \
    gpmq copy "$kiosk" --as "Kiosk - Elsewhere" --to-domain example.test --copy-acl --domain demo
check "it is there" test -n "$(gpmq list gpos --domain example.test | grep 'Kiosk - Elsewhere')"
expect 0 "would change  Kiosk - Elsewhere" "a dry run of an import" \
    gpmq import "Kiosk - Lobby" --from nightly --into "Kiosk - Elsewhere" --domain example.test --dry-run
expect 0 "43 of 43 succeeded; " "and of a backup" gpmq backup --all --to nightly --domain demo --dry-run
check "which says that nothing was changed" grep -q "a dry run, nothing was changed" "$folder/err"
gpmq restore --all --from nightly --domain demo --dry-run --json >"$folder/json"
check "as JSON each preview stands before the summary" python3 - "$folder/json" <<'PYTHON'
import json, sys
lines = [json.loads(line) for line in open(sys.argv[1])]
previews = [line for line in lines if line["type"] == "preview"]
assert len(previews) == 42 and lines[-1]["type"] == "summary"
assert all({"op", "label", "files", "attributes", "version", "result"} <= set(line) for line in previews)
PYTHON
expect 0 "no difference" "a backup and its live GPO are equal: exit 0" \
    gpmq diff "Kiosk - Lobby" --from nightly --domain demo
expect 10 "~ Name  Kiosk - Lobby -> Kiosk - Hall" "GPOs that differ: exit 10" \
    gpmq diff "Kiosk - Lobby" "Kiosk - Hall" --domain demo
expect 10 '"change":"changed","side":"General","area":"General","key":"Name"' "also as JSON" \
    gpmq diff "Kiosk - Lobby" "Kiosk - Hall" --domain demo --json
expect 10 "+ " "two backups are compared" \
    gpmq diff "Kiosk - Lobby" "Users - Logon script" --from nightly
expect 10 "" "quietly by the exit code alone" \
    gpmq diff "Kiosk - Lobby" "Users - Logon script" --from nightly --quiet
check "which says nothing" test ! -s "$folder/out"
expect 10 "-> Users - Logon script" "a backup and another live GPO, named by what they are" \
    gpmq diff "backup:Kiosk - Lobby" "gpo:Users - Logon script" --from nightly --domain demo
expect 1 "there are only" "as many backups back as there are" \
    gpmq diff "Kiosk - Lobby~1000" "Kiosk - Lobby" --from nightly
expect 1 "no backup 'nosuch'" "what is not there cannot be compared" gpmq diff nosuch --from nightly

# ---- migration tables ---------------------------------------------------------------------------

expect 2 "into which file" "a table needs a file" gpmq migration-table create --domain demo
expect 2 "backups or of GPOs" "it is made of one or the other" \
    gpmq migration-table create --domain demo --from nightly -o "$folder/x.migtable"
expect 0 "entries from $(gpmq list backups --from nightly | wc -l) backups" "a table is made of all backups" \
    gpmq migration-table create --from nightly -o "$folder/all.migtable"
expect 1 "no backup 'nosuch'" "a name that is not there fails the whole" \
    gpmq migration-table create --from nightly "Kiosk - Lobby" nosuch -o "$folder/x.migtable"
check "no file is left then" test ! -e "$folder/x.migtable"
expect 0 '"entries":3,"sources":1' "and of one GPO" \
    gpmq migration-table create "Admins - Tier 0 restrictions" --domain demo -o "$folder/a.migtable" --json
check "it is what GPMC's editor opens" test "$(head -c 4 "$folder/a.migtable" | od -An -tx1)" = " ff fe 3c 00"
expect 0 "ok  GlobalGroup" "its destinations are looked for" \
    gpmq migration-table validate "$folder/a.migtable" --domain example.test
iconv -f utf-16 -t utf-8 "$folder/a.migtable" | tr -d '\r\n' |
    sed 's|<DestinationSameAsSource />|<DestinationByRelativeName />|g; s|\(Schema Admins@contoso.example</Source>\) *<[^/]*/>|\1<Destination>EXAMPLE\\Nobody</Destination>|' \
    >"$folder/b.migtable"
expect 1 "knows no 'EXAMPLE" "one that is not there is exit 1" \
    gpmq migration-table validate "$folder/b.migtable" --domain example.test
check "the others are told all the same" grep -q "^ok  GlobalGroup    Domain Admins" "$folder/out"
expect 1 "SeDenyInteractiveLogonRight" "an import through it is refused, setting by setting" \
    gpmq import "Admins - Tier 0 restrictions" --from nightly --create --domain example.test \
    --migration-table "$folder/b.migtable"
sed 's|Schema Admins@contoso.example</Source>|&<x/>|' "$folder/b.migtable" >"$folder/c.migtable"
expect 9 "line 1: no element 'x'" "a table that is none is refused by line" \
    gpmq import "Admins - Tier 0 restrictions" --from nightly --create --domain example.test \
    --migration-table "$folder/c.migtable"
sed 's|<Destination>EXAMPLE.Nobody</Destination>|<DestinationNone />|' "$folder/b.migtable" >"$folder/d.migtable"
expect 0 "succeeded" "accounts become those of the other domain" \
    gpmq import "Admins - Tier 0 restrictions" --from nightly --create --name Mapped --domain example.test \
    --migration-table "$folder/d.migtable" --migration-table-only
mapped=$folder/domain/Policies/$(gpmq list gpos --domain example.test | sed -n 's/^\({[^ ]*}\)  Mapped$/\1/p')
check "no account of the old domain is left" \
    test -z "$(iconv -f utf-16 -t utf-8 "$mapped/Machine/Microsoft/Windows NT/SecEdit/GptTmpl.inf" | grep 1004336348)"
expect 0 "succeeded" "a copy goes through it, too" \
    gpmq copy "Admins - Tier 0 restrictions" --to-domain example.test --domain demo --migration-table "$folder/d.migtable"
python3 - "$folder/large.migtable" <<'PYTHON'
import sys
rows = "".join(f"<Mapping><Type>User</Type><Source>NORTH\\user{i}</Source><DestinationNone/></Mapping>" for i in range(9000))
space = "http://www.microsoft.com/GroupPolicy/GPOOperations/MigrationTable"
open(sys.argv[1], "wb").write(f'<MigrationTable xmlns="{space}">{rows}</MigrationTable>'.encode("utf-16"))
PYTHON
expect 0 '"entries":"9000"' "a table of a megabyte goes to the worker, too" \
    gpmq migration-table validate "$folder/large.migtable" --domain example.test --json
expect 0 "2 of 2 succeeded" "and with several imports" \
    gpmq import "Kiosk - Lobby" "Servers - Baseline" --from nightly --create --domain example.test \
    --migration-table "$folder/large.migtable"
expect 2 "goes with --migration-table" "--migration-table-only needs a table" \
    gpmq copy "Kiosk - Lobby" --domain demo --migration-table-only
expect 2 "does not begin as XML" "what is no XML is not sent" \
    gpmq copy "Kiosk - Lobby" --domain demo --migration-table /etc/passwd

copied=$(gpmq list gpos --domain demo | sed -n 's/^\({[^ ]*}\)  Kiosk - Hall$/\1/p')
rm -r "$policies/$copied" "$policies/$copied.ldif"

batch=$(gpmq backup --all --to nightly --domain demo --detach)
expect 0 "42 of 42 succeeded" "a batch can be waited for by its id" gpmq wait "$batch"
expect 0 "42 of 42 succeeded" "and watched when it is over" gpmq watch "$batch"
expect 0 "42 succeeded" "and shown" gpmq show "$batch"
check "and its operations listed" test "$(gpmq ops --batch "$batch" | grep -c succeeded)" -ge 42

gpmq backup --all --to nightly --domain demo --json >"$folder/json" 2>&1
gpmq list backups --from nightly --json >>"$folder/json"
gpmq list gpos --domain demo --json >>"$folder/json"
gpmq verify nightly --json >>"$folder/json"
gpmq ops --json >>"$folder/json"
gpmq show "$batch" --json >>"$folder/json"
gpmq cancel "$batch" --json >>"$folder/json" 2>/dev/null
gpmq ping --json >>"$folder/json"
check "every line of --json has type and schema, every history is whole" python3 - \
    "$folder/json" <<'PYTHON'
import json, sys
lines = [json.loads(line) for line in open(sys.argv[1])]
assert lines and all("type" in line and line["schema"] == 1 for line in lines)
seen = {}
for line in (line for line in lines if line["type"] == "status"):
    op, n, d = line["op"], line["progress_numerator"], line["progress_denominator"]
    assert line["seq"] == seen.get(op, 0) + 1
    assert (line["result"] is not None) == (n == d)
    seen[op] = line["seq"]
assert len(seen) > 42
PYTHON
gpmq backup --all --to nightly --domain demo >"$folder/piped" 2>&1
check "no escape bytes when piped" sh -c "! grep -q '$(printf '\033')' '$folder/piped'"
TERM=xterm script -qec "$bin/gpmq backup --all --to nightly --domain demo" \
    "$folder/screen" >/dev/null 2>&1 </dev/null
check "a terminal gets bars" grep -q " left" "$folder/screen"
TERM=xterm NO_COLOR=1 script -qec "$bin/gpmq backup --all --to nightly --domain demo" \
    "$folder/screen" >/dev/null 2>&1 </dev/null
check "and no colour where none is wanted" sh -c "! grep -q '\[36m' '$folder/screen'"
expect 0 "succeeded" "a verify finds nothing" gpmq verify nightly --read-data
backup=$(gpmq list backups --from nightly | head -1 | cut -c 1-38)
truncate -s 40 "$folder/repo/$backup/Backup.xml"
expect 9 "$backup" "damage is found: exit 9" gpmq verify nightly
expect 9 "$backup" "also of the one that is named" gpmq verify nightly "$backup"
expect 1 "nosuch" "a backup to verify that is not there is exit 1" gpmq verify nightly nosuch
expect 2 "keep what" "pruning needs a rule" gpmq prune nightly
expect 2 "number from 1 on" "that keeps something" gpmq prune nightly --keep-last 0
expect 1 "nosuch" "a GPO to prune that is not there is exit 1" gpmq prune nightly --keep-last 1 --gpo nosuch
expect 0 "would be removed" "a dry run of pruning tells what would go" gpmq prune nightly --keep-last 1 --dry-run
check "and removes nothing" test "$(gpmq list backups --from nightly | wc -l)" -gt 42
expect 0 "42 kept" "pruning keeps the newest backup of each GPO" gpmq prune nightly --keep-last 1
check "and the others are gone" test "$(gpmq list backups --from nightly | wc -l)" -eq 42
expect 0 '"kept":42,"removed":0' "pruning again removes nothing" gpmq prune nightly --keep-last 1 --json

# ---- reports ------------------------------------------------------------------------------------

expect 0 "report.html" "a report goes into a file" \
    gpmq report "Users - Logon script" --domain demo -o "$folder/report.html"
check "it is a page" sh -c "head -c 15 '$folder/report.html' | grep -q '<!DOCTYPE html>'"
gpmq report "Users - Logon script" --domain demo --xml >"$folder/report.xml" 2>"$folder/err"
check "on stdout is the report and nothing else" python3 -c \
    "import sys, xml.etree.ElementTree as t; assert t.parse(sys.argv[1]).getroot().tag.endswith('}GPO')" "$folder/report.xml"
expect 0 "succeeded" "a file's name says which format" \
    gpmq report "Users - Logon script" --domain demo -o "$folder/named.xml"
check "and both reports are one" sh -c \
    "grep -v ReadTime '$folder/report.xml' >'$folder/a'; grep -v ReadTime '$folder/named.xml' | cmp -s - '$folder/a'"
expect 0 '"type":"report"' "with --json the report is a line of its own" \
    gpmq report "Users - Logon script" --domain demo --json
id=$(gpmq report "Users - Logon script" --domain demo --xml --detach)
expect 0 "later.xml" "what was submitted with --detach is fetched later" gpmq report --op "$id" -o "$folder/later.xml"
check "and is the same report" sh -c "grep -v ReadTime '$folder/later.xml' | cmp -s - '$folder/a'"
expect 2 "is no id" "--op takes an id" gpmq report --op nonsense -o "$folder/x"
backup_op=$(gpmq backup "Users - Logon script" --to nightly --domain demo --detach)
expect 2 "made no report" "only a report is fetched" gpmq report --op "$backup_op" -o "$folder/x"
expect 0 "Name>Named by the worker's folder<" "a domain without a store has the worker's templates, inside the sandbox too" \
    gpmq report "Workstations - Windows Update" --domain demo --xml
expect 2 "give -o FOLDER" "several reports need a folder" gpmq report --all --domain demo
expect 0 "42 succeeded" "all go into one" \
    sh -c "$bin/gpmq report --all --domain demo -o '$folder/reports' >/dev/null && ls '$folder/reports' | wc -l | sed 's/$/ succeeded/'"
expect 3 "nosuch" "what is not there fails alone" \
    gpmq report nosuch "Users - Logon script" --domain demo -o "$folder/reports"
expect 0 "succeeded" "a backup has a report, too" \
    gpmq report --backup "Users - Logon script" --from nightly -o "$folder/backup.html"
expect 2 "takes one backup" "--backup is for one" gpmq report --backup x --all --from nightly
expect 2 "--html and --xml" "a report has one format" gpmq report x --html --xml --domain demo -o "$folder/x"
expect 1 "No such file" "a folder that is not there is said so" \
    gpmq report "Users - Logon script" --domain demo -o "$folder/nowhere/report.html"
expect 2 "it is there and no file" "only files are replaced" \
    gpmq report "Users - Logon script" --domain demo -o /dev/null
check "and nothing half is left" test -z "$(find "$folder" -maxdepth 2 -name '.gpmq-report-*')"
TERM=xterm script -qec "$bin/gpmq report 'Users - Logon script' --domain demo" "$folder/screen" >/dev/null 2>&1 </dev/null
check "a report is not for a terminal" grep -q "not for a terminal" "$folder/screen"
expect 0 "plan.xml" "what a computer and a user would get is planned" \
    gpmq report --rsop --computer WEB1 --user alindqvist --domain demo -o "$folder/plan.xml"
check "an enforced baseline beats what is nearer" python3 -c \
    "import sys, xml.etree.ElementTree as t; g = '{urn:gpmq:report}'
values = [s.findall(g + 'Value') for s in t.parse(sys.argv[1]).iter(g + 'Setting') if s.find(g + 'Name').text.endswith('EventLog\\\\Security\\\\MaxSize')]
assert [[v.find(g + x).text for x in ('Standing', 'GPO')] for v in values[0]] == [['wins', 'Servers - Baseline'], ['beaten', 'Servers - Web servers']]" "$folder/plan.xml"
expect 0 "plan.html" "and is a page" \
    gpmq report --rsop --computer KIOSK-01 --user moett --loopback merge --wmi-false "Windows 11" --domain demo -o "$folder/plan.html"
expect 1 "no account 'nobody'" "who is nobody has no plan" gpmq report --rsop --user nobody --domain demo -o "$folder/x"
expect 2 "need --rsop" "an option of plans needs --rsop" gpmq report --computer WEB1 --domain demo -o "$folder/x"
expect 2 "which computer" "a plan is for somebody" gpmq report --rsop --domain demo -o "$folder/x"

expect 5 "start one, or check the name" "what nobody serves cannot be listed" \
    gpmq list gpos --domain nowhere --timeout 1
check "and is not left in the queue" sh -c "! $bin/gpmq ops | grep -q 'gpo.list *waiting'"

# ---- names of others ----------------------------------------------------------------------------

policy=$(ls "$folder"/demo/Policies/*.ldif | head -1)
name=$(printf '\302\233%02000d' 0 | base64 -w 0)
sed -i "s/^displayName: .*/displayName:: $name/" "$policy"
expect 0 "42 of 42 succeeded" "a monstrous name stops no backup" \
    gpmq backup --all --to nightly --domain demo
gpmq list gpos --domain demo >"$folder/out"
check "nor does it reach the terminal" sh -c "! grep -q '$(printf '\302\233')' '$folder/out'"

gpmq report --all --domain demo -o "$folder/monstrous" >"$folder/out" 2>&1
check "nor does it stop a report" test "$(ls "$folder/monstrous" | wc -l)" -eq 42

# ---- the queue itself ---------------------------------------------------------------------------

expect 0 "busy" "the workers are listed" gpmq workers
expect 0 "at most 1000000" "the numbers are told" gpmq stats
expect 0 "paused" "an admin can pause" gpmq pause --kind noop-nobody
expect 0 "kind noop-nobody" "a pause is listed" gpmq stats
expect 0 "resumed" "and ended" gpmq resume --kind noop-nobody
check "and then listed no more" test -z "$(gpmq stats | grep noop-nobody)"
expect 1 "no worker 'nobody'" "a worker that is not here cannot be drained" gpmq drain nobody
gpmq workers --json >"$folder/json"
gpmq stats --json >>"$folder/json"
gpmq pause --kind gpo.backup --json >>"$folder/json"
gpmq backup --all --to nightly --domain demo --detach >"$folder/batch" 2>/dev/null
check "what comes in a pause waits for its end" test -n "$(gpmq ops --open --json | grep '"reason":"paused"')"
gpmq resume --kind gpo.backup --json >>"$folder/json"
check "and then runs" gpmq wait --timeout 60 --quiet "$(cat "$folder/batch")"
check "each has its line of JSON" test "$(grep -c '"schema":1' "$folder/json")" -ge 4

# ---- keys ---------------------------------------------------------------------------------------

mkdir "$folder/admitted"
gpmq keys create server --role broker --to "$folder" --quiet
gpmq keys create stranger --role client --to "$folder" --quiet
cp "$folder/boss.pub" "$folder/admitted"
"$bin/gpmq-broker" --store memory: --control "ipc://$folder/control-2" \
    --worker "ipc://$folder/worker-2" --status "ipc://$folder/status-2" \
    --key "$folder/server.key" --keys "$folder/admitted" 2>>"$folder/broker.log" &
pids+=("$!")
export GPMQ_BROKER=ipc://$folder/control-2
with_key() { gpmq ops --key "$folder/$1.key" --server-key "$folder/$2.pub"; }
wait_for with_key boss server
expect 0 "" "a key that is admitted works" with_key boss server
expect 6 "does not accept our key" "a key that is not admitted is exit 6" with_key stranger server
expect 6 "asks for a key" "no key is exit 6" gpmq ops
expect 6 "asks for a key" "also for a ping" gpmq ping
chmod 644 "$folder/boss.key"
expect 1 "chmod 600" "a secret that others may read is refused" with_key boss server

exit $failed
