# shellcheck shell=bash
# The journeys' host is real: dom0 of the lab. Everything is what it says it is.

# shellcheck source=tests/lab/helper.bash
source "${BASH_SOURCE[0]%/*}/../lab/helper.bash"

# Tests that want a supervisor start one.
export DOMO_SUPERVISOR=none
WORK=/lab/work
TINY=/lab/guest/tiny
EXAMPLES=/lab/examples
BLOCK_BACKEND=/usr/lib/domo/tests/block-backend
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

# The sum of all of the disk, past the guest's cache; and random data over its second half.
guest_disk_sum() { guest_exec "$1" "echo 3 >/proc/sys/vm/drop_caches; dd if=/dev/$2 bs=64k 2>/dev/null | md5sum" | cut -d ' ' -f 1; }
guest_disk_fill() {
	guest_exec "$1" "s=\$((\$(cat /sys/block/$2/size) / 256)); dd if=/dev/urandom of=/dev/$2 bs=64k seek=\$s count=\$s conv=fsync 2>/dev/null"
}
host_disk_sum() { md5sum <"$1" | cut -d ' ' -f 1; }
# --- driver domains ------------------------------------------------------

# A file that is in the driver domain alone.
DRIVER_DISK=/srv/data.img

# driver_create NAME - Debian's kernel with its own back ends, and dom0's programs, ours among them, as its ramdisk.
driver_create() {
	[[ -s /lab/driver.img ]] || /lab/tests/lab/driver/pack /lab/driver.img
	domo create /dev/null "name=$1" 'type="pv"' driver_domain=1 memory=512 "kernel=/lab/guest/vmlinux" \
		ramdisk=/lab/driver.img "extra=console=hvc0 rdinit=/init $GUEST_FAST"
	wait_guest_ready "$1" 120
}
driver_devd() { guest_exec "$1" "domo devd -p /run/devd.pid -l /run/devd.log"; } # NAME
driver_devd_end() { # NAME SIGNAL
	guest_exec "$1" "p=\$(cat /run/devd.pid); kill -$2 \$p; while kill -0 \$p 2>/dev/null; do usleep 20000; done"
}
driver_devd_log() { guest_exec "$1" "cat /run/devd.log"; } # NAME
driver_devd_script() { # NAME SCRIPT <TEXT
	local text
	text=$(base64 -w 0)
	guest_exec "$1" "echo $text | base64 -d >/etc/xen/scripts/$2 && chmod 755 /etc/xen/scripts/$2"
}
# The shell there prefers busybox's own.
driver_loops() { guest_exec "$1" "/usr/sbin/losetup -n -l -O NAME | wc -l"; } # NAME
driver_bridge_ports() { guest_exec "$1" "ls /sys/class/net/xenbr0/brif"; }         # NAME
driver_disk_text() { guest_exec "$1" "dd if=$DRIVER_DISK bs=512 skip=$2 count=1 2>/dev/null | tr -d '\\0' | head -n 1"; } # NAME SECTOR
driver_destroy() { domo destroy "$1" >/dev/null; }                                # NAME

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
