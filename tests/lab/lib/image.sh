# shellcheck shell=bash
# The files of the lab share their names.
# shellcheck disable=SC2034,SC2154

# Builds the images: Xen, dom0's kernel, dom0's initramfs, the guests.

# --- what the cache depends on -------------------------------------------

# dom0's own init is not among them: it is packed at each start.
scripts_hash() {
	(cd "$lab_dir" && cat lib/packages.sh lib/image.sh guest/* tiny/* boot/*) |
		sha256sum | cut -c1-16
}

# The candidate versions of the packages that matter most. Those of libraries
# are left out: asking about a hundred packages at each start costs more than
# it is worth, and `lab build --force` exists.
package_versions() {
	apt-cache policy "$xen_package" "$kernel_metapackage" "xen-utils-$xen_version" \
		"libxenmisc$xen_version" bats libc6 2>/dev/null |
		awk '/^[^ ]/ {name = $1} /Candidate:/ {print name, $2}'
}

# images_fresh - true when the cache holds images made from these scripts and
# from the versions that apt offers now. Without package lists there is nothing
# better to be had than what is there.
images_fresh() {
	local versions
	[[ -r $images/versions ]] || return 1
	versions=$(package_versions)
	[[ -z $versions || $versions == "$(cat "$images/versions")" ]]
}

# --- packages ------------------------------------------------------------

# lib_closure PACKAGE... - the packages and all lib* packages they depend on.
lib_closure() {
	local -A seen=()
	local next=("$@") dep deps
	while [[ ${#next[@]} -gt 0 ]]; do
		for dep in "${next[@]}"; do seen[$dep]=1; done
		deps=$(apt-cache show --no-all-versions "${next[@]}" 2>/dev/null | awk -F': ' '
			/^(Pre-)?Depends:/ {
				n = split($2, all, /, */)
				for (i = 1; i <= n; i++) {
					split(all[i], choice, / *\| */)
					sub(/[ (:].*/, "", choice[1])
					if (choice[1] ~ /^lib/) print choice[1]
				}
			}' | sort -u)
		next=()
		for dep in $deps; do
			[[ -n ${seen[$dep]-} ]] || next+=("$dep")
		done
	done
	printf '%s\n' "${!seen[@]}" | sort
}

fetch_packages() {
	local dir=$1
	shift
	mkdir -p "$dir"
	(cd "$dir" && apt_get download "$@") >"$dir/apt.log" 2>&1 ||
		{ tail -n 5 "$dir/apt.log" >&2; die "cannot download packages"; }
}

unpack_packages() {
	local dir=$1 into=$2 deb
	for deb in "$dir"/*.deb; do
		dpkg-deb -x "$deb" "$into" || die "cannot unpack $deb"
	done
}

# --- kernel --------------------------------------------------------------

# unpack_kernel BZIMAGE ELF - the kernel as it lies inside a bzImage. Xen would
# unpack it itself at each boot, in emulation, for six seconds.
unpack_kernel() {
	local image=$1 elf=$2 sects offset length
	sects=$(od -An -tu1 -j497 -N1 "$image")
	read -r offset length < <(od -An -tu4 -j584 -N8 "$image")
	# The length includes four bytes of uncompressed size after the stream.
	dd if="$image" bs=64K iflag=skip_bytes,count_bytes status=none \
		skip=$(((sects + 1) * 512 + offset)) count=$((length - 4)) |
		xz -dc >"$elf" || die "cannot unpack $image"
}

# copy_modules TREE KVER INTO MODULE... - the modules and their dependencies.
copy_modules() {
	local tree=$1 kver=$2 into=$3 file
	shift 3
	while read -r file; do
		install -D -m 644 "$file" "$into/lib/modules/$kver/${file#"$tree/lib/modules/$kver/"}"
	done < <(for module in "$@"; do
		modprobe -d "$tree" -S "$kver" --show-depends "$module" || echo "insmod /missing/$module"
	done | awk '/^insmod/ {print $2}' | sort -u)
	cp "$tree/lib/modules/$kver"/modules.{order,builtin,builtin.modinfo} "$into/lib/modules/$kver/"
	depmod -b "$into" "$kver"
}

# check_libraries ROOT - every program and library finds what it loads. A
# package that moves a library elsewhere shows here, not as a test that fails
# for a strange reason. Plug-ins of pam and the like are nobody's business.
check_libraries() {
	local missing
	missing=$(comm -23 \
		<(find "$1"/usr/{bin,sbin,lib/xen-*/bin} "$1"/usr/lib/x86_64-linux-gnu -maxdepth 1 -type f \
			-exec readelf -d {} + 2>/dev/null | awk -F'[][]' '/NEEDED/ {print $2}' | sort -u) \
		<(find "$1"/usr/lib "$1"/usr/lib64 \( -type f -o -type l \) -printf '%f\n' | sort -u))
	[[ -z $missing ]] || die "the image lacks ${missing//$'\n'/, }"
}

