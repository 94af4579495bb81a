#!/usr/bin/env bats
# A guest whose kernel is in its own disk: the real pygrub on a real file system, and programs that show how a bootloader
# is called and what is made of its answer.

bats_require_minimum_version 1.5.0

load ../common

setup_file() {
	cd "$WORK" || return
	mkdir -p disk/boot/grub
	cp "$TINY" disk/boot/vmlinuz-1
	cp "$TINY" disk/boot/vmlinuz-2
	echo a-ramdisk >disk/boot/initrd-1
	cat >disk/boot/grub/grub.cfg <<-'G'
		set default=0
		set timeout=60
		menuentry "One" {
			linux /boot/vmlinuz-1 root=/dev/xvda ro one
			initrd /boot/initrd-1
		}
		menuentry "Two" {
			linux /boot/vmlinuz-2 root=/dev/xvda ro two
		}
	G
	truncate -s 16M disk.img
	/usr/sbin/mke2fs -q -t ext4 -d disk disk.img
	# "loader": says how it was called, and answers as the test wants.
	cat >loader <<-'L'
		#!/bin/bash
		printf '%s\n' "$@" >"$LOADER_RECORD"
		for word; do
			case $word in
			--output=*) result=${word#*=} ;;
			--output-directory=*) dir=${word#*=} ;;
			esac
		done
		eval "$LOADER_DOES"
	L
	chmod 755 loader
	export LOADER_RECORD=$WORK/called
	world_snapshot before
}

setup() { cd "$WORK" || return; }

# boot [LINE…] - a guest of the image, with these lines in its config.
boot() { domo create /dev/null name=boot 'type="pv"' memory=4 "disk=['$WORK/disk.img,raw,xvda,w']" 'extra="console=hvc0"' "$@"; }

cmdline() { xenstore-read "/vm/$(domo list -l boot | jq -r '.[0].config.c_info.uuid')/image/cmdline"; }

@test "pygrub takes kernel, ramdisk and command line out of the disk; its files are gone when the guest is there" {
	boot 'bootloader="pygrub"'
	[ "$(cmdline)" = "root=/dev/xvda ro one console=hvc0" ]
	domo list -l boot | jq -e '.[0].config.b_info | .bootloader == "pygrub" and .cmdline == "console=hvc0" and (has("kernel") | not)'
	domo destroy boot
	same_world
}

@test "another entry of its menu by bootloader_args; the path of old configs" {
	boot 'bootloader="/usr/bin/pygrub"' 'bootloader_args=["--entry=1"]'
	[ "$(cmdline)" = "root=/dev/xvda ro two console=hvc0" ]
	domo list -l boot | jq -e '.[0].config.b_info.bootloader_args == ["--entry=1"]'
	domo destroy boot
	same_world
}

@test "a PVH guest boots the same way" {
	boot 'type="pvh"' 'bootloader="pygrub"'
	[ "$(domo list boot --json | json '.[0].name')" = boot ]
	domo destroy boot
	same_world
}

@test "a bootloader is called as xl calls it" {
	LOADER_DOES='cp "$0" "$dir/k"; cp '"$TINY"' "$dir/k"; printf "kernel $dir/k\0args from-the-loader\0\0" >"$result"' \
		boot "bootloader=\"$WORK/loader\"" 'bootloader_args=["--one","two"]' "ramdisk=\"$TINY\""
	[ "$(cmdline)" = from-the-loader ]
	sed -i -E 's#(=).*/boot-[A-Za-z0-9]{6}#\1DIR#' called
	diff - called <<-C
		--ramdisk=$TINY
		--args=console=hvc0
		--output=DIR/result
		--output-format=simple0
		--output-directory=DIR
		--one
		two
		$WORK/disk.img
	C
	domo destroy boot
	rm called
	same_world
}

@test "bootloader_restrict: it is told whom to become" {
	LOADER_DOES=false run boot "bootloader=\"$WORK/loader\"" bootloader_restrict=1 'bootloader_user="nobody"'
	[ "$(grep -c -e "^--runas=$(id -u nobody)$" -e '^--quiet$' called)" = 2 ]
	expect_error bootloader.failed 1 boot "bootloader=\"$WORK/loader\"" 'bootloader_user="no-such-user"'
	[[ $output == *"no user 'no-such-user'"* ]]
	expect_error bootloader.failed 1 boot "bootloader=\"$WORK/loader\"" 'bootloader_user="root"'
	rm called
	same_world
}

