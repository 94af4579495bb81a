# shellcheck shell=sh
# Sourced by the scripts here, which set $here: starts and stops the servers that are compared.
# shellcheck disable=SC2154
#   server_start domo|xenstored|oxenstored DIR [options]   0, or 77 if it is not installed
#   server_stop DIR
# $STORED is our daemon. Clients: XENSTORED_RUNDIR=DIR. Guests: files DIR/ring.N.

xen_bin=/usr/lib/xen-4.17/bin
server_shim=

server_make_shim() {
	[ -e "$server_shim" ] && return 0
	server_shim=$1/shim.so
	${CC:-cc} -O2 -shared -fPIC -o "$server_shim" "$here/shim.c" -ldl
}

server_start() {
	server_kind=$1
	server_dir=$2
	shift 2
	mkdir -p "$server_dir"
	truncate -s 4096 "$server_dir/ring.0"
	printf 1 >"$server_dir/port" # without a newline, which oxenstored refuses
	case $server_kind in
	domo)
		"$STORED" --socket "$server_dir/socket" --rings "$server_dir" "$@" >"$server_dir/log" 2>&1 &
		;;
	xenstored)
		[ -x $xen_bin/xenstored ] || return 77
		server_make_shim "$server_dir" || return 77
		SHIM_DIR=$server_dir XENSTORED_RUNDIR=$server_dir LD_PRELOAD=$server_shim \
			$xen_bin/xenstored -N "$@" >"$server_dir/log" 2>&1 &
		;;
	oxenstored)
		[ -x $xen_bin/oxenstored ] || return 77
		server_make_shim "$server_dir" || return 77
		{
			echo "pid-file = $server_dir/oxenstored.pid"
			echo "xenstored-log-file = $server_dir/oxenstored.log"
			echo "xenstored-kva = $server_dir/ring.0"
			echo "xenstored-port = $server_dir/port"
			echo "quota-activate = true"
			echo "merge-activate = true"
		} >"$server_dir/conf"
		SHIM_DIR=$server_dir SHIM_SOCKET=$server_dir/socket LD_PRELOAD=$server_shim \
			$xen_bin/oxenstored --no-fork --no-access-log --config-file "$server_dir/conf" \
			>"$server_dir/log" 2>&1 &
		;;
	esac
	echo $! >"$server_dir/pid"
	server_tries=0
	until [ -S "$server_dir/socket" ]; do
		server_tries=$((server_tries + 1))
		[ $server_tries -lt 100 ] || return 1
		sleep 0.05
	done
}

server_stop() {
	kill -9 "$(cat "$1/pid")" 2>/dev/null || true
	wait "$(cat "$1/pid")" 2>/dev/null || true
}
