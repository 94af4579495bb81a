# fish completion for domo. Made from completions/domo.fish.in and the command
# tables: change those.

# The words of the line so far that are no options.
function __domo_words
    for word in (commandline -opc)[2..-1]
        string match -q -- '-*' $word; or echo $word
    end
end

function __domo_at_none
    test (count (__domo_words)) -eq 0
end

# Is the command of the line the one given (one word or two)?
function __domo_at
    set -l words (__domo_words)
    set -l n (count $argv)
    test (count $words) -ge $n; and test "$words[1..$n]" = "$argv"
end

function __domo_at_only
    set -l words (__domo_words)
    test "$words" = $argv[1]
end

function __domo_names
    set -l before (__domo_words)[2]
    test $argv[1] != store; or set before (commandline -ct)
    domo __complete $argv[1] $before 2>/dev/null
end

complete -c domo -f
complete -c domo -n __domo_at_none -a create -d 'Create a guest from a config file'
complete -c domo -n __domo_at_none -a plan -d 'Show the steps that create would take'
complete -c domo -n __domo_at_none -a destroy -d 'Stop a guest at once and give back all that it held'
complete -c domo -n __domo_at_none -a pause -d 'Stop a guest\'s virtual CPUs'
complete -c domo -n __domo_at_none -a unpause -d 'Let a paused guest run'
complete -c domo -n __domo_at_none -a domid -d 'Show the number of a guest'
complete -c domo -n __domo_at_none -a domname -d 'Show the name of a guest'
complete -c domo -n __domo_at_none -a list -d 'List the guests, or one'
complete -c domo -n __domo_at_none -a console -d 'Attach to a guest\'s console'
complete -c domo -n __domo_at_none -a block-attach -d 'Give a running guest a disk'
complete -c domo -n __domo_at_none -a block-detach -d 'Take a disk from a running guest'
complete -c domo -n __domo_at_none -a network-attach -d 'Give a running guest a network interface'
complete -c domo -n __domo_at_none -a network-detach -d 'Take a network interface from a running guest'
complete -c domo -n __domo_at_none -a vtpm-attach -d 'Give a running guest a virtual TPM'
complete -c domo -n __domo_at_none -a vtpm-detach -d 'Take a virtual TPM from a running guest'
complete -c domo -n __domo_at_none -a block-list -d 'List the disks of guests'
complete -c domo -n __domo_at_none -a network-list -d 'List the network interfaces of guests'
complete -c domo -n __domo_at_none -a vtpm-list -d 'List the virtual TPMs of guests'
complete -c domo -n __domo_at_none -a tree -d 'Show guests, their devices and both ends of each'
complete -c domo -n __domo_at_none -a config -d 'Check, convert and explain config files'
complete -c domo -n '__domo_at_only config' -a check -d 'Check config files, without a Xen host'
complete -c domo -n '__domo_at_only config' -a show -d 'Show a config file as it is understood'
complete -c domo -n '__domo_at_only config' -a keys -d 'Show the reference of config keys'
complete -c domo -n __domo_at_none -a store -d 'Look at XenStore and change it'
complete -c domo -n '__domo_at_only store' -a ls -d 'List the children of a node'
complete -c domo -n '__domo_at_only store' -a tree -d 'Show a node and all that is below it, with values'
complete -c domo -n '__domo_at_only store' -a read -d 'Print values'
complete -c domo -n '__domo_at_only store' -a write -d 'Write values, all of them or none'
complete -c domo -n '__domo_at_only store' -a rm -d 'Remove nodes with all that is below them, all of them or none'
complete -c domo -n '__domo_at_only store' -a mkdir -d 'Make empty nodes, all of them or none'
complete -c domo -n '__domo_at_only store' -a exists -d 'Tell by the exit status whether all nodes are there'
complete -c domo -n '__domo_at_only store' -a chmod -d 'Set the permissions of a node'
complete -c domo -n '__domo_at_only store' -a watch -d 'Print the path of each node that changes'
complete -c domo -n '__domo_at_only store' -a dump -d 'Print a node and all that is below it, with values and permissions'
complete -c domo -n __domo_at_none -a sweep -d 'Find, and remove, what an interrupted operation left behind'
complete -c domo -n __domo_at_none -a host -d 'Show the host; start and end a simulated one'
complete -c domo -n '__domo_at_only host' -a info -d 'Show the host: hypervisor, processors, memory, store'
complete -c domo -n '__domo_at_only host' -a start -d 'Start a simulated host'
complete -c domo -n '__domo_at_only host' -a stop -d 'End a simulated host, and all its guests'
complete -c domo -n __domo_at_none -a help -d 'Show what commands do and what errors mean'
complete -c domo -n __domo_at_none -a version -d 'Show the version'
complete -c domo -l host -x -d 'the host to work on (default: $DOMO_HOST, else xen:)'
complete -c domo -l json -d 'print the result, or the error, as JSON on stdout'
complete -c domo -s v -l verbose -d 'say more; twice: say everything'
complete -c domo -l trace -d 'log each call to the host'
complete -c domo -l no-progress -d 'no progress line, also on a terminal'
complete -c domo -l stats -d 'at the end, a JSON line on stderr: how much was asked of the host'
complete -c domo -s h -l help -d 'show what a command does and takes'
complete -c domo -l version -d 'show the version'
complete -c domo -n '__domo_at create' -l warn-unknown -d 'unknown keys are warnings, not errors'
complete -c domo -n '__domo_at create' -l ignore-unsupported -d 'keys that are not acted on yet are warnings, not errors'
complete -c domo -n '__domo_at create' -s f -l defconfig -rF -d 'the config file'
complete -c domo -n '__domo_at create' -s p -l paused -d 'leave the guest paused'
complete -c domo -n '__domo_at create' -l no-wait -d 'do not wait until the guest\'s devices are connected'
complete -c domo -n '__domo_at create' -l no-cache -d 'neither read nor fill the cache of unpacked kernels'
complete -c domo -n '__domo_at create' -s c -l console -d 'attach to the guest\'s console before it starts'
complete -c domo -n '__domo_at create' -s q -l quiet -d 'say nothing on success'
complete -c domo -n '__domo_at create' -s n -l dry-run -d 'check and show what would be done, change nothing'
complete -c domo -n '__domo_at create' -l timing -d 'show how long each step took'
complete -c domo -n '__domo_at create' -l timeout -x -d 'how long to wait for the guest'
complete -c domo -n '__domo_at create' -a '(__domo_names setting)'
complete -c domo -n '__domo_at create' -F
complete -c domo -n '__domo_at plan' -l warn-unknown -d 'unknown keys are warnings, not errors'
complete -c domo -n '__domo_at plan' -l ignore-unsupported -d 'keys that are not acted on yet are warnings, not errors'
complete -c domo -n '__domo_at plan' -s f -l defconfig -rF -d 'the config file'
complete -c domo -n '__domo_at plan' -s p -l paused -d 'leave the guest paused'
complete -c domo -n '__domo_at plan' -l no-wait -d 'do not wait until the guest\'s devices are connected'
complete -c domo -n '__domo_at plan' -l no-cache -d 'neither read nor fill the cache of unpacked kernels'
complete -c domo -n '__domo_at plan' -a '(__domo_names setting)'
complete -c domo -n '__domo_at plan' -F
complete -c domo -n '__domo_at destroy' -l timing -d 'show how long each step took'
complete -c domo -n '__domo_at destroy' -l timeout -x -d 'how long to wait for the guest'
complete -c domo -n '__domo_at destroy' -a '(__domo_names domain)'
complete -c domo -n '__domo_at pause' -a '(__domo_names domain)'
complete -c domo -n '__domo_at unpause' -a '(__domo_names domain)'
complete -c domo -n '__domo_at domid' -a '(__domo_names domain)'
complete -c domo -n '__domo_at domname' -a '(__domo_names domain)'
complete -c domo -n '__domo_at list' -s l -l long -d 'the configuration of each guest, as JSON'
complete -c domo -n '__domo_at list' -s v -l verbose -d 'also UUID, reason of shutdown and security label'
complete -c domo -n '__domo_at list' -s Z -l context -d 'also the security label'
complete -c domo -n '__domo_at list' -s c -l cpupool -d 'also the CPU pool'
complete -c domo -n '__domo_at list' -a '(__domo_names domain)'
complete -c domo -n '__domo_at console' -a '(__domo_names domain)'
complete -c domo -n '__domo_at block-attach' -l no-wait -d 'do not wait for the guest'
complete -c domo -n '__domo_at block-attach' -s n -l dry-run -d 'check and show what would be done, change nothing'
complete -c domo -n '__domo_at block-attach' -l timing -d 'show how long each step took'
complete -c domo -n '__domo_at block-attach' -l timeout -x -d 'how long to wait for the guest'
complete -c domo -n '__domo_at block-attach' -a '(__domo_names domain)'
complete -c domo -n '__domo_at block-detach' -s f -l force -d 'without the guest\'s consent'
complete -c domo -n '__domo_at block-detach' -l timing -d 'show how long each step took'
complete -c domo -n '__domo_at block-detach' -l timeout -x -d 'how long to wait for the guest'
complete -c domo -n '__domo_at block-detach' -a '(__domo_names domain)'
complete -c domo -n '__domo_at block-detach' -a '(__domo_names vbd)'
complete -c domo -n '__domo_at network-attach' -l no-wait -d 'do not wait for the guest'
complete -c domo -n '__domo_at network-attach' -s n -l dry-run -d 'check and show what would be done, change nothing'
complete -c domo -n '__domo_at network-attach' -l timing -d 'show how long each step took'
complete -c domo -n '__domo_at network-attach' -l timeout -x -d 'how long to wait for the guest'
complete -c domo -n '__domo_at network-attach' -a '(__domo_names domain)'
complete -c domo -n '__domo_at network-detach' -s f -l force -d 'without the guest\'s consent'
complete -c domo -n '__domo_at network-detach' -l timing -d 'show how long each step took'
complete -c domo -n '__domo_at network-detach' -l timeout -x -d 'how long to wait for the guest'
complete -c domo -n '__domo_at network-detach' -a '(__domo_names domain)'
complete -c domo -n '__domo_at network-detach' -a '(__domo_names vif)'
complete -c domo -n '__domo_at vtpm-attach' -l no-wait -d 'do not wait for the guest'
complete -c domo -n '__domo_at vtpm-attach' -s n -l dry-run -d 'check and show what would be done, change nothing'
complete -c domo -n '__domo_at vtpm-attach' -l timing -d 'show how long each step took'
complete -c domo -n '__domo_at vtpm-attach' -l timeout -x -d 'how long to wait for the guest'
complete -c domo -n '__domo_at vtpm-attach' -a '(__domo_names domain)'
complete -c domo -n '__domo_at vtpm-detach' -s f -l force -d 'without the guest\'s consent'
complete -c domo -n '__domo_at vtpm-detach' -l timing -d 'show how long each step took'
complete -c domo -n '__domo_at vtpm-detach' -l timeout -x -d 'how long to wait for the guest'
complete -c domo -n '__domo_at vtpm-detach' -a '(__domo_names domain)'
complete -c domo -n '__domo_at block-list' -a '(__domo_names domain)'
complete -c domo -n '__domo_at network-list' -a '(__domo_names domain)'
complete -c domo -n '__domo_at vtpm-list' -a '(__domo_names domain)'
complete -c domo -n '__domo_at tree' -l dot -d 'as a graph for Graphviz'
complete -c domo -n '__domo_at tree' -a '(__domo_names domain)'
complete -c domo -n '__domo_at config check' -l warn-unknown -d 'unknown keys are warnings, not errors'
complete -c domo -n '__domo_at config check' -l strict -d 'keys that this version does not act on yet are errors'
complete -c domo -n '__domo_at config check' -s q -l quiet -d 'nothing for files without findings'
complete -c domo -n '__domo_at config check' -F
complete -c domo -n '__domo_at config show' -l warn-unknown -d 'unknown keys are warnings, not errors'
complete -c domo -n '__domo_at config show' -l ignore-unsupported -d 'keys that are not acted on yet are warnings, not errors'
complete -c domo -n '__domo_at config show' -l xl -d 'as an xl.cfg file (the default)'
complete -c domo -n '__domo_at config show' -a '(__domo_names setting)'
complete -c domo -n '__domo_at config show' -F
complete -c domo -n '__domo_at config keys' -a '(__domo_names key)'
complete -c domo -n '__domo_at store ls' -s l -l long -d 'with permissions and values'
complete -c domo -n '__domo_at store ls' -s R -l recursive -d 'all that is below, with full paths'
complete -c domo -n '__domo_at store ls' -a '(__domo_names store)'
complete -c domo -n '__domo_at store tree' -s p -l perms -d 'with permissions'
complete -c domo -n '__domo_at store tree' -s f -l full-paths -d 'full paths instead of branches, as \'xenstore-ls -f\''
complete -c domo -n '__domo_at store tree' -s d -l depth -x -d 'so many levels down'
complete -c domo -n '__domo_at store tree' -a '(__domo_names store)'
complete -c domo -n '__domo_at store read' -s R -l raw -d 'the bytes as they are, without a newline after them'
complete -c domo -n '__domo_at store read' -s p -l prefix -d 'with the path before each value'
complete -c domo -n '__domo_at store read' -a '(__domo_names store)'
complete -c domo -n '__domo_at store write' -s e -l escapes -d 'values have escapes such as \\n and \\x00, as read prints them'
complete -c domo -n '__domo_at store write' -a '(__domo_names store)'
complete -c domo -n '__domo_at store rm' -s t -l tidy -d 'also the nodes above that are left with neither children nor a value'
complete -c domo -n '__domo_at store rm' -s f -l force -d 'a node that is not there is no failure'
complete -c domo -n '__domo_at store rm' -a '(__domo_names store)'
complete -c domo -n '__domo_at store mkdir' -a '(__domo_names store)'
complete -c domo -n '__domo_at store exists' -a '(__domo_names store)'
complete -c domo -n '__domo_at store chmod' -s r -l recursive -d 'also all that is below'
complete -c domo -n '__domo_at store chmod' -a '(__domo_names store)'
complete -c domo -n '__domo_at store watch' -s l -l long -d 'with the value that the node has now'
complete -c domo -n '__domo_at store watch' -s n -l count -x -d 'end after so many events'
complete -c domo -n '__domo_at store watch' -l timeout -x -d 'end after this time; a failure if --count has not been reached'
complete -c domo -n '__domo_at store watch' -a '(__domo_names store)'
complete -c domo -n '__domo_at store dump' -a '(__domo_names store)'
complete -c domo -n '__domo_at sweep' -l remove -d 'remove what is found'
complete -c domo -n '__domo_at help' -a '(__domo_names command)'
complete -c domo -n '__domo_at help' -a '(__domo_names error)'
