#!/usr/bin/env bats
# Hotplug scripts of interfaces get exactly the words and the environment that xl gives them, whichever of the packaged
# ones is named; a recording script stands in for each.

bats_require_minimum_version 1.5.0

load ../common

setup_file() {
	cd "$WORK" || return
	local name
	for name in vif-route vif-nat vif-openvswitch vif-own; do
		cat >"$SCRIPTS/$name" <<-S
			#!/bin/bash
			{ echo "args: \$*"; env | grep -E '^(script|XENBUS_[A-Z_]*|vif|netdev|INTERFACE)=' | LC_ALL=C sort; } >>"$WORK/record"
			[[ \$1 != online ]] || xenstore-write "\$XENBUS_PATH/hotplug-status" connected
		S
		chmod 755 "$SCRIPTS/$name"
	done
	world_snapshot before
	tiny_create net >/dev/null
}

setup() {
	cd "$WORK" || return
	rm -f record
}

# recorded SCRIPT WORD NETDEV - what one call must have looked like, libxl's facts written down by hand.
recorded() {
	local id
	id=$(guest_domid net)
	cat <<-R
		args: $2 type_if=vif
		XENBUS_BASE_PATH=backend
		XENBUS_PATH=backend/vif/$id/0
		XENBUS_TYPE=vif
		netdev=$3
		script=$SCRIPTS/$1
		vif=vif$id.0
	R
}

@test "each packaged script gets online and offline with xl's words and environment" {
	local name
	for name in vif-route vif-nat vif-openvswitch vif-own; do
		rm -f record
		domo network-attach net "script=$name" ip=10.0.0.7 gatewaydev=eth7 bridge=xenbr0
		domo network-detach net 0
		diff record <(recorded "$name" online eth7; recorded "$name" offline eth7)
	done
}

@test "without gatewaydev netdev is there and empty, and a path names a script outside of xl's directory" {
	cp "$SCRIPTS/vif-own" "$WORK/vif-mine"
	domo network-attach net "script=$WORK/vif-mine" bridge=xenbr0
	domo network-detach net 0
	diff <(sed "s#$WORK/vif-mine#$SCRIPTS/vif-mine#" record) <(recorded vif-mine online ""; recorded vif-mine offline "")
	rm vif-mine
}

@test "what the scripts read stands in the back end's directory" {
	local back
	domo network-attach net script=vif-route ip=10.0.0.7 gatewaydev=eth7 bridge=br7 mtu=1400 rate=10Mb/s@50ms vifname=far0 untrusted \
		mac=00:16:3e:00:00:77 devid=4
	back=$(backend_path net vif 4)
	[ "$(xenstore-read "$back/ip" "$back/gatewaydev" "$back/bridge" "$back/mtu" "$back/rate" "$back/vifname" "$back/mac" \
		"$back/handle" "$back/script" | tr '\n' ' ')" = \
		"10.0.0.7 eth7 br7 1400 62500,50000 far0 00:16:3e:00:00:77 4 $SCRIPTS/vif-route " ]
	[ "$(xenstore-read "/local/domain/$(guest_domid net)/device/vif/4/trusted")" = 0 ]
	[ "$(xenstore-read "/local/domain/$(guest_domid net)/device/vif/4/mtu")" = 1400 ]
	domo network-detach net 4
}

@test "a bridge that is named for a script is the script's business, one for the default is checked" {
	domo network-attach net script=vif-openvswitch bridge=ovs7
	domo network-detach net 0
	expect_error vif.no-bridge 3 domo network-attach net bridge=ovs7
	expect_error hotplug.script-failed 1 domo network-attach net script=vif-nosuch
	domo destroy net
	rm -f "$SCRIPTS"/vif-*
	same_world
}
