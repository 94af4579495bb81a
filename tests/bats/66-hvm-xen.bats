#!/usr/bin/env bats
# HVM guests on real Xen: hvmloader, SeaBIOS and QEMU's machine, direct boot and a disk of their own, stock xl beside domo.
# Needs a dom0 with QEMU: lab bats --dm.

bats_require_minimum_version 1.5.0
load common
load vnc

PARAMS=/usr/lib/domo/tests/guest_params
# What a guest of this kind needs from unpause to its shell, emulated twice over.
GUEST_TIMEOUT=300

setup_file() {
	cd "$WORK" || return
	truncate -s 16M a.img
	echo written-by-the-host | dd of=a.img conv=notrunc status=none
	world_snapshot before
}

setup() { cd "$WORK" || return; }

# A guest of a test that failed is no reason for the next ones to fail; what Xen said of it may be the reason.
teardown() {
	[ -z "${BATS_TEST_COMPLETED-}" ] || return 0
	xl list
	xl dmesg | tail -40
	# Two tests are the guest's before them.
	[[ $BATS_TEST_DESCRIPTION != *"serial line"* && $BATS_TEST_DESCRIPTION != *"say the same"* ]] || return 0
	xl list | awk 'NR > 1 && $2 != 0 {print $2}' | xargs -r -n 1 xl destroy
	domo sweep --remove
}

# What all guests here have; kernel or disk follow. $CARD says what of an interface is emulated.
hvm_cfg() { # NAME LAST-BYTE [LINE…]
	cat <<-C
		name = "$1"
		type = "hvm"
		memory = 256
		uuid = "11111111-2222-4333-8444-77777777777$2"
		vif = [ "${CARD-type=vif,}bridge=xenbr0,mac=00:16:3e:00:01:2$2" ]
		serial = "pty"
		vnc = 0
	C
	shift 2
	printf '%s\n' "$@"
}

direct_cfg() { # NAME LAST-BYTE [LINE…]
	hvm_cfg "$@" "kernel = \"/lab/guest/vmlinuz\"" "ramdisk = \"/lab/guest/initrd-dm.img\"" \
		"extra = \"console=ttyS0 console=hvc0 $GUEST_FAST domoip=10.77.0.2$2/24\"" \
		"vcpus = 2" "maxvcpus = 3" "disk = [ \"$WORK/a.img,raw,xvda,w\" ]"
}

# disk_cfg NAME LAST-BYTE WORDS - of a guest with nothing but a disk that boots, and these words on its command line.
disk_cfg() {
	/lab/tests/lab/boot/make-disk /lab/guest/boot-sector /lab/guest/vmlinuz /lab/guest/initrd-dm.img \
		"console=hvc0 $GUEST_FAST domoip=10.77.0.2$2/24 $3" "$1.img"
	hvm_cfg "$1" "$2" "disk = [ \"$WORK/$1.img,raw,hda,w\" ]"
}

# Has a processor of the guest been seen in the hypervisor's own code segment? No guest can be there; but the lab's processor is
# emulated, and QEMU 7.2's SVM takes the hypervisor's registers for the guest's now and then: where memory is populated on
# demand in one boot of seven.
fell_into_xen() { xl dmesg | grep -A 4 "Dumping Dom$1 vcpu" | grep -q 'RIP: *e008:'; } # DOMID

# come_up NAME - a guest of NAME.cfg, until it is ready; anew if that befell it, and not for any other reason.
come_up() {
	local id try i
	for try in 1 2 3; do
		domo create "$1.cfg"
		id=$(guest_domid "$1")
		for ((i = 0; i < GUEST_TIMEOUT; i += 10)); do
			! wait_guest_ready "$1" 10 2>/dev/null || return 0
			[ "$(domo list "$1" --json | json '.[0].state.shutdown')" != true ] || break
		done
		fell_into_xen "$id" || break
		echo "# the emulated processor lost guest $1 to the hypervisor: once more ($try)" >&3
		domo destroy "$1"
	done
	wait_guest_ready "$1" 1
}

