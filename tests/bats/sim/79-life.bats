#!/usr/bin/env bats
# What domod does with a guest that has ended, each of its actions, also when it is killed on the way; and commands on a
# guest's life: which state allows them, waiting for one, cores, triggers, uptime.

bats_require_minimum_version 1.5.0

load ../common

setup_file() {
	cd "$WORK" || return
	domo host stop >/dev/null
	mv "$SIM_DIR/world.json" "$SIM_DIR.world"
	echo '{"guests": [{"name": "slow*", "manner": "normal", "boot_ms": 20, "delay_ms": 300}]}' >"$SIM_DIR/world.json"
	domo host start >/dev/null
}

setup() {
	cd "$WORK" || return
	sup=
	: >sup.log
}

teardown() {
	end_sup
	destroy_all
	rm -rf "$DUMPS"
	[ "$(domo sweep)" = "nothing is left behind" ]
}

teardown_file() {
	domo host stop >/dev/null
	mv "$SIM_DIR.world" "$SIM_DIR/world.json"
	domo host start >/dev/null
}

DUMPS=$SIM_DIR/state/lib/dump

start_sup() {
	domod --pause 0.05 "$@" 2>>sup.log 3>&- &
	sup=$!
	until [ "$(domo host info --json | json .supervisor)" = true ]; do sleep 0.02; done
}

end_sup() {
	[[ -n $sup ]] || return 0
	kill "$sup" 2>/dev/null || true
	wait "$sup" || true
	sup=
}

# wait_for COMMAND… - until it succeeds, at most 20 s.
wait_for() {
	local end=$((SECONDS + 20))
	until "$@"; do
		[ "$SECONDS" -lt "$end" ] || return 1
		sleep 0.03
	done
}

is_gone() { ! domo domid "$1" >/dev/null 2>&1; }
is_another() { [ "$(domo domid "$1" 2>/dev/null || echo "$2")" -ne "$2" ]; }
uuid_of() { domo list --json "$1" | json '.[0].uuid'; }
names_like() { domo list | cut -d' ' -f1 | grep "^$1" || true; }
is_core() { [ "$(head -c4 "$1" | tail -c3)" = ELF ] && [ "$(stat -c %a "$1")" = 600 ]; }

@test "rename-restart: the old one stays beside the new one, under another name and UUID, without its devices" {
	local before uuid mac old
	start_sup
	tiny_create keep 'on_reboot="rename-restart"' "vif=['bridge=xenbr0']" >/dev/null
	before=$(domo domid keep)
	uuid=$(uuid_of keep)
	mac=$(domo network-list --json keep | json '.[0].mac')
	domo reboot keep >/dev/null
	wait_for is_another keep "$before"
	wait_for grep -q "keep (.*): restarted" sup.log
	[ "$(uuid_of keep)" = "$uuid" ]
	[ "$(domo network-list --json keep | json '.[0].mac')" = "$mac" ]
	old=$(domo domname "$before")
	[[ $old =~ ^keep-[0-9]{8}T[0-9]{4}Z$ ]]
	[ "$(uuid_of "$old")" != "$uuid" ]
	[[ $(domo list --json "$old" | json '.[0].flags') == ---sr* ]]
	[ "$(domo network-list --json "$old" | json length)" = 0 ]
	# Stock tools know it by its name, too; and a second one in the same minute has a number.
	[ "$(xl domid "$old")" = "$before" ]
	before=$(domo domid keep)
	domo reboot keep >/dev/null
	wait_for is_another keep "$before"
	wait_for eval '[ "$(names_like keep- | wc -l)" -eq 2 ]'
	[ "$(names_like keep | sort -u | wc -l)" -eq 3 ]
}

@test "coredump-restart and coredump-destroy: the core is there, then what follows" {
	local before
	start_sup
	tiny_create dumped 'on_reboot="coredump-restart"' 'on_poweroff="coredump-destroy"' >/dev/null
	before=$(domo domid dumped)
	domo reboot dumped >/dev/null
	wait_for is_another dumped "$before"
	is_core "$DUMPS/dumped"
	grep -q "dumped (.*): core dumped to" sup.log
	rm "$DUMPS/dumped"
	wait_for grep -q "dumped (.*): restarted" sup.log
	domo shutdown dumped >/dev/null
	wait_for is_gone dumped
	is_core "$DUMPS/dumped"
	[ "$(ls "$DUMPS")" = dumped ]
}

@test "a core that can't be written is said, and what follows is done all the same" {
	local before
	mkdir -p "$DUMPS"
	mkdir "$DUMPS/full"
	start_sup
	tiny_create full 'on_reboot="coredump-restart"' >/dev/null
	before=$(domo domid full)
	domo reboot full >/dev/null
	wait_for is_another full "$before"
	grep -q "warning: full (.*): its core could not be dumped" sup.log
}

