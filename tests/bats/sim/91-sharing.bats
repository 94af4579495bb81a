#!/usr/bin/env bats
# Many guests on one read-only image at the same moment; and a file that is in use is refused with work that does not grow
# with the number of guests. A hundred attaches and detaches leave nothing.

bats_require_minimum_version 1.5.0

load ../common

setup_file() {
	cd "$WORK" || return
	truncate -s 8M shared.img own.img
	world_snapshot before
}

setup() { cd "$WORK" || return; }

@test "40 guests started at once on one shared read-only image: no hotplug step takes a second" {
	local i slowest
	for i in $(seq 40); do
		tiny_create "many$i" "disk=['$WORK/shared.img,raw,xvda,r']" "vif=['bridge=xenbr0']" --json --timing >"many$i.json" 2>"many$i.err" 3>&- &
	done
	wait
	for i in $(seq 40); do
		[ "$(json .domid <"many$i.json")" -gt 0 ] || { cat "many$i.err" "many$i.json"; return 1; }
	done
	slowest=$(jq -s '[.[].timing[] | select(.step | IN("prepare-devices", "connect-backends", "connect-guest"))] | max_by(.us)' many*.json)
	echo "the slowest step: $slowest"
	[ "$(json .us <<<"$slowest")" -lt 1000000 ]
	[ "$(losetup -j shared.img | wc -l)" -eq 40 ]
}

# calls FILE - what a refused attach of it asked of the host.
calls() {
	domo block-attach many1 "$1,raw,xvdb,w" --stats 2>&1 >/dev/null | grep -o '{.*}' | jq -c '{store_requests, os_calls, hyp_calls, forks}'
}

@test "a file in use read-write elsewhere is refused, and asking costs the same among 40 guests and among 3" {
	local many few i
	domo block-attach many2 "$WORK/own.img,raw,xvdb,w"
	expect_error disk.in-use 4 domo block-attach many1 "$WORK/own.img,raw,xvdb,w"
	expect_error disk.in-use 4 domo block-attach many1 "$WORK/own.img,raw,xvdb,r"
	expect_error disk.in-use 4 domo block-attach many1 "$WORK/shared.img,raw,xvdb,w"
	many=$(calls "$WORK/own.img")
	for i in $(seq 4 40); do domo destroy "many$i" >/dev/null; done
	few=$(calls "$WORK/own.img")
	echo "among 40: $many, among 3: $few"
	[ -n "$few" ]
	[ "$many" = "$few" ]
	domo block-attach many1 "$WORK/shared.img,raw,xvdb,r"
	domo block-detach many1 xvdb
	domo block-detach many2 xvdb
}

@test "a disk and an interface attached and detached a hundred times each leave nothing" {
	local i
	rm -rf often && world_snapshot often
	for i in $(seq 100); do
		domo block-attach many1 "$WORK/own.img,raw,xvdb,w" >/dev/null
		domo block-detach many1 xvdb >/dev/null
		domo network-attach many1 bridge=xenbr0 devid=5 >/dev/null
		domo network-detach many1 5 >/dev/null
	done
	rm -rf after && world_snapshot after
	world_compare often after "$SAME_WORLD_IGNORE|userdata-d"
	# Grants and event channels: the model's own books, of the guest and of domain 0.
	diff often/check after/check
	rm -rf often
}

@test "all of it goes" {
	local i
	for i in 1 2 3; do domo destroy "many$i"; done
	rm -f many*.json many*.err
	same_world
}