@test "what goes wrong is said, with the bootloader's own words, and nothing is left" {
	LOADER_DOES='echo no kernel here; exit 3' expect_error bootloader.failed 1 boot "bootloader=\"$WORK/loader\""
	[[ $output == *"exit status 3"* && $output == *"no kernel here"* ]]
	LOADER_DOES='kill -9 $$' expect_error bootloader.failed 1 boot "bootloader=\"$WORK/loader\""
	[[ $output == *"signal 9"* ]]
	LOADER_DOES=true expect_error bootloader.failed 1 boot "bootloader=\"$WORK/loader\""
	[[ $output == *"found no kernel"* ]]
	LOADER_DOES='printf "kernel /no/such\0\0" >"$result"' expect_error bootloader.failed 1 boot "bootloader=\"$WORK/loader\""
	[[ $output == *"/no/such"* ]]
	LOADER_DOES='printf "kernel $dir\0\0" >"$result"' expect_error bootloader.failed 1 boot "bootloader=\"$WORK/loader\""
	LOADER_DOES='printf "nonsense\0" >"$result"' expect_error bootloader.failed 1 boot "bootloader=\"$WORK/loader\""
	[[ $output == *nonsense* ]]
	LOADER_DOES='head -c 70000 /dev/zero | tr "\0" x >"$result"' expect_error bootloader.failed 1 boot "bootloader=\"$WORK/loader\""
	LOADER_DOES='echo text >"$dir/k"; printf "kernel $dir/k\0" >"$result"' expect_error kernel.bad-format 1 boot "bootloader=\"$WORK/loader\""
	expect_error bootloader.failed 1 boot 'bootloader="no-such-loader"'
	expect_error unsupported 7 boot 'bootloader="pygrub"' "disk=['$WORK/disk.img,qcow2,xvda,w']"
	expect_error config.contradiction 1 boot 'bootloader="pygrub"' 'disk=[]'
	rm -f called
	same_world
}

@test "killed while its bootloader runs: the sweep removes what is left" {
	LOADER_DOES='echo $$ >pid; kill -9 $PPID; sleep 60' run boot "bootloader=\"$WORK/loader\""
	[ "$status" -ne 0 ]
	kill -9 "$(cat pid)"
	domo sweep --remove --json | jq -e 'map(select(.what == "boot-files" and .removed)) | length == 1'
	rm pid called
	same_world
}

@test "a dry run says that it would be run, and runs nothing" {
	boot 'bootloader="pygrub"' --dry-run | grep -q "run pygrub on $WORK/disk.img"
	same_world
}

# ---- the kernel of a guest behind a shim ----

shim() { domo create /dev/null name=shim 'type="pvh"' memory=64 pvshim=1 "kernel=\"$TINY\"" 'extra="console=hvc0 inner"' "$@"; }

@test "pvshim: the domain boots the host's shim, which is given the guest's kernel; all of it is kept" {
	shim 'pvshim_extra="loglvl=all"' --trace 2>trace
	grep -q "hyp.build_pvh [0-9]* kernel=/usr/lib/xen-4.17/boot/xen-shim inner=$TINY ramdisk=none" trace
	domo list -l shim | jq -e '.[0].config.b_info | .["type.pvh"] == {pvshim: "True", pvshim_extra: "loglvl=all"} and
		.cmdline == "console=hvc0 inner"'
	domo destroy shim
	rm trace
	same_world
}

@test "pvshim with a kernel out of the guest's disk" {
	domo create /dev/null name=shim 'type="pvh"' memory=64 pvshim=1 'bootloader="pygrub"' \
		"disk=['$WORK/disk.img,raw,xvda,w']" --trace 2>trace
	grep -Eq "kernel=/usr/lib/xen-4.17/boot/xen-shim inner=/proc/self/fd/[0-9]+ ramdisk=/proc/self/fd/[0-9]+" trace
	domo destroy shim
	rm trace
	same_world
}

@test "a shim or a kernel that is not there" {
	expect_error kernel.not-found 3 shim 'pvshim_path="/no/shim"'
	[[ $output == */no/shim* ]]
	expect_error kernel.not-found 3 shim 'kernel="/no/kernel"'
	[[ $output == */no/kernel* ]]
	# What is no kernel for PVH is no shim.
	expect_error kernel.bad-format 1 shim "pvshim_path=\"$WORK/loader\""
	same_world
}
