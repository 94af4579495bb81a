#!/usr/bin/env bats
# For every k: the k-th call of the seam fails. The world is then as before, or a sweep mends it.

bats_require_minimum_version 1.5.0

load ../common

setup_file() {
	cd "$WORK" || return
	truncate -s 8M a.img
	truncate -s 8M b.img
	make_guest >/dev/null
	domo destroy victim >/dev/null
	quick_world >quick
	world_snapshot before
}

setup() { cd "$WORK" || return; }

make_guest() { tiny_create victim "disk=['$WORK/a.img,raw,xvda,w']" "vif=['bridge=xenbr0']" "$@"; }

# each_call ERRNO WORLD UNDO COMMAND… - for k = 1, 2, … until the k-th call is one that the command does not make. UNDO takes back
# what a command leaves that has done its work nevertheless: a call may fail without harm.
each_call() {
	local sys=$1 world=$2 undo=$3 k rc
	shift 3
	for ((k = 1; ; k++)); do
		rc=0
		DOMO_FAULTS="*:$k $sys" "$@" >out.txt 2>&1 || rc=$?
		grep -q "fault on request" out.txt || break
		[[ $rc -eq 0 ]] || says_why || { echo "call $k ($sys) failed without a word:"; cat out.txt; return 1; }
		domo sweep --remove >swept.txt 2>&1 || { echo "after call $k ($sys)"; cat out.txt swept.txt; return 1; }
		$undo
		same_quick_world "$world" || { echo "after call $k ($sys)"; cat out.txt swept.txt; return 1; }
	done
	[[ $rc -eq 0 ]] || { cat out.txt; return 1; }
	$undo
	echo "# $sys: $((k - 1)) calls" >&3
	rm -f out.txt swept.txt
	[ "$k" -gt 30 ]
}

says_why() { grep -q '^error: .' out.txt; }

@test "create: each call fails" {
	# Short waits: some calls leave the guest waiting for what never comes.
	undo_create() { domo destroy victim >/dev/null 2>&1 || true; }
	each_call EIO quick undo_create make_guest --timeout 1
	same_world
}

@test "create of a PVH guest: each call fails" {
	printf 'name = "victim"\ntype = "pvh"\nmemory = 4\nkernel = "%s"\ndisk = ["%s,raw,xvda,w"]\n' "$TINY" "$WORK/a.img" >pvh.cfg
	undo_create() { domo destroy victim >/dev/null 2>&1 || true; }
	each_call EIO quick undo_create domo create pvh.cfg --timeout 1
	rm pvh.cfg
	same_world
}

@test "attach: each call fails" {
	make_guest >/dev/null
	quick_world >with
	undo_attach() { domo block-detach victim xvdb >/dev/null 2>&1 || true; }
	each_call EIO with undo_attach domo block-attach victim "$WORK/b.img,raw,xvdb,w" --timeout 1
	domo destroy victim >/dev/null
	rm with
	same_world
}

@test "detach: each call fails" {
	make_guest >/dev/null
	domo block-attach victim "$WORK/b.img,raw,xvdb,w" >/dev/null
	quick_world >with
	# A guest that has let go does not come back: then another detach ends it.
	undo_detach() {
		[[ $(backend_state victim vbd 51728) == 4 ]] || domo block-detach victim xvdb >/dev/null 2>&1 || true
		[[ -n $(losetup -j b.img) ]] || domo block-attach victim "$WORK/b.img,raw,xvdb,w" >/dev/null
	}
	each_call EIO with undo_detach domo block-detach victim xvdb --timeout 1
	domo destroy victim >/dev/null
	rm with
	same_world
}

@test "destroy: each call fails" {
	undo_destroy() { domo destroy victim >/dev/null 2>&1 || true; }
	# Faults strike the destroy alone.
	destroy_struck() {
		local faults=$DOMO_FAULTS
		DOMO_FAULTS='' make_guest >/dev/null
		DOMO_FAULTS=$faults domo destroy victim
	}
	each_call EIO quick undo_destroy destroy_struck
	same_world
}
