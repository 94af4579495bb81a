#!/usr/bin/env bats
# Broken situations from the field's complaints: the message that domo gives when an operation fails, and what
# "domo explain" says of a device that stands there. Each names the cause and what to do.

bats_require_minimum_version 1.5.0

load ../common

setup_file() {
	cd "$WORK" || return
	domo host stop >/dev/null
	mv "$SIM_DIR/world.json" "$SIM_DIR.world"
	cat >"$SIM_DIR/world.json" <<-W
		{"loop_devices": 2, "guests": [
		    {"name": "mute", "manner": "never-connects"},
		    {"name": "crash", "manner": "crashes", "boot_ms": 200},
		    {"name": "busy", "manner": "refuses-unplug"},
		    {"name": "evil", "manner": "garbage"}]}
	W
	truncate -s 8M a.img
	truncate -s 8M b.img
	domo host start >/dev/null
}

setup() {
	cd "$WORK" || return
	tiny_create web "disk=['$WORK/a.img,raw,xvda,w']" "vif=['bridge=xenbr0']" >/dev/null
	id=$(domo domid web)
}

teardown() {
	destroy_all
	rm -f "$SCRIPTS"/t-*
	[ "$(domo sweep)" = "nothing is left behind" ]
	[ -z "$(losetup -l)" ]
}

teardown_file() {
	domo host stop >/dev/null
	mv "$SIM_DIR.world" "$SIM_DIR/world.json"
	domo host start >/dev/null
	rm -f "$WORK"/*.img
}

# tells CODE STATUS WORDS HINT COMMAND… - it fails so, its message has the words, its hint says what to do.
tells() {
	local code=$1 status=$2 words=$3 hint=$4 rc=0 out
	shift 4
	out=$("$@" --json 2>/dev/null) || rc=$?
	if [[ $rc -ne $status || $(json .error.code <<<"$out") != "$code" ]] ||
		! json '.error | (.context | join(": ")) + ": " + .message' <<<"$out" | grep -q -- "$words" ||
		! json .error.hint <<<"$out" | grep -q -- "$hint"; then
		echo "wanted $code, exit $status, '$words', '$hint'; got exit $rc: $out"
		return 1
	fi
}

# explains DOMAIN DEVICE CAUSE WORDS ADVICE
explains() {
	local out
	out=$(domo explain "$1" "$2" --json)
	if [[ $(json '.devices[0].cause' <<<"$out") != "$3" ]] ||
		! json '.devices[0].what' <<<"$out" | grep -q -- "$4" ||
		! json '.devices[0].advice' <<<"$out" | grep -q -- "$5"; then
		echo "wanted $3, '$4', '$5'; got: $out"
		return 1
	fi
}

script() { # NAME, its text on standard input
	{ echo '#!/bin/bash'; cat; } >"$SCRIPTS/$1"
	chmod +x "$SCRIPTS/$1"
}

driver() { "$SIM_TOOL" ask "{\"op\":\"driver\",\"kind\":\"$1\",\"on\":$2}" >/dev/null; }

back() { echo "/local/domain/0/backend/$1/$id/$2"; }

@test "all is well: it says so" {
	explains web xvda connected "both ends are Connected" ""
	[ "$(domo explain web --json | json '[.healthy, .cause] | join(" ")')" = "true running" ]
	domo explain web | grep -q "^web ($id): it runs, and its devices are connected$"
	domo wait web connected --timeout 2
}

@test "7: no block back end: the module to load" {
	driver vbd false
	tells device.no-backend 1 "xen-blkback is not loaded" "modprobe xen-blkback" \
		domo block-attach web "$WORK/b.img,raw,xvdb,w"
	driver vbd true
}

@test "41: no network back end: the module to load" {
	driver vif false
	tells device.no-backend 1 "xen-netback is not loaded" "modprobe xen-netback" domo network-attach web bridge=xenbr0
	driver vif true
}

@test "17: the file is not there, and is named" {
	tells disk.not-found 3 "disk xvdb: .*/srv/nosuch.img" "" domo block-attach web "/srv/nosuch.img,raw,xvdb,w"
}

@test "18: a script fails: its path, its status, its last words" {
	script t-fails <<<'echo "the storage said no" >&2; exit 3'
	tells hotplug.script-failed 1 "t-fails' failed with exit status 3" "" \
		domo block-attach web "script=t-fails,vdev=xvdb,target=x"
	domo block-attach web "script=t-fails,vdev=xvdb,target=x" 2>&1 | grep -q "output: the storage said no"
}

@test "19: a script hangs: how long it had, and that it was killed" {
	script t-hangs <<<'[[ $1 = remove ]] || exec sleep 100'
	tells hotplug.script-timeout 6 "t-hangs' did not end within 1 s and was killed" "" \
		domo block-attach web "script=t-hangs,vdev=xvdb,target=x" --timeout script=1
}

