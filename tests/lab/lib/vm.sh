# shellcheck shell=bash
# The files of the lab share their names.
# shellcheck disable=SC2034,SC2154

# Runs one lab: a QEMU of its own, in a directory of its own, that is gone with us.

vm_smp=2
vm_mem=4G
vm_dom0_mem=2G
vm_timeout=600
vm_xenstored=xenstored

# The processor is emulated. `-cpu max` crashes dom0, HVM and PVH need svm with
# npt (Debian's Xen has no shadow paging).
vm_cpu=qemu64,+svm,+npt,+fsgsbase

vm_xen_args() {
	echo "dom0_mem=$vm_dom0_mem,max:$vm_dom0_mem dom0_max_vcpus=$vm_smp" \
		"console=com1 com1=115200,8n1 loglvl=warning guest_loglvl=warning" \
		"bootscrub=0 spec-ctrl=no ${DOMO_LAB_XEN_ARGS-}"
}

# dom0 and the guests start faster without the kernel's self-tests (one and a half
# seconds of cryptography), without the hunt for writable code pages, and without
# tracing's preparations. Measured one by one; what is not here did not help.
vm_linux_fast="quiet mitigations=off cryptomgr.notests=1 rodata=off nowatchdog"
vm_linux_fast+=" initcall_blacklist=crypto_kdf108_init,init_kprobe_trace"
vm_linux_fast+=",load_system_certificate_list,init_encrypted,init_zswap,cubictcp_register"
# These are true of guests only: one processor at boot, time given by Xen.
vm_guest_fast="$vm_linux_fast noreplace-smp tsc=reliable lpj=10000000"

vm_linux_args() {
	echo "console=hvc0 rdinit=/init panic=1 $vm_linux_fast" \
		"lab.xenstored=$vm_xenstored ${DOMO_LAB_LINUX_ARGS-}"
}

# add_layer DIR - one more archive for the initramfs, later ones win.
add_layer() {
	(cd "$1" && find . -mindepth 1 -print0 | LC_ALL=C sort -z |
		cpio -0 -o -H newc --owner 0:0 --quiet) >>"$run/layers"
}

# vm_start QEMU-ARG... - becomes QEMU; to be called in a subshell. It dies with
# us, even when we are killed.
vm_start() {
	local initrd=$run/initrd linux
	# QEMU takes a list of modules here, with their command lines.
	linux=$(vm_linux_args)
	cat "$images/dom0.cpio" "$run/layers" >"$initrd"
	exec setpriv --pdeathsig KILL qemu-system-x86_64 \
		-accel "tcg,thread=multi,tb-size=512" -cpu "$vm_cpu" -smp "$vm_smp" -m "$vm_mem" \
		-nodefaults -no-reboot -display none -no-user-config \
		-serial "file:$run/serial.log" \
		-kernel "$images/xen.elf" -append "$(vm_xen_args)" \
		-initrd "$images/vmlinux ${linux//,/,,},$initrd" \
		-device virtio-serial-pci \
		-chardev "file,id=ctl,path=$run/ctl" -device virtserialport,chardev=ctl,name=lab.ctl \
		"$@"
}

vm_failed() {
	say "$1; the end of the serial console:"
	tail -n 30 "$run/serial.log" >&2
}

# since START - seconds, as people read them.
since() {
	local now=${EPOCHREALTIME/./} start=${1/./}
	printf '%d.%d' $(((now - start) / 1000000)) $(((now - start) / 100000 % 10))
}

# vm_wait - follows the control port until the job's exit code comes (in $vm_rc),
# QEMU ends, or time is up.
vm_wait() {
	local start=$1 line left deadline=$((SECONDS + vm_timeout))
	vm_rc=
	while :; do
		left=$((deadline - SECONDS))
		((left > 0)) || { vm_failed "no result after $vm_timeout s"; return 1; }
		((left < 2)) || left=2
		if IFS= read -r -t "$left" -u "$ctl" line; then
			case $line in
			ready)
				say "dom0 ready after $(since "$start") s"
				# Two hundred megabytes that QEMU has long since read.
				rm -f "$run/initrd"
				;;
			"rc "*) vm_rc=${line#rc }; return 0 ;;
			esac
		elif ! kill -0 "$qemu" 2>/dev/null; then
			vm_failed "the machine stopped without a result, after $(since "$start") s"
			return 1
		fi
	done
}

# vm_job SCRIPT OUTDIR - boots, runs the script in dom0, returns its exit code;
# what it printed is also in $run/stdout.
vm_job() {
	local script=$1 outdir=$2 start readers=()
	mkdir -p "$run/job/lab"
	cp "$script" "$run/job/lab/job"
	add_layer "$run/job"
	mkfifo "$run/ctl" "$run/out" "$run/err"
	: >"$run/serial.log"
	# Opened for both ways, so that neither side waits for the other to open.
	exec {ctl}<>"$run/ctl"
	tee "$run/stdout" <"$run/out" & readers+=($!)
	cat <"$run/err" >&2 & readers+=($!)
	start=$EPOCHREALTIME
	vm_start -monitor none \
		-chardev "file,id=out,path=$run/out" -device virtserialport,chardev=out,name=lab.out \
		-chardev "file,id=err,path=$run/err" -device virtserialport,chardev=err,name=lab.err \
		-chardev "file,id=tar,path=$run/out.tar" -device virtserialport,chardev=tar,name=lab.tar \
		</dev/null 2>"$run/qemu.err" &
	qemu=$!
	vm_wait "$start" || { [[ -s $run/qemu.err ]] && cat "$run/qemu.err" >&2; }
	vm_stop
	wait "${readers[@]}" 2>/dev/null
	if [[ -n $outdir ]]; then
		mkdir -p "$outdir"
		cp "$run/serial.log" "$outdir/serial.log"
		[[ ! -s $run/out.tar ]] || tar -C "$outdir" -xf "$run/out.tar"
	fi
	return "${vm_rc:-125}"
}

vm_stop() {
	[[ -n ${qemu-} ]] || return 0
	kill "$qemu" 2>/dev/null
	wait "$qemu" 2>/dev/null
	qemu=
}
