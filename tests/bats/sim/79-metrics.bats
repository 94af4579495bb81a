#!/usr/bin/env bats
# What metrics prints is what Prometheus reads: its own checker has nothing to say.

bats_require_minimum_version 1.5.0

load ../common

setup() {
	cd "$WORK" || return
	command -v promtool >/dev/null || skip "promtool is missing (package prometheus)"
}

teardown() { destroy_all; }

@test "promtool finds nothing wrong with the metrics of guests with devices" {
	truncate -s 1M a.img
	domo_create web "disk=['$WORK/a.img,raw,xvda,w']" "vif=['bridge=xenbr0']" >/dev/null
	domo_create off "disk=[]" >/dev/null
	wait_guest_ready web
	domo pause off >/dev/null
	domo metrics >out
	promtool check metrics <out >said 2>&1
	[ ! -s said ]
	grep 'domo_device_connected{.*name="web",kind="vbd",.*vdev="xvda".*} 1$' out
	grep 'domo_guest_state{.*name="off",state="paused"} 1$' out
	rm -f out said a.img
}

@test "promtool finds nothing wrong with a host without guests" {
	domo metrics | promtool check metrics
}
