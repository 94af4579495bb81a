#!/usr/bin/env bats
# The seam's operations do on real Xen what host.h says: one list of checks, run as a program.

@test "the contract of a host holds on real Xen" {
	run /usr/lib/domo/tests/host_contract /lab/guest/vmlinuz /lab/guest/initrd.img
	echo "$output" | grep -v '^ok '
	[ "$status" -eq 0 ]
	[ "$(grep -c '^ok ' <<<"$output")" -gt 50 ]
}
