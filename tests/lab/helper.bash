# shellcheck shell=bash
# For journeys that run in dom0 of the lab, as root: talking to guests through
# their consoles, looking at both ends of a device, and comparing the world
# before and after.
#
# A bats file in tests/X says: load ../lab/helper

GUEST_KERNEL=${GUEST_KERNEL:-/lab/guest/vmlinuz}
GUEST_RAMDISK=${GUEST_RAMDISK:-/lab/guest/initrd.img}
# Words for the kernel command line that make a guest start sooner here.
GUEST_FAST=${GUEST_FAST:-$(cat /lab/guest/cmdline)}
GUEST_TIMEOUT=${GUEST_TIMEOUT:-60}
GUEST_LOG_DIR=/var/log/xen/console

# --- guests --------------------------------------------------------------

# guest_domid NAME - the domain's number, from the store alone: it must work
# whatever toolstack is being tested.
guest_domid() {
	local id
	for id in $(xenstore-list /local/domain 2>/dev/null); do
		if [[ $(xenstore-read "/local/domain/$id/name" 2>/dev/null) == "$1" ]]; then
			echo "$id"
			return 0
		fi
	done
	echo "no guest is named $1" >&2
	return 1
}

# guest_log NAME - the file that xenconsoled writes the guest's console to. It
# holds all lives of guests of that name; reading it takes nothing away from
# whoever reads the terminal.
guest_log() { echo "$GUEST_LOG_DIR/guest-$1.log"; }

# guest_console_reset NAME - forget what the guest has said so far.
guest_console_reset() { [[ ! -e $(guest_log "$1") ]] || : >"$(guest_log "$1")"; }

# guest_console_send NAME LINE - types a line on the guest's console.
guest_console_send() {
	local id tty
	id=$(guest_domid "$1") || return 1
	tty=$(xenstore-read "/local/domain/$id/console/tty") || return 1
	printf '%s\n' "$2" >"$tty"
}

