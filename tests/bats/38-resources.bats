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

# uses_vcpus NAME NUMBER - the guest itself, and the hypervisor.
uses_vcpus() {
	[ "$(domo vcpu-list "$1" --json | json '[.[] | select(.online)] | length')" -eq "$2" ] && [ "$(guest_vcpus "$1")" -eq "$2" ]
}

# affinities NAME - as two columns, of all of its vcpus.
affinities() { domo vcpu-list "$1" | awk 'NR > 1 {print $NF, $(NF - 2)}'; }

# takes_vcpus NAME NUMBER - Linux without udev waits to be told to use a processor that has come; simulated ones do not.
takes_vcpus() {
	guest_exec "$1" "echo 1 >/sys/devices/system/cpu/cpu1/online" >/dev/null 2>&1 || true
	uses_vcpus "$1" "$2"
}

@test "vcpu-set: the guest puts processors away and takes them again" {
	domo_create web vcpus=2 "disk=[]" "vif=[]" >/dev/null
	wait_guest_ready web
	wait_for 60 uses_vcpus web 2
	domo vcpu-set web 1
	wait_for 60 uses_vcpus web 1
	domo vcpu-set web 2
	wait_for 60 takes_vcpus web 2
	expect_error config.bad-value 1 domo vcpu-set web 3
	expect_error config.bad-value 1 domo vcpu-set web 0
}

@test "vcpu-pin: hard and soft, one or all, and as xl pins them" {
	tiny_create web vcpus=2 >/dev/null
	domo vcpu-pin web all 0 0
	[ "$(affinities web | sort -u)" = "0 0" ]
	domo vcpu-pin web 1 - all
	[ "$(affinities web | tail -n 1)" = "all 0" ]
	domo vcpu-pin web all nodes:0 "all,^0"
	affinities web >domo.out
	xl vcpu-pin web all 0 0
	xl vcpu-pin web all nodes:0 "all,^0"
	affinities web | diff domo.out -
	expect_error config.bad-value 1 domo vcpu-pin web 2 0
	expect_error config.bad-value 1 domo vcpu-pin web 0 4000
	rm -f domo.out
}

# Where a vcpu is, whether it runs and for how long changes from one look to the next; what is around it does not.
still_vcpus() { tail -n +2 | sed -E 's/^(.{44}).{5}(.).{4}(..).{9}/\1  CPU\2 St\3  Time(s)/'; }

@test "vcpu-list says it in xl's words" {
	tiny_create web vcpus=2 maxvcpus=3 >/dev/null
	domo vcpu-list >/dev/null
	diff <(xl vcpu-list | head -n 1) <(domo vcpu-list | head -n 1)
	diff <(xl vcpu-list | still_vcpus) <((exec -a xl domo vcpu-list) | still_vcpus)
	diff <(xl vcpu-list web | still_vcpus) <(domo vcpu-list web | still_vcpus)
}

# same_words COMMAND… - stock xl says the same to the letter.
same_words() { diff <(xl "$@") <(exec -a xl "$(command -v domo)" "$@") && diff <(xl "$@") <(domo "$@"); }

@test "sched-credit2: weight, cap and rate limit, as xl sets and shows them" {
	tiny_create web >/dev/null
	domo sched-credit2 -d web -w 512 -c 40
	same_words sched-credit2 -d web
	same_words sched-credit2
	[ "$(domo sched-credit2 -d web --json | json '.[0] | "\(.weight) \(.cap)"')" = "512 40" ]
	xl sched-credit2 -d web -w 300
	[ "$(domo sched-credit2 -d web --json | json '.[0] | "\(.weight) \(.cap)"')" = "300 40" ]
	domo sched-credit2 -s -r 2000
	same_words sched-credit2 -s
	domo sched-credit2 -s -r 1000
	same_words sched-credit2 -s -p Pool-0
	# No pool has these.
	same_words sched-credit
	same_words sched-rtds
	expect_error unsupported 7 domo sched-credit -d web
	expect_error config.bad-value 1 domo sched-credit2 -d web -w 0
}

@test "cpupools: made, filled, emptied, named as xl does it" {
	local last
	last=$(($(domo host info --json | json .cpus) - 1))
	tiny_create web >/dev/null
	same_words cpupool-list
	same_words cpupool-list -c
	expect_error cpupool.in-use 4 domo cpupool-create name=other
	domo cpupool-cpu-remove Pool-0 "$last"
	domo cpupool-create name=other 'sched="credit"' | tee said
	[ "$(tail -n 1 said)" = "number of cpus: 1" ]
	same_words cpupool-list
	same_words cpupool-list -c other
	domo cpupool-migrate web other
	same_words cpupool-list
	same_words sched-credit
	same_words sched-credit -s -p other
	expect_error cpupool.in-use 4 domo cpupool-destroy other
	tiny_create born 'pool="other"' >/dev/null
	same_words cpupool-list
	[ "$(domo list born --json | json '.[0].cpupool')" = "$(domo cpupool-list other --json | json '.[0].id')" ]
	domo destroy born
	expect_error cpupool.not-found 3 tiny_create stray 'pool="nosuch"'
	domo cpupool-rename other another
	same_words cpupool-list another
	domo cpupool-migrate web Pool-0
	domo cpupool-destroy another
	domo cpupool-cpu-add Pool-0 "$last"
	same_words cpupool-list
	expect_error cpupool.not-found 3 domo cpupool-list another
	rm -f said
}

@test "what xl and domo write for a cpupool is the same" {
	local last
	last=$(($(domo host info --json | json .cpus) - 1))
	domo cpupool-cpu-remove Pool-0 "$last"
	# Without cpus= stock xl makes an empty pool, where its manual promises the first free processor, as domo gives.
	xl cpupool-create name=\"twin\" cpus=\""$last"\" >xl.said
	xenstore-ls -fp /local/pool | sed 's/uuid = ".*"/uuid = "U"/' >xl.pool
	xl cpupool-destroy twin
	domo cpupool-create name=\"twin\" cpus=\""$last"\" >domo.said
	xenstore-ls -fp /local/pool | sed 's/uuid = ".*"/uuid = "U"/' >domo.pool
	domo cpupool-destroy twin
	domo cpupool-cpu-add Pool-0 "$last"
	diff xl.said domo.said
	diff xl.pool domo.pool
	rm -f xl.said xl.pool domo.said domo.pool
}

@test "top and metrics know every guest" {
	tiny_create web >/dev/null
	tiny_create other >/dev/null
	domo top -b -i 2 -d 0.2 >top.out
	[ "$(grep -c '^Name ' top.out)" -eq 2 ]
	[ "$(grep -c '^web ' top.out)" -eq 2 ]
	[ "$(domo top --json -d 0.2 | json 'map(.name) | sort | join(" ")')" = "Domain-0 other web" ]
	domo metrics >metrics.out
	[ "$(grep -c '^domo_guest_info{' metrics.out)" -eq 3 ]
	grep "^domo_guest_memory_bytes{domid=\"$(guest_domid web)\",name=\"web\"} [1-9]" metrics.out
	grep '^domo_cpupool_domains{pool="Pool-0",.*} 3$' metrics.out
	rm -f top.out metrics.out
}
