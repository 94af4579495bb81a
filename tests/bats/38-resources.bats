#!/usr/bin/env bats
# What guests have of the machine: memory, processors, their schedulers and pools; as stock xl sees it.

bats_require_minimum_version 1.5.0

load common

setup() { cd "$WORK" || return; }

teardown() { destroy_all; }

# wait_for SECONDS COMMAND… - until it succeeds.
wait_for() {
	local end=$((SECONDS + $1))
	shift
	until "$@" >/dev/null 2>&1; do
		[ "$SECONDS" -lt "$end" ] || return 1
		sleep 0.5
	done
}

# has_mib NAME LEAST MOST - what it owns now.
has_mib() {
	local mib
	mib=$(domo list "$1" --json | json '.[0].memory_mib')
	[ "$mib" -ge "$2" ] && [ "$mib" -le "$3" ]
}

# memory_of NAME - what the toolstack says of it, and to whom.
memory_of() {
	local id
	id=$(guest_domid "$1")
	xenstore-read "/local/domain/$id/memory/target" "/local/domain/$id/memory/static-max" \
		"$(xenstore-read "/local/domain/$id/vm")/memory"
	domo list "$1" --json | json '.[0].max_memory_kib'
}

@test "mem-set: the guest gives memory back and takes it again, and no more than it was built for" {
	domo_create web memory=240 maxmem=288 "disk=[]" "vif=[]" >/dev/null
	wait_guest_ready web
	domo mem-set web 200
	wait_for 60 has_mib web 190 201
	domo mem-set web 288
	wait_for 60 has_mib web 280 289
	expect_error config.bad-value 1 domo mem-set web 289
	expect_error config.bad-value 1 domo mem-max web 280
}

@test "mem-set and mem-max do what xl's do" {
	local how
	tiny_create web maxmem=8 >/dev/null
	for how in "mem-set web 3" "mem-set web 8" "mem-max web 10" "mem-max web 9m" "mem-set web 4096k"; do
		domo mem-set web 5
		# shellcheck disable=SC2086
		xl $how
		memory_of web >xl.out
		domo mem-set web 5
		# shellcheck disable=SC2086
		domo $how
		memory_of web >domo.out
		diff xl.out domo.out
	done
	rm -f xl.out domo.out
}