# guest_follow OFFSET LOG REGEX TIMEOUT - reads the log from a byte on until a
# line matches; leaves the lines in $guest_lines. One process, no polling: forks
# are dear in the lab.
guest_follow() {
	local offset=$1 log=$2 regex=$3 deadline=$((SECONDS + $4)) line fd pid status=1
	guest_lines=()
	# A guest that has said nothing yet may have no log yet.
	while [[ ! -e $log ]]; do
		((SECONDS < deadline)) || return 1
		sleep 0.2
	done
	exec {fd}< <(exec tail -c "+$((offset + 1))" -f "$log" 2>/dev/null 3>&-)
	pid=$!
	while ((SECONDS < deadline)); do
		IFS= read -r -t $((deadline - SECONDS)) -u "$fd" line || break
		line=${line//$'\r'/}
		guest_lines+=("$line")
		if [[ $line =~ $regex ]]; then
			status=0
			break
		fi
	done
	kill "$pid" 2>/dev/null || true
	exec {fd}<&-
	return "$status"
}

# wait_guest_ready NAME [TIMEOUT] - until this guest (not an earlier one of the
# same name) has said GUEST-READY.
wait_guest_ready() {
	local id uuid log
	id=$(guest_domid "$1") || return 1
	uuid=$(xenstore-read "/local/domain/$id/vm") || return 1
	uuid=${uuid#/vm/}
	log=$(guest_log "$1")
	guest_follow 0 "$log" "GUEST-READY ${uuid:0:36}" "${2:-$GUEST_TIMEOUT}" && return 0
	echo "guest $1 did not become ready within ${2:-$GUEST_TIMEOUT} s; its console:" >&2
	tail -n 20 "$log" >&2
	return 1
}

# guest_exec NAME COMMAND [TIMEOUT] - runs a command in a subshell of the guest's
# shell, prints what it prints, returns as it returns; 124 when the guest does
# not answer in time.
guest_exec() {
	local log offset=0 mark code first
	log=$(guest_log "$1")
	[[ ! -e $log ]] || offset=$(stat -c %s "$log")
	mark=$RANDOM$RANDOM
	# The shell echoes what is typed: the marks are typed in two halves, so that
	# only the output has them in one piece. The command travels encoded: it may
	# have any number of lines and quotes.
	code=$(printf '%s' "$2" | base64 -w 0)
	guest_console_send "$1" \
		"echo BEGIN''-$mark; (eval \"\$(echo $code | base64 -d)\") 2>&1; r=\$?; echo; echo END''-$mark \$r" ||
		return 1
	if ! guest_follow "$offset" "$log" "^END-$mark [0-9]+$" "${3:-$GUEST_TIMEOUT}"; then
		echo "guest $1 did not answer within ${3:-$GUEST_TIMEOUT} s: $2" >&2
		printf '%s\n' "${guest_lines[@]}" >&2
		return 124
	fi
	local status=${guest_lines[-1]##* }
	unset 'guest_lines[-1]'
	# The newline before the last mark ends a line that the command left open.
	[[ -n ${guest_lines[-1]} ]] || unset 'guest_lines[-1]'
	for ((first = 0; first < ${#guest_lines[@]}; first++)); do
		[[ ${guest_lines[first]} != *"BEGIN-$mark" ]] || break
	done
	guest_lines=("${guest_lines[@]:first + 1}")
	[[ ${#guest_lines[@]} -eq 0 ]] || printf '%s\n' "${guest_lines[@]}"
	return "$status"
}

# --- devices -------------------------------------------------------------

# frontend_state NAME KIND DEVID, backend_state NAME KIND DEVID - the xenbus
# state (4 is Connected); nothing when the node is not there.
frontend_state() {
	xenstore-read "/local/domain/$(guest_domid "$1")/device/$2/$3/state" 2>/dev/null
}

backend_path() {
	xenstore-read "/local/domain/$(guest_domid "$1")/device/$2/$3/backend" 2>/dev/null
}

backend_state() {
	xenstore-read "$(backend_path "$1" "$2" "$3")/state" 2>/dev/null
}

# wait_connected NAME KIND DEVID [TIMEOUT] - until both ends are in state 4.
wait_connected() {
	local deadline=$((SECONDS + ${4:-$GUEST_TIMEOUT}))
	while ((SECONDS < deadline)); do
		[[ $(frontend_state "$1" "$2" "$3")$(backend_state "$1" "$2" "$3") != 44 ]] || return 0
		sleep 0.2
	done
	echo "$2 $3 of $1: front $(frontend_state "$1" "$2" "$3"), back $(backend_state "$1" "$2" "$3")" >&2
	return 1
}

# --- the world -----------------------------------------------------------

# world_snapshot DIR - everything that a toolstack may leave behind, as text, one
# file per kind. What is left out, because it differs between two looks at the
# same world:
#   links      interface numbers, flags and carrier (a bridge that lost its last
#              port says so)
#   domains    run time and momentary state
#   processes  kernel threads, process numbers, and the test itself (whatever
#              descends from the job)
#   files      times; contents (type, mode, owner, size and name count; of
#              directories, not the size: it grows and never shrinks)
world_snapshot() {
	local dir=$1
	mkdir -p "$dir"
	xenstore-ls -fp | LC_ALL=C sort >"$dir/store"
	losetup -l -n -O NAME,BACK-FILE,RO,OFFSET,AUTOCLEAR | LC_ALL=C sort >"$dir/loops"
	ip -o link | sed -E -e 's/^[0-9]+: //' -e 's/<[^>]*>//' -e 's/state [A-Z]+ //' \
		-e 's/qlen [0-9]+//' -e 's/\\ */ /' | LC_ALL=C sort >"$dir/links"
	bridge link | sed -E -e 's/^[0-9]+: //' -e 's/<[^>]*>//' | LC_ALL=C sort >"$dir/ports"
	xl list | awk '{print $1, $2, $3, $4}' >"$dir/domains"
	world_processes | LC_ALL=C sort >"$dir/processes"
	find /var/lib/xen /var/lib/domo /var/cache/domo /run/xen /run/domo /run/lock /dev/loop[0-9]* \
		\( -type d -printf '%y %M %u - %p\n' -o -printf '%y %M %u %s %p\n' \) 2>/dev/null |
		LC_ALL=C sort -k 5 >"$dir/files"
	cat /proc/mounts >"$dir/mounts"
}

# The processes that are not part of the running test: all that do not descend
# from the job. What a test or its daemons orphaned has gone to init, and counts.
world_processes() {
	ps -e -o pid=,ppid=,args= | awk -v self="$$" '
		{
			pid = $1; parent[pid] = $2
			$1 = $2 = ""; sub(/^ +/, "")
			args[pid] = $0
		}
		function top(pid) { while (parent[pid] > 1) pid = parent[pid]; return pid }
		END {
			job = top(self)
			for (pid in args) if (pid != 2 && top(pid) != 2 && top(pid) != job) print args[pid]
		}'
}

# world_compare BEFORE AFTER [REGEX] - prints the differences, but for lines that
# match the regular expression, and fails when there are any.
world_compare() {
	local file same=0 out
	for file in "$1"/*; do
		file=${file##*/}
		out=$(diff -U 0 "$1/$file" "$2/$file" | grep '^[-+][^-+]' | grep -Ev -- "${3:-^$}" || true)
		if [[ -n $out ]]; then
			printf '%s:\n%s\n' "$file" "$out"
			same=1
		fi
	done
	return "$same"
}
