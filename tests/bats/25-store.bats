#!/usr/bin/env bats
# XenStore by its paths: what domo shows of the real one is what xenstore-ls and xenstore-read show, and what it changes
# is there for them.

bats_require_minimum_version 1.5.0

load common

setup_file() {
	cd "$WORK" || return
	tiny_create node >/dev/null
	domo domid node >node.domid
}

setup() {
	cd "$WORK" || return
	home=/local/domain/$(cat node.domid)
}

@test "a dump is what xenstore-ls shows, sorted, and the node itself" {
	domo store dump >ours
	xenstore-ls -fp >theirs
	[ "$(head -n 1 ours)" = '/ = ""   (n0)' ]
	diff <(LC_ALL=C sort theirs) <(tail -n +2 ours | LC_ALL=C sort)
	[ "$(wc -l <ours)" -gt 50 ]
}

@test "values and permissions of a guest are typed" {
	domo store dump "$home" --json >dump.json
	[ "$(json '.[0].path' <dump.json)" = "$home" ]
	[ "$(json ".[] | select(.path == \"$home/name\") | .value" <dump.json)" = "$(xenstore-read "$home/name")" ]
	[ "$(json '.[0].perms.owner' <dump.json)" = 0 ]
	[ "$(json '.[0].perms.domains[0] | "\(.domid) \(.access)"' <dump.json)" = "$(cat node.domid) read" ]
	[ "$(json 'map(.path) == (map(.path) | unique_by(split("/")))' <dump.json)" = true ]
	[ "$(domo store read "$home/name" "$home/domid")" = "$(xenstore-read "$home/name" "$home/domid")" ]
	[ "$(domo store ls "$home")" = "$(xenstore-list "$home" | LC_ALL=C sort)" ]
	# Relative paths are at home in domain 0.
	[ "$(domo store read name)" = "$(xenstore-read /local/domain/0/name)" ]
}

@test "what is changed is there for the others" {
	domo store write /domo-test/a 1 /domo-test/b/c 'two words'
	[ "$(xenstore-read /domo-test/b/c)" = "two words" ]
	domo store chmod -r /domo-test n0 "r$(cat node.domid)"
	xenstore-ls -fp /domo-test | grep -F "/domo-test/b/c = \"two words\"   (n0,r$(cat node.domid))"
	domo store mkdir /domo-test/empty
	xenstore-exists /domo-test/empty
	domo store rm -t /domo-test/b/c
	run ! xenstore-exists /domo-test/b
	xenstore-exists /domo-test/a
	domo store rm /domo-test
	run ! xenstore-exists /domo-test
	expect_error store.not-found 3 domo store read /domo-test
	# An owner that does not exist is another failure than a node that does not.
	domo store mkdir /domo-test
	expect_error domain.not-found 3 domo store chmod /domo-test n31000
	domo store rm /domo-test
}

@test "a watch hears what xenstore-write does, and a guest that goes" {
	: >events
	domo store watch --json --count 4 /domo-watched @releaseDomain >events &
	for _ in {1..100}; do
		[ "$(grep -c initial events)" -lt 2 ] || break
		sleep 0.1
	done
	xenstore-write /domo-watched/x 1
	tiny_create passing >/dev/null
	xl destroy passing
	wait $!
	[ "$(jq -rs 'map(select(.initial)) | length' <events)" = 2 ]
	[ "$(jq -rs '.[2].path' <events)" = /domo-watched/x ]
	[ "$(jq -rs '.[3].path' <events)" = @releaseDomain ]
	xenstore-rm /domo-watched
}

@test "the store's own journey on the real server" {
	run env JOURNEY_COMPARE=1 /lab/tests/store/journey "$(command -v domo)" /run/xenstored
	echo "$output"
	[ "$status" -eq 0 ]
}

@test "nothing is asked of the hypervisor" {
	[ "$(domo store dump --stats 2>&1 >/dev/null | json .hyp_calls)" = 0 ]
	run ! grep -q privcmd <(strace -f -e trace=openat domo store ls / 2>&1)
}
