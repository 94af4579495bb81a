#!/usr/bin/env bats
# A host whose store is domo-stored: stock xl, xenconsoled, the kernels of dom0 and of guests, and domo work on it, also
# after it has replaced itself. Run in a lab with --xenstored domo-stored.

load common

BIN=/usr/lib/xen-4.17/bin

setup_file() {
	cd "$WORK" || return
	truncate -s 16M root.img
	truncate -s 8M extra.img
	cat >web.cfg <<-C
		name = "web"
		type = "pv"
		kernel = "/lab/guest/vmlinux"
		ramdisk = "$GUEST_RAMDISK"
		extra = "console=hvc0 $GUEST_FAST domoip=10.77.0.2/24"
		memory = 256
		disk = [ "$WORK/root.img,raw,xvda,w" ]
		vif = [ "bridge=xenbr0,mac=00:16:3e:00:00:02" ]
	C
	world_snapshot before
	held >held.before
	xl create web.cfg 3>&-
}

setup() { cd "$WORK" || return; }

stored_pid() { cat /run/xen/xenstored.pid; }

# What the daemon holds: open files but for clients, mapped rings, its host's channels to guests, connections, domains.
held() {
	echo "files $(find "/proc/$(stored_pid)/fd" -type l -not -lname 'socket:*' | wc -l)"
	echo "rings $(grep -cE '/dev/xen/(gntdev|privcmd)' "/proc/$(stored_pid)/maps")"
	echo "channels $("$BIN/lsevtchn" 0 | grep 'Remote Domain' | grep -cv 'Remote Domain 0,')"
	"$BIN/xenstore-control" memreport | tr -d '\0' |
		awk '/^[0-9]/ {n++} /^connections/ {print "connections " $2 + 0} END {print "domains " n}'
}

# held_as FILE - until it is so: back ends, xenconsoled and xl let go of a guest a moment after it is gone.
held_as() {
	local deadline=$((SECONDS + 30))
	while ((SECONDS < deadline)); do
		held >held.now
		! cmp -s "$1" held.now || return 0
		sleep 0.2
	done
	diff "$1" held.now
}

# A request that dom0's kernel carries, over its own ring.
by_kernel() { XENSTORED_PATH=/dev/xen/xenbus timeout 20 "$@"; }

# Where the running program lies in memory: each start of one lies elsewhere.
image() { head -n 1 "/proc/$(stored_pid)/maps"; }

# updated COMMAND… - another program runs after it, in the same process.
updated() {
	local pid before deadline=$((SECONDS + 20))
	pid=$(stored_pid)
	before=$(image)
	"$@"
	while [ "$(image)" = "$before" ]; do
		[ $SECONDS -lt $deadline ] || return 1
		sleep 0.1
	done
	[ "$(stored_pid)" = "$pid" ]
}

@test "the store of this host is domo-stored, and a second one is refused" {
	[ "$(readlink "/proc/$(stored_pid)/exe")" = /usr/sbin/domo-stored ]
	[ "$("$BIN/xenstore-control" check)" = OK ]
	run domo-stored --background --pid-file /run/second.pid
	[ "$status" -eq 1 ]
	[ "$output" = "domo-stored: another store daemon serves this host" ]
	[ ! -e /run/second.pid ]
	[ "$(xenstore-read /local/domain/0/name)" = Domain-0 ]
	[ "$(by_kernel xenstore-read /local/domain/0/name)" = Domain-0 ]
}

@test "a guest of stock xl reaches its user space, both ends of its devices are connected" {
	wait_guest_ready web
	wait_connected web vbd 51712
	wait_connected web vif 0
	[ "$(xl list web | awk 'NR == 2 {print $1}')" = web ]
	[ "$(guest_exec web 'echo a; exit 7' || echo $?)" = $'a\n7' ]
	ping -c 1 -W 10 10.77.0.2
}

