# shellcheck shell=bash
# What the journeys of domo share. They run on real Xen in the lab, and on a simulated host: what differs is in
# host-lab.bash and host-sim.bash, which define the same names.

if [[ ${DOMO_HOST-} == sim:* ]]; then
	# shellcheck source=tests/bats/host-sim.bash
	source "${BASH_SOURCE[0]%/*}/host-sim.bash"
else
	# shellcheck source=tests/bats/host-lab.bash
	source "${BASH_SOURCE[0]%/*}/host-lab.bash"
fi

# tiny_create NAME [ARGS…] - a guest of 4 MB that only sleeps: for what needs no Linux.
tiny_create() {
	local name=$1
	shift
	domo create /dev/null "name=$name" 'type="pv"' memory=4 "kernel=$TINY" "$@"
}

# json EXPRESSION - a field of the JSON on standard input.
json() { jq -r "$1"; }

# expect_error CODE STATUS COMMAND… - the command fails with this error code and this exit status, and says something
# readable. With LIMIT_MS set it must fail within so many milliseconds on the idle lab, where a stock "xl list" takes 170 ms; on a
# machine that has other work the limit grows as that command's time does.
expect_error() {
	local code=$1 status=$2 start end out rc=0
	shift 2
	start=$(date +%s%N)
	out=$("$@" --json 2>/dev/null) || rc=$?
	end=$(date +%s%N)
	output=$out
	if [[ $rc -ne $status || $(json .error.code <<<"$out") != "$code" ]]; then
		echo "wanted $code and exit $status, got exit $rc: $out"
		return 1
	fi
	if [[ $(json .error.message <<<"$out") == "" ]]; then
		echo "no message: $out"
		return 1
	fi
	in_time $(((end - start) / 1000000))
}

# expect_error_row CODE STATUS COMMAND… - the same of a command whose result is rows, and the error stands in the first one.
expect_error_row() {
	local code=$1 status=$2 rc=0 out
	shift 2
	out=$("$@" --json) || rc=$?
	[ "$rc" -eq "$status" ]
	[ "$(json '.[0].error.code' <<<"$out")" = "$code" ]
}

in_time() { # MILLISECONDS
	[[ -n ${LIMIT_MS-} && $1 -gt $LIMIT_MS ]] || return 0
	[[ $1 -gt $((LIMIT_MS * $(host_slowness) / 100)) ]] || return 0
	echo "took $1 ms, the limit is $LIMIT_MS ms"
	return 1
}

# same_world - nothing of the run may be left: whole dumps are compared with the snapshot "before". The kernel cache, the
# directories made at the first use (/vm, /libxl, back end parents, /run/domo), unused loop nodes, and
# the history and what is known of domain 0 stay by design.
SAME_WORLD_IGNORE='/var/cache/domo|/run/domo$|/run/domo/(names|wards|history)$|/run/domo/history/|/run/domo/wards/lock$| 16 /run/domo/known-domains$|/run/domo/names/Domain-0$|domid-history|^[-+]/(vm|libxl) = |/device-model = ""|/backend(/[a-z]+)? = ""|^[-+]b .* /dev/loop[0-9]+$|^[-+]d .*/run/xen$|/run/lock'
same_world() {
	rm -rf after
	world_snapshot after
	world_compare before after "$SAME_WORLD_IGNORE"
}

# quick_world - the same in one text and with few programs (each costs a tenth of a second in the lab): store, loop devices,
# interfaces, domains, state files. For loops over many steps; same_world has the last word.
quick_world() {
	{
		xenstore-ls -fp
		host_loops
		domo list | awk '{print "domain", $1, $2}'
		host_ifaces
		host_files
	} | grep -Ev -- "${SAME_WORLD_IGNORE//^[-+]/^}|userdata-l|/device/(vbd|vif) = |/backend/(vbd|vif)/[0-9]+ = " | LC_ALL=C sort
}

same_quick_world() { # BEFORE, a file that quick_world was written to
	diff -U 0 "$1" <(quick_world)
}

teardown_file() {
	cd "$WORK" || return 0
	destroy_all
	domo sweep --remove >/dev/null 2>&1 || true
	rm -rf -- before after ./*.img
}
