#!/usr/bin/env bats
# What becomes of guests that end while domod watches, while it does not, and when it is killed in between.

bats_require_minimum_version 1.5.0

load ../common

setup_file() {
	cd "$WORK" || return
	domo host stop >/dev/null
	mv "$SIM_DIR/world.json" "$SIM_DIR.world"
	echo '{"guests": [{"name": "crash*", "manner": "crashes", "boot_ms": 20}]}' >"$SIM_DIR/world.json"
	domo host start >/dev/null
}

setup() {
	cd "$WORK" || return
	sup=
}

teardown() {
	end_sup
	destroy_all
	[ "$(domo sweep)" = "nothing is left behind" ]
}

teardown_file() {
	domo host stop >/dev/null
	mv "$SIM_DIR.world" "$SIM_DIR/world.json"
	domo host start >/dev/null
}

start_sup() {
	domod --pause 0.05 "$@" 2>>sup.log 3>&- &
	sup=$!
	until [ "$(domo host info --json | json .supervisor)" = true ]; do sleep 0.02; done
}

end_sup() {
	[[ -n $sup ]] || return 0
	kill "$sup" 2>/dev/null || true
	wait "$sup" || true
	sup=
}

# wait_for COMMAND… - until it succeeds, at most 10 s.
wait_for() {
	local end=$((SECONDS + 10))
	until "$@"; do
		[ "$SECONDS" -lt "$end" ] || return 1
		sleep 0.03
	done
}

is_gone() { ! domo domid "$1" >/dev/null 2>&1; }
is_another() { [ "$(domo domid "$1" 2>/dev/null || echo "$2")" -ne "$2" ]; }
uuid_of() { domo list --json "$1" | json '.[0].uuid'; }

@test "a guest that powers off is destroyed, one that reboots is made anew with its name, UUID and devices" {
	local before uuid mac
	: >sup.log
	start_sup
	tiny_create off >/dev/null
	tiny_create again "vif=['bridge=xenbr0']" >/dev/null
	before=$(domo domid again)
	uuid=$(uuid_of again)
	mac=$(domo network-list --json again | json '.[0].mac')
	domo shutdown off >/dev/null
	domo reboot again >/dev/null
	wait_for is_gone off
	wait_for is_another again "$before"
	[ "$(uuid_of again)" = "$uuid" ]
	[ "$(domo network-list --json again | json '.[0].mac')" = "$mac" ]
	[ "$(domo list | grep -c '^again ')" -eq 1 ]
	grep -q "off (.*): domain .* has ended (poweroff)" sup.log
	grep -q "again (.*): restarted" sup.log
}

@test "preserve keeps it, -e and no domod keep it as well" {
	local name
	start_sup
	tiny_create kept 'on_poweroff="preserve"' >/dev/null
	tiny_create alone -e >/dev/null
	for name in kept alone; do domo shutdown -w "$name" >/dev/null; done
	wait_for grep -q "kept (.*): kept as it is" sup.log
	end_sup
	[ "$(domo host info --json | json .supervisor)" = false ]
	tiny_create nobody >/dev/null
	domo shutdown -w nobody >/dev/null
	for name in kept alone nobody; do [[ $(domo list --json "$name" | json '.[0].flags') == ---s* ]]; done
}

@test "what ended while no domod ran is done when the next one starts" {
	tiny_create late >/dev/null
	domo shutdown -w late >/dev/null
	start_sup
	wait_for is_gone late
}

@test "a guest that crashes again and again is restarted later and later, then kept; all the time list shows it" {
	: >sup.log
	start_sup --quick-max 5
	tiny_create crash 'on_crash="restart"' --no-wait >/dev/null
	wait_for grep -q "too many times" sup.log
	[ "$(grep -c 'crash (.*): restarted' sup.log)" -eq 4 ]
	[[ $(domo list --json crash | json '.[0].flags') == ---sc* ]]
}

@test "a guest that waits for its restart can be destroyed, and is not restarted then" {
	start_sup --pause 2
	tiny_create crash2 'on_crash="restart"' --no-wait >/dev/null
	wait_for grep -q '"quick":2' "$SIM_DIR"/state/domo/wards/*-*
	domo destroy crash2 >/dev/null
	is_gone crash2
	sleep 0.3
	is_gone crash2
	[ -z "$(ls "$SIM_DIR"/state/domo/wards | grep -v lock)" ]
}

@test "what can't be made anew at once is tried again, though the old one is gone already" {
	local before
	cp "$TINY" kernel
	TINY=$WORK/kernel tiny_create again >/dev/null
	before=$(domo domid again)
	: >sup.log
	start_sup
	mv kernel away
	domo reboot again >/dev/null
	wait_for grep -q "could not be restarted" sup.log
	run ! domo domid again
	mv away kernel
	wait_for is_another again "$before"
	rm kernel
}

@test "two of them: the second one is refused" {
	start_sup
	run -4 domod
	[[ $output == *"another supervisor watches"* ]]
}

@test "killed in each step of a restart: the next one goes on, and the guest is there once" {
	local step uuid before
	: >sup.log
	for step in destroy/journal destroy/release-devices destroy/remove-nodes destroy/destroy-domain destroy/forget create/check create/journal create/make-domain \
		create/declare create/introduce create/store-config create/unpause; do
		tiny_create again >/dev/null
		uuid=$(uuid_of again)
		before=$(domo domid again)
		domo reboot -w again >/dev/null
		DOMO_FAULT="$step:kill" domod --pause 0.01 2>/dev/null 3>&- &
		sup=$!
		wait_for eval '! kill -0 "$sup" 2>/dev/null'
		sup=
		start_sup
		# What was killed half-way has its name, too, until it is swept.
		wait_for grep -q "again ($uuid): restarted" sup.log
		is_another again "$before"
		[ "$(uuid_of again)" = "$uuid" ]
		[ "$(domo list | grep -c '^again ')" -eq 1 ]
		domo sweep --remove >/dev/null
		[ "$(domo list | grep -c '^again ')" -eq 1 ]
		domo destroy again >/dev/null
		end_sup
		[ "$(domo sweep)" = "nothing is left behind" ]
	done
}
