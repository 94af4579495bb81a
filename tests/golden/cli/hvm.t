
# CD drives
$ domo cd-insert web hdc /srv/cd.iso
drive hdc of 'web' has /srv/cd.iso
$ domo cd-insert web hdc /srv/cd.iso --json
{
    "kind": "vbd",
    "devid": 5632,
    "emulated": "hdc",
    "vdev": "hdc",
    "target": "/srv/cd.iso",
    "mode": "r",
    "device_type": "cdrom",
    "backend_type": "qdisk",
    "script": null,
    "back_domid": 0,
    "front_domid": 5,
    "handle": -1,
    "state": 2,
    "back": {
        "path": "/local/domain/0/backend/qdisk/5/5632",
        "state": 2,
        "state_name": "InitWait",
        "hotplug_status": null,
        "error": null
    },
    "front": {
        "path": "/local/domain/5/device/vbd/5632",
        "state": 1,
        "state_name": "Initialising",
        "error": null
    },
    "event_channel": -1,
    "ring_ref": -1,
    "tx_ring_ref": -1,
    "rx_ring_ref": -1,
    "connected": false,
    "io_path": "emulated"
}
$ domo cd-insert web hdc /srv/cd.iso --dry-run
disk: {
    "vdev": "hdc",
    "pdev_path": "/srv/cd.iso"
}
$ domo cd-insert web hdc /nosuch
2> error: change-medium in drive hdc of 'web': can't find '/nosuch'
=> 3
$ domo cd-insert web hdc
2> error: 'cd-insert' takes DOMAIN DEVICE FILE; see 'domo help cd-insert'
=> 2
$ domo cd-eject web hdc
2> error: the guest has locked the door of drive hdc
2> hint: it has been asked to open it: try again, or take the medium by --force
=> 4
$ domo cd-eject -f web hdc
drive hdc of 'web' is empty
$ domo cd-eject web xvda
2> error: change-medium in drive xvda of 'web': disk xvda is no CD drive
=> 3
$ domo cd-eject nosuch hdc
2> error: no domain is called 'nosuch'
=> 3
$ xl cd-insert web hdc /srv/cd.iso
$ xl cd-insert web hdc /nosuch
2> Cannot stat file: /nosuch
=> 1
$ xl -N cd-insert web hdc /srv/cd.iso
disk: {
    "vdev": "hdc",
    "pdev_path": "/srv/cd.iso"
}
$ xl cd-eject web xvda
2> error: change-medium in drive xvda of 'web': disk xvda is no CD drive
=> 1
$ xl cd-insert web hdc
2> error: 'xl cd-insert' requires at least 3 arguments.
2> usage: xl cd-insert [options] DOMAIN DEVICE FILE
2> 
2> Put a CD image into a drive of a running HVM guest.
2> DEVICE is a drive that the guest's config has with cdrom, like hdc: "FILE,raw,hdc,cdrom", or ",,hdc,cdrom" for one that is empty at first. What lies in it is taken out before; if that fails, or the new one can't be used, it stays.
2> 
2> Options:
2>   -f, --force                also when the guest has locked the drive's door
2>   -n, --dry-run              check and show what would be done, change nothing
2>       --timing               show how long each step took
2>       --timeout [PHASE=]SECONDS[,…] how long to wait for the guest, or in one phase: accept (back end), script, connect, close (detach), device-model (its start)
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

# the screen
$ printf '#!/bin/sh\necho "viewer: $*"; test "$2" != -autopass || cat\n' >bin-vncviewer; chmod +x bin-vncviewer
$ VNCVIEWER=./bin-vncviewer domo vncviewer web
viewer: 127.0.0.1:3
$ VNCVIEWER=./bin-vncviewer domo vncviewer --autopass web; echo
viewer: 127.0.0.1:3 -autopass
secret
$ VNCVIEWER=./bin-vncviewer xl vncviewer --autopass web; echo
viewer: 127.0.0.1:3 -autopass
secret
$ VNCVIEWER=./no-such-viewer domo vncviewer web
2> error: can't start the viewer './no-such-viewer': No such file or directory; install one, or name yours in $VNCVIEWER
=> 7
$ domo vncviewer 0
2> error: domain 0 shows no screen by VNC
2> hint: vnc=1 gives it one
=> 1

# the device model's monitor
$ domo qemu-monitor-command web info block
ide-5632: [not inserted]
$ domo qemu-monitor-command web info block --json
{
    "domid": 5,
    "output": "ide-5632: [not inserted]"
}
$ domo qemu-monitor-command 0 info block
2> error: 'Domain-0' has no device model
=> 7
$ xl qemu-monitor-command web 'info block'
ide-5632: [not inserted]
$ xl qemu-monitor-command web
2> error: 'xl qemu-monitor-command' requires at least 2 arguments.
2> usage: xl qemu-monitor-command [options] DOMAIN COMMAND…
2> 
2> Give the monitor of a guest's device model a command.
2> COMMAND is in the language that QEMU has for people, 'info block' for example. What it changes is unknown to everything else.
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

# lines of the console
$ domo console -t serial -n 1 web
2> error: domain 5 has no serial line 1 with a terminal
2> hint: is xenconsoled running?
=> 1
$ domo console -t pv web
2> error: domain 5 has no console 0 with a terminal
2> hint: is xenconsoled running?
=> 1
$ domo console -t modem web
2> error: 'modem' is no type of console: write pv or serial
=> 2
$ domo console -n first web
2> error: 'first' is no number of a console
=> 2
$ domo console -t vuart web
2> error: only Arm guests have a vuart
=> 7
$ xl console -t modem web
2> console type supported are: pv, serial, vuart
=> 1
