#!/usr/bin/env bats
# Guests that are asked to end: one, many at once, and those that do not answer.

bats_require_minimum_version 1.5.0

load ../common

setup_file() {
	cd "$WORK" || return
	domo host stop >/dev/null
	mv "$SIM_DIR/world.json" "$SIM_DIR.world"
	cat >"$SIM_DIR/world.json" <<-W
		{"guests": [
		    {"name": "slow", "manner": "slow", "delay_ms": 400},
		    {"name": "deaf*", "manner": "ignores-shutdown"}]}
	W
	domo host start >/dev/null
}

setup() { cd "$WORK" || return; }

teardown() {
	destroy_all
	[ "$(domo sweep)" = "nothing is left behind" ]
}

teardown_file() {
	domo host stop >/dev/null
	mv "$SIM_DIR.world" "$SIM_DIR/world.json"
	domo host start >/dev/null
}

state_of() { domo list --json "$1" | json '.[0].flags'; }

@test "shutdown waits until the guest has taken the request, -w until it has ended" {
	tiny_create slow >/dev/null
	[ "$(domo shutdown slow)" = "'slow' has taken the request" ]
	[[ $(state_of slow) != *s ]]
	[ "$(domo shutdown -w slow)" = "'slow' has ended (poweroff)" ]
	[[ $(state_of slow) == ---s* ]]
	expect_error_row domain.wrong-state 4 domo shutdown slow
}

@test "reboot ends the guest with its own reason" {
	tiny_create web >/dev/null
	[ "$(domo reboot -w web --json | json '.[0] | [.asked, .state, .reason] | join(" ")')" = "reboot ended reboot" ]
}

@test "-ww waits until somebody has destroyed it" {
	tiny_create web >/dev/null
	domo shutdown -ww web >out.txt &
	local pid=$!
	until [[ $(state_of web) == ---s* ]]; do sleep 0.02; done
	kill -0 "$pid"
	domo destroy web >/dev/null
	wait "$pid"
	[ "$(cat out.txt)" = "'web' is gone (poweroff)" ]
}

@test "one that does not answer: the time is said, and the request is taken back" {
	tiny_create deaf >/dev/null
	run ! domo shutdown deaf --timeout 0.3
	[[ $output == *"the guest has not taken the request in 0.3 s"* ]]
	[[ $output == *"destroy it"* ]]
	[ "$(domo shutdown deaf --timeout 0.3 --json | json '.[0].error.code')" = timeout ]
	[ "$(domo store read "/local/domain/$(domo domid deaf)/control/shutdown")" = "" ]
}

@test "one that can't be asked, is paused, or is domain 0 is refused" {
	tiny_create web >/dev/null
	domo store write "/local/domain/$(domo domid web)/control/feature-poweroff" 0 >/dev/null
	expect_error_row unsupported 7 domo shutdown web
	domo pause web
	expect_error_row domain.wrong-state 4 domo shutdown web
	expect_error domain.protected 5 domo shutdown 0
	expect_error domain.not-found 3 domo shutdown nosuch
	expect_error usage 2 domo shutdown
}

@test "shutdown -a of 100 guests of which 5 never answer ends in one time-out and names the five" {
	local i ms start
	for i in $(seq 95); do tiny_create "g$i" memory=1 --no-wait >/dev/null; done
	for i in $(seq 5); do tiny_create "deaf$i" memory=1 --no-wait >/dev/null; done
	start=$(date +%s%N)
	run -6 domo shutdown -aw --timeout 3
	ms=$((($(date +%s%N) - start) / 1000000))
	[ "$ms" -ge 3000 ]
	[ "$ms" -lt 6000 ]
	[ "$(grep -c 'has ended (poweroff)' <<<"$output")" -eq 95 ]
	[[ $output == *"5 of 100 guests did not do as they were asked"* ]]
	for i in $(seq 5); do [[ $output == *"'deaf$i' (the guest has not taken the request"* ]]; done
}

@test "rename: the new name is found, the old one is free, a taken one is refused" {
	local before
	tiny_create web >/dev/null
	tiny_create db >/dev/null
	before=$(domo domid web)
	domo rename web www
	[ "$(domo domid www)" = "$before" ]
	[ "$(domo domname "$before")" = www ]
	expect_error domain.not-found 3 domo domid web
	expect_error domain.exists 4 domo rename www db
	expect_error config.bad-value 1 domo rename www 'a/b'
	expect_error domain.protected 5 domo rename 0 x
	tiny_create web >/dev/null
	[ "$(domo list --json www | json '.[0].name')" = www ]
	[ "$(domo list -l --json www | json '.[0].config.c_info.name')" = www ]
}

@test "sysrq reaches the guest's node" {
	tiny_create web >/dev/null
	domo sysrq web h
	[ "$(domo store read "/local/domain/$(domo domid web)/control/sysrq")" = h ]
	expect_error usage 2 domo sysrq web hh
	expect_error usage 2 domo sysrq web '*'
}
