#!/usr/bin/env bats
# Guests that are hostile: what they write, with their own rights, changes nothing outside of their own device, makes
# nothing hang, and is told in a clear message.

bats_require_minimum_version 1.5.0

load ../common

setup_file() {
	cd "$WORK" || return
	domo host stop >/dev/null
	mv "$SIM_DIR/world.json" "$SIM_DIR.world"
	echo '{"guests": [{"name": "loop", "manner": "reconnects", "delay_ms": 10},
	    {"name": "busy", "manner": "refuses-unplug"}]}' >"$SIM_DIR/world.json"
	truncate -s 8M a.img
	truncate -s 8M b.img
	truncate -s 8M c.img
	domo host start >/dev/null
}

setup() {
	cd "$WORK" || return
	tiny_create good "disk=['$WORK/a.img,raw,xvda,w']" "vif=['bridge=xenbr0']" >/dev/null
	tiny_create evil "disk=['$WORK/b.img,raw,xvda,w']" "vif=['bridge=xenbr0']" >/dev/null
	good=$(domo domid good)
	evil=$(domo domid evil)
	neighbour >before.txt
}

# The other guest and the host are as before; the hostile one can be taken down, and nothing of it stays.
teardown() {
	neighbour | diff -u before.txt -
	guest_disk_write good xvda 1 "goes on"
	domo destroy evil --timeout 3
	neighbour | diff -u before.txt -
	destroy_all
	[ "$(domo sweep)" = "nothing is left behind" ]
	[ "$("$SIM_TOOL" ask '{"op":"check"}' | json .r)" -eq 0 ]
	[ -z "$(losetup -l)" ]
}

