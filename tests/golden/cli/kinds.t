
# devices of other kinds
$ domo pci-list web
Vdev Device
05.0 0000:03:00.0
01.1 0000:04:00.1
$ xl pci-list web
Vdev Device
05.0 0000:03:00.0
01.1 0000:04:00.1
$ domo pci-list web --json
[
    {
        "kind": "pci",
        "devid": 0,
        "functions": [
            {
                "addr": "0000:03:00.0",
                "name": null,
                "driver": "pciback",
                "vslot": 5,
                "vdev": "0000:00:05.0"
            },
            {
                "addr": "0000:04:00.1",
                "name": "nic",
                "driver": "pciback",
                "vslot": -1,
                "vdev": "0000:00:01.1"
            }
        ],
        "back_domid": 0,
        "front_domid": 5,
        "handle": -1,
        "state": 4,
        "back": {
            "path": "/local/domain/0/backend/pci/5/0",
            "state": 4,
            "state_name": "Connected",
            "hotplug_status": null,
            "error": null
        },
        "front": {
            "path": "/local/domain/5/device/pci/0",
            "state": 4,
            "state_name": "Connected",
            "error": null
        },
        "event_channel": 21,
        "ring_ref": 9,
        "tx_ring_ref": -1,
        "rx_ring_ref": -1,
        "connected": true
    }
]
$ domo usb-list web
Devid  Type         BE  state usb-ver ports
0      pv           0   4     2       2    
  Port 1:
  Port 2: Bus 001 Device 01a
$ domo vdispl-list web
DevId: 0, BE: 0, handle: 5, state: 4, be-alloc: 0, BE-path: /local/domain/0/backend/vdispl/5/0, FE-path: /local/domain/5/device/vdispl/0
	Connector: 0, id: id0, width: 1920, height: 1080, req-rref: 8, req-evtch: 9, evt-rref: 10, evt-evtch: 11
$ domo vsnd-list web
devid: 0, be-domid: 0, handle: 5, state: 4, be-path: /local/domain/0/backend/vsnd/5/0, fe-path: /local/domain/5/device/vsnd/0
short-name: "Main", long-name: "Main card", channels-min: 1, channels-max: 2, buffer-size: 4096, sample-rates: 44100;48000;, sample-rates: s8;s16_le;
	pcm: 0, name: "a"
		stream: 0, unique-id: "out", type: p
			event-channel: 13, ring-ref: 12
$ domo vtpm-list web
Idx BE Uuid                                 handle state evt-ch ri-ref BE-path   
0   0  6f1d3c5e-0a7b-4c1d-9e2f-8a4b6c0d1e2f      0     4     21        9 /local/domain/0/backend/vtpm/5/0
$ domo pci-attach web 03:00.0
attached to 'web': PCI device 0000:03:00.0, Connected
$ domo pci-detach web 03:00.0
detached from 'web': PCI device 03:00.0
$ xl pci-detach -f web 03:00.0
$ domo usbctrl-attach web version=2 ports=2
attached to 'web': USB controller 0, Connected
$ domo usbctrl-detach web 0
detached from 'web': USB controller 0
$ domo usbdev-attach web hostbus=1 hostaddr=26
attached to 'web': USB device 0000:03:00.0, Connected
$ domo usbdev-detach web 0 2
detached from 'web': USB device 0:2
$ domo usbdev-detach web 0
2> error: 'usbdev-detach' takes DOMAIN CONTROLLER PORT; see 'domo help usbdev-detach'
=> 2
$ domo vdispl-attach web connectors=id0:800x600
attached to 'web': virtual display 0, Connected
$ domo vsnd-attach -n web "card, short-name=Main" "pcm, name=a"
vsnd: {
    "text": "card, short-name=Main,pcm, name=a"
}
$ xl vsnd-attach web "card, short-name=Main"
$ domo vsnd-detach web 0
detached from 'web': sound card 0

# PCI devices of the host
$ domo pci-assignable-list
0000:06:00.0 
0000:07:00.0 
$ domo pci-assignable-list -n
0000:06:00.0 scanner
0000:07:00.0 
$ xl pci-assignable-list --show-names
0000:06:00.0 scanner
0000:07:00.0 
$ domo pci-assignable-list --json
[
    {
        "addr": "0000:06:00.0",
        "name": "scanner",
        "was_driver": "e1000e"
    },
    {
        "addr": "0000:07:00.0",
        "name": null,
        "was_driver": null
    }
]
$ domo pci-assignable-add 06:00.0
0000:06:00.0: kept for guests, its driver was e1000e
$ domo pci-assignable-add -n scanner 06:00.0 --json
{
    "addr": "0000:06:00.0",
    "name": "scanner",
    "was_driver": "e1000e",
    "changed": true
}
$ domo pci-assignable-add 07:00.0
0000:06:00.0: was kept for guests already
$ xl pci-assignable-add 06:00.0
$ domo pci-assignable-add 77:00.0
2> error: this host has no PCI device 77:00.0
2> hint: lspci -D lists what there is
=> 3
$ domo pci-assignable-add
2> error: 'pci-assignable-add' takes BDF; see 'domo help pci-assignable-add'
=> 2
$ domo pci-assignable-remove -r 06:00.0
0000:06:00.0: no longer kept for guests, its driver was e1000e