@test "soft-reset says that it can't be done here, and the guest is made anew" {
	local before
	start_sup
	tiny_create soft 'on_reboot="soft-reset"' >/dev/null
	before=$(domo domid soft)
	domo reboot soft >/dev/null
	wait_for is_another soft "$before"
	grep -q "soft (.*): a guest can't be reset in place" sup.log
}

# killed_in WHAT ACTION… - domod is killed there, once for each; the next one goes on, and all is done once.
killed_in() {
	local how=$1 action=$2 place before
	shift 2
	for place; do
		tiny_create again "on_reboot=\"$action\"" >/dev/null
		before=$(domo domid again)
		domo reboot -w again >/dev/null
		if [[ $how == step ]]; then
			DOMO_FAULT="$place:kill" domod --pause 0.01 2>/dev/null 3>&- &
		else
			DOMO_FAULTS="$place KILL" domod --pause 0.01 2>/dev/null 3>&- &
		fi
		sup=$!
		wait_for eval '! kill -0 "$sup" 2>/dev/null'
		sup=
		: >sup.log
		start_sup
		wait_for grep -q "again (.*): restarted" sup.log
		is_another again "$before"
		echo "$action, killed at $place"
		[ "$(names_like again | grep -c '^again$')" -eq 1 ]
		if [[ $action == rename-restart ]]; then
			[ "$(names_like again- | wc -l)" -eq 1 ]
			[[ $(domo domname "$before") == again-* ]]
		else
			[ "$(names_like again- | wc -l)" -eq 0 ]
			is_core "$DUMPS/again"
			[ "$(ls "$DUMPS")" = again ]
		fi
		end_sup
		destroy_all
		rm -rf "$DUMPS"
		[ "$(domo sweep)" = "nothing is left behind" ]
	done
}

@test "killed in each step of a rename-restart: the old one is kept once, the new one is there once" {
	killed_in step rename-restart set-aside/close-devices set-aside/release-devices set-aside/set-aside create/check \
		create/make-domain create/unpause
	killed_in call rename-restart hyp.set_uuid
}

@test "killed before, in and after the dump of a core" {
	killed_in call coredump-restart hyp.dump_core
	killed_in step coredump-restart destroy/journal create/make-domain
}

@test "commands that a guest's state does not allow are refused, and say why" {
	tiny_create web >/dev/null
	expect_error domain.wrong-state 4 domo unpause web
	domo pause web
	expect_error_row domain.wrong-state 4 domo shutdown web
	domo unpause web
	domo shutdown -w web >/dev/null
	for command in pause unpause shutdown reboot; do
		run ! domo "$command" web
		[[ $output == *"it has shut down (poweroff)"* ]]
	done
	run ! domo trigger web nmi
	[[ $output == *"can't be sent a trigger: it has shut down (poweroff)"* ]]
	run ! domo block-attach web "$WORK/none.img,raw,xvdb,w"
	[[ $output == *"it has shut down (poweroff)"* ]]
	domo rename web web2
	domo dump-core web2 core.web
	rm core.web
}

@test "nobody unpauses a guest that is still being created" {
	DOMO_FAULTS="store.introduce 3000" tiny_create web >/dev/null &
	local creator=$!
	wait_for eval '[ -n "$(domo domid web 2>/dev/null)" ]'
	run domo unpause web
	wait "$creator"
	[[ $status -ne 0 && $output == *"it is still being created"* ]]
	[ "$(domo list --json web | json '.[0].flags' | cut -c3)" = - ]
}

@test "wait: for a guest that is paused, goes on, ends, or goes" {
	local waiter
	tiny_create web >/dev/null
	domo wait web running --timeout 5
	expect_error timeout 6 domo wait web paused --timeout 0.3
	domo wait web paused --timeout 20 &
	waiter=$!
	domo pause web
	wait "$waiter"
	[ "$(domo wait web paused --json | json '.state')" = paused ]
	domo unpause web
	domo --trace wait web shutdown --timeout 20 2>trace.txt &
	waiter=$!
	until grep -q releaseDomain trace.txt; do sleep 0.05; done
	domo shutdown web >/dev/null
	wait "$waiter"
	domo wait web poweroff --timeout 5
	expect_error timeout 6 domo wait web crash --timeout 0.3
	domo --trace wait web gone --timeout 20 2>trace.txt &
	waiter=$!
	until grep -q releaseDomain trace.txt; do sleep 0.05; done
	domo --trace wait web running --timeout 20 2>trace2.txt &
	local other=$!
	until grep -q releaseDomain trace2.txt; do sleep 0.05; done
	domo destroy web >/dev/null
	wait "$waiter"
	run -3 wait "$other"
	rm trace.txt trace2.txt
}

@test "dump-core: a file of one's own, the usual place, and one that can't be" {
	tiny_create web >/dev/null
	[[ $(domo dump-core web core.web) == *" bytes in core.web" ]]
	is_core core.web
	[ "$(domo dump-core --json web | json .file)" = "$DUMPS/web" ]
	is_core "$DUMPS/web"
	expect_error host.io 1 domo dump-core web /nosuch/core
	expect_error domain.not-found 3 domo dump-core nosuch core.web
	[ ! -e /nosuch/core.part ]
	rm core.web
}