# A drive tells of a new medium at the first look, by an error.
READ_CD='for n in 1 2 3 4 5 6 7 8 9; do head -c 4 /dev/sr0 2>/dev/null && break; sleep 1; done'

# A bridge learns where its guests are while they are asked for.
ping_until() { # ADDRESS
	for _ in $(seq 30); do
		! ping -c 1 -W 2 "$1" || return 0
	done
	return 1
}

dm_pid() { xenstore-read "/local/domain/$(guest_domid "$1")/image/device-model-pid"; } # NAME

# The guest's nodes, with its domid and what is picked at random made the same.
tree_of() { # NAME
	local id
	id=$(guest_domid "$1")
	xenstore-ls -fp | grep -E "^/local/domain/$id/|^/local/domain/0/backend/[a-z]+/$id|^/local/domain/0/device-model/$id|^/libxl/$id|^/vm/1111" |
		sed -E -e "s#/(domain|vbd|vif|vkbd|console|libxl|device-model)/$id(/| |\")#/\1/D\2#g" -e "s/([nrwb])$id([,)])/\1D\2/g" \
			-e "s#(frontend-id|/domid) = \"$id\"#\1 = \"D\"#" \
			-e 's/(start_time|tty|device-model-pid|generation-id) = ".*"/\1 = "…"/' -e 's#/dev/loop[0-9]+#/dev/loopN#' \
			-e 's/physical-device = "7:[0-9a-f]+"/physical-device = "7:N"/' | LC_ALL=C sort
}

# One option and its value a line.
argv_of() { # NAME
	local id
	id=$(guest_domid "$1")
	tr '\0' '\n' <"/proc/$(dm_pid "$1")/cmdline" |
		awk '/^-/ {if (line) print line; line = $0; next} {line = line " " $0} END {print line}' |
		sed -E -e "s/(qmp-[a-z]+-|-xen-domid )$id/\1D/"
}

# differs FILE - the differences between xl's and domo's that hvm-differences.txt does not have for it.
differs() {
	diff -U 0 "xl.$1" "domo.$1" | grep '^[-+][^-+]' |
		grep -Evf <(sed -n "s/^$1: //p" /lab/tests/bats/hvm-differences.txt) || true
}

# compare [LINE…] - one config made by xl and by domo: each ends what the other has made.
compare() {
	local tool what
	direct_cfg twin 1 "$@" >twin.cfg
	for tool in xl domo; do
		"$tool" create -p twin.cfg 3>&-
		tree_of twin >"$tool.tree"
		"$PARAMS" "$(guest_domid twin)" | LC_ALL=C sort >"$tool.params"
		argv_of twin >"$tool.argv"
		if [ "$tool" = xl ]; then domo destroy twin; else xl destroy twin; fi
	done
	domo sweep --remove
	[ "$(grep -c '^param' domo.params)" -gt 10 ]
	grep -q "^-machine ${MACHINE-xenfv}," domo.argv
	for what in tree params argv; do
		differs "$what" | sed "s/^/$what: /"
	done >differences
	cat differences
	[ ! -s differences ]
	rm differences
}

@test "one config, made by xl and by domo: store, hypervisor parameters and QEMU's words differ only as listed" {
	CARD='' compare
	grep -q 'hvmloader/bios = "seabios"' domo.tree
	grep -q 'type = "vif_ioemu"' domo.tree
	grep -q '^-netdev type=tap' domo.argv
	grep -q '^param 11 0x1' domo.params
	rm -f twin.cfg {xl,domo}.{tree,params,argv}
	same_world
}

@test "the same with all that can be set otherwise" {
	CARD=type=ioemu,model=e1000, compare 'hpet = 0' 'vpt_align = 0' 'acpi_s3 = 0' 'acpi_s4 = 0' 'acpi_laptop_slate = 1' 'mmio_hole = 3840' 'maxmem = 320' \
		'timer_mode = "one_missed_tick_pending"' 'shadow_memory = 5' "firmware_override = \"/usr/lib/xen-4.17/boot/hvmloader\"" \
		'bios = "ovmf"' 'boot = "dc"'
	grep -q '^param 11 0x0' domo.params
	grep -q 'hvmloader/bios = "ovmf"' domo.tree
	grep -q '^map 0x100000000 ' domo.params
	rm -f twin.cfg {xl,domo}.{tree,params,argv}
	same_world
}