pack() {
	(cd "$1" && find . -print0 | LC_ALL=C sort -z |
		cpio -0 -o -H newc --owner 0:0 --quiet --reproducible)
}

# --- the guests ----------------------------------------------------------

build_guest() {
	local tree=$1 kver=$2 into=$3 root=$work/guest module name
	mkdir -p "$root"/{bin,sbin,dev,proc,sys,run,tmp,root,mnt,etc,lib}
	cp "$work/dom0/bin/busybox" "$root/bin/busybox"
	for name in $("$root/bin/busybox" --list); do
		[[ $name == busybox ]] || ln -s busybox "$root/bin/$name"
	done
	install -m 755 "$lab_dir/guest/init" "$root/init"
	install -m 755 "$lab_dir/guest/net-up" "$root/sbin/net-up"
	# The kernel calls these by their paths in /sbin; a person's shell finds
	# them there first as well.
	for name in poweroff reboot halt; do
		install -m 755 "$lab_dir/guest/poweroff" "$root/sbin/$name"
	done
	for module in "${guest_modules[@]}"; do
		modprobe -d "$tree" -S "$kver" --show-depends "$module"
	done | awk '/^insmod/ && !seen[$2]++ {print $2}' | while read -r module; do
		cp "$module" "$root/lib/"
	done
	mkdir -p "$into"
	pack "$root" >"$into/initrd.img"
	cp "$tree/boot/vmlinuz-$kver" "$into/vmlinuz"
	cp "$work/vmlinux" "$into/vmlinux"
	build_tiny "$into/tiny"
}

build_tiny() {
	"$lab_dir/tiny/build" "$1" || die "cannot build the tiny guest"
}

# --- dom0 ----------------------------------------------------------------

build_dom0() {
	local tree=$1 kver=$2 root=$work/dom0 path dir
	mkdir -p "$root"
	unpack_packages "$work/debs" "$root"
	# Debian 12 has one /usr; the packages still say /bin and /lib.
	for dir in bin sbin lib lib64; do
		mkdir -p "$root/$dir" "$root/usr/$dir"
		cp -a "$root/$dir/." "$root/usr/$dir/"
		rm -rf "${root:?}/$dir"
		ln -s "usr/$dir" "$root/$dir"
	done
	for path in "${dom0_unwanted[@]}"; do rm -rf "${root:?}/$path"; done
	rm -rf "$root"/etc/systemd "$root"/var/cache/* "$root"/var/lib/*

	mkdir -p "$root"/{dev,proc,sys,run,tmp,root,mnt,lab,etc/xen} "$root"/usr/local/{bin,sbin,lib}
	mkdir -p "$root"/var/{tmp,cache,log/xen/console,lib/xen,lib/misc}
	chmod 1777 "$root/tmp" "$root/var/tmp"
	rm -rf "$root/var/run" "$root/var/lock"
	ln -s /run "$root/var/run"
	ln -s /run/lock "$root/var/lock"
	# Made by maintainer scripts on an installed machine.
	ln -sf mawk "$root/usr/bin/awk"
	ln -sf which.debianutils "$root/usr/bin/which"
	ln -sf dash "$root/usr/bin/sh"
	ln -sf /proc/mounts "$root/etc/mtab"
	echo 'root:x:0:0:root:/root:/bin/bash' >"$root/etc/passwd"
	echo 'root:x:0:' >"$root/etc/group"
	echo '127.0.0.1 localhost lab' >"$root/etc/hosts"
	echo lab >"$root/etc/hostname"
	# The time it takes to find no name service is time lost in each program.
	printf '%s: files\n' passwd group hosts services protocols >"$root/etc/nsswitch.conf"
	copy_modules "$tree" "$kver" "$root" "${dom0_modules[@]}"
	build_guest "$tree" "$kver" "$root/lab/guest"
	check_libraries "$root"
	# Only root can; without it the loader looks into a few directories more.
	ldconfig -r "$root" 2>/dev/null || true
	pack "$root" >"$out/dom0.cpio"
}

# build_dm TREE KVER - the archive for `--dm`: QEMU with the libraries that dom0 lacks, and a ramdisk for guests
# whose devices it serves. Each module's list of what is loaded before it lies beside it.
build_dm() {
	local tree=$1 kver=$2 root=$work/dm guest=$work/dm-guest path module
	mkdir -p "$root/lab/guest" "$guest/lib" "$guest/sbin"
	unpack_packages "$work/dm-debs" "$root"
	for path in bin sbin lib lib64; do
		[[ ! -d $root/$path ]] || { mkdir -p "$root/usr/$path" && cp -a "$root/$path/." "$root/usr/$path/"; }
		rm -rf "${root:?}/$path"
	done
	for path in "${dm_unwanted[@]}"; do rm -rf "${root:?}/$path"; done
	for module in "${dm_guest_modules[@]}"; do
		modprobe -d "$tree" -S "$kver" --show-depends "$module" | awk '/^insmod/ {print $2}' >"$work/order"
		sort -u "$work/order" | xargs -r cp -t "$guest/lib"
		sed 's|.*/|/lib/|' "$work/order" >"$guest/lib/$module.order"
	done
	install -m 755 "$lab_dir/guest/load" "$guest/sbin/load"
	{ cat "$out/initrd.img"; pack "$guest"; } >"$root/lab/guest/initrd-dm.img"
	"$lab_dir/boot/build" "$root/lab/guest/boot-sector" || die "cannot build the boot sector"
	pack "$root" >"$out/dm.cpio"
}

