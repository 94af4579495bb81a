
# what is wrong with a command line, and what was meant
$ domo
2> usage: domo [options] COMMAND [arguments]
2> 
2> Commands:
2>   create             Create a guest from a config file
2>   plan               Show the steps that create would take
2>   destroy            Stop a guest at once and give back all that it held
2>   pause              Stop a guest's virtual CPUs
2>   unpause            Let a paused guest run
2>   domid              Show the number of a guest
2>   domname            Show the name of a guest
2>   shutdown           Ask guests to shut down
2>   reboot             Ask guests to reboot
2>   suspend            Ask guests to suspend themselves, and wait until they have
2>   resume             Let a suspended guest go on
2>   sysrq              Send a guest's kernel a magic system request
2>   rename             Give a guest another name
2>   uptime             Show how long domains have been running
2>   dump-core          Write a guest's memory and registers to a file, for a debugger
2>   trigger            Do to a guest what a person could do to a machine
2>   list               List the guests, or one
2>   console            Attach to a guest's console
2>   vncviewer          Start a VNC viewer on a guest's screen
2>   qemu-monitor-command Give the monitor of a guest's device model a command
2>   block-attach       Give a running guest a disk
2>   block-detach       Take a disk from a running guest
2>   network-attach     Give a running guest a network interface
2>   network-detach     Take a network interface from a running guest
2>   vkb-attach         Give a running guest a virtual keyboard
2>   vkb-detach         Take a virtual keyboard from a running guest
2>   vtpm-attach        Give a running guest a virtual TPM
2>   vtpm-detach        Take a virtual TPM from a running guest
2>   vdispl-attach      Give a running guest a virtual display
2>   vdispl-detach      Take a virtual display from a running guest
2>   vsnd-attach        Give a running guest a virtual sound card
2>   vsnd-detach        Take a virtual sound card from a running guest
2>   pci-attach         Give a running guest a PCI device of this host
2>   pci-detach         Take a PCI device from a running guest
2>   usbctrl-attach     Give a running guest a USB controller
2>   usbctrl-detach     Take a USB controller from a running guest
2>   usbdev-attach      Give a running guest a USB device of this host
2>   usbdev-detach      Take a USB device from a running guest
2>   cd-insert          Put a CD image into a drive of a running HVM guest
2>   cd-eject           Take the CD image out of a drive of a running HVM guest
2>   block-list         List the disks of guests
2>   network-list       List the network interfaces of guests
2>   channel-list       List the channels of guests
2>   vkb-list           List the virtual keyboards of guests
2>   vtpm-list          List the virtual TPMs of guests
2>   vdispl-list        List the virtual displays of guests
2>   vsnd-list          List the virtual sound cards of guests
2>   pci-list           List the PCI devices of guests
2>   usb-list           List the USB controllers and devices of guests
2>   pci-assignable-list List the PCI devices that are kept for guests
2>   pci-assignable-add Take a PCI device from its driver and keep it for guests
2>   pci-assignable-remove No longer keep a PCI device for guests
2>   tree               Show guests, their devices and both ends of each
2>   explain            Say why a guest's devices are not connected
2>   wait               Wait until a guest, or its devices, are in a state
2>   config             Check, convert and explain config files
2>   store              Look at XenStore and change it
2>   sweep              Find, and remove, what an interrupted operation left behind
2>   host               Show the host; start and end a simulated one
2>   mem-set            Ask a guest to have so much memory, and let it have no more
2>   mem-max            Set how much memory a guest may have
2>   vcpu-list          List the virtual processors of all guests, or of some
2>   vcpu-set           Ask a guest to use so many virtual processors
2>   vcpu-pin           Say on which processors virtual ones may run, and on which they would rather
2>   sched-credit       Show, or set, how scheduler credit shares the processors
2>   sched-credit2      Show, or set, how scheduler credit2 shares the processors
2>   sched-rtds         Show, or set, how scheduler rtds shares the processors
2>   cpupool-list       List the pools of processors
2>   cpupool-create     Make a pool of processors that are scheduled on their own
2>   cpupool-destroy    End a pool: its processors are in none then
2>   cpupool-rename     Give a pool another name
2>   cpupool-cpu-add    Put processors into a pool
2>   cpupool-cpu-remove Take processors out of a pool
2>   cpupool-migrate    Move a guest to another pool
2>   cpupool-numa-split Make a pool of each NUMA node
2>   metrics            Figures for monitoring, in the text format of Prometheus
2>   top                Show what the domains use, busiest first, again and again
2>   reconnect          Give a guest's devices back ends again after their driver domain was restarted
2>   devd               Serve devices to other guests, in a driver domain
2>   events             Show what happens on the host, as JSON lines
2>   help               Show what commands do and what errors mean
2>   version            Show the version
2> 
2> Global options:
2>       --host URI             the host to work on (default: $DOMO_HOST, else xen:)
2>       --json                 print the result, or the error, as JSON on stdout
2>   -v, --verbose              say more; twice: say everything
2>       --trace                log each call to the host
2>       --no-progress          no progress line, also on a terminal
2>       --stats                at the end, a JSON line on stderr: how much was asked of the host
2>   -h, --help                 show what a command does and takes
2>       --version              show the version
2> 
2> A command may be shortened as long as it is clear. 'domo help COMMAND' shows more.
=> 2
$ domo creat web.cfg --dry-run -q
 1. reserve-name: make sure that the name is free
 2. make-domain: create an empty domain
      xc_domain_create
      xc_domain_max_vcpus 1