@test "the same with what is told of the processor, of Hyper-V's interfaces, and without ACPI and the platform device" {
	MACHINE=pc compare 'acpi = 0' 'pae = 0' 'xen_platform_pci = 0' 'viridian = [ "all", "!hcall_ipi" ]' 'hdtype = "ahci"' \
		'ms_vm_genid = "generate"' 'vendor_device = "xenserver"' 'oos = 0'
	grep -q '^param 9 0x1dfd' domo.params
	grep -q 'platform/acpi = "0"' domo.tree
	grep -q 'generation-id = ' domo.tree
	grep -q '^-no-acpi' domo.argv
	grep -q '^-device ahci,id=ahci0' domo.argv
	grep -q '^cpuid 0x1:' domo.params
	rm -f twin.cfg {xl,domo}.{tree,params,argv}
	same_world
}

# jailed NAME LAST-BYTE - of a guest whose device model has no privilege.
jailed_cfg() {
	grep -q ^xen-qemuuser-shared: /etc/passwd || echo 'xen-qemuuser-shared:x:70000:70000::/:/bin/false' >>/etc/passwd
	direct_cfg "$@" 'dm_restrict = 1'
}

@test "dm_restrict: QEMU is another user's, in an empty root, and is refused all but its own domain" {
	local pid id other
	direct_cfg free 4 | sed 's/^disk = .*/disk = [ ]/' >free.cfg
	jailed_cfg jailed 5 >jailed.cfg
	domo create -p free.cfg
	domo create jailed.cfg
	id=$(guest_domid jailed)
	other=$(guest_domid free)
	pid=$(dm_pid jailed)
	[ "$(awk '/^Uid:/ {print $2, $3, $4, $5}' "/proc/$pid/status")" = "70000 70000 70000 70000" ]
	# No group but its user's own.
	[ "$(awk '/^Groups:/ {print $2, NF}' "/proc/$pid/status")" = "$(awk '/^Gid:/ {print $2, 2}' "/proc/$pid/status")" ]
	[ "$(awk '/^Gid:/ {print $2}' "/proc/$pid/status")" != 0 ]
	[ "$(awk '/^CapEff:/ {print $2}' "/proc/$pid/status")" = 0000000000000000 ]
	[[ $(readlink "/proc/$pid/root") == */run/xen/qemu-root-$id ]]
	[ -z "$(ls -A "/proc/$pid/root/")" ]
	[ "$(readlink "/proc/$pid/ns/mnt")" != "$(readlink /proc/self/ns/mnt)" ]
	grep -q '^Max file size  *262144 ' "/proc/$pid/limits"
	# Each descriptor of the hypervisor's that it holds: tried as it could be by who took QEMU over.
	/usr/lib/domo/tests/dm_probe "$pid" "$other" >jailed.probe
	cat jailed.probe
	[ "$(sort -u jailed.probe)" = "hypercall refused dm-op refused" ]
	# Of its own domain it is the device model; and a device model with privilege is refused nothing.
	/usr/lib/domo/tests/dm_probe "$pid" "$id" | sort -u | grep -qx 'hypercall refused dm-op let'
	/usr/lib/domo/tests/dm_probe "$(dm_pid free)" "$id" | grep -q 'hypercall let dm-op let'
	wait_guest_ready jailed
	wait_connected jailed vbd 51712
	domo destroy free
	domo destroy jailed
	run ! kill -0 "$pid"
	[ ! -e "/var/run/xen/qemu-root-$id" ]
	rm free.cfg jailed.cfg jailed.probe
	same_world
}

