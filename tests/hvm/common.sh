# shellcheck shell=bash
# What the tests of HVM guests share: a simulated host of their own in a scratch
# directory, checks, and the images that they boot. Sourced in the build directory.
# Functions are called by name, as words of check.
# shellcheck disable=SC2034,SC2317
set -uo pipefail

srcdir=${srcdir:-$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)}
scratch=$(mktemp -d)
domo=$PWD/domo
export DOMO_HOST=sim:$scratch/host DOMO_SIMD=$PWD/lib/sim/domo-simd XENSTORED_PATH=$scratch/host/store.sock DOMO_SUPERVISOR=none
unset DOMO_FAULT DOMO_FAULTS DOMO_QEMU
# Builds with sanitizers: the client library of the store cancels its reading thread with an event in its hands.
echo 'leak:libxenstore' >"$scratch/lsan"
export LSAN_OPTIONS=suppressions=$scratch/lsan:print_suppressions=0
own_run=$scratch/host/state/domo
failed=0 checks=0

# Everything that is started here has the scratch directory in its command line.
qemus() {
	pgrep -f "qemu.*$scratch"
}

cleanup() {
	"$domo" host stop >"$scratch/stop" 2>&1
	qemus | xargs -r kill -9
	rm -rf "$scratch"
}
trap cleanup EXIT

# check WHAT COMMAND...
check() {
	local what=$1
	shift
	checks=$((checks + 1))
	if "$@" >"$scratch/out" 2>&1; then
		echo "ok $checks $what"
		return 0
	fi
	echo "not ok $checks $what"
	sed 's/^/# /' "$scratch/out"
	failed=1
}

# until_true COMMAND... - it becomes true within 20 seconds.
until_true() {
	local end=$((SECONDS + 20))
	while ! "$@"; do
		[[ $SECONDS -lt $end ]] || return 1
		sleep 0.05
	done
}

no() {
	! "$@"
}

same() {
	[[ $1 == "$2" ]] || { printf 'wanted: %s\ngot:    %s\n' "$1" "$2"; return 1; }
}

size() {
	stat -c %s "$1"
}

grows() {
	local before
	before=$(size "$1")
	until_true larger "$1" "$before"
}

larger() {
	[[ $(size "$1") -gt $2 ]]
}

# Does not get longer in half a second, in which nine ticks of the PC's clock come.
stands_still() {
	local before
	before=$(size "$1")
	sleep 0.5
	same "$before" "$(size "$1")"
}

# What a guest may leave: processes, files, nodes, memory. The rest of the state is the host's memory of names.
world() {
	local node
	echo "qemu: $(qemus | wc -l)"
	find "$own_run" -name 'dm-*' -o -name '*.json' 2>/dev/null
	ls "$scratch/host/state/lib"
	xenstore-list /local/domain
	for node in /local/domain/0/device-model /local/domain/0/backend /libxl /vm; do
		xenstore-ls "$node" 2>/dev/null
	done
	"$domo" host info --json | jq -c '[.guests, .free_kib]'
}

# keeps_schema FILE.json COMMAND... - what it prints is as that schema says.
keeps_schema() {
	local name=$1
	shift
	"$domo" "$@" --json >"$scratch/document" && python3 -W ignore - "$srcdir/schemas" "$name" "$scratch/document" <<-'END'
		import glob, json, os, sys
		import jsonschema
		folder, name, document = sys.argv[1:]
		store = {os.path.basename(f): json.load(open(f)) for f in glob.glob(folder + "/*.json")}
		resolver = jsonschema.RefResolver(name, store[name], store=store)
		jsonschema.Draft202012Validator(store[name], resolver=resolver).validate(json.load(open(document)))
	END
}

is_open() {
	[[ -n $(find /proc/[0-9]*/fd -lname "$1" 2>/dev/null) ]]
}

has_device_model() {
	compgen -G "$own_run/dm-*.pid" >/dev/null
}

# The process of a guest's device model.
dm_pid() {
	xenstore-read "/local/domain/$("$domo" domid "$1")/image/device-model-pid"
}

has_dead_model() {
	[[ $("$domo" tree "$1" --json | jq -r '.[0].device_model') == ended ]]
}

# ends - to be called last: the plan of what was checked, and whether all was well.
ends() {
	echo "1..$checks"
	exit $failed
}

"$srcdir/tests/hvm/build" "$scratch" || exit 99