# build_images - all of it, into a new directory that takes the old one's place
# only when it is complete: a build that was interrupted leaves no trace.
build_images() {
	local work out kver list
	need_tools qemu-system-x86_64:qemu-system-x86 cpio:cpio modprobe:kmod xz:xz-utils \
		gcc:gcc ld:binutils od:coreutils awk:mawk
	need_package_lists "$xen_package"
	mkdir -p "$cache"
	work=$(mktemp -d "$cache/build.XXXXXX")
	temporary+=("$work")
	out=$work/out
	mkdir -p "$out"

	say "building the images in $cache"
	kver=$(apt-cache depends "$kernel_metapackage" | awk '/Depends:/ {print $2; exit}')
	fetch_packages "$work/kernel-debs" "$xen_package" "$kver"
	kver=${kver#linux-image-}
	mapfile -t list < <(lib_closure "${dom0_packages[@]}")
	fetch_packages "$work/debs" "${list[@]}"
	# Only what dom0 does not have anyway.
	mapfile -t list < <(comm -13 <(printf '%s\n' "${list[@]}" | LC_ALL=C sort) \
		<(lib_closure "${dm_packages[@]}" qemu-system-data | LC_ALL=C sort))
	fetch_packages "$work/dm-debs" "${list[@]}"

	unpack_packages "$work/kernel-debs" "$work/kernel"
	depmod -b "$work/kernel" "$kver"
	gunzip -c "$work/kernel/boot/xen-$xen_version-amd64.gz" >"$out/xen.elf"
	unpack_kernel "$work/kernel/boot/vmlinuz-$kver" "$work/vmlinux"
	cp "$work/vmlinux" "$out/vmlinux"
	build_dom0 "$work/kernel" "$kver"
	cp "$work/dom0/lab/guest/initrd.img" "$out/initrd.img"
	build_dm "$work/kernel" "$kver"
	package_versions >"$out/versions"

	# A lab that is starting now keeps the files that it has open.
	[[ ! -e $images ]] || mv "$images" "$work/old"
	mv "$out" "$images"
	rm -rf "$work"
}

# need_images - sets $images; builds them unless they are fresh. Two labs that
# start together build once; work trees with different scripts may share a cache,
# each finds its own. What nobody has used for a day goes.
need_images() {
	images=$cache/images-$(scripts_hash)
	mkdir -p "$cache"
	exec {cache_lock}>"$cache/lock"
	flock "$cache_lock"
	if [[ ${1-} == --force ]] || ! images_fresh; then build_images; fi
	touch "$images"
	find "$cache" -mindepth 1 -maxdepth 1 -type d -mmin +1440 -exec rm -rf {} +
	exec {cache_lock}>&-
}