@test "the logs of earlier device models are kept" {
	direct_cfg logs 5 >logs.cfg
	domo create -p logs.cfg
	domo destroy logs
	domo create -p logs.cfg
	domo destroy logs
	grep -q 'starts the device model' /var/log/xen/qemu-dm-logs.log
	grep -q 'starts the device model' /var/log/xen/qemu-dm-logs.log.1
	[ ! -e /var/log/xen/qemu-dm-logs.log.2 ]
	rm logs.cfg
	same_world
}

@test "direct boot: Linux comes up with its processors, and its disk and interface through Xen's drivers" {
	local id
	direct_cfg direct 2 >direct.cfg
	domo create -p direct.cfg
	id=$(guest_domid direct)
	cat "$(xenstore-read "/local/domain/$id/serial/0/tty")" >serial.txt 2>/dev/null 3>&- &
	echo $! >reader.pid
	domo unpause direct
	wait_guest_ready direct
	wait_connected direct vbd 51712
	wait_connected direct vif 0
	[ "$(guest_exec direct 'cat /sys/hypervisor/guest_type')" = HVM ]
	[ "$(guest_exec direct nproc)" = 2 ]
	[ "$(guest_exec direct 'dd if=/dev/xvda bs=512 count=1 2>/dev/null | tr -d "\0"')" = written-by-the-host ]
	guest_disk_write direct xvda 8 written-by-the-guest
	[ "$(dd if=a.img bs=512 skip=8 count=1 status=none | tr -d '\0')" = written-by-the-guest ]
	ping -c 2 -W 5 10.77.0.22
}

@test "what the guest says on its serial line is there" {
	guest_exec direct 'echo said-on-the-serial-line >/dev/ttyS0'
	for _ in $(seq 50); do
		! grep -q said-on-the-serial-line serial.txt || break
		sleep 0.2
	done
	kill "$(cat reader.pid)"
	grep -q said-on-the-serial-line serial.txt
	rm -f serial.txt reader.pid
}

@test "xl and domo say the same of it; it can be paused and let go on" {
	[ "$(domo list direct | sed -E 's/ +[0-9.]+$//; s/[rb-]-----/STATE-/')" = "$(xl list direct | sed -E 's/ +[0-9.]+$//; s/[rb-]-----/STATE-/')" ]
	diff <(xl list -l direct | jq -S .) <(domo list -l direct | jq -S .)
	[ "$(domo tree direct --json | json '.[0].device_model')" = running ]
	domo pause direct
	[ "$(domo list direct --json | json '.[0].state.paused')" = true ]
	domo unpause direct
	[ "$(guest_exec direct 'echo there')" = there ]
	xl pause direct
	xl unpause direct
	[ "$(guest_exec direct 'echo still')" = still ]
}

@test "it powers itself off; destroy ends QEMU and leaves nothing" {
	local pid
	pid=$(dm_pid direct)
	kill -0 "$pid"
	guest_console_send direct '/sbin/poweroff'
	for _ in $(seq 100); do
		[ "$(domo list direct --json | json '.[0].state.shutdown')" != true ] || break
		sleep 0.2
	done
	[ "$(domo list direct --json | json '.[0].state.reason')" = 0 ]
	domo destroy direct
	run ! kill -0 "$pid"
	rm direct.cfg
	same_world
}

@test "a disk of its own boots through SeaBIOS to Linux' userspace, on the emulated disk without Xen's drivers" {
	local sum
	CARD=type=ioemu,model=e1000, disk_cfg own 3 "xen_emul_unplug=never noblk nonet" >own.cfg
	come_up own
	guest_exec own 'load ata_piix; load sd_mod; for n in 1 2 3 4 5 6 7 8 9; do test -b /dev/sda || sleep 1; done'
	[ "$(guest_exec own 'test -e /dev/xvda || echo none')" = none ]
	sum=$(head -c 1M own.img | md5sum)
	[ "$(guest_exec own 'head -c 1048576 /dev/sda | md5sum')" = "$sum" ]
	[ "$(domo tree own --json | jq -c '[.[0].devices[] | select(.kind == "vbd" or .kind == "vif") | [.emulated, .io_path]]')" = \
		'[["hda","emulated"],["nic0","emulated"]]' ]
	guest_exec own 'load e1000; for n in 1 2 3 4 5 6 7 8 9; do test -e /sys/class/net/eth0 && break; sleep 1; done'
	[ "$(guest_exec own 'readlink /sys/class/net/eth0/device/driver | grep -o e1000')" = e1000 ]
	ping_until 10.77.0.23
	domo destroy own
	rm own.cfg own.img
	same_world
}