teardown_file() {
	domo host stop >/dev/null
	mv "$SIM_DIR.world" "$SIM_DIR/world.json"
	domo host start >/dev/null
	rm -f "$WORK"/*.img "$WORK"/*.txt
}

# All that belongs to the guest that behaves.
neighbour() {
	local dir
	for dir in "/local/domain/$good" "/libxl/$good" "/local/domain/0/backend/vbd/$good" "/local/domain/0/backend/vif/$good"; do
		xenstore-ls -p "$dir"
	done
	losetup -j a.img
}

write() { guest_exec evil "store-write $*"; }

# Neither shown with escapes, nor for long. Each command that looks at the guest ends well.
looks() {
	local out
	out=$(timeout 10 domo explain evil; timeout 10 domo tree evil; timeout 10 domo block-list evil; domo list)
	if grep -q $'[\x01-\x08\x0b-\x1f\x7f]' <<<"$out"; then
		echo "bytes that steer a terminal: $(cat -v <<<"$out")"
		return 1
	fi
	[ "${#out}" -lt 9000 ]
	domo explain evil --json | jq -e . >/dev/null
	domo tree evil --json | jq -e . >/dev/null
}

within() { # SECONDS COMMAND…
	local start=$SECONDS limit=$1 rc=0
	shift
	"$@" || rc=$?
	if [ $((SECONDS - start)) -gt "$limit" ]; then
		echo "took $((SECONDS - start)) s: $*"
		return 99
	fi
	return "$rc"
}

@test "what is not its own it can't write at all" {
	local path
	for path in "/local/domain/0/backend/vbd/$evil/51712/state" "/local/domain/0/backend/vbd/$good/51712/state" \
		"/libxl/$evil/device/vbd/51712/backend" "/local/domain/$good/device/vbd/51712/state" "/vm/x"; do
		run guest_exec evil "store-write $path 5"
		[[ $output == *"Permission denied"* ]]
	done
	[ "$(backend_state evil vbd 51712)" = 4 ]
}

@test "garbage in every node of its end" {
	local node
	for node in $(xenstore-list "/local/domain/$evil/device/vbd/51712"); do
		[[ $node == state ]] || write "device/vbd/51712/$node %00banana/../../%ff;rm -rf"
	done
	looks
	[ "$(xenstore-read "/local/domain/0/backend/vbd/$evil/51712/state")" = 4 ]
	within 8 domo block-detach evil xvda --force
	[ -z "$(losetup -j b.img)" ]
}

@test "garbage as its state" {
	write "device/vbd/51712/state banana"
	looks
	[ "$(domo explain evil xvda --json | json '.devices[0].cause')" != connected ]
	[ "$(domo explain evil xvda --json | json '.devices[0].healthy')" = false ]
	within 8 domo block-detach evil xvda --force
}

@test "huge values" {
	local node
	for node in ring-ref event-channel protocol state feature-persistent x1 x2 x3; do
		guest_exec evil "store-fill device/vbd/51712/$node 2000" || true
	done
	guest_exec evil "store-fill error/device/vbd/51712/error 2000" || true
	write "device/vif/0/multi-queue-num-queues 4294967295"
	looks
	within 8 domo block-detach evil xvda --force
}

@test "hundreds of nodes and queues" {
	local i
	for i in {1..40}; do
		write "device/vif/0/queue-$i/tx-ring-ref 9"
	done
	looks
	[ "$(domo tree evil --json | jq '.[0].devices[] | select(.kind == "vif") | .queues')" = 40 ]
}

@test "other paths: a front end that points at another guest's back end" {
	write "device/vbd/51712/backend /local/domain/0/backend/vbd/$good/51712"
	write "device/vbd/51712/backend-id $good"
	looks
	[ "$(domo tree evil --json | jq -r '.[0].devices[0].back.path')" = "/local/domain/0/backend/vbd/$evil/51712" ]
	within 8 domo block-detach evil xvda --force
	[ "$(backend_state good vbd 51712)" = 4 ]
	[ -n "$(losetup -j a.img)" ]
	[ -z "$(losetup -j b.img)" ]
}

@test "devices that it makes up are none" {
	write "device/vbd/9/backend /local/domain/0/backend/vbd/$good/51712" || true
	write "device/vbd/9/state 4" || true
	[ "$(domo block-list evil --json | jq length)" -eq 1 ]
	expect_error device.not-found 3 domo explain evil vbd/9
	expect_error device.not-found 3 domo block-detach evil 9 --force
}

@test "states that jump: no operation takes it for connected, none hangs" {
	local i rc=0
	for i in {1..20}; do
		write "device/vif/0/state $((RANDOM % 12 - 1))"
		write "device/vbd/51712/state $((RANDOM % 12 - 1))"
	done
	looks
	within 6 timeout 8 domo wait evil vif/0 connected --timeout 1 || rc=$?
	[[ $rc -eq 6 || $rc -eq 0 ]]
	within 8 domo network-detach evil 0 --force-after 1
	within 8 domo block-detach evil xvda --force-after 1
	within 8 domo block-attach evil "$WORK/c.img,raw,xvdb,w" --timeout 3
}

@test "states that jump while a device is attached" {
	local jumps rc=0
	(
		for i in {1..30}; do
			xenstore-write "/local/domain/$evil/device/vbd/51728/state" $((i % 9)) 2>/dev/null || true
		done
	) 3>&- &
	jumps=$!
	within 10 timeout 12 domo block-attach evil "$WORK/c.img,raw,xvdb,w" --timeout 2 --json >out.txt 2>/dev/null || rc=$?
	wait "$jumps"
	if [[ $rc -eq 0 ]]; then
		# It may have jumped again before its row was read: the row is the truth of that moment.
		[ "$(json '.connected == (.front.state == 4 and .back.state == 4)' <out.txt)" = true ]
	else
		[[ $(json .error.code <out.txt) == device.* ]]
		[ -n "$(json .error.message <out.txt)" ]
	fi
	looks
	if [[ $rc -eq 0 ]]; then within 8 domo block-detach evil xvdb --force; fi
	[ -z "$(losetup -j c.img)" ]
}

@test "endless reconnects" {
	tiny_create loop "vif=['bridge=xenbr0']" >/dev/null || [ "$(domo list loop | wc -l)" -eq 2 ]
	within 6 timeout 8 domo wait loop vif/0 connected --timeout 5
	within 6 timeout 8 domo explain loop >/dev/null
	within 8 domo network-detach loop 0 --force-after 1
	within 8 domo destroy loop
}

@test "deleted directories" {
	guest_exec evil "store-rm device/vbd/51712"
	[ "$(domo explain evil xvda --json | json '.devices[0].cause')" = front-gone ]
	guest_exec evil "store-rm device" || true
	looks
	within 8 domo block-detach evil xvda --force
	[ -z "$(losetup -j b.img)" ]
	within 8 domo network-detach evil 0 --force
}

@test "deleted directories while it is asked to let go" {
	local busy
	tiny_create busy "disk=['$WORK/c.img,raw,xvda,w']" >/dev/null
	busy=$(domo domid busy)
	(
		sleep 0.3
		xenstore-rm "/local/domain/$busy/device/vbd/51712"
	) 3>&- &
	within 6 domo block-detach busy xvda --timeout 5
	wait $!
	[ -z "$(losetup -j c.img)" ]
}

@test "error nodes with a terminal's escapes" {
	write "device/vbd/51712/state 5"
	write "error/device/vbd/51712/error 16 %1b[2J%1b]0;pwned%07%9b31m%0afake: line"
	write "device/vif/0/state %1b[31m4"
	looks
	domo explain evil xvda | grep -q "pwned"
	[ "$(domo explain evil xvda | grep -c '^fake')" -eq 0 ]
}

@test "an error node that lies about another device" {
	write "error/device/vbd/51712/error 7 quota of $good"
	[ "$(domo explain evil xvda --json | json '.devices[0].cause')" = connected ]
	[ "$(domo explain good xvda --json | json '.devices[0].cause')" = connected ]
}
