#!/usr/bin/env bats
# A PVH guest is a guest like any other: what a PV guest can is repeated with type = "pvh".

load common

setup_file() {
	cd "$WORK" || return
	truncate -s 16M root.img
	truncate -s 8M data.img
	world_snapshot before
	GUEST_WORDS="domoip=10.77.0.4/24" domo_create pvh 'type="pvh"' vcpus=2 "disk=['$WORK/root.img,raw,xvda,w']" \
		"vif=['bridge=xenbr0,mac=00:16:3e:00:00:04']" --json >create.json
	wait_guest_ready pvh
}

setup() { cd "$WORK" || return; }

# pvh_tiny NAME [key=value…] - a PVH guest that only sleeps.
pvh_tiny() {
	local name=$1
	shift
	printf 'name = "%s"\ntype = "pvh"\nmemory = 4\nkernel = "%s"\n' "$name" "$TINY" >tiny.cfg
	domo create tiny.cfg "$@"
}

@test "create succeeded once both ends of disk and interface were connected" {
	[ "$(json '[.devices[] | select(.kind != "console") | .front.state, .back.state] | unique | .[]' <create.json)" = 4 ]
	[ "$(frontend_state pvh vbd 51712)$(backend_state pvh vbd 51712)" = 44 ]
	[ "$(frontend_state pvh vif 0)$(backend_state pvh vif 0)" = 44 ]
}

@test "both virtual processors are up" {
	[ "$(guest_vcpus pvh)" = 2 ]
	[ "$(domo list pvh --json | json '.[0].vcpus')" = 2 ]
}

@test "list, tree, store and stored config know its type" {
	[ "$(domo list pvh --json | json '.[0].type')" = pvh ]
	[ "$(domo tree pvh --json | json '.[0].type')" = pvh ]
	[ "$(xenstore-read "/libxl/$(guest_domid pvh)/type")" = pvh ]
	domo list -l pvh | jq -e '.[0].config | .c_info.type == "pvh" and .b_info["type.pvh"] == {}'
}

@test "bytes that the guest writes to xvda are in the file" {
	guest_disk_write pvh xvda 3 "written by the guest"
	[ "$(dd if=root.img bs=512 skip=3 count=1 status=none | tr -d '\0' | head -n 1)" = "written by the guest" ]
}

@test "a disk comes and goes while it runs" {
	domo block-attach pvh "$WORK/data.img,raw,xvdb,w"
	[ "$(frontend_state pvh vbd 51728)$(backend_state pvh vbd 51728)" = 44 ]
	[ "$(guest_disk_sectors pvh xvdb)" = 16384 ]
	domo block-detach pvh xvdb
	guest_has_no_disk pvh xvdb
	[ -z "$(losetup -j data.img)" ]
}

@test "an interface comes and goes while it runs" {
	domo network-attach pvh bridge=xenbr0 mac=00:16:3e:00:00:05
	[ "$(frontend_state pvh vif 1)$(backend_state pvh vif 1)" = 44 ]
	domo network-detach pvh 00:16:3e:00:00:05
}

@test "pause, unpause, and the console talks to it" {
	domo pause pvh
	[ "$(domo list pvh --json | json '.[0].state.paused')" = true ]
	domo unpause pvh
	printf '%s\n' "$GUEST_QUESTION" >typed.txt
	timeout 20 script -qec "sh -c '(sleep 2; cat typed.txt; sleep 4; printf \"\\035\") | cat' | domo console pvh" /dev/null \
		>console.txt 2>&1 || true
	grep -q "$GUEST_ANSWER" console.txt
}

@test "destroy leaves the world as it was" {
	domo destroy pvh
	rm -f create.json typed.txt console.txt
	same_world
}

@test "the smallest one, paused, and one that is refused leave nothing" {
	pvh_tiny small -p
	[ "$(domo list small --json | json '.[0].type')" = pvh ]
	domo unpause small
	domo destroy small
	# An ELF file, but no kernel of a PVH guest.
	cp "$(type -P true)" junk
	expect_error kernel.bad-format 1 pvh_tiny junk kernel="$WORK/junk"
	rm junk
	expect_error config.not-acted-on 7 pvh_tiny nested altp2m_count=3
	expect_error config.not-acted-on 7 pvh_tiny label 'seclabel="a"'
	expect_error config.not-acted-on 7 pvh_tiny noapic apic=0
	rm tiny.cfg
	same_world
}
