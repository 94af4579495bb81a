# shellcheck shell=bash
# The journeys' host is simulated: tests/bats/run-sim has set DOMO_HOST and made
# what is named here. The tools of a dom0 that the journeys use are functions
# that do the same to the simulated one.

SIM_DIR=${DOMO_HOST#sim:}
WORK=$SIM_DIR.work
TINY=$SIM_DIR.tiny
EXAMPLES=$(cd "${BASH_SOURCE[0]%/*}/../../examples" && pwd)
SCRIPTS=$SIM_DIR/scripts
SIM_TOOL=$(cd "${BASH_SOURCE[0]%/*}" && pwd)/sim-tool
export XENSTORED_PATH=$SIM_DIR/store.sock SIM_TOOL
GUEST_QUESTION=uname GUEST_ANSWER=domo-sim

mkdir -p "$WORK" "$SCRIPTS"

domo_create() { # NAME [key=value…]
	local name=$1
	shift
	domo create "$EXAMPLES/pv-linux.cfg" "name=$name" "kernel=$TINY" "ramdisk=$TINY" "disk=[]" "extra=console=hvc0" "$@"
}

# --- tools of a dom0 -----------------------------------------------------

# Our own: there is no stock one that works here.
xl() { (exec -a xl domo "$@"); }
losetup() { "$SIM_TOOL" losetup "$@"; }
ip() { "$SIM_TOOL" ip "$@"; }
bridge() { "$SIM_TOOL" bridge "$@"; }
# Hotplug scripts inherit them.
export -f losetup ip bridge

# --- guests --------------------------------------------------------------

guest_domid() { domo domid "$1"; }
guest_exec() { "$SIM_TOOL" console "$(xenstore-read "/local/domain/$(guest_domid "$1")/console/tty")" "$2"; } # NAME WORDS
wait_guest_ready() { guest_exec "$1" true; }
guest_answers() { guest_exec "$1" true; }
guest_disk_sectors() { guest_exec "$1" "size $2"; }
guest_disk_is_ro() { guest_exec "$1" disks | grep -q "^$2 [0-9]* ro "; }
# It has no processors of its own to count: what its hypervisor runs.
guest_vcpus() { domo list "$1" --json | json '.[0].vcpus'; }
guest_has_no_disk() {
	local disks
	disks=$(guest_exec "$1" disks) || return 1
	! grep -q "^$2 " <<<"$disks"
}
guest_disk_write() { guest_exec "$1" "write $2 $3 $4" && guest_exec "$1" "flush $2"; } # NAME DISK SECTOR TEXT

backend_path() { xenstore-read "/local/domain/$(guest_domid "$1")/device/$2/$3/backend" 2>/dev/null; }
backend_state() { xenstore-read "$(backend_path "$1" "$2" "$3")/state" 2>/dev/null; }
frontend_state() { xenstore-read "/local/domain/$(guest_domid "$1")/device/$2/$3/state" 2>/dev/null; }

# --- the host ------------------------------------------------------------

without_netback() {
	local rc=0
	"$SIM_TOOL" ask '{"op":"driver","kind":"vif","on":false}' >/dev/null
	"$@" || rc=$?
	"$SIM_TOOL" ask '{"op":"driver","kind":"vif","on":true}' >/dev/null
	return "$rc"
}

# Both in one text: each start of the tool takes more time than a guest's creation.
host_loops() { "$SIM_TOOL" world; }
host_ifaces() { :; }
# Under the names that they have on a real host.
host_files() {
	find "$SIM_DIR/state" "$SIM_DIR/cache" "$@" 2>/dev/null |
		sed -e "s#$SIM_DIR/state/lib#/var/lib/xen#; s#$SIM_DIR/state/run#/run/xen#; s#$SIM_DIR/state/domo#/run/domo#" \
			-e "s#$SIM_DIR/cache#/var/cache/domo/kernels#"
}
host_slowness() { echo 100; }

destroy_all() {
	local name
	for name in $(domo list | awk 'NR > 2 {print $1}'); do
		domo destroy "$name" >/dev/null 2>&1 || true
	done
}

# --- the world -----------------------------------------------------------

world_snapshot() { # DIR
	local dir=$1
	mkdir -p "$dir"
	xenstore-ls -fp | LC_ALL=C sort >"$dir/store"
	host_loops >"$dir/loops"
	host_ifaces >"$dir/links"
	domo list | awk '{print $1, $2, $3, $4}' >"$dir/domains"
	host_files \( -type d -printf '%y %M %u - %p\n' -o -printf '%y %M %u %s %p\n' \) | LC_ALL=C sort -k 5 >"$dir/files"
	"$SIM_TOOL" ask '{"op":"check"}' >"$dir/check"
}

world_compare() { # BEFORE AFTER [REGEX]
	local file same=0 out
	for file in "$1"/*; do
		file=${file##*/}
		out=$(diff -U 0 "$1/$file" "$2/$file" | grep '^[-+][^-+]' | grep -Ev -- "${3:-^$}" || true)
		if [[ -n $out ]]; then
			printf '%s:\n%s\n' "$file" "$out"
			same=1
		fi
	done
	return "$same"
}
