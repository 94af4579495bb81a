# shellcheck shell=bash
# The files of the lab share their names.
# shellcheck disable=SC2034,SC2154

# Small things that every part of the lab uses.

say()  { printf 'lab: %s\n' "$*" >&2; }
die()  { say "$*"; exit 2; }

# apt as root drops to its own user for downloads and complains when that user
# cannot reach our directory; there is nothing to protect here.
apt_get() { apt-get -q -o APT::Sandbox::User=root "$@"; }

# need_tools TOOL:PACKAGE... - install the packages of the programs that are
# missing here. A fresh machine has none of them.
need_tools() {
	local pair missing=()
	for pair in "$@"; do
		command -v "${pair%%:*}" >/dev/null || missing+=("${pair#*:}")
	done
	[[ ${#missing[@]} -gt 0 ]] || return 0
	[[ $(id -u) -eq 0 ]] || die "missing here: ${missing[*]} (apt-get install them, or run as root)"
	say "installing ${missing[*]}"
	need_package_lists "${missing[0]}"
	DEBIAN_FRONTEND=noninteractive apt_get install -y --no-install-recommends "${missing[@]}" >&2 ||
		die "cannot install ${missing[*]}"
}

# A fresh machine has no package lists, an old one may have stale ones; both
# are seen by asking for the package that is wanted.
need_package_lists() {
	apt-cache show "$1" >/dev/null 2>&1 && return 0
	[[ $(id -u) -eq 0 ]] || die "apt does not know $1: run apt-get update"
	apt_get update >&2 || die "apt-get update failed"
	apt-cache show "$1" >/dev/null 2>&1 || die "apt does not know $1: the lab needs Debian 12"
}