@test "trigger: an nmi to any guest, what a machine's buttons do to hvm guests alone" {
	tiny_create web >/dev/null
	domo trigger web nmi
	[ "$(domo trigger --json web nmi 0 | json .trigger)" = nmi ]
	expect_error unsupported 7 domo trigger web power
	expect_error usage 2 domo trigger web nmi 77
	expect_error usage 2 domo trigger web kick
}

@test "uptime: of all, of some, as xl writes it" {
	tiny_create web >/dev/null
	[ "$(domo uptime | head -1)" = "$(printf '%-33s %4s %s' Name ID Uptime)" ]
	[[ $(domo uptime web | tail -1) =~ ^web\ +[0-9]+\ \ 0:00:[0-9]{2}$ ]]
	[[ $(domo uptime -s web) =~ ^\ [0-9:]{8}\ up\ \ 0:00,\ web\ \([0-9]+\)$ ]]
	[ "$(domo uptime --json | json '.[0].domid')" = 0 ]
	[ "$(domo uptime --json | json length)" = 2 ]
}

@test "what is done to a guest, and what becomes of it, is told by its name" {
	local token
	token=$(domo events --from oldest --no-follow | tail -1 | json .token)
	start_sup
	tiny_create told 'on_poweroff="coredump-destroy"' >/dev/null
	domo pause told
	domo unpause told
	domo trigger told nmi
	domo shutdown told >/dev/null
	wait_for is_gone told
	wait_for eval '[[ $(domo events --from "$token" --no-follow told) == *\"unwatched\"* ]]'
	domo events --from "$token" --no-follow told
	# A guest may end before whoever asked it to has said so.
	[ "$(domo events --from "$token" --no-follow told | json .event | sort | tr '\n' ' ')" = \
		"create destroy dump-core ended pause shutdown-asked trigger unpause unwatched " ]
	[ "$(domo events --from "$token" --no-follow told | json .uuid | sort -u | wc -l)" -eq 1 ]
}

# Those that work for this host.
supervisors() { pgrep -fc -- "^domod --host $DOMO_HOST --until-idle" || true; }
no_supervisor() { [ "$(supervisors)" -eq 0 ] && [ "$(domo host info --json | json .supervisor)" = false ]; }

@test "create starts a supervisor when none runs, never a second one; with the last guest it goes" {
	local i pids=()
	no_supervisor
	DOMO_SUPERVISOR='' tiny_create quiet -e >/dev/null
	no_supervisor
	for i in 1 2 3 4 5 6; do
		DOMO_SUPERVISOR='' tiny_create "many$i" >/dev/null &
		pids+=($!)
	done
	wait "${pids[@]}"
	wait_for eval '[ "$(supervisors)" -eq 1 ]'
	[ "$(domo host info --json | json .supervisor)" = true ]
	for i in 1 2 3 4 5 6; do
		domo shutdown "many$i" >/dev/null
		wait_for is_gone "many$i"
	done
	wait_for no_supervisor
	[ "$(domo list --json quiet | json '.[0].name')" = quiet ]
}

@test "a supervisor that create has started does what was left undone when it was killed" {
	DOMO_SUPERVISOR='' tiny_create first >/dev/null
	wait_for eval '[ "$(supervisors)" -eq 1 ]'
	kill -KILL "$(cut -d" " -f1 "$SIM_DIR/state/domo/domod.pid")"
	wait_for no_supervisor
	domo shutdown -w first >/dev/null
	DOMO_SUPERVISOR='' tiny_create second >/dev/null
	wait_for is_gone first
	domo destroy second >/dev/null
	wait_for no_supervisor
}

@test "that no supervisor can be started is said, and the guest stands" {
	local out
	out=$(DOMO_SUPERVISOR=/nosuch/domod tiny_create web 2>&1)
	[[ $out == *"nobody will act when 'web' ends"* ]]
	domo domid web
}

@test "suspend and resume: memory, devices and the store are as they were; its next end is seen" {
	start_sup
	tiny_create web "vif=['bridge=xenbr0']" >/dev/null
	expect_error domain.wrong-state 4 domo resume web
	[ "$(domo suspend web)" = "'web' has ended (suspend)" ]
	domo wait web suspended --timeout 5
	expect_error domain.wrong-state 4 domo pause web
	[[ $(domo list --json web | json '.[0].flags') == ---ss* ]]
	domo resume web
	domo wait web running --timeout 5
	# It takes up new devices, and another suspension, and ends by itself.
	domo network-attach web bridge=xenbr0 >/dev/null
	domo suspend web >/dev/null
	domo resume web
	domo shutdown web >/dev/null
	wait_for is_gone web
}
