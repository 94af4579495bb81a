#!/usr/bin/env bats
# What the administrator sees of guests that behave badly: the message, the exit status, the time.

bats_require_minimum_version 1.5.0

load ../common

setup_file() {
	cd "$WORK" || return
	domo host stop >/dev/null
	mv "$SIM_DIR/world.json" "$SIM_DIR.world"
	cat >"$SIM_DIR/world.json" <<-W
		{"guests": [
		    {"name": "slow", "manner": "slow", "delay_ms": 200, "boot_ms": 300},
		    {"name": "mute", "manner": "never-connects"},
		    {"name": "crash", "manner": "crashes", "boot_ms": 100},
		    {"name": "deaf", "manner": "ignores-shutdown"},
		    {"name": "busy", "manner": "refuses-unplug"},
		    {"name": "evil", "manner": "garbage"},
		    {"name": "loop", "manner": "reconnects", "delay_ms": 20}]}
	W
	truncate -s 8M a.img
	truncate -s 8M b.img
	domo host start >/dev/null
}

setup() { cd "$WORK" || return; }

teardown() {
	destroy_all
	# Whatever a guest did: nothing of it stays, and the model's own books are right.
	[ "$(domo sweep)" = "nothing is left behind" ]
	[ "$("$SIM_TOOL" ask '{"op":"check"}' | json .r)" -eq 0 ]
	[ -z "$(losetup -l)" ]
}

teardown_file() {
	domo host stop >/dev/null
	mv "$SIM_DIR.world" "$SIM_DIR/world.json"
	domo host start >/dev/null
	rm -f "$WORK"/*.img
}

guest() { # NAME [ARGS…]
	local name=$1
	shift
	tiny_create "$name" "disk=['$WORK/a.img,raw,xvda,w']" "vif=['bridge=xenbr0']" "$@"
}

milliseconds() { # COMMAND…
	local start
	start=$(date +%s%N)
	"$@" >/dev/null
	echo $((($(date +%s%N) - start) / 1000000))
}

@test "slow: a create takes as long as the guest, and succeeds" {
	local ms
	ms=$(milliseconds guest slow)
	[ "$ms" -ge 500 ]
	[ "$ms" -lt 8000 ]
	[ "$(frontend_state slow vbd 51712)" = 4 ]
}

@test "never connects: the time-out names the end that is missing, the guest stays" {
	expect_error device.guest-no-answer 6 guest mute --timeout 1
	[ "$(domo list mute | wc -l)" -eq 2 ]
	[ "$(backend_state mute vbd 51712)" = 2 ]
}

@test "crashes while booting: the create fails, the list shows it" {
	# At once, not when its time is up.
	LIMIT_MS=5000 expect_error domain.ended 1 guest crash --timeout 30
	[ "$(domo list crash --json | json '.[0].state | [.shutdown, .reason] | join(" ")')" = "true 3" ] ||
		[ "$(domo list crash --json | json '.[0].state | [.shutdown, .reason] | join(" ")')" = "true crash" ]
}

@test "refuses to unplug: a conflict, the device goes on; force takes it" {
	guest busy >/dev/null
	expect_error device.in-use 4 domo block-detach busy xvda --timeout 1
	[ "$(backend_state busy vbd 51712)" = 4 ]
	guest_disk_write busy xvda 1 "goes on"
	domo block-detach --force busy xvda
	[ -z "$(losetup -j a.img)" ]
}

@test "garbage: the create fails within its time, and steers nothing" {
	local rc=0
	guest evil --timeout 2 --json >out.json 2>/dev/null || rc=$?
	[ "$rc" -ne 0 ]
	[[ $(json .error.code <out.json) == device.* ]]
	rm out.json
}

@test "reconnects for ever: devices come and go all the same" {
	guest loop >/dev/null
	domo block-attach loop "$WORK/b.img,raw,xvdb,w" --timeout 5 >/dev/null
	domo destroy loop >/dev/null
}

@test "ignores shutdown: it is destroyed all the same" {
	guest deaf >/dev/null
	xenstore-write "/local/domain/$(guest_domid deaf)/control/shutdown" poweroff
	sleep 0.3
	[ "$(domo list deaf --json | json '.[0].state.shutdown')" = false ]
	domo destroy deaf >/dev/null
}

@test "a guest that behaves obeys control/shutdown" {
	guest good >/dev/null
	xenstore-write "/local/domain/$(guest_domid good)/control/shutdown" poweroff
	local i
	for i in $(seq 50); do
		[ "$(domo list good --json | json '.[0].state.shutdown')" = false ] || break
		sleep 0.05
	done
	[ "$(domo list good --json | json '.[0].state.shutdown')" = true ]
}