@test "21: no loop device can be set up" {
	domo block-attach web "$WORK/b.img,raw,xvdb,w"
	truncate -s 8M c.img
	tells disk.no-loop-device 1 "can't set up a loop device for '$WORK/c.img'" "load the loop module, or free" \
		domo block-attach web "$WORK/c.img,raw,xvdc,w"
	rm c.img
}

@test "23: a target that is no block device is refused before anything is done" {
	tells disk.bad-target 1 "neither a file nor a block device" "" domo block-attach web "$WORK,raw,xvdb,w"
}

@test "26: a script that is not there is named" {
	tells hotplug.script-failed 1 "t-nosuch' is not there" "" domo block-attach web "script=t-nosuch,vdev=xvdb,target=x"
}

@test "29, 31: attached, but the guest never sees it: no success, and who did not move" {
	tiny_create mute >/dev/null
	tells device.guest-no-answer 6 "the guest's front end did not connect within 0.5 s (phase connect)" "driver loaded" \
		domo block-attach mute "$WORK/b.img,raw,xvdb,w" --timeout 0.5
	domo block-attach mute "$WORK/b.img,raw,xvdb,w" --no-wait
	explains mute xvdb front-silent "has not begun" "initrd"
	[ "$(domo explain mute xvdb --json | json '.devices[0] | .side + ": " + .waits_for')" = "guest: the guest's front end" ]
	expect_error timeout 6 domo wait mute xvdb connected --timeout 0.3
}

@test "33: after an attach that failed the next one works" {
	script t-once <<-S
		[[ -e $WORK/once || \$1 = remove ]] || { touch $WORK/once; exit 1; }
		xenstore-write \$XENBUS_PATH/physical-device 7:0 >/dev/null 2>&1 || true
	S
	expect_error hotplug.script-failed 1 domo block-attach web "script=t-once,vdev=xvdb,target=x"
	domo block-attach web "$WORK/b.img,raw,xvdb,w"
	rm -f once
}

@test "34: the guest refuses to give the disk back, and then it is not in limbo" {
	tiny_create busy "disk=['$WORK/b.img,raw,xvda,w']" >/dev/null
	tells device.in-use 4 "did not let go of the device within 1 s (phase close)" "unmount" \
		domo block-detach busy xvda --timeout close=1
	explains busy xvda connected "both ends" ""
	xenstore-write "$(backend_path busy vbd 51712)/online" 0
	explains busy xvda leaving "online=0" "detach it"
	xenstore-write "$(backend_path busy vbd 51712)/state" 5
	explains busy xvda detach-refused "still uses" "unmount"
	[ "$(domo block-detach busy xvda --force-after 0.5)" = "detached from 'busy': disk xvda, by force: the guest did not let go" ]
}

@test "37: a disk's name that is none: which there are" {
	tells config.bad-value 1 "xvdA9" "" domo block-attach web "$WORK/b.img,raw,xvdA9,w"
}

@test "38: a name of an interface that is taken" {
	tiny_create other "vif=['bridge=xenbr0,vifname=uplink']" >/dev/null
	tells vif.name-taken 4 "there is an interface 'uplink' already" "" \
		domo network-attach web bridge=xenbr0,vifname=uplink
}

@test "41: a bridge that is not there, and how to make it" {
	tells vif.no-bridge 3 "the bridge 'nosuch' does not exist" "ip link add name nosuch type bridge" \
		domo network-attach web bridge=nosuch
}

@test "44: hotplug-status that never came" {
	xenstore-write "$(back vif 0)/hotplug-status" "" "$(back vif 0)/state" 2
	explains web vif/0 hotplug-pending "waits for hotplug-status=connected" "vif-bridge"
	xenstore-write "$(back vif 0)/hotplug-status" error "$(back vif 0)/hotplug-error" "brctl is not there"
	explains web vif/0 hotplug-failed "brctl is not there" "by hand"
}

@test "45: a guest that writes nonsense as its state" {
	tells device.backend-failed 1 "saw state 99 at frontend" "" \
		tiny_create evil "vif=['bridge=xenbr0']" --timeout 2
	explains evil vif/0 front-garbage "'99'" "detach"
}

@test "47: a driver domain that is not ready: which domain, and what must run there" {
	tiny_create net >/dev/null
	domo network-attach web "backend=net,bridge=b" --timeout accept=2 >out.txt 2>&1 &
	local attach=$! rc=0
	domo wait web vif/1 initialising --timeout 2
	explains web vif/1 server-silent "(net) has not taken it" "devd"
	wait "$attach" || rc=$?
	[ "$rc" -eq 6 ]
	grep -q "did not accept the device within 2 s (phase accept)" out.txt
	grep -q "hint: is domain $(domo domid net) up, and does its toolstack daemon" out.txt
}

