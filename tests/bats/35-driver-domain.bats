#!/usr/bin/env bats
# A guest serves disks and interfaces to another: domo in domain 0 makes them, domo devd in the driver domain does the
# hotplug, either may die and come back.

bats_require_minimum_version 1.5.0

load common

setup_file() {
	cd "$WORK" || return
	world_snapshot before
	driver_create drv >/dev/null
	driver_devd drv
	GUEST_WORDS="domoip=10.78.0.2/24" domo_create front "disk=['$DRIVER_DISK,raw,xvda,w,backend=drv']" \
		"vif=['backend=drv,bridge=xenbr0,mac=00:16:3e:00:00:22']" >/dev/null
	wait_guest_ready front
}

setup() { cd "$WORK" || return; }

# eventually COMMAND… - it succeeds within ten seconds.
eventually() {
	local tries
	for ((tries = 0; tries < 50; tries++)); do
		"$@" && return 0
		sleep 0.2
	done
	echo "never true: $*"
	return 1
}

has_loops() { [[ $(driver_loops drv) -eq $1 ]]; }

all_connected() { domo block-list front --json | jq -e 'all(.connected)' && domo network-list front --json | jq -e 'all(.connected)'; }

@test "a disk and an interface from a driver domain connect, and domain 0 holds nothing for them" {
	local id
	id=$(guest_domid drv)
	[[ $(backend_path front vbd 51712) == "/local/domain/$id/backend/vbd/"* ]]
	[[ $(backend_path front vif 0) == "/local/domain/$id/backend/vif/"* ]]
	[ "$(backend_state front vbd 51712)$(frontend_state front vbd 51712)" = 44 ]
	[ "$(backend_state front vif 0)$(frontend_state front vif 0)" = 44 ]
	[ "$(guest_disk_sectors front xvda)" = 16384 ]
	has_loops 1
	driver_bridge_ports drv | grep -q "vif$(guest_domid front).0"
	[ -z "$(losetup -j "$DRIVER_DISK" 2>/dev/null)" ]
	[ "$(domo block-list front --json | json '.[0].back_domid')" = "$id" ]
}

@test "what the guest writes is in the driver domain's file" {
	guest_disk_write front xvda 2 "from afar"
	[ "$(driver_disk_text drv 2)" = "from afar" ]
}

@test "detach and attach give loop devices back and take them again" {
	domo block-detach front xvda
	has_loops 0
	[ -z "$(xenstore-ls "/local/domain/$(guest_domid drv)/backend/vbd" 2>/dev/null)" ]
	domo network-detach front 0
	[ -z "$(driver_bridge_ports drv)" ]
	domo block-attach front "$DRIVER_DISK,raw,xvda,w,backend=drv"
	domo network-attach front backend=drv bridge=xenbr0 mac=00:16:3e:00:00:22
	all_connected
	has_loops 1
}

@test "the reason of a failure in the driver domain is told here, and nothing is left there" {
	expect_error device.backend-failed 1 domo block-attach front "/no/such.img,raw,xvdb,w,backend=drv"
	domo block-attach front "/no/such.img,raw,xvdb,w,backend=drv" 2>&1 | grep -q "hotplug-error: .*/no/such.img"
	expect_error device.backend-failed 1 domo network-attach front backend=drv bridge=nosuch
	domo network-attach front backend=drv bridge=nosuch 2>&1 | grep -q "has no bridge 'nosuch'"
	# One file, two writers.
	expect_error device.backend-failed 1 domo block-attach front "$DRIVER_DISK,raw,xvdb,w,backend=drv"
	domo block-attach front "$DRIVER_DISK,raw,xvdb,w,backend=drv" 2>&1 | grep -q "in use read-write by disk xvda"
	[ "$(domo block-list front --json | jq length)" -eq 1 ]
	has_loops 1
}

@test "a script that the config names runs in the driver domain, with xl's environment" {
	driver_devd_script drv block-far <<S
#!/bin/bash
env >/tmp/far.env
case \$1 in
add) [[ \$(xenstore-read "\$XENBUS_PATH/params") != fail ]] || { echo "the far storage said no" >&2; exit 3; }
	# The file of the guest's other disk once more.
	xenstore-write "\$XENBUS_PATH/physical-device" "\$(xenstore-read "\${XENBUS_PATH%/*}/51712/physical-device")" \
		"\$XENBUS_PATH/far" "\$XENBUS_TYPE \$XENBUS_BASE_PATH" ;;
remove) : ;;
esac
S
	domo block-attach front script=block-far,vdev=xvdb,access=ro,backend=drv,target=anything
	[ "$(xenstore-read "$(backend_path front vbd 51728)/far")" = "vbd backend" ]
	[ "$(xenstore-read "$(backend_path front vbd 51728)/hotplug-status")" = connected ]
	domo block-detach front xvdb
	expect_error device.backend-failed 1 domo block-attach front script=block-far,vdev=xvdb,backend=drv,target=fail
	has_loops 1
	rm -f "$SCRIPTS/block-far"
}

@test "a device without hotplug is left to its back end, and taken away at its end" {
	local back log
	back=/local/domain/$(guest_domid drv)/backend/vtpm/$(guest_domid front)/0
	xenstore-write "$back/state" 2 "$back/online" 1
	xenstore-chmod -r "$back" "n$(guest_domid drv)" "r$(guest_domid front)"
	sleep 0.5
	log=$(driver_devd_log drv | grep -c vtpm) || true
	[ "$log" -eq 0 ]
	xenstore-write "$back/online" 0 "$back/state" 6
	eventually gone "$back"
	[ "$(driver_devd_log drv | grep -c vtpm)" -eq 1 ]
	xenstore-rm "${back%/*/*}"
}

