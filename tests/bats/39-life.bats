#!/usr/bin/env bats
# The life of guests on real Xen: cores, triggers and uptime beside what stock xl says; a Linux that crashes and is kept
# beside its successor; what domod that nobody started by hand does.

bats_require_minimum_version 1.5.0

load common

setup() {
	cd "$WORK" || return
	sup=
}

teardown() {
	[[ -z $sup ]] || kill "$sup" 2>/dev/null || true
	[[ ! -s sup.log ]] || cat sup.log
	destroy_all
	rm -rf /var/lib/xen/dump/* sup.log core core.xl
}

# wait_for SECONDS COMMAND… - until it succeeds.
wait_for() {
	local end=$((SECONDS + $1))
	shift
	until "$@" >/dev/null 2>&1; do
		[ "$SECONDS" -lt "$end" ] || return 1
		sleep 0.5
	done
}

is_gone() { ! domo domid "$1"; }
is_another() { [ "$(domo domid "$1" 2>/dev/null || echo "$2")" -ne "$2" ]; }
is_core() { [ "$(head -c4 "$1" | tail -c3)" = ELF ]; }
names_like() { xl list | cut -d' ' -f1 | grep "^$1"; }

start_sup() {
	domod 2>sup.log 3>&- &
	sup=$!
	wait_for 20 grep -q "watching the guests" sup.log
}

# Uptimes without the seconds that pass between two commands.
minutes() { sed -E 's/(:[0-9]{2}):[0-9]{2}$/\1/'; }

@test "uptime is what stock xl says" {
	local try
	tiny_create first >/dev/null
	for try in 1 2 3 4 5; do
		[ "$(domo uptime | minutes)" != "$(xl uptime | minutes)" ] || break
	done
	diff <(domo uptime first | sed 's/[0-9]$//') <(xl uptime first | sed 's/[0-9]$//') ||
		diff <(domo uptime first | minutes) <(xl uptime first | minutes)
	[ "$try" -lt 5 ]
	domo uptime -s first | grep -qE '^ [0-9:]{8} up  0:0[0-9], first \([0-9]+\)$'
}

@test "dump-core: as long as stock xl's, with the same sections" {
	# A small one: both cores are in memory here. Of the small kernel libxc knows no table of pages, and a pvh guest's whole
	# 4 GiB of addresses it tries one by one.
	domo_create dumped "disk=[]" "vif=[]" memory=128 >/dev/null
	wait_guest_ready dumped
	domo pause dumped
	domo dump-core dumped core
	xl dump-core dumped core.xl
	is_core core
	[ "$(stat -c %s core)" = "$(stat -c %s core.xl)" ]
	cmp -n 64 core core.xl
}

@test "trigger: an nmi to a pv guest; nothing that it has no button for" {
	tiny_create plain >/dev/null
	domo trigger plain nmi
	expect_error unsupported 7 domo trigger plain power
	expect_error usage 2 domo trigger plain nmi 7
}

@test "wait: until a guest is paused, also by stock xl, and until it is gone" {
	local waiter
	tiny_create waited >/dev/null
	domo wait waited running --timeout 60
	domo wait waited paused --timeout 60 &
	waiter=$!
	xl pause waited
	wait "$waiter"
	domo --trace wait waited gone --timeout 60 2>trace.txt &
	waiter=$!
	wait_for 20 grep -q releaseDomain trace.txt
	xl destroy waited
	wait "$waiter"
	rm trace.txt
}

@test "a Linux that crashes is kept beside its successor, one that reboots leaves a core; stock xl sees both" {
	local before old
	start_sup
	domo_create web memory=128 'on_crash="rename-restart"' 'on_reboot="coredump-restart"' \
		"disk=[]" "vif=['bridge=xenbr0,mac=00:16:3e:00:00:02']" >/dev/null
	wait_guest_ready web
	before=$(domo domid web)
	# Debian allows only some of them, and h is one.
	guest_exec web 'echo 1 >/proc/sys/kernel/sysrq'
	guest_console_reset web
	domo sysrq web c
	wait_for 90 is_another web "$before"
	old=$(domo domname "$before")
	[[ $old =~ ^web-[0-9]{8}T[0-9]{4}Z$ ]]
	[ "$(xl domid "$old")" = "$before" ]
	[ "$(xl list -v "$old" | awk 'NR == 2 {print $7}')" != "$(xl list -v web | awk 'NR == 2 {print $7}')" ]
	[[ $(domo list --json "$old" | json '.[0].flags') == ---sc* ]]
	wait_guest_ready web
	# The old one's memory goes, as dom0 keeps its files in its own.
	xl destroy "$old"
	before=$(domo domid web)
	guest_console_reset web
	domo reboot web >/dev/null
	wait_for 90 is_another web "$before"
	is_core /var/lib/xen/dump/web
	wait_guest_ready web
}

@test "a pvh Linux suspends itself and goes on, with its memory, its interface, and its next end" {
	domo_create web 'type="pvh"' memory=160 "disk=[]" "vif=['bridge=xenbr0,mac=00:16:3e:00:00:02']" >/dev/null
	wait_guest_ready web
	guest_exec web 'echo kept >/tmp/word'
	[ "$(domo suspend --timeout 60 web)" = "'web' has ended (suspend)" ]
	expect_error domain.wrong-state 4 domo unpause web
	domo resume web
	domo wait web running --timeout 10
	[ "$(guest_exec web 'cat /tmp/word')" = kept ]
	wait_for 20 eval '[ "$(frontend_state web vif 0)$(backend_state web vif 0)" = 44 ]'
	[ "$(domo shutdown -w --timeout 60 web)" = "'web' has ended (poweroff)" ]
}

@test "create starts a supervisor, which destroys a guest that powers off, and goes" {
	unset DOMO_SUPERVISOR
	domo_create web memory=128 "disk=[]" "vif=[]" >/dev/null
	export DOMO_SUPERVISOR=none
	wait_for 20 eval '[ "$(domo host info --json | json .supervisor)" = true ]'
	wait_guest_ready web
	guest_exec web 'poweroff -f &' || true
	wait_for 60 is_gone web
	wait_for 20 eval '[ "$(domo host info --json | json .supervisor)" = false ]'
}