$ domo lst
2> error: unknown command 'lst', did you mean 'list'?
=> 2
$ domo frobnicate
2> error: unknown command 'frobnicate'
=> 2
$ domo block
2> error: command 'block' is ambiguous: block-attach, block-detach, block-list
=> 2
$ domo list --jsn
2> error: unknown option '--jsn', did you mean '--json'?
=> 2
$ domo --jsn list
2> error: unknown option '--jsn', did you mean '--json'?
=> 2
$ domo list --host
2> error: option '--host' needs an argument
=> 2
$ domo list --json=yes
2> error: option '--json' takes no argument
=> 2
$ domo list -x
2> error: unknown option '-x'
=> 2
$ domo pause
2> error: 'pause' takes DOMAIN; see 'domo help pause'
=> 2
$ domo pause a b
2> error: 'pause' takes DOMAIN; see 'domo help pause'
=> 2
$ domo console web --json
{
    "error": {
        "code": "usage",
        "class": "usage",
        "message": "'console' has no JSON output",
        "context": [

        ]
    }
}
=> 2
$ domo frobnicate --json
{
    "error": {
        "code": "usage",
        "class": "usage",
        "message": "unknown command 'frobnicate'",
        "context": [

        ]
    }
}
=> 2
$ domo --json frobnicate
{
    "error": {
        "code": "usage",
        "class": "usage",
        "message": "unknown command 'frobnicate'",
        "context": [

        ]
    }
}
=> 2
$ domo version
domo 0.1.0
$ domo --version
domo 0.1.0
$ domo version --json
{
    "version": "0.1.0"
}
$ domo --stats list web
Name                                        ID   Mem VCPUs	State	Time(s)
web                                          5   256     1     -b----       3.0
2> {"store_requests":4,"store_commits":1,"store_conflicts":0,"hyp_calls":2,"os_calls":0,"forks":0}
$ domo help pause
usage: domo pause [options] DOMAIN

Stop a guest's virtual CPUs.

Global options:
      --host URI             the host to work on (default: $DOMO_HOST, else xen:)
      --json                 print the result, or the error, as JSON on stdout
  -v, --verbose              say more; twice: say everything
      --trace                log each call to the host
      --no-progress          no progress line, also on a terminal
      --stats                at the end, a JSON line on stderr: how much was asked of the host
  -h, --help                 show what a command does and takes
      --version              show the version
$ domo config --help
usage: domo config [options] check|show|keys

Check, convert and explain config files.

Commands:
  check              Check config files, without a Xen host
  show               Show a config file as it is understood
  keys               Show the reference of config keys

Global options:
      --host URI             the host to work on (default: $DOMO_HOST, else xen:)
      --json                 print the result, or the error, as JSON on stdout
  -v, --verbose              say more; twice: say everything
      --trace                log each call to the host
      --no-progress          no progress line, also on a terminal
      --stats                at the end, a JSON line on stderr: how much was asked of the host
  -h, --help                 show what a command does and takes
      --version              show the version
$ domo help nosuch
2> error: unknown command 'nosuch'
=> 2
$ domo help errors domain.not-found
domain.not-found: no such domain
exit status: 3 (not-found)
$ domo help errors nosuch
2> error: no error code 'nosuch'
=> 2
$ domo help errors domain.not-found --json
{
    "code": "domain.not-found",
    "class": "not-found",
    "status": 3,
    "hint": "",
    "doc": "no such domain"
}
$ domo console web
2> error: domain 5 has no console tty
2> hint: is xenconsoled running?
=> 1

# by xl's name
$ xl
usage: xl [options] COMMAND [arguments]

