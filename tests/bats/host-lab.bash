# shellcheck shell=bash
# The journeys' host is real: dom0 of the lab. Everything is what it says it is.

# shellcheck source=tests/lab/helper.bash
source "${BASH_SOURCE[0]%/*}/../lab/helper.bash"

WORK=/lab/work
TINY=/lab/guest/tiny
EXAMPLES=/lab/examples
SCRIPTS=/etc/xen/scripts
# What a person types at a guest's console, and what then is to be read there, but not in what was typed.
GUEST_QUESTION='echo console-$((40+2))' GUEST_ANSWER=console-42

# domo_create NAME [key=value…] - a guest from the example, with the lab's kernel.
domo_create() {
	local name=$1
	shift
	domo create "$EXAMPLES/pv-linux.cfg" "name=$name" "kernel=$GUEST_KERNEL" "ramdisk=$GUEST_RAMDISK" \
		"extra=console=hvc0 $GUEST_FAST $GUEST_WORDS" "$@"
}

# --- what a guest sees ---------------------------------------------------

guest_answers() { guest_exec "$1" true; }                         # NAME
guest_disk_sectors() { guest_exec "$1" "cat /sys/block/$2/size"; } # NAME DISK
guest_disk_is_ro() { [[ $(guest_exec "$1" "cat /sys/block/$2/ro") == 1 ]]; }
guest_vcpus() { guest_exec "$1" nproc; }                            # NAME
guest_has_no_disk() { [[ $(guest_exec "$1" "test -e /sys/block/$2 || echo gone") == gone ]]; }
guest_disk_write() { # NAME DISK SECTOR TEXT
	guest_exec "$1" "echo '$4' | dd of=/dev/$2 bs=512 seek=$3 conv=sync,fsync 2>/dev/null"
}

# --- the host ------------------------------------------------------------

# without_netback COMMAND… - runs it while no driver serves interfaces.
without_netback() {
	local rc=0
	rmmod xen-netback
	"$@" || rc=$?
	modprobe xen-netback
	return "$rc"
}

host_loops() { losetup -l -n -O NAME,BACK-FILE; }
host_ifaces() { printf '%s\n' /sys/class/net/*; }
host_files() { printf '%s\n' /var/lib/xen/* /run/domo/*/* /run/domo/*.json; }

# The percentage that this machine needs of the idle lab's time, where a stock "xl list" takes 170 ms.
host_slowness() {
	local start
	start=$(date +%s%N)
	xl list >/dev/null
	echo $((($(date +%s%N) - start) / 1700000))
}

destroy_all() {
	local name
	for name in $(xl list | awk 'NR > 2 {print $1}'); do
		xl destroy "$name" >/dev/null 2>&1 || true
	done
}
