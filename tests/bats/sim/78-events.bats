#!/usr/bin/env bats
# What happens on a host is told once, in order, to whoever follows, stops and goes on.

bats_require_minimum_version 1.5.0

load ../common

setup() { cd "$WORK" || return; }

teardown() {
	[[ -z ${sup-} ]] || { kill "$sup" && wait "$sup"; } || true
	destroy_all
}

# told FILE - the events as "EVENT RESULT NAME", one a line.
told() { jq -r '[.event, .result // "-", .name // "-"] | join(" ")' "$1"; }
now() { domo events --from oldest --no-follow | tail -n 1 | jq -r .token; }

@test "commands: what was done, what was not, and to whom" {
	local from
	tiny_create zero
	from=$(now)
	tiny_create told
	domo pause told
	domo unpause told
	domo rename told other
	domo network-attach other
	domo network-detach other 0
	run domo block-attach other "$WORK/no-such.img,raw,xvdb,w"
	run domo create /dev/null name=other 'type="pv"' memory=4 "kernel=$TINY"
	domo destroy other
	domo events --from "$from" --no-follow >events
	told events
	[ "$(told events)" = "$(
		cat <<-E
			create done told
			pause - told
			unpause - told
			rename - other
			attach done other
			detach done other
			attach undone other
			create undone other
			destroy done other
		E
	)" ]
	[ "$(jq -r 'select(.result == "undone") | .error.code' events | tr '\n' ' ')" = "disk.not-found domain.exists " ]
	[ "$(jq -r .domid events | sort -u | wc -l)" -eq 2 ] # told's number, and none of the one that was not made
	[ "$(domo events other --from "$from" --no-follow --only destroy,attach | jq -r .event | tr '\n' ' ')" = "attach attach destroy " ]
	domo destroy zero
}

@test "a follower that is killed and goes on with its last token sees each event once" {
	local i from
	tiny_create first
	from=$(now)
	: >all
	for i in 1 2 3 4; do
		domo events --from "$from" >part 3>&- &
		for _ in 1 2 3; do domo pause first && domo unpause first; done
		until [ -s part ]; do sleep 0.02; done
		kill -9 $!
		wait $! || true
		# Its last line may be half a line.
		sed -i '$ {/}$/!d}' part
		cat part >>all
		from=$(tail -n 1 part | jq -r .token)
	done
	domo events --from "$from" --no-follow >>all
	[ "$(wc -l <all)" -eq 24 ]
	[ "$(jq -r .token all | sed 's/.*-//' | awk 'NR > 1 && $1 != last + 1 {bad = 1} {last = $1} END {print bad + 0}')" = 0 ]
}

@test "the supervisor tells how guests end and what becomes of them" {
	local from id
	tiny_create ends 'on_poweroff="destroy"'
	id=$(domo domid ends)
	from=$(now)
	domod 2>>sup.log 3>&- &
	sup=$!
	until [ "$(domo host info --json | json .supervisor)" = true ]; do sleep 0.02; done
	domo shutdown ends
	domo events --from "$from" --only ended,unwatched,gone,shutdown-asked --count 4 --timeout 10 >events
	cat events
	[ "$(jq -r .event events | sort | tr '\n' ' ')" = "ended gone shutdown-asked unwatched " ]
	[ "$(jq -r 'select(.event == "ended") | [.name, .domid, .reason, .action] | join(" ")' events)" = "ends $id poweroff destroy" ]
	[ "$(jq -r 'select(.event == "gone") | .domid' events)" = "$id" ]
}

@test "tokens that mean nothing, and one of an earlier life of the host" {
	local from
	expect_error usage 2 domo events --from yesterday
	tiny_create once
	domo destroy once
	from=$(now)
	expect_error usage 2 domo events --from "${from%-*}-99999999"
	expect_error events.lost 4 domo events --from "0badcafe-1"
	expect_error timeout 6 domo events --count 1 --timeout 0.05
}
