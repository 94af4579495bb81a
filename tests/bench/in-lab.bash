#!/bin/bash
# The benchmark, inside the lab's dom0: stock xl, domo and the bare program ("floor") in turn, medians of N runs, ratios.
# Prints one markdown table. What is timed is the wall time of the whole command, process start included.

set -u
# One that was started by the first create would take part in what the others are compared with.
export DOMO_SUPERVISOR=none
N=${BENCH_RUNS:-5}
# Which guests are created: all, or only some of these when only their rows are wanted.
KINDS=${BENCH_KINDS:-none disk vif both pvh hvm}
work=/lab/bench
mkdir -p "$work" && cd "$work" || exit 1
kernel=/lab/guest/vmlinuz
ramdisk=/lab/guest/initrd.img
truncate -s 64M disk.img
truncate -s 16M hot.img

config() { # NAME DISK? VIF? TYPE
	echo "name=\"$1\""
	echo "type=\"$4\""
	echo "kernel=\"$kernel\""
	echo "ramdisk=\"$ramdisk\""
	echo 'extra="console=hvc0 quiet mitigations=off"'
	echo 'memory=256'
	# Both tools' cards are then Xen's alone, as in the other guests.
	[[ $4 != hvm ]] || printf '%s\n' vnc=0 'serial="pty"'
	[[ -z $2 ]] || echo "disk=['$work/disk.img,raw,xvda,w']"
	[[ -z $3 ]] || echo "vif=['type=vif,bridge=xenbr0,mac=00:16:3e:00:0b:0e']"
}

# timed KEY COMMAND… - appends the milliseconds to the key's file; a failing command ends the benchmark.
timed() {
	local key=$1 start end
	shift
	start=${EPOCHREALTIME/./}
	"$@" >out.txt 2>&1 3>&- || { echo "bench: '$*' failed:" >&2; cat out.txt >&2; exit 1; }
	end=${EPOCHREALTIME/./}
	echo "$(((end - start) / 100))" | sed 's/.$/.&/' >>"t.$key"
}

median() { sort -n "t.$1" | awk '{v[NR] = $1} END {print NR % 2 ? v[(NR + 1) / 2] : (v[NR / 2] + v[NR / 2 + 1]) / 2}'; }

# The bare calls: a guest is made and kept, then destroyed, by a program each.
floor() {
	timed floor.create /usr/lib/domo/tests/floor -k -q /lab/guest/vmlinux "$ramdisk" 256
	timed floor.destroy /usr/lib/domo/tests/floor -d "$(sed -n 's/^domid //p' out.txt)"
}

# What nobody who starts QEMU can do without: from its start until it says that it runs.
qemu_start() {
	domo --json create -p --timing hvm.cfg | jq '.timing[] | select(.step == "start-device-model").us / 1000' >>t.qemu
	domo destroy bench >/dev/null
}

row() { # TITLE KEY TARGET [FLOOR-KEY FLOOR-TARGET]
	local xl domo floor= ratio floor_ratio=
	[[ -e t.xl.$2 ]] || return 0
	xl=$(median "xl.$2")
	domo=$(median "domo.$2")
	ratio=$(awk -v a="$domo" -v b="$xl" 'BEGIN {printf "%.3f", a / b}')
	if [[ -n ${4-} ]]; then
		floor=$(median "$4")
		floor_ratio=$(awk -v a="$domo" -v b="$floor" 'BEGIN {printf "%.2f", a / b}')
	fi
	echo "| $1 | $xl | $domo | $floor | $ratio | $3 | $floor_ratio | ${5-} |"
}

wait_ready() { # until both ends of the guest's first device are connected
	local i id
	for ((i = 0; i < 300; i++)); do
		id=$(xl domid "$1")
		[[ $(xenstore-read "/local/domain/$id/device/vbd/51712/state" 2>/dev/null) != 4 ]] || return 0
		sleep 0.2
	done
	return 1
}

rm -f t.*
for kind in none disk vif both pvh hvm; do
	disk= vif= type=pv
	[[ $kind == none || $kind == vif ]] || disk=1
	[[ $kind == none || $kind == disk ]] || vif=1
	[[ $kind != pvh && $kind != hvm ]] || type=$kind
	config bench "$disk" "$vif" "$type" >"$kind.cfg"
