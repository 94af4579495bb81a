#!/usr/bin/env bats
# What only real Xen can show of PVH guests: packets, ACPI as Linux reads it, stock xl beside domo, the hypervisor's parameters.

load common

PARAMS=/usr/lib/domo/tests/guest_params
# Unpacked: xl needs seconds for a packed one each time.
GUEST_KERNEL=/lab/guest/vmlinux

setup_file() {
	cd "$WORK" || return
	truncate -s 16M a.img
	truncate -s 8M extra.img
	world_snapshot before
}

setup() { cd "$WORK" || return; }

# With BARE set it has no devices.
guest_cfg() { # NAME LAST-BYTE [LINE…]
	cat <<-C
		name = "$1"
		type = "pvh"
		kernel = "$GUEST_KERNEL"
		ramdisk = "$GUEST_RAMDISK"
		extra = "console=hvc0 $GUEST_FAST domoip=10.77.0.2$2/24"
		memory = 256
		vcpus = 2
		maxvcpus = 3
		uuid = "11111111-2222-4333-8444-66666666666$2"
	C
	[[ -n ${BARE-} ]] || cat <<-C
		disk = [ "$WORK/a.img,raw,xvda,w" ]
		vif = [ "bridge=xenbr0,mac=00:16:3e:00:00:2$2" ]
	C
	shift 2
	[ $# -eq 0 ] || printf '%s\n' "$@"
}

# The guest's nodes, with its domid and what the hypervisor picks at random made the same.
tree_of() { # NAME
	local id
	id=$(guest_domid "$1")
	xenstore-ls -fp | grep -E "^/local/domain/$id/|^/local/domain/0/backend/[a-z]+/$id|^/libxl/$id|^/vm/1111" |
		sed -E -e "s#/(domain|vbd|vif|console|libxl)/$id(/| |\")#/\1/D\2#g" -e "s/([nrwb])$id([,)])/\1D\2/g" \
			-e "s#(frontend-id|/domid) = \"$id\"#\1 = \"D\"#" \
			-e 's/(start_time|tty) = ".*"/\1 = "…"/' -e 's#/dev/loop[0-9]+#/dev/loopN#' \
			-e 's/physical-device = "7:[0-9a-f]+"/physical-device = "7:N"/' | LC_ALL=C sort
}

# both CFG - what xl's and what domo's guest of one config are to the store and to the hypervisor; the first into xl.*, the
# other into domo.*.
both() {
	local tool
	for tool in xl domo; do
		"$tool" create -p "$1" 3>&-
		tree_of twin >"$tool.tree"
		"$PARAMS" "$(guest_domid twin)" | LC_ALL=C sort >"$tool.params"
		"$tool" destroy twin
	done
}

# differs FILE LISTED - the differences between xl.FILE and domo.FILE that the list does not have.
differs() {
	diff -U 0 "xl.$1" "domo.$1" | grep '^[-+][^-+]' | grep -Evf "$2" || true
}

@test "the store trees that xl and domo write for one PVH config are the same, pages and ports included" {
	guest_cfg twin 1 >twin.cfg
	both twin.cfg
	run differs tree /lab/tests/bats/tree-differences.txt
	echo "$output"
	[ -z "$output" ]
}

# Each line of pvh-differences.txt is an extended regular expression for a difference that is meant; the reasons are in
# pvh-differences.md beside it.
@test "the hypervisor's parameters, the memory map and the first processor state differ only as listed" {
	[ "$(grep -c '^param' domo.params)" -gt 10 ]
	grep -q '^start version 1' domo.params
	[ "$(grep -c '^acpi' domo.params)" = 2 ]
	run differs params /lab/tests/bats/pvh-differences.txt
	echo "$output"
	[ -z "$output" ]
}

@test "the same with limits, a timer mode and more memory to come" {
	BARE=1 guest_cfg twin 1 'maxmem = 320' 'timer_mode = "one_missed_tick_pending"' 'max_grant_frames = 40' 'shadow_memory = 5' >twin.cfg
	both twin.cfg
	grep -q '^paging pool 5120 KiB' domo.params
	grep -q '^param 10 0x3' domo.params
	run differs params /lab/tests/bats/pvh-differences.txt
	echo "$output"
	[ -z "$output" ]
	run differs tree /lab/tests/bats/tree-differences.txt
	[ -z "$output" ]
	rm -f twin.cfg {xl,domo}.{tree,params}
}

@test "a PV kernel behind a shim: the same parameters as xl's, and the shim comes up" {
	local i
	BARE=1 guest_cfg twin 1 'pvshim = 1' 'pvshim_extra = "loglvl=all"' >twin.cfg
	both twin.cfg
	run differs params /lab/tests/bats/pvh-differences.txt
	echo "$output"
	[ -z "$output" ]
	run differs tree /lab/tests/bats/tree-differences.txt
	echo "$output"
	[ -z "$output" ]
	# Its Xen goes no further than to the processor here: a register of AMD's that an emulated one does not have.
	domo create twin.cfg
	for i in $(seq 60); do
		! grep -q '(XEN)' "$(guest_log twin)" 2>/dev/null || break
		sleep 1
	done
	grep -q '(XEN)' "$(guest_log twin)"
	[ "$(domo list twin --json | json '.[0].type')" = pvh ]
	domo destroy twin
	rm -f twin.cfg {xl,domo}.{tree,params}
}

@test "Linux reads our tables and brings up what they call enabled" {
	guest_cfg acpi 2 >acpi.cfg
	domo create acpi.cfg
	wait_guest_ready acpi
	[ "$(guest_exec acpi nproc)" = 2 ]
	[ "$(guest_exec acpi 'cat /sys/devices/system/cpu/possible')" = 0-2 ]
	guest_exec acpi 'dmesg' >dmesg.txt
	grep -q 'Booting kernel on Xen PVH' dmesg.txt
	grep -qE 'ACPI: APIC .*DOMO' dmesg.txt
	# None of ACPICA's complaints.
	run grep -E 'ACPI (Error|Warning|BIOS Error|Exception)|Firmware Bug|checksum.*(incorrect|mismatch)' dmesg.txt
	echo "$output"
	[ "$status" -eq 1 ]
	ping -c 2 -W 5 10.77.0.22
	guest_exec acpi 'ping -c 2 -W 5 10.77.0.1'
	rm dmesg.txt
}

@test "xl lists, extends and destroys a PVH guest that domo made" {
	[ "$(domo list acpi | sed -E 's/ +[0-9.]+$//; s/[rb-]-----/STATE-/')" = "$(xl list acpi | sed -E 's/ +[0-9.]+$//; s/[rb-]-----/STATE-/')" ]
	diff <(xl list -l acpi | jq -S .) <(domo list -l acpi | jq -S .)
	xl block-attach acpi "$WORK/extra.img,raw,xvdb,w" 3>&-
	wait_connected acpi vbd 51728
	domo block-detach acpi xvdb
	xl destroy acpi
	domo sweep --remove
	rm acpi.cfg
	same_world
}

@test "a PVH guest that powers itself off is shut down, and goes as a whole" {
	guest_cfg off 3 >off.cfg
	domo create off.cfg
	wait_guest_ready off
	guest_console_send off '/sbin/poweroff'
	for _ in $(seq 100); do
		[ "$(domo list off --json | json '.[0].state.shutdown')" != true ] || break
		sleep 0.2
	done
	[ "$(domo list off --json | json '.[0].state.reason')" = 0 ]
	domo destroy off
	rm off.cfg
	same_world
}

@test "populated on demand, it runs all the same" {
	guest_cfg grow 5 'maxmem = 384' >grow.cfg
	domo create grow.cfg
	wait_guest_ready grow
	domo destroy grow
	rm grow.cfg
	same_world
}

@test "hap = 0 is refused by name where there is no shadow paging" {
	BARE=1 guest_cfg shadow 6 'hap = 0' >shadow.cfg
	expect_error unsupported 7 domo create shadow.cfg
	rm shadow.cfg
	same_world
}
