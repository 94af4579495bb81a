#!/usr/bin/env bats
# What domo asks of the store and the host does not grow with the number of guests.

bats_require_minimum_version 1.5.0

load common

setup_file() {
	cd "$WORK" || return
	truncate -s 8M a.img
}

setup() { cd "$WORK" || return; }

# Requests of the steps that only act, and of those that wait for somebody: these look again at each change that they are
# told of, so how often depends on the moment, not on the number of guests.
counts() {
	tiny_create counted -p "disk=['$WORK/a.img,raw,xvda,w']" --json --timing >counts.json
	json '[.timing[] | select(.step | IN("connect-backends", "open-console") | not) | .store_requests] | add' <counts.json
	json '[.timing[] | select(.step | IN("connect-backends", "open-console")) | .store_requests] | add' <counts.json
	domo destroy counted >/dev/null
}

@test "store requests of a create are the same with 0 and with 40 guests, and nothing forks" {
	local few many i
	# The very first guest makes the directories that all share.
	counts >/dev/null
	mapfile -t few < <(counts)
	for i in $(seq 40); do
		tiny_create "crowd$i" -p >/dev/null
	done
	mapfile -t many < <(counts)
	echo "requests: ${few[*]} alone, ${many[*]} among 40"
	[ "${few[0]}" -gt 50 ]
	[ "${few[0]}" -eq "${many[0]}" ]
	[ "${few[1]}" -le 16 ] && [ "${many[1]}" -le 16 ]
	strace -f -qq -e trace=fork,vfork,clone,clone3,execve -o trace.txt domo create /dev/null name=counted 'type="pv"' memory=4 \
		"kernel=$TINY" "disk=['$WORK/a.img,raw,xvda,w']" "vif=['bridge=xenbr0']" -p
	# The client library of the store starts one reader thread; no process may be made.
	run ! grep -E 'clone.*SIGCHLD|fork\(' trace.txt
	[ "$(grep -c execve trace.txt)" -eq 1 ]
	[ "$(domo list --json | json length)" -eq 42 ]
	domo destroy counted
	for i in $(seq 40); do
		domo destroy "crowd$i" >/dev/null
	done
	rm trace.txt counts.json
}
