#!/usr/bin/env bats
# Disks and interfaces come and go while the guest runs; what can't work says why and leaves the world as it was.

bats_require_minimum_version 1.5.0

load common

setup_file() {
	cd "$WORK" || return
	truncate -s 16M root.img
	truncate -s 8M data.img
	world_snapshot before
	GUEST_WORDS="domoip=10.77.0.3/24" domo_create hot "disk=['$WORK/root.img,raw,xvda,w']" "vif=[]" >/dev/null
	wait_guest_ready hot
	world_snapshot idle
}

setup() { cd "$WORK" || return; }

# The guest is as it was before the attach.
same_as_idle() {
	rm -rf after
	world_snapshot after
	world_compare idle after "$SAME_WORLD_IGNORE|/device/(vbd|vif) = \"\"|/backend/(vbd|vif)/[0-9]+ = \"\"|userdata-d"
}

@test "block-attach returns when the guest sees the disk" {
	domo block-attach hot "$WORK/data.img,raw,xvdb,w" --json >attach.json
	[ "$(frontend_state hot vbd 51728)" = 4 ]
	[ "$(backend_state hot vbd 51728)" = 4 ]
	[ "$(guest_disk_sectors hot xvdb)" = 16384 ]
	[ "$(json .connected <attach.json)" = true ]
	[ -n "$(losetup -j data.img)" ]
	xl list -l hot | jq -e '.[0].config.disks | map(.vdev) | index("xvdb")'
}

@test "block-detach gives the loop device back" {
	domo block-detach hot xvdb
	[ -z "$(losetup -j data.img)" ]
	guest_has_no_disk hot xvdb
	same_as_idle
}

@test "network-attach and network-detach, by devid and by MAC" {
	domo network-attach hot bridge=xenbr0 mac=00:16:3e:00:00:03
	[ "$(frontend_state hot vif 0)" = 4 ]
	bridge link | grep -q "vif$(domo domid hot).0"
	domo network-detach hot 00:16:3e:00:00:03
	run ! ip link show "vif$(domo domid hot).0"
	domo network-attach hot bridge=xenbr0
	domo network-detach hot 0
	same_as_idle
}

@test "an attach that can't work names the cause within a second" {
	export LIMIT_MS=1000
	expect_error disk.not-found 3 domo block-attach hot "/no/such.img,raw,xvdb,w"
	expect_error disk.in-use 4 domo block-attach hot "$WORK/root.img,raw,xvdb,w"
	expect_error device.exists 4 domo block-attach hot "$WORK/data.img,raw,xvda,w"
	expect_error vif.no-bridge 3 domo network-attach hot bridge=nosuch
	expect_error domain.not-found 3 domo block-attach nosuch "$WORK/data.img,raw,xvdb,w"
	expect_error device.not-found 3 domo block-detach hot xvdz
	same_as_idle
}

@test "a missing back end driver is named, not waited for" {
	tiny_create plain -p
	LIMIT_MS=1000 without_netback expect_error device.no-backend 1 domo network-attach plain bridge=xenbr0
	domo destroy plain
}

@test "a guest that does not answer: a time-out that says so, and nothing is left" {
	tiny_create deaf
	rm -rf deaf0 && world_snapshot deaf0
	expect_error device.guest-no-answer 6 domo block-attach deaf "$WORK/data.img,raw,xvdb,w" --timeout 2
	expect_error device.guest-no-answer 6 domo network-attach deaf bridge=xenbr0 --timeout 2
	rm -rf deaf1 && world_snapshot deaf1
	world_compare deaf0 deaf1 "$SAME_WORLD_IGNORE|/device/(vbd|vif) = \"\"|/backend/(vbd|vif)/[0-9]+ = \"\"|userdata-d"
	domo destroy deaf
	rm -rf deaf0 deaf1
}

@test "detach is refused while the guest does not let go, and the device goes on; force takes it" {
	domo block-attach hot "$WORK/data.img,raw,xvdb,w"
	# A guest that stands still can't let go. (Linux 6.1 itself lets go even of a disk that is mounted.)
	domo pause hot
	expect_error device.in-use 4 domo block-detach hot xvdb --timeout 2
	domo unpause hot
	[ -n "$(losetup -j data.img)" ]
	[ "$(backend_state hot vbd 51728)" = 4 ]
	guest_disk_write hot xvdb 0 "still here"
	[ "$(dd if=data.img bs=512 count=1 status=none | tr -d '\0' | head -n 1)" = "still here" ]
	domo pause hot
	domo block-detach --force hot xvdb
	domo unpause hot
	[ -z "$(losetup -j data.img)" ]
	guest_answers hot
}

@test "a block device is attached without a loop device of ours" {
	local loop
	loop=$(losetup -f --show data.img)
	domo block-attach hot "$loop,raw,xvdc,w"
	[ "$(guest_disk_sectors hot xvdc)" = 16384 ]
	domo block-detach hot xvdc
	[ "$(losetup -n -O NAME -j data.img)" = "$loop" ]
	losetup -d "$loop"
}

@test "a read-only disk is read-only in the guest" {
	domo block-attach hot "$WORK/data.img,raw,xvdd,r"
	guest_disk_is_ro hot xvdd
	domo block-detach hot xvdd
}

@test "a named script runs, with xl's environment, and its failure is told" {
	sed "s|WORK|$WORK|g" >"$SCRIPTS/block-journey" <<'S'
#!/bin/bash
env >WORK/script.env
echo "$1" >>WORK/script.args
case $1 in
add)
	[[ $(xenstore-read "$XENBUS_PATH/params") != fail ]] || { echo "the storage said no" >&2; exit 7; }
	dev=$(losetup -f --show WORK/data.img)
	xenstore-write "$XENBUS_PATH/node" "$dev" "$XENBUS_PATH/physical-device" "7:$(printf %x "${dev#/dev/loop}")" \
		"$XENBUS_PATH/hotplug-status" connected ;;
remove) losetup -d "$(xenstore-read "$XENBUS_PATH/node")" ;;
esac
S
	chmod 755 "$SCRIPTS/block-journey"
	rm -f script.args
	domo block-attach hot "script=block-journey,vdev=xvde,target=anything"
	grep -q '^XENBUS_PATH=backend/vbd/' script.env
	grep -q '^XENBUS_TYPE=vbd$' script.env
	grep -q "^script=$SCRIPTS/block-journey\$" script.env
	[ "$(guest_disk_sectors hot xvde)" = 16384 ]
	domo block-detach hot xvde
	[ "$(tr '\n' ' ' <script.args)" = "add remove " ]
	[ -z "$(losetup -j data.img)" ]
	expect_error hotplug.script-failed 1 domo block-attach hot "script=block-journey,vdev=xvde,target=fail"
	domo block-attach hot "script=block-journey,vdev=xvde,target=fail" 2>&1 | grep -q "the storage said no"
	rm -f script.env script.args "$SCRIPTS/block-journey"
}

@test "destroy gives all back" {
	domo block-attach hot "$WORK/data.img,raw,xvdb,w"
	domo network-attach hot bridge=xenbr0
	domo destroy hot
	rm -rf idle attach.json
	same_world
}
