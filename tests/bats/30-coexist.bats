#!/usr/bin/env bats
# Stock xl works on guests that domo made, and domo on guests that xl made.

load common

setup_file() {
	cd "$WORK" || return
	truncate -s 16M a.img
	truncate -s 16M b.img
	truncate -s 8M extra.img
	world_snapshot before
}

setup() { cd "$WORK" || return; }

guest_cfg() { # NAME IMAGE LAST-BYTE
	cat <<-C
		name = "$1"
		type = "pv"
		kernel = "$GUEST_KERNEL"
		ramdisk = "$GUEST_RAMDISK"
		extra = "console=hvc0 $GUEST_FAST domoip=10.77.0.1$3/24"
		memory = 256
		vcpus = 2
		uuid = "11111111-2222-4333-8444-55555555555$3"
		disk = [ "$WORK/$2,raw,xvda,w" ]
		vif = [ "bridge=xenbr0,mac=00:16:3e:00:00:1$3" ]
	C
}

# tree-differences.txt holds one extended regular expression a line for differences that are meant, each with its reason in the
# line above it in this comment. There is none: the trees are equal node by node, permissions included.
@test "the store trees that xl and domo write for one config differ only as listed" {
	guest_cfg twin a.img 1 >twin.cfg
	xl create -p twin.cfg 3>&-
	tree_of twin >xl.tree
	xl destroy twin
	domo create -p twin.cfg
	tree_of twin >domo.tree
	domo destroy twin
	diff -U 0 xl.tree domo.tree | grep '^[-+][^-+]' | grep -Evf /lab/tests/bats/tree-differences.txt >tree.diff || true
	cat tree.diff
	[ ! -s tree.diff ]
	rm -f xl.tree domo.tree tree.diff twin.cfg
}

# The guest's nodes, with its domid and what the hypervisor picks at random made the same.
tree_of() {
	local id
	id=$(guest_domid "$1")
	xenstore-ls -fp | grep -E "^/local/domain/$id/|^/local/domain/0/backend/[a-z]+/$id|^/libxl/$id|^/vm/1111" |
		sed -E -e "s#/(domain|vbd|vif|console|libxl)/$id(/| |\")#/\1/D\2#g" -e "s/([nrwb])$id([,)])/\1D\2/g" \
			-e "s#(frontend-id|/domid) = \"$id\"#\1 = \"D\"#" \
			-e 's/(ring-ref|start_time|tty) = ".*"/\1 = "…"/' -e 's#/dev/loop[0-9]+#/dev/loopN#' \
			-e 's/physical-device = "7:[0-9a-f]+"/physical-device = "7:N"/' | LC_ALL=C sort
}

@test "xl lists, extends and destroys a guest that domo made" {
	guest_cfg ours a.img 2 >ours.cfg
	domo create ours.cfg
	wait_guest_ready ours
	[ "$(xl list -l ours | jq -r '.[0].config.c_info.name')" = ours ]
	[ "$(xl list -l ours | jq -r '.[0].config.b_info.max_vcpus')" = 2 ]
	diff <(xl list -l ours | jq -S .) <(domo list -l ours | jq -S .)
	xl block-attach ours "$WORK/extra.img,raw,xvdb,w" 3>&-
	wait_connected ours vbd 51728
	[ "$(domo block-list ours | wc -l)" -eq 3 ]
	domo block-detach ours xvdb
	[ -z "$(losetup -j extra.img)" ]
	domo block-attach ours "$WORK/extra.img,raw,xvdb,w"
	xl block-detach ours xvdb 3>&-
	[ -z "$(losetup -j extra.img)" ]
	xl network-attach ours bridge=xenbr0 3>&-
	wait_connected ours vif 1
	domo network-detach ours 1
	xl destroy ours
	[ -z "$(losetup -j a.img)" ]
	# What domo remembered of the guest is a sweep's: nobody told it that the guest is gone.
	domo sweep --remove
	rm ours.cfg
	same_world
}

@test "domo lists, extends and destroys a guest that xl made" {
	guest_cfg theirs b.img 3 >theirs.cfg
	xl create theirs.cfg 3>&-
	wait_guest_ready theirs
	[ "$(domo domid theirs)" = "$(xl domid theirs)" ]
	[ "$(domo list theirs --json | json '.[0].name')" = theirs ]
	domo block-attach theirs "$WORK/extra.img,raw,xvdb,w"
	[ "$(xl block-list theirs | wc -l)" -eq 3 ]
	domo network-attach theirs bridge=xenbr0
	domo tree theirs >/dev/null
	expect_error domain.exists 4 tiny_create theirs
	domo destroy theirs
	[ -z "$(losetup -j b.img)$(losetup -j extra.img)" ]
	rm theirs.cfg
	same_world
}

@test "a guest renamed by xl is found under its new name" {
	tiny_create first
	xl rename first second
	[ "$(domo domid second)" = "$(xl domid second)" ]
	expect_error domain.not-found 3 domo domid first
	domo destroy second
	same_world
}
