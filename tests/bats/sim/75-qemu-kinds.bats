#!/usr/bin/env bats
# What QEMU serves on a real host the simulated host has itself: images, screens, keyboards, channels, shared directories.

load ../common

setup_file() {
	cd "$WORK" || return
	world_snapshot before
	head -c 1M /dev/zero >raw.img
	printf 'QFI\xfb\0\0\0\3' >q.qcow2
	truncate -s 64K q.qcow2
}

setup() { cd "$WORK" || return; }

# states NAME - each device with both ends' states.
states() { domo tree "$1" --json | json '.. | objects | select(has("kind")) | "\(.kind)/\(.devid) \(.back.state) \(.front.state)"' | sort; }

@test "a guest with all of it connects, is shown, and leaves nothing" {
	tiny_create all vnc=1 "disk=['$WORK/q.qcow2,qcow2,xvda,rw','backendtype=qdisk,format=raw,vdev=xvdb,target=$WORK/raw.img',',,hdc,r,cdrom']" \
		"channel=['name=org.domo.a,connection=pty','name=org.domo.b,connection=socket,path=$WORK/b.sock']" \
		"p9=['tag=share,path=$WORK,security_model=none']"
	[ "$(states all | grep -v 'console/0')" = "9pfs/0 4 4
console/1 4 4
console/2 4 4
vbd/51712 4 4
vbd/51728 4 4
vbd/5632 4 4
vfb/0 4 4
vkbd/0 4 4" ]
	[ "$(domo block-list all --json | json '.[1] | .backend_type + " " + .target')" = "qdisk $WORK/raw.img" ]
	[ "$(domo channel-list all | awk 'NR > 1 {print $1, $6, $7}' | tr '\n' ';')" = "0 pty ;1 socket ;" ]
	[ "$(domo vkb-list all | awk 'NR > 1 {print $1, $4}')" = "0 4" ]
	guest_disk_write all xvdb 3 hello
	[ "$(dd if=raw.img bs=512 skip=3 count=1 2>/dev/null | tr -d '\0')" = hello ]
	domo destroy all
	same_world
}

@test "an image and a keyboard come and go while the guest runs" {
	tiny_create hot
	domo block-attach hot "backendtype=qdisk,format=raw,vdev=xvda,target=$WORK/raw.img"
	[ "$(guest_disk_sectors hot xvda)" = 2048 ]
	domo vkb-attach hot backend-type=linux unique-id=T1
	[ "$(backend_path hot vkbd 0)" = "/local/domain/0/backend/vinput/$(guest_domid hot)/0" ]
	domo vkb-detach hot 0
	domo block-detach hot xvda
	domo destroy hot
	same_world
}

@test "images that are not what they are said to be are refused, and nothing is touched" {
	tiny_create bad
	quick_world >quick
	expect_error disk.bad-target 1 domo block-attach bad "$WORK/raw.img,qcow2,xvda,w"
	expect_error disk.bad-target 1 domo block-attach bad "$WORK/q.qcow2,vhd,xvda,w"
	expect_error disk.not-found 3 domo block-attach bad "$WORK/none.qcow2,qcow2,xvda,w"
	expect_error config.contradiction 1 domo block-attach bad "backendtype=phy,format=qcow2,vdev=xvda,target=$WORK/q.qcow2"
	same_quick_world quick
	rm -f quick
	domo destroy bad
	same_world
}

@test "a dry run shows what QEMU would be given, and touches nothing" {
	domo create --dry-run /dev/null name=dry 'type="pv"' memory=4 "kernel=$TINY" "vfb=['vncdisplay=3']" >plan
	grep -q 'vncdisplay = "3"' plan
	rm -f plan
	same_world
}

@test "only HVM guests have drives whose medium changes" {
	tiny_create pv "disk=[',,hdc,r,cdrom']"
	quick_world >quick
	expect_error unsupported 7 domo cd-insert pv hdc "$WORK/raw.img"
	expect_error unsupported 7 domo cd-eject pv hdc
	expect_error unsupported 7 domo qemu-monitor-command pv info block
	expect_error domain.not-found 3 domo cd-eject nosuch hdc
	same_quick_world quick
	rm -f quick
	domo destroy pv
	same_world
}