@test "the same disk, left to Xen's drivers: Linux unplugs the emulated one, and the network card" {
	local id
	CARD='' disk_cfg own 4 '' >own.cfg
	come_up own
	id=$(guest_domid own)
	# QEMU takes the card's interface away with the card.
	run ip link show "vif$id.0-emu"
	[ "$status" -ne 0 ]
	wait_connected own vbd 768
	wait_connected own vif 0
	guest_exec own 'load ata_piix; load sd_mod'
	[ "$(guest_exec own 'test -e /dev/sda || echo none')" = none ]
	[ "$(guest_exec own 'head -c 1048576 /dev/xvda | md5sum')" = "$(head -c 1M own.img | md5sum)" ]
	ping_until 10.77.0.24
	guest_exec own 'load 8139cp'
	[ "$(guest_exec own 'ls /sys/class/net | grep -c eth')" = 1 ]
	[ "$(domo tree own --json | jq -c '[.[0].devices[] | select(.kind == "vif") | .io_path]')" = '["pv"]' ]
	domo network-detach own 0
	domo destroy own
	rm own.cfg own.img
	same_world
}

@test "without QEMU, and with one that ends at once: said with the reason, and nothing is left" {
	direct_cfg broken 5 >broken.cfg
	DOMO_QEMU=/no/such/qemu run domo create broken.cfg
	[ "$status" -ne 0 ]
	[[ $output == */no/such/qemu* ]]
	same_world
	DOMO_QEMU=/bin/false run domo create broken.cfg
	[ "$status" -ne 0 ]
	[[ $output == *"device model ended while it started"* ]]
	rm broken.cfg
	same_world
}

@test "QEMU is killed while the guest runs: tree tells, and destroy leaves nothing" {
	direct_cfg killed 6 >killed.cfg
	domo create -p killed.cfg
	kill -9 "$(dm_pid killed)"
	[ "$(domo tree killed --json | json '.[0].device_model')" = ended ]
	domo destroy killed
	rm killed.cfg
	same_world
}

@test "VNC shows the guest's screen" {
	local port blue i
	direct_cfg screen 6 | sed 's/^vnc = 0/vnc = 1/' >screen.cfg
	come_up screen
	port=$(xenstore-read "/local/domain/$(guest_domid screen)/console/vnc-port")
	# All of it blue.
	guest_exec screen 'printf "\033[44m\033[2J" >/dev/tty1'
	for i in 1 2 3 4 5 6 7 8; do
		vnc_screen "$port" pixels
		blue=$(od -An -v -w4 -tx1 pixels | cut -c1-9 | grep -c ' aa 00 00\| a8 00 00' || true)
		[ $((blue * 10)) -lt $(($(stat -c %s pixels) / 4 * 9)) ] || break
		sleep 1
	done
	echo "after $i looks $blue of $(($(stat -c %s pixels) / 4)) pixels are blue"
	[ $((blue * 10)) -ge $(($(stat -c %s pixels) / 4 * 9)) ]
	domo destroy screen
	rm screen.cfg pixels
	same_world
}

