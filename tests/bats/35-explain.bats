#!/usr/bin/env bats
# Why a device is not connected, and waiting until it is: with a guest whose drivers are real, and one that has none.

bats_require_minimum_version 1.5.0

load common

setup_file() {
	cd "$WORK" || return
	truncate -s 8M explain.img
	domo_create told "disk=[]" "vif=[]" >/dev/null
	wait_guest_ready told
	tiny_create deaf-told "disk=['$WORK/explain.img,raw,xvda,r']" --no-wait
}

setup() { cd "$WORK" || return; }

cause() { domo explain "$1" "$2" --json | json '.devices[0] | .cause + " " + .side'; } # DOMAIN DEVICE

@test "a disk that works is told so, and waited for" {
	domo block-attach told "$WORK/explain.img,raw,xvdb,r"
	[ "$(cause told xvdb)" = "connected nobody" ]
	domo wait told xvdb connected --timeout 5
	[ "$(domo tree told --json | json '.[0].devices[] | select(.vdev == "xvdb") | [.io_path, .queues > 0, .back_domain] | join(" ")')" = "pv true Domain-0" ]
	domo tree told | grep -q 'sectors 16384'
	domo block-detach told xvdb --force-after 20 --json >detach.json
	[ "$(json .forced <detach.json)" = false ]
	domo wait told xvdb gone --timeout 5
	rm detach.json
}

@test "an interface in no bridge: connected, and what is wrong with it" {
	domo network-attach told bridge=xenbr0
	local name
	name=$(domo tree told --json | json '.[0].devices[] | select(.kind == "vif") | .interface')
	ip link set "$name" nomaster
	[ "$(cause told vif/0)" = "interface-alone host" ]
	domo explain told vif/0 | grep -q "ip link set $name master xenbr0"
	ip link set "$name" master xenbr0
	[ "$(cause told vif/0)" = "connected nobody" ]
	domo network-detach told 0
}

@test "a guest without drivers: whose move it is" {
	[ "$(cause deaf-told xvda)" = "front-silent guest" ]
	expect_error timeout 6 domo wait deaf-told xvda connected --timeout 1
	expect_error device.guest-no-answer 6 domo block-attach deaf-told "$WORK/explain.img,raw,xvdb,r" --timeout connect=1
}

@test "a guest that is destroyed while its device is waited for" {
	tiny_create deaf-gone >/dev/null
	domo block-attach deaf-gone "$WORK/explain.img,raw,xvdb,r" --timeout 60 >out.txt 2>&1 &
	local attach=$! start=$SECONDS rc=0
	domo wait deaf-gone xvdb initwait --timeout 20
	domo destroy deaf-gone
	wait "$attach" || rc=$?
	[ "$rc" -ne 0 ]
	[ $((SECONDS - start)) -le 40 ]
	domo sweep --remove >/dev/null
	rm out.txt
}
