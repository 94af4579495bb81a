#!/usr/bin/env bats
# A simulated host begins with the first command that names it, is one, ends when told, and says so when it was killed.

bats_require_minimum_version 1.5.0

load ../common

# One for each test.
setup() {
	export DOMO_HOST=sim:$BATS_TEST_TMPDIR/h
	dir=$BATS_TEST_TMPDIR/h
	cd "$BATS_TEST_TMPDIR" || return
}

teardown() { domo host stop >/dev/null 2>&1 || true; }
teardown_file() { :; }

pid_of_host() { cat "$dir/lock"; }

@test "the first command starts it, host stop ends it" {
	[ "$(domo list | wc -l)" -eq 2 ]
	[ "$(domo host start)" = "$DOMO_HOST was running already" ]
	[ "$(stat -c %a "$dir" "$dir/host.sock" "$dir/store.sock" | tr '\n' ' ')" = "700 600 600 " ]
	[ "$(XENSTORED_PATH=$dir/store.sock xenstore-read /local/domain/0/name)" = Domain-0 ]
	[ "$(domo host stop)" = "$DOMO_HOST has ended" ]
	flock -n "$dir/lock" true
	[ ! -s "$dir/lock" ]
	[ ! -e "$dir/host.sock" ]
	[ "$(domo host stop)" = "$DOMO_HOST was not running" ]
}

@test "host info tells of it" {
	[ "$(domo host info --json | json '[.simulated, .cpus, .memory_kib, .guests, .store] | join(" ")')" = "true 4 16777216 0 $dir/store.sock" ]
	domo host info | grep -q "Xen 4.17, simulated"
}

@test "a relative directory is the same host" {
	domo host start >/dev/null
	[ "$(domo --host sim:h host start)" = "sim:h was running already" ]
}

@test "twenty first commands at once start one host" {
	local i pids=() rc=0
	for i in $(seq 20); do
		domo list >"list$i" 2>&1 &
		pids+=($!)
	done
	for i in "${pids[@]}"; do
		wait "$i" || rc=$?
	done
	[ "$rc" -eq 0 ]
	[ "$(cat list* | grep -c '^Domain-0 ')" -eq 20 ]
	[ "$(grep -c 'runs$' "$dir/log")" -eq 1 ]
}

@test "killed: the next command starts it anew and says that the guests are gone" {
	tiny_create web >/dev/null
	kill -9 "$(pid_of_host)"
	domo list >out.txt 2>err.txt
	grep -q "was killed: its guests are gone" err.txt
	[ "$(wc -l <out.txt)" -eq 2 ]
	expect_error domain.not-found 3 domo destroy web
	domo list 2>err.txt >/dev/null
	[ ! -s err.txt ]
	# Nothing of the old world is left for a sweep, nor in the way of a guest of the same name.
	[ "$(domo sweep)" = "nothing is left behind" ]
	[ -z "$(ls "$dir/state/lib")" ]
	tiny_create web >/dev/null
}

@test "killed in the middle of a command: the command says what went away" {
	domo host start >/dev/null
	DOMO_FAULTS="hyp.build_pv 3000" tiny_create web --json >out.json 2>/dev/null 3>&- &
	local pid=$! rc=0
	sleep 1
	kill -9 "$(pid_of_host)"
	wait "$pid" || rc=$?
	[ "$rc" -eq 1 ]
	[ "$(json .error.code <out.json)" = host.simulation ]
	grep -q "went away" out.json
	[ "$(domo sweep 2>/dev/null)" = "nothing is left behind" ]
}

@test "SIGTERM ends it as host stop does" {
	domo host start >/dev/null
	kill "$(pid_of_host)"
	flock "$dir/lock" true
	domo list 2>err.txt >/dev/null
	[ ! -s err.txt ]
}

@test "a directory with other things in it is left alone" {
	mkdir -p "$dir/state"
	touch "$dir/state/precious"
	expect_error usage 2 domo list
	domo list 2>&1 | grep -q "holds other things"
	[ -e "$dir/state/precious" ]
	[ "$(find "$dir" | wc -l)" -eq 3 ]
}

@test "a directory that can't be a host's is refused with the reason" {
	expect_error usage 2 domo --host "sim:/tmp/$(printf 'x%.0s' {1..100})" list
	expect_error usage 2 domo --host sim: list
	touch file
	expect_error host.simulation 1 domo --host sim:file list
	expect_error unsupported 7 domo --host xen: host stop
}

@test "a mistake in world.json is named with its place, and nothing runs" {
	mkdir "$dir"
	echo '{"guests": [{"name": "x", "manner": "slwo"}]}' >"$dir/world.json"
	expect_error config.bad-value 1 domo list
	domo list 2>err.txt || true
	grep -q "world.json: guests\[0\].manner: 'slwo'" err.txt
	grep -q "did you mean 'slow'?" err.txt
	[ ! -e "$dir/host.sock" ]
	echo '{"memory_mib": 4096, "cpus": 2}' >"$dir/world.json"
	[ "$(domo host info --json | json '[.cpus, .memory_kib] | join(" ")')" = "2 4194304" ]
}

@test "every example of a world runs" {
	local world
	mkdir "$dir"
	for world in "$EXAMPLES"/world-*.json; do
		cp "$world" "$dir/world.json"
		domo host start >/dev/null
		domo host stop >/dev/null
	done
}

@test "faults of the world, and those in DOMO_FAULTS, strike the call that they name" {
	mkdir "$dir"
	echo '{"faults": [{"op": "hyp.create", "nth": 1, "errno": "ENOMEM"}]}' >"$dir/world.json"
	expect_error host.no-guest-memory 1 tiny_create web
	echo '{}' >"$dir/world.json"
	domo host stop >/dev/null
	DOMO_FAULTS="os.loop_attach EACCES" expect_error host.permission 5 tiny_create web "disk=['$TINY,raw,xvda,r']"
	DOMO_FAULTS="hyp.crate EIO" expect_error usage 2 domo list
	tiny_create web >/dev/null
}

@test "a store's quota and a missing back end are said as such" {
	mkdir "$dir"
	echo '{"back_ends": {"vbd": false}}' >"$dir/world.json"
	LIMIT_MS=1000 expect_error device.no-backend 1 tiny_create web "disk=['$TINY,raw,xvda,r']"
}