@test "61: a driver domain that ends while it is waited for" {
	tiny_create net >/dev/null
	domo network-attach web "backend=net,bridge=b" --timeout accept=20 >out.txt 2>&1 &
	local attach=$! rc=0 start=$SECONDS
	domo wait web vif/1 initialising --timeout 2
	domo destroy net
	wait "$attach" || rc=$?
	[ "$rc" -eq 1 ]
	[ $((SECONDS - start)) -le 8 ]
	grep -qE "which serves the device, is gone|the back end's nodes were taken away" out.txt
	grep -qE "hint: .*start (that domain|the driver domain) again" out.txt
}

@test "48: an interface that is in no bridge: connected, and without network" {
	ip link set "vif$id.0" nomaster
	explains web vif/0 interface-alone "is in no bridge (wanted: xenbr0)" "ip link set vif$id.0 master xenbr0"
	ip link set "vif$id.0" master xenbr0
	ip link set "vif$id.0" down
	explains web vif/0 interface-down "is down" "ip link set vif$id.0 up"
}

@test "53: the guest crashed: at once, and not when the time is up" {
	local start=$SECONDS
	tells domain.ended 1 "the guest crashed before its front end could connect" "its console may say why" \
		tiny_create crash "vif=['bridge=xenbr0']" --timeout 20
	[ $((SECONDS - start)) -le 5 ]
	explains crash vif/0 guest-crashed "has crashed" "console"
	[ "$(domo explain crash --json | json .cause)" = crashed ]
}

@test "56: a quota of the store: in the operation, and where a driver met it" {
	DOMO_FAULTS="store.write:3 EDQUOT" tells store.quota 1 "quota" "" domo block-attach web "$WORK/b.img,raw,xvdb,w"
	xenstore-write "/local/domain/0/error/backend/vbd/$id/51712/error" "7 writing feature-barrier" \
		"$(back vbd 51712)/state" 2 "/local/domain/$id/device/vbd/51712/state" 1
	explains web xvda store-quota "7 writing feature-barrier" "raise the quota"
}

@test "57: the back end's nodes are gone, those of the guest are not" {
	xenstore-rm "$(back vif 0)"
	explains web vif/0 back-gone "are gone" "--force"
	domo network-detach web 0 --force
	xenstore-rm "$(back vbd 51712)"
	explains web xvda back-gone "are gone" "--force"
	domo block-detach web xvda --force
	[ -z "$(losetup -l)" ]
}

@test "64: a guest that is paused does not answer, and that is said" {
	domo pause web
	tells device.guest-no-answer 6 "did not connect within 0.5 s" "is the guest paused" \
		domo block-attach web "$WORK/b.img,raw,xvdb,w" --timeout 0.5
	domo block-attach web "$WORK/b.img,raw,xvdb,w" --no-wait
	explains web xvdb guest-paused "the guest is paused" "unpause"
	[ "$(domo explain web --json | json .cause)" = paused ]
	domo unpause web
	domo wait web xvdb connected --timeout 5
}

@test "23: a file that was deleted under a running guest" {
	truncate -s 8M c.img
	domo block-attach web "$WORK/c.img,raw,xvdb,w"
	rm c.img
	explains web xvdb target-deleted "c.img was deleted" "copy the data"
}

@test "22: hotplug that was never done" {
	xenstore-rm "$(back vbd 51712)/physical-device"
	xenstore-write "$(back vbd 51712)/state" 2 "/local/domain/$id/device/vbd/51712/state" 1
	explains web xvda hotplug-not-run "physical-device" "anew"
}

@test "a time limit for a phase that is none: which there are" {
	tells usage 2 "there is no such phase" "accept, script, connect" \
		domo block-attach web "$WORK/b.img,raw,xvdb,w" --timeout boot=3
	tells usage 2 "not a number of seconds" "PHASE=SECONDS" domo destroy web --timeout close=soon
	[ "$(domo list web | wc -l)" -eq 2 ]
}

@test "wait: what is not there, what goes, what no state is" {
	expect_error usage 2 domo wait web xvda plugged
	expect_error timeout 6 domo wait web xvdq connected --timeout 0.2
	domo wait web xvda gone --timeout 10 &
	local waiter=$!
	domo block-detach web xvda
	wait "$waiter"
	domo --trace wait web gone --timeout 20 2>trace.txt &
	waiter=$!
	# It must know which guest is meant before that is gone.
	until grep -q releaseDomain trace.txt; do sleep 0.1; done
	domo destroy web
	wait "$waiter"
	rm trace.txt
	expect_error domain.not-found 3 domo wait web connected
	expect_error domain.not-found 3 domo explain web
}
