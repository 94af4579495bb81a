# bash completion for domo. Made from completions/domo.bash.in and the command
# tables: change those.
# shellcheck shell=bash

_domo_commands='create plan destroy pause unpause domid domname shutdown reboot suspend resume sysrq rename uptime dump-core trigger list console vncviewer qemu-monitor-command block-attach block-detach network-attach network-detach vkb-attach vkb-detach vtpm-attach vtpm-detach vdispl-attach vdispl-detach vsnd-attach vsnd-detach pci-attach pci-detach usbctrl-attach usbctrl-detach usbdev-attach usbdev-detach cd-insert cd-eject block-list network-list channel-list vkb-list vtpm-list vdispl-list vsnd-list pci-list usb-list pci-assignable-list pci-assignable-add pci-assignable-remove tree explain wait config store sweep host mem-set mem-max vcpu-list vcpu-set vcpu-pin sched-credit sched-credit2 sched-rtds cpupool-list cpupool-create cpupool-destroy cpupool-rename cpupool-cpu-add cpupool-cpu-remove cpupool-migrate cpupool-numa-split metrics top reconnect devd events help version'
_domo_global_options='--host --json --verbose --trace --no-progress --stats --help --version'
_domo_global_with_argument='--host'

# Sets options, with_argument, words and subcommands of a command.
_domo_command() {
    options='' with_argument='' words='' subcommands=''
    case $1 in
    create)
        options='--warn-unknown --ignore-unsupported --defconfig --paused --no-wait --wait-backend --no-cache --console --quiet --no-daemon --dry-run --timing --timeout --host --json --verbose --trace --no-progress --stats --help --version'
        with_argument='--defconfig -f --timeout --host'
        words='file setting'
        ;;
    plan)
        options='--warn-unknown --ignore-unsupported --defconfig --paused --no-wait --wait-backend --no-cache --host --json --verbose --trace --no-progress --stats --help --version'
        with_argument='--defconfig -f --host'
        words='file setting'
        ;;
    destroy)
        options='--timing --timeout --host --json --verbose --trace --no-progress --stats --help --version'
        with_argument='--timeout --host'
        words='domain none'
        ;;
    pause)
        options='--host --json --verbose --trace --no-progress --stats --help --version'
        with_argument='--host'
        words='domain none'
        ;;
    unpause)
        options='--host --json --verbose --trace --no-progress --stats --help --version'
        with_argument='--host'
        words='domain none'
        ;;
    domid)
        options='--host --json --verbose --trace --no-progress --stats --help --version'
        with_argument='--host'
        words='domain none'
        ;;
    domname)
        options='--host --json --verbose --trace --no-progress --stats --help --version'
        with_argument='--host'
        words='domain none'
        ;;
    shutdown)
        options='--all --wait --button --timing --timeout --host --json --verbose --trace --no-progress --stats --help --version'
        with_argument='--timeout --host'
        words='domain'
        ;;
    reboot)
        options='--all --wait --button --timing --timeout --host --json --verbose --trace --no-progress --stats --help --version'
        with_argument='--timeout --host'
        words='domain'
        ;;
    suspend)
        options='--all --timing --timeout --host --json --verbose --trace --no-progress --stats --help --version'
        with_argument='--timeout --host'
        words='domain'
        ;;
    resume)
        options='--host --json --verbose --trace --no-progress --stats --help --version'
        with_argument='--host'
        words='domain none'
        ;;
    sysrq)
        options='--host --json --verbose --trace --no-progress --stats --help --version'
        with_argument='--host'
        words='domain text none'
        ;;
    rename)
        options='--host --json --verbose --trace --no-progress --stats --help --version'
        with_argument='--host'
        words='domain text none'
        ;;
    uptime)
        options='--short --host --json --verbose --trace --no-progress --stats --help --version'
        with_argument='--host'
        words='domain'
        ;;
    dump-core)
        options='--host --json --verbose --trace --no-progress --stats --help --version'
        with_argument='--host'
        words='domain file none'
        ;;
    trigger)
        options='--host --json --verbose --trace --no-progress --stats --help --version'
        with_argument='--host'
        words='domain text text none'
        ;;
    list)
        options='--long --verbose --context --cpupool --host --json --verbose --trace --no-progress --stats --help --version'
        with_argument='--host'
        words='domain none'
        ;;
    console)
        options='--type --num --host --json --verbose --trace --no-progress --stats --help --version'
        with_argument='--type -t --num -n --host'
        words='domain none'
        ;;
    vncviewer)
        options='--autopass --host --json --verbose --trace --no-progress --stats --help --version'
        with_argument='--host'
        words='domain none'
        ;;
    qemu-monitor-command)
        options='--host --json --verbose --trace --no-progress --stats --help --version'
        with_argument='--host'
        words='domain text'
        ;;
    block-attach)
        options='--wait-backend --no-wait --dry-run --timing --timeout --host --json --verbose --trace --no-progress --stats --help --version'
        with_argument='--timeout --host'
        words='domain text'
        ;;
    block-detach)
        options='--force --force-after --timing --timeout --host --json --verbose --trace --no-progress --stats --help --version'
        with_argument='--force-after --timeout --host'
        words='domain vbd none'
        ;;
    network-attach)
        options='--wait-backend --no-wait --dry-run --timing --timeout --host --json --verbose --trace --no-progress --stats --help --version'
        with_argument='--timeout --host'
        words='domain text'
        ;;
    network-detach)
        options='--force --force-after --timing --timeout --host --json --verbose --trace --no-progress --stats --help --version'
        with_argument='--force-after --timeout --host'
        words='domain vif none'
        ;;
    vkb-attach)
        options='--wait-backend --no-wait --dry-run --timing --timeout --host --json --verbose --trace --no-progress --stats --help --version'
        with_argument='--timeout --host'
        words='domain text'
        ;;
    vkb-detach)
        options='--force --force-after --timing --timeout --host --json --verbose --trace --no-progress --stats --help --version'
        with_argument='--force-after --timeout --host'
        words='domain text none'
        ;;
    vtpm-attach)
        options='--wait-backend --no-wait --dry-run --timing --timeout --host --json --verbose --trace --no-progress --stats --help --version'
        with_argument='--timeout --host'
        words='domain text'
        ;;
    vtpm-detach)
        options='--force --force-after --timing --timeout --host --json --verbose --trace --no-progress --stats --help --version'
        with_argument='--force-after --timeout --host'
        words='domain text none'
        ;;
    vdispl-attach)
        options='--wait-backend --no-wait --dry-run --timing --timeout --host --json --verbose --trace --no-progress --stats --help --version'
        with_argument='--timeout --host'
        words='domain text'
        ;;
    vdispl-detach)
        options='--force --force-after --timing --timeout --host --json --verbose --trace --no-progress --stats --help --version'
        with_argument='--force-after --timeout --host'
        words='domain text none'
        ;;
    vsnd-attach)
        options='--wait-backend --no-wait --dry-run --timing --timeout --host --json --verbose --trace --no-progress --stats --help --version'
        with_argument='--timeout --host'
        words='domain text'
        ;;
    vsnd-detach)
        options='--force --force-after --timing --timeout --host --json --verbose --trace --no-progress --stats --help --version'
        with_argument='--force-after --timeout --host'
        words='domain text none'
        ;;
    pci-attach)
        options='--wait-backend --no-wait --dry-run --timing --timeout --host --json --verbose --trace --no-progress --stats --help --version'
        with_argument='--timeout --host'
        words='domain text'
        ;;
    pci-detach)
        options='--force --force-after --timing --timeout --host --json --verbose --trace --no-progress --stats --help --version'
        with_argument='--force-after --timeout --host'
        words='domain text none'
        ;;
    usbctrl-attach)
        options='--wait-backend --no-wait --dry-run --timing --timeout --host --json --verbose --trace --no-progress --stats --help --version'
        with_argument='--timeout --host'
        words='domain text'
        ;;
    usbctrl-detach)
        options='--force --force-after --timing --timeout --host --json --verbose --trace --no-progress --stats --help --version'
        with_argument='--force-after --timeout --host'
        words='domain text none'
        ;;
    usbdev-attach)
        options='--wait-backend --no-wait --dry-run --timing --timeout --host --json --verbose --trace --no-progress --stats --help --version'
        with_argument='--timeout --host'
        words='domain text'
        ;;
    usbdev-detach)
        options='--force --force-after --timing --timeout --host --json --verbose --trace --no-progress --stats --help --version'
        with_argument='--force-after --timeout --host'
        words='domain text none'
        ;;
    cd-insert)
        options='--force --dry-run --timing --timeout --host --json --verbose --trace --no-progress --stats --help --version'
        with_argument='--timeout --host'
        words='domain vbd file none'
        ;;
    cd-eject)
        options='--force --dry-run --timing --timeout --host --json --verbose --trace --no-progress --stats --help --version'
        with_argument='--timeout --host'
        words='domain vbd none'
        ;;
    block-list)
        options='--host --json --verbose --trace --no-progress --stats --help --version'
        with_argument='--host'
        words='domain'
        ;;
    network-list)
        options='--host --json --verbose --trace --no-progress --stats --help --version'
        with_argument='--host'
        words='domain'
        ;;
    channel-list)
        options='--host --json --verbose --trace --no-progress --stats --help --version'
        with_argument='--host'
        words='domain'
        ;;
    vkb-list)
        options='--host --json --verbose --trace --no-progress --stats --help --version'
        with_argument='--host'
        words='domain'
        ;;
    vtpm-list)
        options='--host --json --verbose --trace --no-progress --stats --help --version'
        with_argument='--host'
        words='domain'
        ;;
    vdispl-list)
        options='--host --json --verbose --trace --no-progress --stats --help --version'
        with_argument='--host'
        words='domain'
        ;;
    vsnd-list)
        options='--host --json --verbose --trace --no-progress --stats --help --version'
        with_argument='--host'
        words='domain'
        ;;
    pci-list)
        options='--host --json --verbose --trace --no-progress --stats --help --version'
        with_argument='--host'
        words='domain'
        ;;
    usb-list)
        options='--host --json --verbose --trace --no-progress --stats --help --version'
        with_argument='--host'
        words='domain'
        ;;
    pci-assignable-list)
        options='--show-names --host --json --verbose --trace --no-progress --stats --help --version'
        with_argument='--host'
        words='none'
        ;;
    pci-assignable-add)
        options='--name --host --json --verbose --trace --no-progress --stats --help --version'
        with_argument='--name -n --host'
        words='text none'
        ;;
    pci-assignable-remove)
        options='--rebind --host --json --verbose --trace --no-progress --stats --help --version'
        with_argument='--host'
        words='text none'
        ;;
    tree)
        options='--dot --host --json --verbose --trace --no-progress --stats --help --version'
        with_argument='--host'
        words='domain none'
        ;;
    explain)
        options='--host --json --verbose --trace --no-progress --stats --help --version'
        with_argument='--host'
        words='domain text none'
        ;;
    wait)
        options='--timeout --host --json --verbose --trace --no-progress --stats --help --version'
        with_argument='--timeout --host'
        words='domain text text none'
        ;;
    'config check')
        options='--warn-unknown --strict --quiet --host --json --verbose --trace --no-progress --stats --help --version'
        with_argument='--host'
        words='file'
        ;;
    'config show')
        options='--warn-unknown --ignore-unsupported --xl --host --json --verbose --trace --no-progress --stats --help --version'
        with_argument='--host'
        words='file setting'
        ;;
    'config keys')
        options='--host --json --verbose --trace --no-progress --stats --help --version'
        with_argument='--host'
        words='key none'
        ;;
    'store ls')
        options='--long --recursive --host --json --verbose --trace --no-progress --stats --help --version'
        with_argument='--host'
        words='store none'
        ;;
    'store tree')
        options='--perms --full-paths --depth --host --json --verbose --trace --no-progress --stats --help --version'
        with_argument='--depth -d --host'
        words='store none'
        ;;
    'store read')
        options='--raw --prefix --host --json --verbose --trace --no-progress --stats --help --version'
        with_argument='--host'
        words='store'
        ;;
    'store write')
        options='--escapes --host --json --verbose --trace --no-progress --stats --help --version'
        with_argument='--host'
        words='store text'
        ;;
    'store rm')
        options='--tidy --force --host --json --verbose --trace --no-progress --stats --help --version'
        with_argument='--host'
        words='store'
        ;;
    'store mkdir')
        options='--host --json --verbose --trace --no-progress --stats --help --version'
        with_argument='--host'
        words='store'
        ;;
    'store exists')
        options='--host --json --verbose --trace --no-progress --stats --help --version'
        with_argument='--host'
        words='store'
        ;;
    'store chmod')
        options='--recursive --host --json --verbose --trace --no-progress --stats --help --version'
        with_argument='--host'
        words='store text'
        ;;
    'store watch')
        options='--long --count --timeout --host --json --verbose --trace --no-progress --stats --help --version'
        with_argument='--count -n --timeout --host'
        words='store'
        ;;
    'store dump')
        options='--host --json --verbose --trace --no-progress --stats --help --version'
        with_argument='--host'
        words='store none'
        ;;
    sweep)
        options='--remove --host --json --verbose --trace --no-progress --stats --help --version'
        with_argument='--host'
        words='none'
        ;;
    'host info')
        options='--host --json --verbose --trace --no-progress --stats --help --version'
        with_argument='--host'
        words='none'
        ;;
    'host start')
        options='--host --json --verbose --trace --no-progress --stats --help --version'
        with_argument='--host'
        words='none'
        ;;
    'host stop')
        options='--host --json --verbose --trace --no-progress --stats --help --version'
        with_argument='--host'
        words='none'
        ;;
    mem-set)
        options='--host --json --verbose --trace --no-progress --stats --help --version'
        with_argument='--host'
        words='domain text none'
        ;;
    mem-max)
        options='--host --json --verbose --trace --no-progress --stats --help --version'
        with_argument='--host'
        words='domain text none'
        ;;
    vcpu-list)
        options='--host --json --verbose --trace --no-progress --stats --help --version'
        with_argument='--host'
        words='domain'
        ;;
    vcpu-set)
        options='--ignore-host --host --json --verbose --trace --no-progress --stats --help --version'
        with_argument='--host'
        words='domain text none'
        ;;
    vcpu-pin)
        options='--force --host --json --verbose --trace --no-progress --stats --help --version'
        with_argument='--host'
        words='domain text none'
        ;;
    sched-credit)
        options='--domain --weight --cap --schedparam --ratelimit_us --cpupool --tslice_ms --migration_delay_us --host --json --verbose --trace --no-progress --stats --help --version'
        with_argument='--domain -d --weight -w --cap -c --ratelimit_us -r --cpupool -p --tslice_ms -t --migration_delay_us -m --host'
        words='none'
        ;;
    sched-credit2)
        options='--domain --weight --cap --schedparam --ratelimit_us --cpupool --host --json --verbose --trace --no-progress --stats --help --version'
        with_argument='--domain -d --weight -w --cap -c --ratelimit_us -r --cpupool -p --host'
        words='none'
        ;;
    sched-rtds)
        options='--domain --vcpuid --period --budget --extratime --cpupool --host --json --verbose --trace --no-progress --stats --help --version'
        with_argument='--domain -d --vcpuid -v --period -p --budget -b --extratime -e --cpupool -c --host'
        words='none'
        ;;
    cpupool-list)
        options='--cpus --host --json --verbose --trace --no-progress --stats --help --version'
        with_argument='--host'
        words='text none'
        ;;
    cpupool-create)
        options='--defconfig --dry-run --host --json --verbose --trace --no-progress --stats --help --version'
        with_argument='--defconfig -f --host'
        words='file text'
        ;;
    cpupool-destroy)
        options='--host --json --verbose --trace --no-progress --stats --help --version'
        with_argument='--host'
        words='text none'
        ;;
    cpupool-rename)
        options='--host --json --verbose --trace --no-progress --stats --help --version'
        with_argument='--host'
        words='text text none'
        ;;
    cpupool-cpu-add)
        options='--host --json --verbose --trace --no-progress --stats --help --version'
        with_argument='--host'
        words='text text none'
        ;;
    cpupool-cpu-remove)
        options='--host --json --verbose --trace --no-progress --stats --help --version'
        with_argument='--host'
        words='text text none'
        ;;
    cpupool-migrate)
        options='--host --json --verbose --trace --no-progress --stats --help --version'
        with_argument='--host'
        words='domain text none'
        ;;
    cpupool-numa-split)
        options='--host --json --verbose --trace --no-progress --stats --help --version'
        with_argument='--host'
        words='none'
        ;;
    metrics)
        options='--host --json --verbose --trace --no-progress --stats --help --version'
        with_argument='--host'
        words='none'
        ;;
    top)
        options='--batch --once --delay --iterations --host --json --verbose --trace --no-progress --stats --help --version'
        with_argument='--delay -d --iterations -i --host'
        words='none'
        ;;
    reconnect)
        options='--wait-backend --timing --timeout --host --json --verbose --trace --no-progress --stats --help --version'
        with_argument='--timeout --host'
        words='domain none'
        ;;
    devd)
        options='--foreground --pidfile --log --host --json --verbose --trace --no-progress --stats --help --version'
        with_argument='--pidfile -p --log -l --host'
        words='none'
        ;;
    events)
        options='--from --no-follow --only --count --timeout --host --json --verbose --trace --no-progress --stats --help --version'
        with_argument='--from --only --count -n --timeout --host'
        words='domain none'
        ;;
    help)
        options='--host --json --verbose --trace --no-progress --stats --help --version'
        with_argument='--host'
        words='command error none'
        ;;
    version)
        options='--host --json --verbose --trace --no-progress --stats --help --version'
        with_argument='--host'
        words='none'
        ;;
    config)
        subcommands='check show keys'
        ;;
    store)
        subcommands='ls tree read write rm mkdir exists chmod watch dump'
        ;;
    host)
        subcommands='info start stop'
        ;;
    esac
}

