#!/usr/bin/env bats
# An HVM guest's processors are its device model's: they are plugged in while it runs, and stay.

bats_require_minimum_version 1.5.0

load ../common

setup() { cd "$WORK" || return; }

teardown() { destroy_all; }

cpus_of() { domo qemu-monitor-command "$1" "info cpus" | grep -c "CPU #"; } # NAME

@test "vcpu-set plugs processors into a running HVM guest, and says that it can't take them out" {
	domo create /dev/null name=hvm 'type="hvm"' memory=64 vcpus=1 maxvcpus=3 'vga="none"' >/dev/null
	[ "$(cpus_of hvm)" -eq 1 ]
	domo vcpu-set hvm 3
	[ "$(cpus_of hvm)" -eq 3 ]
	domo vcpu-set hvm 3
	expect_error unsupported 7 domo vcpu-set hvm 2
	expect_error config.bad-value 1 domo vcpu-set hvm 4
	[ "$(cpus_of hvm)" -eq 3 ]
}