gone() { ! xenstore-exists "$1"; }

@test "what a guest writes into its own end steers nothing in the driver domain" {
	local id front
	id=$(guest_domid front)
	front=/local/domain/$id/device/vbd/51728
	# A disk whose back end never gets so far as to look at the front end: its hotplug is all that happens.
	domo block-attach front "$DRIVER_DISK,raw,xvdb,w!,backend=drv" --no-wait
	has_loops 2
	xenstore-write "$front/backend" "/local/domain/0/backend/vbd/$id/51712" "$front/backend-id" 0 "$front/physical-device" 1:1 \
		"$front/params" /etc/passwd "$front/node" /dev/loop0 "$front/state" 99
	xenstore-rm "$front"
	domo block-detach front xvdb --force
	has_loops 1
	all_connected
	[ "$(guest_disk_sectors front xvda)" = 16384 ]
}

@test "devd is killed: what happened meanwhile is made up for when it starts again" {
	driver_devd_end drv KILL
	# A detach that nobody answers in the driver domain goes on after a while; what it held there is still held.
	domo block-detach front xvda --timeout 2
	has_loops 1
	# An attach waits for the next devd.
	domo network-detach front 0 --timeout 2
	domo network-attach front backend=drv bridge=xenbr0 mac=00:16:3e:00:00:22 --wait-backend --timeout 60 3>&- &
	local pid=$!
	sleep 1
	driver_devd drv
	wait "$pid"
	has_loops 0
	domo block-attach front "$DRIVER_DISK,raw,xvda,w,backend=drv"
	has_loops 1
	all_connected
}

@test "devd is ended by a signal and started again: the devices stay, and are given back later" {
	driver_devd_end drv TERM
	all_connected
	driver_devd drv
	driver_devd_log drv | grep -q "adopted: disk xvda"
	domo block-detach front xvda
	has_loops 0
	domo block-attach front "$DRIVER_DISK,raw,xvda,w,backend=drv"
}

@test "only one devd runs with one pid file, and none in domain 0" {
	run ! driver_devd drv
	expect_error unsupported 7 domo devd --foreground
}

@test "the driver domain dies: it is shown, commands say so at once, and the guest's other business goes on" {
	driver_destroy drv
	domo tree front | grep "disk xvda" | grep -q "NOT served"
	domo block-list front --json | jq -e '.[0].back_gone and (.[0].connected | not)'
	LIMIT_MS=1500 expect_error domain.not-found 3 domo block-attach front "$DRIVER_DISK,raw,xvdb,w,backend=drv"
	run -3 domo reconnect front
	[[ $output == *"no back end domain 'drv' that runs"* ]]
	guest_answers front
	# Both are still the guest's, by name.
	[ "$(domo list -l front | jq -r '.[0].config.disks[0].backend_domname')" = drv ]
}

@test "the driver domain comes back, with another number: its devices are reconnected" {
	driver_create drv >/dev/null
	# Nobody does the hotplug there yet: what could not be given back stays the guest's, in its config.
	run domo reconnect front --timeout 2
	[ "$status" -ne 0 ]
	[ "$(domo block-list front --json | jq length)" -eq 0 ]
	domo reconnect front --wait-backend --json >reconnect.json 3>&- &
	local pid=$!
	sleep 1
	driver_devd drv
	wait "$pid" || { cat reconnect.json; return 1; }
	[ "$(json 'map(.done) | all' <reconnect.json)" = true ]
	[ "$(json length <reconnect.json)" = 2 ]
	all_connected
	[ "$(guest_disk_sectors front xvda)" = 16384 ]
	[ "$(domo network-list front --json | json '.[0].mac')" = 00:16:3e:00:00:22 ]
	domo reconnect front | grep -q "nothing to reconnect"
	rm reconnect.json
}

@test "a driver domain that dies while it is waited for: device.backend-gone, not a time-out" {
	driver_devd_end drv TERM
	domo block-attach front "$DRIVER_DISK,raw,xvdb,r,backend=drv" --wait-backend --timeout 100 --json >gone.json 2>/dev/null 3>&- &
	local pid=$!
	while kill -0 "$pid" && ! domo block-list front --json | jq -e 'any(.vdev == "xvdb")' >/dev/null; do sleep 0.1; done
	driver_destroy drv
	run ! wait "$pid"
	# A disk has no hotplug-status to wait for before its back end opens it: the front end's wait ends as well.
	cat gone.json
	[ "$(json .error.code <gone.json)" = device.backend-gone ]
	rm gone.json
}

@test "devices of a driver domain that is gone can be detached, and a guest with them destroyed" {
	domo block-detach front xvda
	[ "$(domo block-list front --json | jq length)" -eq 0 ]
	domo destroy front
}

@test "a guest is created before its driver domain: --wait-backend" {
	domo_create late "disk=['$DRIVER_DISK,raw,xvda,w,backend=drv']" --wait-backend --timeout 200 >/dev/null 3>&- &
	local waiting=$!
	driver_create drv >/dev/null
	driver_devd drv
	wait "$waiting"
	[ "$(backend_state late vbd 51712)" = 4 ]
	expect_error domain.not-found 3 tiny_create never "disk=['/x.img,raw,xvda,w,backend=nobody']" --wait-backend --timeout 1
	domo destroy late
	has_loops 0
	driver_destroy drv
	rm -f "$DRIVER_DISK"
	same_world
}
