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
BLOCK_BACKEND=${BUILD-}/examples/block-backend/.libs/block-backend
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
# A simulated guest has one page for data and no tools: eight places stand for the whole.
guest_disk_sum() {
	local sector
	for sector in 0 1 2 3 9 100 4096 8191; do guest_exec "$1" "read $2 $sector" | cksum; done
}
guest_disk_fill() {
	local sector
	for sector in 100 4096 8191; do guest_exec "$1" "write $2 $sector $RANDOM$RANDOM"; done
}
host_disk_sum() {
	local sector
	for sector in 0 1 2 3 9 100 4096 8191; do host_sector "$1" "$sector" | cksum; done
}
host_sector() { # FILE SECTOR - as the guest's "read" prints it
	dd if="$1" bs=512 skip="$2" count=1 2>/dev/null | python3 -c '
import sys
b = sys.stdin.buffer.read()
text = b.rstrip(b"\0")
if text and all(32 <= c < 127 for c in text):
    print(text.decode())
else:
    for at in range(0, 512, 32):
        if any(b[at:at + 32]):
            print("%03x: %s" % (at, b[at:at + 32].hex()))'
}

backend_path() { xenstore-read "/local/domain/$(guest_domid "$1")/device/$2/$3/backend" 2>/dev/null; }
backend_state() { xenstore-read "$(backend_path "$1" "$2" "$3")/state" 2>/dev/null; }
frontend_state() { xenstore-read "/local/domain/$(guest_domid "$1")/device/$2/$3/state" 2>/dev/null; }

# --- driver domains ------------------------------------------------------

# A file there, which is of this machine, and what may be read of it here.
DRIVER_DISK=$WORK/driver.img

driver_create() { # NAME
	truncate -s 8M "$DRIVER_DISK"
	tiny_create "$1" driver_domain=1
}
driver_host() { echo "sim:$SIM_DIR?domid=$(guest_domid "$1")"; } # NAME
driver_devd() { # NAME
	DOMO_HOST=$(driver_host "$1") domo devd -p "$WORK/$1.pid" -l "$WORK/$1.log" 3>&-
}
driver_devd_end() { # NAME SIGNAL
	local pid
	pid=$(cat "$WORK/$1.pid") || return
	kill "-$2" "$pid"
	tail --pid="$pid" -f /dev/null
}
driver_devd_log() { cat "$WORK/$1.log"; } # NAME
driver_devd_script() { cat >"$SCRIPTS/$2" && chmod 755 "$SCRIPTS/$2"; } # NAME SCRIPT <TEXT
driver_loops() { "$SIM_TOOL" ask "{\"op\":\"loop_list\",\"as\":$(guest_domid "$1")}" | jq -r .out | grep -c . || true; } # NAME
driver_bridge_ports() { # NAME
	local id name
	id=$(guest_domid "$1")
	for name in $("$SIM_TOOL" ask "{\"op\":\"iface_list\",\"as\":$id}" | jq -r '.names[]'); do
		"$SIM_TOOL" ask "{\"op\":\"iface\",\"as\":$id,\"name\":\"$name\"}" | jq -r .out | grep -q '^[0-9]* [1-9]' && echo "$name"
	done
	true
}
driver_disk_text() { dd if="$DRIVER_DISK" bs=512 skip="$2" count=1 status=none | tr -d '\0' | head -n 1; } # NAME SECTOR
# Whoever runs in a domain dies with it.
driver_destroy() { # NAME
	local pid=
	[[ ! -s $WORK/$1.pid ]] || pid=$(cat "$WORK/$1.pid")
	domo destroy "$1" >/dev/null
	[[ -z $pid ]] || kill -KILL "$pid" 2>/dev/null || true
	rm -f "$WORK/$1.pid" "$WORK/$1.log"
}

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
