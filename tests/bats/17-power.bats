#!/usr/bin/env bats
# A real Linux guest is asked to end, to reboot, and for its tasks; domod does what its config says.

bats_require_minimum_version 1.5.0

load common

setup() {
	cd "$WORK" || return
	sup=
}

teardown() {
	[[ -z $sup ]] || kill "$sup" 2>/dev/null || true
	destroy_all
}

# wait_for SECONDS COMMAND… - until it succeeds.
wait_for() {
	local end=$((SECONDS + $1))
	shift
	until "$@" >/dev/null 2>&1; do
		[ "$SECONDS" -lt "$end" ] || return 1
		sleep 0.5
	done
}

is_gone() { ! domo domid "$1"; }
is_another() { [ "$(domo domid "$1" 2>/dev/null || echo "$2")" -ne "$2" ]; }

start_sup() {
	domod 2>sup.log 3>&- &
	sup=$!
	wait_for 20 grep -q "watching the guests" sup.log
}

@test "shutdown -w: Linux takes the request and powers off; reboot ends it with its own reason" {
	domo_create web "disk=[]" "vif=[]" >/dev/null
	wait_guest_ready web
	[ "$(domo shutdown -w --timeout 60 web)" = "'web' has ended (poweroff)" ]
	domo destroy web >/dev/null
	domo_create web "disk=[]" "vif=[]" >/dev/null
	wait_guest_ready web
	[ "$(domo reboot -w --timeout 60 web)" = "'web' has ended (reboot)" ]
}

@test "a guest without drivers does not take it: the time is said, and the request is gone again" {
	tiny_create deaf >/dev/null
	expect_error_row timeout 6 domo shutdown --timeout 2 deaf
	[ "$(xenstore-read "/local/domain/$(domo domid deaf)/control/shutdown")" = "" ]
}

@test "sysrq reaches the guest's kernel" {
	domo_create web "disk=[]" "vif=[]" >/dev/null
	wait_guest_ready web
	domo sysrq web h
	wait_for 20 guest_exec web 'dmesg | grep -q "sysrq: HELP"'
}

@test "xl sees the new name of a guest, and domo the one that xl gave" {
	tiny_create old >/dev/null
	domo rename old new
	[ "$(xl domid new)" = "$(domo domid new)" ]
	xl rename new newer
	[ "$(domo domname "$(xl domid newer)")" = newer ]
	[ "$(domo domid newer)" = "$(xl domid newer)" ]
}

@test "domod: powered off is destroyed, rebooted is made anew and comes up again" {
	local before uuid
	start_sup
	domo_create web "disk=[]" "vif=['bridge=xenbr0,mac=00:16:3e:00:00:02']" >/dev/null
	wait_guest_ready web
	before=$(domo domid web)
	uuid=$(domo list --json web | json '.[0].uuid')
	# The next life has the same UUID: what the first one said must not count.
	guest_console_reset web
	domo reboot web >/dev/null
	wait_for 60 is_another web "$before"
	[ "$(domo list --json web | json '.[0].uuid')" = "$uuid" ]
	wait_guest_ready web
	domo shutdown web >/dev/null
	wait_for 60 is_gone web
}
