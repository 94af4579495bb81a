#!/usr/bin/env bats
# A config file goes in, a Linux guest runs, and after destroy nothing is left.

load common

setup_file() {
	cd "$WORK" || return
	world_snapshot before
	truncate -s 64M disk.img
	GUEST_WORDS="domoip=10.77.0.2/24" domo_create web "disk=['file:$WORK/disk.img,xvda,w']" \
		"vif=['bridge=xenbr0,mac=00:16:3e:00:00:02']" --json --timing >create.json
}

setup() { cd "$WORK" || return; }

@test "create succeeded only once both ends of all devices were connected" {
	[ "$(json .name <create.json)" = web ]
	[ "$(json '[.devices[] | select(.kind != "console") | .back.state] | unique | .[]' <create.json)" = 4 ]
	[ "$(json '[.devices[] | select(.kind != "console") | .front.state] | unique | .[]' <create.json)" = 4 ]
	[ "$(json '.timing | length' <create.json)" -gt 8 ]
	[ "$(frontend_state web vbd 51712)" = 4 ]
	[ "$(backend_state web vif 0)" = 4 ]
}

@test "the guest reaches its user space" {
	wait_guest_ready web
}

@test "bytes that the guest writes to xvda are in the file" {
	guest_disk_write web xvda 3 "written by the guest"
	[ "$(dd if=disk.img bs=512 skip=3 count=1 status=none | tr -d '\0' | head -n 1)" = "written by the guest" ]
}

@test "the tree shows both ends, and JSON says the same" {
	run domo tree web
	[ "$status" -eq 0 ]
	[[ $output == *vbd* && $output == *vif* && $output == *Connected* ]]
	[ "$(domo tree web --json | json '.[0].devices | map(select(.connected)) | length')" -ge 2 ]
	domo tree web --dot | grep -q '^digraph'
}

@test "pause and unpause show in the list" {
	domo pause web
	[ "$(domo list web --json | json '.[0].state.paused')" = true ]
	[ "$(xl list web | awk 'NR == 2 {print $5}')" = --p--- ]
	domo unpause web
	[ "$(domo list web --json | json '.[0].state.paused')" = false ]
	guest_answers web
}

@test "the console command talks to the guest" {
	# What is typed goes to a terminal that is not ours: the command needs one.
	printf '%s\n' "$GUEST_QUESTION" >typed.txt
	timeout 20 script -qec "sh -c '(sleep 2; cat typed.txt; sleep 4; printf \"\\035\") | cat' | domo console web" /dev/null \
		>console.txt 2>&1 || true
	grep -q "$GUEST_ANSWER" console.txt
	# And the guest goes on after we left.
	guest_answers web
}

@test "a second guest with the same name or UUID is refused" {
	local uuid
	uuid=$(json .uuid <create.json)
	LIMIT_MS=1000 expect_error domain.exists 4 tiny_create web
	LIMIT_MS=1000 expect_error domain.exists 4 tiny_create other "uuid='$uuid'"
	[ "$(xl list | wc -l)" -eq 3 ]
}

@test "domid, name and UUID all name the guest" {
	local uuid
	uuid=$(json .uuid <create.json)
	[ "$(domo domid "$uuid")" = "$(domo domid web)" ]
	expect_error domain.not-found 3 domo domid nosuch
}

@test "destroy leaves the store, loop devices, interfaces, processes and files as before" {
	domo destroy web
	rm -f disk.img create.json console.txt typed.txt
	same_world
}

@test "what can be known to fail fails at once and names the cause" {
	export LIMIT_MS=1000
	expect_error kernel.not-found 3 domo create /dev/null 'name="x"' 'type="pv"' 'kernel="/no/such"'
	expect_error kernel.bad-format 1 domo create /dev/null 'name="x"' 'type="pv"' 'kernel="/etc/passwd"'
	expect_error disk.not-found 3 tiny_create x "disk=['/no/such.img,raw,xvda,w']"
	expect_error disk.bad-target 1 tiny_create x "disk=['/etc,raw,xvda,w']"
	expect_error vif.no-bridge 3 tiny_create x "vif=['bridge=nosuch']"
	expect_error host.no-guest-memory 1 tiny_create x memory=900000
	expect_error config.unknown-key 1 tiny_create x "memroy=5"
	same_world
}

@test "create -p leaves the guest paused, with its back ends ready" {
	truncate -s 8M disk.img
	tiny_create idle -p "disk=['$WORK/disk.img,raw,xvda,w']" "vif=['bridge=xenbr0']"
	[ "$(xl list idle | awk 'NR == 2 {print $5}')" = --p--- ]
	[ "$(backend_state idle vbd 51712)" = 2 ]
	[ "$(xenstore-read "$(backend_path idle vif 0)/hotplug-status")" = connected ]
	domo destroy idle
	rm disk.img
	same_world
}

@test "a dry run prints the steps and changes nothing" {
	local steps
	truncate -s 8M disk.img
	steps=$(tiny_create idle --dry-run --json "disk=['$WORK/disk.img,raw,xvda,w']" | json '.steps | length')
	[ "$steps" -gt 6 ]
	rm disk.img
	same_world
}