@test "a CD is changed, goes and comes while the guest runs, and the guest sees it" {
	for n in AAAA BBBB; do
		truncate -s 1M "$n.iso"
		echo "$n" | dd of="$n.iso" conv=notrunc status=none
	done
	direct_cfg drive 6 | sed "s#^disk = .*#disk = [ \"$WORK/a.img,raw,xvda,w\", \"$WORK/AAAA.iso,raw,hdc,cdrom\" ]#" >drive.cfg
	come_up drive
	guest_exec drive 'load ata_piix; load sr_mod; for n in 1 2 3 4 5 6 7 8 9; do test -b /dev/sr0 || sleep 1; done'
	[ "$(guest_exec drive "$READ_CD")" = AAAA ]
	domo cd-insert drive hdc "$WORK/BBBB.iso"
	[ "$(guest_exec drive "$READ_CD")" = BBBB ]
	domo cd-eject drive hdc
	[ "$(guest_exec drive 'head -c 4 /dev/sr0 2>/dev/null || echo empty')" = empty ]
	xl cd-insert drive hdc "$WORK/AAAA.iso"
	[ "$(guest_exec drive "$READ_CD")" = AAAA ]
	domo cd-eject drive hdc
	domo destroy drive
	rm drive.cfg {AAAA,BBBB}.iso
	same_world
}

@test "a drive may be empty at first" {
	echo CCCC >CCCC.iso
	truncate -s 1M CCCC.iso
	direct_cfg empty 6 | sed "s#^disk = .*#disk = [ \"$WORK/a.img,raw,xvda,w\", \",,hdc,cdrom\" ]#" >empty.cfg
	come_up empty
	guest_exec empty 'load ata_piix; load sr_mod; for n in 1 2 3 4 5 6 7 8 9; do test -b /dev/sr0 || sleep 1; done'
	[ "$(guest_exec empty 'head -c 4 /dev/sr0 2>/dev/null || echo empty')" = empty ]
	domo cd-insert empty hdc "$WORK/CCCC.iso"
	[ "$(guest_exec empty "$READ_CD")" = CCCC ]
	domo destroy empty
	rm empty.cfg CCCC.iso
	same_world
}

@test "memory above 4 GiB: what does not fit below the hole is there" {
	direct_cfg high 7 'mmio_hole = 3840' | sed 's/^memory = .*/memory = 320/' >high.cfg
	come_up high
	[ "$(xenstore-read "/local/domain/$(guest_domid high)/platform/mmio_hole_size")" = $((3840 << 20)) ]
	# 256 MiB below, and the rest without the graphics card's 8.
	guest_exec high 'cat /proc/iomem' >iomem.txt
	grep -qE '^ *100000000-1037fffff : System RAM' iomem.txt
	domo destroy high
	rm high.cfg iomem.txt
	same_world
}

@test "maxmem above memory: populated on demand, it runs all the same" {
	direct_cfg grow 8 'maxmem = 384' >grow.cfg
	come_up grow
	domo destroy grow
	rm grow.cfg
	same_world
}

@test "OVMF reaches its shell or its boot manager" {
	hvm_cfg uefi 9 'bios = "ovmf"' >uefi.cfg
	domo create -p uefi.cfg
	[ "$(xenstore-read "/local/domain/$(guest_domid uefi)/hvmloader/bios")" = ovmf ]
	cat "$(xenstore-read "/local/domain/$(guest_domid uefi)/serial/0/tty")" >serial.txt 2>/dev/null 3>&- &
	echo $! >reader.pid
	domo unpause uefi
	for _ in $(seq 240); do
		! grep -qaE 'UEFI Interactive Shell|BdsDxe' serial.txt || break
		sleep 1
	done
	kill "$(cat reader.pid)"
	tail -c 300 serial.txt
	grep -qaE 'UEFI Interactive Shell|BdsDxe' serial.txt
	domo destroy uefi
	rm uefi.cfg serial.txt reader.pid
	same_world
}

@test "hvmloader and BIOS of one's own; files that are not there are said, and nothing is left" {
	cp /usr/lib/xen-4.17/boot/hvmloader loader.bin
	cp /usr/share/seabios/bios-256k.bin bios.bin
	direct_cfg files 5 "firmware_override = \"$WORK/loader.bin\"" "bios_path_override = \"$WORK/bios.bin\"" >files.cfg
	come_up files
	domo destroy files
	rm bios.bin
	run domo create files.cfg
	[ "$status" -ne 0 ]
	[[ $output == *"$WORK/bios.bin"* ]]
	rm files.cfg loader.bin
	same_world
}