_domo_contains() {
    [[ " $1 " == *" $2 "* ]]
}

# Reads the line up to the cursor: the command, and which of its words comes.
_domo_read_line() {
    local i word
    command='' position=0 domain=''
    for ((i = 1; i < COMP_CWORD; i++)); do
        word=${COMP_WORDS[i]}
        if _domo_contains "$_domo_global_with_argument $with_argument" "$word"; then
            i=$((i + 1))
        elif [[ $word == -* ]]; then
            :
        elif [[ -z $command ]]; then
            command=$word
            _domo_command "$command"
        elif [[ -n $subcommands ]]; then
            command="$command $word"
            _domo_command "$command"
        else
            [[ $position -ne 0 ]] || domain=$word
            position=$((position + 1))
        fi
    done
}

# The kind of the word at a position: the last one counts for all that follow.
_domo_kind() {
    local kinds
    read -ra kinds <<<"$words"
    [[ ${#kinds[@]} -gt 0 ]] || return 0
    echo "${kinds[$1]:-${kinds[-1]}}"
}

# _domo_reply SEPARATOR WORDS - those that begin as the current word does.
_domo_reply() {
    local IFS=$1
    mapfile -t COMPREPLY < <(compgen -W "$2" -- "$current")
}

_domo_word() {
    case $1 in
    file)
        compopt -o filenames 2>/dev/null
        mapfile -t COMPREPLY < <(compgen -f -- "$current")
        ;;
    none | text | '') ;;
    setting)
        compopt -o nospace 2>/dev/null
        _domo_reply $'\n' "$(domo __complete setting 2>/dev/null)"
        ;;
    store)
        _domo_reply $'\n' "$(domo __complete store "$current" 2>/dev/null)"
        # A slash at the end says that there is more to come.
        [[ ${COMPREPLY[0]-} != */ ]] || compopt -o nospace 2>/dev/null
        ;;
    # Names may hold blanks: one a line.
    *) _domo_reply $'\n' "$(domo __complete "$1" "$domain" 2>/dev/null)" ;;
    esac
}

_domo() {
    local current=${COMP_WORDS[COMP_CWORD]} previous=${COMP_WORDS[COMP_CWORD - 1]}
    local command position domain options='' with_argument='' words='' subcommands=''
    COMPREPLY=()
    _domo_read_line
    if [[ $previous == --defconfig ]]; then
        _domo_word file
    elif _domo_contains "$_domo_global_with_argument $with_argument" "$previous"; then
        :
    elif [[ $current == -* ]]; then
        _domo_reply ' ' "${options:-$_domo_global_options}"
    elif [[ -z $command ]]; then
        _domo_reply ' ' "$_domo_commands"
    elif [[ -n $subcommands ]]; then
        _domo_reply ' ' "$subcommands"
    else
        _domo_word "$(_domo_kind "$position")"
    fi
}

complete -F _domo domo
