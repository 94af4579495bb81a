#!/usr/bin/env bats
# A disk that a program serves (examples/block-backend, on the public header alone): the guest's data is in the file, the
# program may be killed, and what it refuses is said.

bats_require_minimum_version 1.5.0

load common

setup_file() {
	cd "$WORK" || return
	head -c 4M /dev/urandom >served.img
	GUEST_WORDS="" domo_create served "disk=[]" "vif=[]" >/dev/null
	wait_guest_ready served
}

setup() {
	cd "$WORK" || return
	start_backend
}

teardown() { stop_backend; }

# Its process outlives no test: bats would wait for what it has inherited.
start_backend() {
	"$BLOCK_BACKEND" -v </dev/null >>backend.log 2>&1 3>&- &
	echo $! >backend.pid
	disown
}

stop_backend() {
	kill -9 "$(cat backend.pid)" 2>/dev/null || true
	while kill -0 "$(cat backend.pid)" 2>/dev/null; do sleep 0.05; done
}

attach() { # [OPTIONS]
	domo block-attach served "$WORK/served.img,raw,xvdb,${1:-w},backendtype=standalone"
}

@test "a program serves a disk: the guest reads the file, and writes it" {
	attach
	[ "$(frontend_state served vbd 51728)" = 4 ]
	[ "$(backend_state served vbd 51728)" = 4 ]
	[ "$(backend_path served vbd 51728)" = "/local/domain/0/backend/standalone/$(domo domid served)/51728" ]
	[ "$(guest_disk_sectors served xvdb)" = 8192 ]
	[ "$(guest_disk_sum served xvdb)" = "$(host_disk_sum served.img)" ]
	guest_disk_write served xvdb 9 "from the guest"
	[ "$(dd if=served.img bs=512 skip=9 count=1 2>/dev/null | head -c 14)" = "from the guest" ]
	guest_disk_fill served xvdb
	[ "$(guest_disk_sum served xvdb)" = "$(host_disk_sum served.img)" ]
	# No loop device, no driver of the kernel's.
	[ -z "$(losetup -j served.img)" ]
	domo block-detach served xvdb
	guest_has_no_disk served xvdb
	[ -z "$(xenstore-list "/local/domain/0/backend/standalone/$(domo domid served)" 2>/dev/null)" ]
}

@test "killed and started again, it goes on where it was" {
	attach
	guest_disk_write served xvdb 1 "before"
	stop_backend
	(
		sleep 2
		start_backend
	) 3>&- &
	disown
	# The guest waits for an answer meanwhile.
	guest_disk_write served xvdb 2 "while it was down"
	guest_disk_write served xvdb 3 "after"
	[ "$(dd if=served.img bs=512 skip=2 count=1 2>/dev/null | head -c 17)" = "while it was down" ]
	[ "$(dd if=served.img bs=512 skip=3 count=1 2>/dev/null | head -c 5)" = "after" ]
	[ "$(guest_disk_sum served xvdb)" = "$(host_disk_sum served.img)" ]
	[ "$(backend_state served vbd 51728)" = 4 ]
	domo block-detach served xvdb
}

@test "a read-only disk is one" {
	attach r
	guest_disk_is_ro served xvdb
	domo block-detach served xvdb
}

@test "what can't be served is refused with the program's own words" {
	expect_error device.backend-failed 1 domo block-attach served "$WORK/nothing.img,raw,xvdc,w,backendtype=standalone"
	domo block-attach served "$WORK/nothing.img,raw,xvdc,w,backendtype=standalone" 2>&1 | grep -q "can't open"
	guest_has_no_disk served xvdc
}

@test "one process serves the kind: a second one is refused" {
	run "$BLOCK_BACKEND"
	[ "$status" -eq 1 ]
	[[ $output == *"another process serves"* ]]
}

@test "a detach by force, and a guest that goes, leave nothing" {
	attach
	domo block-detach served xvdb --force
	attach
	domo destroy served
	[ -z "$(xenstore-ls -f /local/domain/0/backend 2>/dev/null | grep standalone/ || true)" ]
	[ "$(domo sweep)" = "nothing is left behind" ]
}