@test "the daemon holds one ring and one channel for it, and knows what is charged to it" {
	local id
	id=$(guest_domid web)
	held >held.now
	[ "$(grep rings held.now)" = rings\ 1 ]
	[ "$(grep domains held.now)" = "domains $(($(awk '/domains/ {print $2}' held.before) + 1))" ]
	"$BIN/xenstore-control" quota "$id" | tr -d '\0' >quota.now
	[ "$(awk '/^nodes/ {print $3}' quota.now)" -gt 10 ]
	[ "$(awk '/^watches/ {print $3}' quota.now)" -gt 0 ]
}

@test "domo creates, extends and destroys beside it" {
	tiny_create small
	domo block-attach web "$WORK/extra.img,raw,xvdb,w"
	wait_connected web vbd 51728
	domo block-detach web xvdb
	domo destroy small
	[ -z "$(losetup -j extra.img)" ]
}

@test "a program that can't go on with the state does not replace it" {
	local before
	before=$(image)
	run "$BIN/xenstore-control" live-update /bin/true
	[ "$status" -ne 0 ]
	run "$BIN/xenstore-control" live-update /no/such/file
	[ "$status" -ne 0 ]
	[ "$(image)" = "$before" ]
	[ "$(xenstore-read "/local/domain/$(guest_domid web)/name")" = web ]
}

@test "live updates under a running guest: nobody notices, and hotplug goes on" {
	xenstore-watch -n 2 /lab-live >watched 3>&- &
	until [ -s watched ]; do sleep 0.1; done
	held >held.mid
	updated "$BIN/xenstore-control" live-update /usr/sbin/domo-stored
	updated kill -USR1 "$(stored_pid)"
	updated "$BIN/xenstore-control" live-update -F -t 5 /usr/sbin/domo-stored
	[ "$("$BIN/xenstore-control" check)" = OK ]
	held_as held.mid
	# A watch of a client from before.
	xenstore-write /lab-live 1
	wait $!
	[ "$(wc -l <watched)" -eq 2 ]
	[ "$(by_kernel xenstore-read /lab-live)" = 1 ]
	xenstore-rm /lab-live
	# Kernels at both ends.
	domo block-attach web "$WORK/extra.img,raw,xvdb,w"
	wait_connected web vbd 51728
	[ "$(guest_exec web 'cat /sys/block/xvdb/size')" = 16384 ]
	xl network-attach web bridge=xenbr0 3>&-
	wait_connected web vif 1
	xl network-detach web 1 3>&-
	domo block-detach web xvdb
	ping -c 1 -W 10 10.77.0.2
}

# xl's process that waits for the guest's end has waited since before the updates.
@test "a guest that powers off is noticed, and nothing is held for it" {
	local id deadline=$((SECONDS + 60))
	id=$(guest_domid web)
	guest_console_send web /sbin/poweroff
	while [ -n "$(xl list | awk '$1 == "web"')" ]; do
		[ $SECONDS -lt $deadline ]
		sleep 0.5
	done
	held_as held.before
	! xenstore-exists "/local/domain/$id"
	run "$BIN/xenstore-control" quota "$id"
	[ "$status" -ne 0 ]
}

@test "guests that are killed are forgotten, also many at once" {
	local i
	for i in 1 2 3 4; do tiny_create "many$i"; done
	held >held.mid
	[ "$(grep rings held.mid)" = "rings 4" ]
	updated "$BIN/xenstore-control" live-update /usr/sbin/domo-stored
	held_as held.mid
	for i in 1 2 3 4; do xl destroy "many$i" & done
	wait
	held_as held.before
	[ "$("$BIN/xenstore-control" check)" = OK ]
}

@test "hostile pages, ports that are not there, and a live update under them" {
	run /usr/lib/domo/tests/stored_contract "$BIN/xenstore-control" /usr/sbin/domo-stored
	echo "$output" | grep -v '^ok '
	[ "$status" -eq 0 ]
	[ "$(grep -c '^ok ' <<<"$output")" -gt 20 ]
	held_as held.before
}

@test "the world is as before, but for the daemon's --resume" {
	rm -f held.* quota.now watched web.cfg
	domo sweep --remove
	SAME_WORLD_IGNORE+='|domo-stored --background'
	same_world
}