done

# First creation with an empty cache, once: it shows what unpacking costs.
rm -rf /var/cache/domo/kernels
timed domo.cold domo create -p none.cfg
timed domo.destroy-cold domo destroy bench

for ((run = 0; run < N; run++)); do
	for kind in $KINDS; do
		timed "xl.create-$kind" xl create -p "$kind.cfg"
		timed "xl.destroy-$kind" xl destroy bench
		timed "domo.create-$kind" domo create -p "$kind.cfg"
		timed "domo.destroy-$kind" domo destroy bench
		[[ $kind != none ]] || floor
		[[ $kind != hvm ]] || qemu_start
	done
done

on_a_running_guest() {
	domo create disk.cfg >/dev/null || exit 1
	wait_ready bench || exit 1
	sleep 5
	for ((run = 0; run < N; run++)); do
		timed xl.block-attach xl block-attach bench "$work/hot.img,raw,xvdb,w"
		sleep 3
		timed xl.block-detach xl block-detach bench xvdb
		timed domo.block-attach domo block-attach bench "$work/hot.img,raw,xvdb,w"
		timed domo.block-detach domo block-detach bench xvdb
		timed xl.network-attach xl network-attach bench bridge=xenbr0
		sleep 3
		timed xl.network-detach xl network-detach bench 0
		timed domo.network-attach domo network-attach bench bridge=xenbr0
		timed domo.network-detach domo network-detach bench 0
		timed xl.list xl list
		timed domo.list domo list
	done
	domo destroy bench >/dev/null
}
[[ -n ${BENCH_KINDS-} ]] || on_a_running_guest

# Programs that a command starts besides itself. xl gets -e: its monitoring process would be followed for ever.
forks() { strace -f -qq -e trace=execve -e signal=none -o c.txt timeout 120 "$@" >/dev/null 2>&1 3>&-; echo $(($(grep -c 'execve(.*= 0' c.txt) - 2)); }
requests() { domo --json "$@" --timing | jq '[.timing[].store_requests] | add'; }

echo "Wall milliseconds, medians of $N alternated runs, on the lab's dom0 (emulated processor: the ratios count, not the"
echo "milliseconds). The floor makes the same libxenctrl and libxenguest calls with an unpacked kernel and nothing else."
echo
echo "| what | xl | domo | floor | domo/xl | wanted | domo/floor | wanted |"
echo "|---|---|---|---|---|---|---|---|"
row "create -p, no device" create-none "" floor.create "<= 1.6"
row "create -p, file disk" create-disk ""
row "create -p, vif" create-vif ""
row "create -p, both" create-both "<= 0.10"
row "destroy, no device" destroy-none "<= 0.35" floor.destroy
row "destroy, disk" destroy-disk "<= 0.35"
row "destroy, vif" destroy-vif "<= 0.35"
row "destroy, both" destroy-both "<= 0.35"
row "create -p, PVH with both" create-pvh "<= 0.12"
row "destroy, PVH with both" destroy-pvh "<= 0.35"
row "create -p, HVM with both (floor: QEMU's start)" create-hvm "<= 0.45" qemu
row "destroy, HVM with both" destroy-hvm "<= 0.35"
row "block-attach until connected" block-attach "<= 0.15"
row "block-detach" block-detach "<= 0.35"
row "network-attach until connected" network-attach "<= 0.15"
row "network-detach" network-detach "<= 0.35"
row "list" list "<= 0.6"
echo
echo "First create -p with a cold kernel cache: $(median domo.cold) ms."
echo
echo "| programs started by | xl | domo |"
echo "|---|---|---|"
for kind in $KINDS; do
	x=$(forks xl create -e -p "$kind.cfg")
	xl destroy bench >/dev/null 2>&1
	d=$(forks domo create -p "$kind.cfg")
	domo destroy bench >/dev/null 2>&1
	echo "| create -p, $kind | $x | $d |"
done
echo
echo "| store requests of domo | |"
echo "|---|---|"
for kind in $KINDS; do
	echo "| create -p, $kind | $(requests create -p "$kind.cfg") |"
	if [[ $kind == both ]]; then
		echo "| destroy, both | $(requests destroy bench) |"
	else
		domo destroy bench >/dev/null 2>&1
	fi
done
