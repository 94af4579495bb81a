#!/usr/bin/env bats
# Every step of every plan is made to fail, and to be the last thing the process does. Either nothing is left, or a sweep finds,
# explains and removes it.

load common

setup_file() {
	cd "$WORK" || return
	truncate -s 8M a.img
	truncate -s 8M b.img
	# The directories and cache files of a first use are there before the comparison begins.
	tiny_create warm -p "disk=['$WORK/a.img,raw,xvda,w']" "vif=['bridge=xenbr0']" >/dev/null
	domo destroy warm >/dev/null
	world_snapshot before
	quick_world >quick
}

setup() { cd "$WORK" || return; }

make_guest() { tiny_create victim -p "disk=['$WORK/a.img,raw,xvda,w']" "vif=['bridge=xenbr0']" "$@"; }

steps_of_create() { make_guest --dry-run --json | json '.steps[].name'; }

@test "create: each step fails, and nothing is left" {
	local step failed=0
	for step in $(steps_of_create); do
		if DOMO_FAULT=create/$step:fail make_guest >out.txt 2>&1; then
			echo "$step: create did not fail" && failed=1
		fi
		grep -q "was made to fail" out.txt || { echo "$step:"; cat out.txt; failed=1; }
		same_quick_world quick && continue
		echo "after the failure of $step"
		failed=1
		domo sweep --remove || true
		domo destroy victim || true
	done
	rm -f out.txt
	[ "$failed" -eq 0 ]
	same_world
}

@test "create: killed after each step, a sweep explains and removes what is left" {
	local step failed=0
	for step in $(steps_of_create); do
		DOMO_FAULT=create/$step:kill make_guest >/dev/null 2>&1 || true
		domo sweep --json >found.json
		domo sweep --remove --json >removed.json || { cat removed.json; failed=1; }
		[ "$(json '[.[] | select(.why == "")] | length' <found.json)" -eq 0 ] || failed=1
		[ "$(domo sweep --json | json length)" -eq 0 ] || { echo "$step: a second sweep finds more" && domo sweep && failed=1; }
		rm -f found.json removed.json
		same_quick_world quick || { echo "after the kill in $step" && failed=1; }
	done
	[ "$failed" -eq 0 ]
	same_world
}

@test "destroy: killed after each step, a sweep finishes it" {
	local step failed=0
	for step in journal pause close-devices release-devices remove-nodes destroy-domain forget; do
		make_guest >/dev/null
		DOMO_FAULT=destroy/$step:kill domo destroy victim >/dev/null 2>&1 || true
		domo sweep --remove >/dev/null || failed=1
		[ "$(domo sweep --json | json length)" -eq 0 ] || { echo "$step: a second sweep finds more" && domo sweep && failed=1; }
		same_quick_world quick || { echo "after the kill in $step" && failed=1; }
	done
	[ "$failed" -eq 0 ]
	same_world
}

@test "attach: each step fails or is killed, and the guest is as before" {
	local step what failed=0
	make_guest >/dev/null
	quick_world >with
	for step in lock check journal prepare-device write-nodes connect-backend store-config; do
		for what in fail kill; do
			! DOMO_FAULT=attach/$step:$what domo block-attach victim "$WORK/b.img,raw,xvdb,w" --no-wait >/dev/null 2>&1 ||
				{ echo "$step:$what did not fail" && failed=1; }
			[ "$what" = fail ] || domo sweep --remove >/dev/null || failed=1
			same_quick_world with || { echo "after $step:$what" && failed=1; }
		done
	done
	domo destroy victim >/dev/null
	rm -f with
	[ "$failed" -eq 0 ]
	same_world
}

@test "detach: killed after each step, a sweep finishes it or the device is as before" {
	local step failed=0
	make_guest >/dev/null
	quick_world >with
	for step in lock find journal close-device release-device remove-nodes store-config; do
		domo block-attach victim "$WORK/b.img,raw,xvdb,w" --no-wait >/dev/null
		DOMO_FAULT=detach/$step:kill domo block-detach victim xvdb >/dev/null 2>&1 || true
		domo sweep --remove >/dev/null || failed=1
		# Before the journal is written nothing was begun: the device is whole, and can be detached.
		[ -z "$(losetup -j b.img)" ] || domo block-detach victim xvdb >/dev/null || failed=1
		same_quick_world with || { echo "after the kill in $step" && failed=1; }
	done
	domo destroy victim >/dev/null
	rm -f with
	[ "$failed" -eq 0 ]
	same_world
}

@test "an interrupt undoes what was begun" {
	local rc=0
	tiny_create deaf >/dev/null
	rm -rf with && world_snapshot with
	# To the command alone: with the group it would be a second signal, which ends it.
	timeout --foreground -s INT 2 domo block-attach deaf "$WORK/b.img,raw,xvdb,w" --timeout 30 --json >out.json 2>/dev/null || rc=$?
	rm -rf now && world_snapshot now
	world_compare with now "$SAME_WORLD_IGNORE|userdata-|/device/vbd = |/backend/vbd/[0-9]+ = "
	domo destroy deaf >/dev/null
	rm -rf with now out.json
	same_world
}

@test "two creations at once of one name: one wins, the other says so" {
	local a=0 b=0
	tiny_create both -p >/dev/null 2>one.txt & 
	local pid=$!
	tiny_create both -p >/dev/null 2>two.txt || b=$?
	wait "$pid" || a=$?
	[ $((a + b)) -eq 4 ]
	grep -q "has the name" one.txt two.txt
	[ "$(xl list | grep -c both)" -eq 1 ]
	domo destroy both
	rm -f one.txt two.txt
	same_world
}