Commands:
  create             Create a guest from a config file
  destroy            Stop a guest at once and give back all that it held
  pause              Stop a guest's virtual CPUs
  unpause            Let a paused guest run
  domid              Show the number of a guest
  domname            Show the name of a guest
  shutdown           Ask guests to shut down
  reboot             Ask guests to reboot
  sysrq              Send a guest's kernel a magic system request
  rename             Give a guest another name
  uptime             Show how long domains have been running
  dump-core          Write a guest's memory and registers to a file, for a debugger
  trigger            Do to a guest what a person could do to a machine
  list               List the guests, or one
  console            Attach to a guest's console
  vncviewer          Start a VNC viewer on a guest's screen
  qemu-monitor-command Give the monitor of a guest's device model a command
  block-attach       Give a running guest a disk
  block-detach       Take a disk from a running guest
  network-attach     Give a running guest a network interface
  network-detach     Take a network interface from a running guest
  vkb-attach         Give a running guest a virtual keyboard
  vkb-detach         Take a virtual keyboard from a running guest
  vtpm-attach        Give a running guest a virtual TPM
  vtpm-detach        Take a virtual TPM from a running guest
  vdispl-attach      Give a running guest a virtual display
  vdispl-detach      Take a virtual display from a running guest
  vsnd-attach        Give a running guest a virtual sound card
  vsnd-detach        Take a virtual sound card from a running guest
  pci-attach         Give a running guest a PCI device of this host
  pci-detach         Take a PCI device from a running guest
  usbctrl-attach     Give a running guest a USB controller
  usbctrl-detach     Take a USB controller from a running guest
  usbdev-attach      Give a running guest a USB device of this host
  usbdev-detach      Take a USB device from a running guest
  cd-insert          Put a CD image into a drive of a running HVM guest
  cd-eject           Take the CD image out of a drive of a running HVM guest
  block-list         List the disks of guests
  network-list       List the network interfaces of guests
  channel-list       List the channels of guests
  vkb-list           List the virtual keyboards of guests
  vtpm-list          List the virtual TPMs of guests
  vdispl-list        List the virtual displays of guests
  vsnd-list          List the virtual sound cards of guests
  pci-list           List the PCI devices of guests
  usb-list           List the USB controllers and devices of guests
  pci-assignable-list List the PCI devices that are kept for guests
  pci-assignable-add Take a PCI device from its driver and keep it for guests
  pci-assignable-remove No longer keep a PCI device for guests
  mem-set            Ask a guest to have so much memory, and let it have no more
  mem-max            Set how much memory a guest may have
  vcpu-list          List the virtual processors of all guests, or of some
  vcpu-set           Ask a guest to use so many virtual processors
  vcpu-pin           Say on which processors virtual ones may run, and on which they would rather
  sched-credit       Show, or set, how scheduler credit shares the processors
  sched-credit2      Show, or set, how scheduler credit2 shares the processors
  sched-rtds         Show, or set, how scheduler rtds shares the processors
  cpupool-list       List the pools of processors
  cpupool-create     Make a pool of processors that are scheduled on their own
  cpupool-destroy    End a pool: its processors are in none then
  cpupool-rename     Give a pool another name
  cpupool-cpu-add    Put processors into a pool
  cpupool-cpu-remove Take processors out of a pool
  cpupool-migrate    Move a guest to another pool
  cpupool-numa-split Make a pool of each NUMA node
  top                Show what the domains use, busiest first, again and again
  devd               Serve devices to other guests, in a driver domain
  help               Show what commands do and what errors mean

Global options:
      --host URI             the host to work on (default: $DOMO_HOST, else xen:)
      --json                 print the result, or the error, as JSON on stdout
  -v, --verbose              say more; twice: say everything
      --trace                log each call to the host
      --no-progress          no progress line, also on a terminal
      --stats                at the end, a JSON line on stderr: how much was asked of the host
  -h, --help                 show what a command does and takes
      --version              show the version

A command may be shortened as long as it is clear. 'xl help COMMAND' shows more.
=> 1
$ xl tree
GUEST                      STATE            DETAIL
Domain-0 (0)               running          
web (5)                    blocked          
├─disk xvda (vbd/51712)    connected        
│ ├─back end, Domain-0 (0) Connected (4)    hotplug connected, /srv/web.img, on /dev/loop3, sectors 16384
│ └─front end, web (5)     Connected (4)    ring 8, event channel 15
├─interface 0 (vif/0)      NOT connected    00:16:3e:00:00:02
│ ├─back end, Domain-0 (0) InitWait (2)     hotplug connected, bridge xenbr0, interface vif5.0
│ └─front end, web (5)     Initialising (1) queues 2, error: 12 no memory
└─console 0 (console/0)    served           
  ├─back end, domain 0     -                
  └─front end, web (5)     -                ring 4711, event channel 2, tty /dev/pts/3
$ xl frobnicate
2> command not implemented
=> 1
$ xl list --frob
2> option `frob' not supported.
=> 2
$ xl pause
2> error: 'xl pause' requires at least 1 argument.
2> usage: xl pause [options] DOMAIN
2> 
2> Stop a guest's virtual CPUs.
2> 
2> Global options:
2>       --host URI             the host to work on (default: $DOMO_HOST, else xen:)
2>       --json                 print the result, or the error, as JSON on stdout
2>   -v, --verbose              say more; twice: say everything
2>       --trace                log each call to the host
2>       --no-progress          no progress line, also on a terminal
2>       --stats                at the end, a JSON line on stderr: how much was asked of the host
2>   -h, --help                 show what a command does and takes
2>       --version              show the version
=> 2
$ xl -N list
2> error: command 'list' has no dry run
=> 1
$ xl -Q list
2> error: unknown option '-Q'
=> 1
$ xl help frobnicate
unknown command 'frobnicate'
