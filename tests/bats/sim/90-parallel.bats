#!/usr/bin/env bats
# A hundred commands at once on one host: each does its work or says an honest conflict; no name, device or domid is lost or
# given twice.

bats_require_minimum_version 1.5.0

load ../common

setup() { cd "$WORK" || return; }

# at_once N COMMAND… - runs COMMAND 1 … COMMAND N side by side; leaves outputs in out.I and exit statuses in rc.I.
at_once() {
	local n=$1 i
	shift
	rm -f out.* rc.*
	for ((i = 1; i <= n; i++)); do
		{ rc=0; "$@" "$i" >"out.$i" 2>&1 3>&- || rc=$?; echo "$rc" >"rc.$i"; } &
	done
	wait
	[ "$(cat rc.* | wc -l)" -eq "$n" ]
}

all_well() { [[ $(cat rc.* | sort -u) == 0 ]] || { cat out.*; return 1; }; }

@test "a hundred guests are created, get a disk and an interface, lose them, and are destroyed, all at once" {
	local i
	for i in $(seq 100); do truncate -s 1M "disk$i.img"; done
	create() { tiny_create "g$1" -p; }
	at_once 100 create
	all_well
	[ "$(domo list | wc -l)" -eq 102 ]
	[ "$(domo list --json | json '[.[].domid] | unique | length')" -eq 101 ]
	[ "$(domo list --json | json '[.[].name] | unique | length')" -eq 101 ]
	attach_disk() { domo block-attach "g$1" "$WORK/disk$1.img,raw,xvdb,w" --no-wait; }
	at_once 100 attach_disk
	all_well
	attach_net() { domo network-attach "g$1" bridge=xenbr0 --no-wait; }
	at_once 100 attach_net
	all_well
	[ "$(losetup -l | cut -d' ' -f2 | sort -u | wc -l)" -eq 100 ]
	[ "$(domo tree --json | json '[.[].devices[] | select(.kind != "console")] | length')" -eq 200 ]
	detach_disk() { domo block-detach --force "g$1" xvdb; }
	at_once 100 detach_disk
	all_well
	[ -z "$(losetup -l)" ]
	destroy() { domo destroy "g$1"; }
	at_once 100 destroy
	all_well
	[ "$(domo list | wc -l)" -eq 2 ]
	[ "$(domo sweep)" = "nothing is left behind" ]
	[ "$("$SIM_TOOL" ask '{"op":"check"}' | json .r)" -eq 0 ]
	rm -f disk*.img out.* rc.*
}

@test "one name a hundred times: one wins, the others say a conflict" {
	same() { tiny_create one -p; }
	at_once 100 same
	[ "$(grep -lx 0 rc.* | wc -l)" -eq 1 ]
	[ "$(cat rc.* | sort | uniq -c | tr -s ' ' | sort | tr '\n' ';')" = " 1 0; 99 4;" ] || { cat out.* | sort | uniq -c; false; }
	[ "$(domo list | wc -l)" -eq 3 ]
	domo destroy one
	rm -f out.* rc.*
}

@test "one disk for fifty guests that write: one gets it" {
	local i
	truncate -s 1M shared.img
	for i in $(seq 50); do tiny_create "w$i" -p >/dev/null; done
	attach() { domo block-attach "w$1" "$WORK/shared.img,raw,xvdb,w" --no-wait; }
	at_once 50 attach
	[ "$(grep -lx 0 rc.* | wc -l)" -eq 1 ] || { cat out.*; false; }
	[ "$(grep -Lx '0\|4' rc.* | wc -l)" -eq 0 ] || { cat out.*; false; }
	[ "$(losetup -l | wc -l)" -eq 1 ]
	for i in $(seq 50); do domo destroy "w$i" >/dev/null; done
	[ -z "$(losetup -l)" ]
	rm -f out.* rc.* shared.img
}
