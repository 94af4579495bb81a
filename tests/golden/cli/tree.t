
# the device tree
$ domo tree
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
$ LC_ALL=C domo tree web
GUEST                      STATE            DETAIL
web (5)                    blocked          
|-disk xvda (vbd/51712)    connected        
| |-back end, Domain-0 (0) Connected (4)    hotplug connected, /srv/web.img, on /dev/loop3, sectors 16384
| `-front end, web (5)     Connected (4)    ring 8, event channel 15
|-interface 0 (vif/0)      NOT connected    00:16:3e:00:00:02
| |-back end, Domain-0 (0) InitWait (2)     hotplug connected, bridge xenbr0, interface vif5.0
| `-front end, web (5)     Initialising (1) queues 2, error: 12 no memory
`-console 0 (console/0)    served           
  |-back end, domain 0     -                
  `-front end, web (5)     -                ring 4711, event channel 2, tty /dev/pts/3
$ domo tree web --dot
digraph domo {
    rankdir=LR;
    node [shape=box];
    "domain 5" [shape=ellipse, label="web (5)"];
    "5/disk xvda (vbd/51712)" [label="disk xvda (vbd/51712)"];
    "5/disk xvda (vbd/51712)" -> "domain 5" [label="Connected (4)"];
    "5/disk xvda (vbd/51712)" -> "domain 0" [label="Connected (4)"];
    "domain 0" [shape=ellipse, label="Domain-0 (0)"];
    "5/interface 0 (vif/0)" [label="interface 0 (vif/0)", color=red];
    "5/interface 0 (vif/0)" -> "domain 5" [label="Initialising (1)"];
    "5/interface 0 (vif/0)" -> "domain 0" [label="InitWait (2)"];
    "domain 0" [shape=ellipse, label="Domain-0 (0)"];
    "5/console 0 (console/0)" [label="console 0 (console/0)"];
    "5/console 0 (console/0)" -> "domain 5" [label="-"];
    "5/console 0 (console/0)" -> "domain 0" [label="-"];
}
$ domo tree web --json
[
    {
        "domid": 5,
        "name": "web",
        "uuid": "4a3ce7a4-51a8-4b0d-9d0a-6e2c1b6e5f01",
        "type": "pv",
        "state": "-b----",
        "devices": [
            {
                "kind": "vbd",
                "devid": 51712,
                "vdev": "xvda",
                "target": "/srv/web.img",
                "mode": "w",
                "back_domid": 0,
                "front_domid": 5,
                "handle": -1,
                "state": 4,
                "back": {
                    "path": "/local/domain/0/backend/vbd/5/51712",
                    "state": 4,
                    "state_name": "Connected",
                    "hotplug_status": "connected",
                    "error": null
                },
                "front": {
                    "path": "/local/domain/5/device/vbd/51712",
                    "state": 4,
                    "state_name": "Connected",
                    "error": null
                },
                "event_channel": 15,
                "ring_ref": 8,
                "tx_ring_ref": -1,
                "rx_ring_ref": -1,
                "connected": true,
                "back_domain": "Domain-0",
                "nodes": {
                    "back": {
                        "physical-device-path": "/dev/loop3",
                        "params": "/srv/web.img",
                        "sectors": "16384"
                    },
                    "front": {
                        "state": "4"
                    },
                    "libxl": {

                    }
                }
            },
            {
                "kind": "vif",
                "devid": 0,
                "mac": "00:16:3e:00:00:02",
                "bridge": "xenbr0",
                "interface": "vif5.0",
                "back_domid": 0,
                "front_domid": 5,
                "handle": 0,
                "state": 2,
                "back": {
                    "path": "/local/domain/0/backend/vif/5/0",
                    "state": 2,
                    "state_name": "InitWait",
                    "hotplug_status": "connected",
                    "error": null
                },
                "front": {
                    "path": "/local/domain/5/device/vif/0",
                    "state": 1,
                    "state_name": "Initialising",
                    "error": "12 no memory"
                },
                "event_channel": -1,
                "ring_ref": -1,
                "tx_ring_ref": -1,
                "rx_ring_ref": -1,
                "connected": false,
                "back_domain": "Domain-0",
                "queues": 2,
                "nodes": {
                    "back": {
                        "bridge": "xenbr0"
                    },
                    "front": {
                        "state": "1"
                    },
                    "libxl": {

                    }
                }
            },
            {
                "kind": "console",
                "devid": 0,
                "back_domid": 0,
                "front_domid": 5,
                "handle": -1,
                "state": 1,
                "back": {
                    "path": "/local/domain/0/backend/console/5/0",
                    "state": 1,
                    "state_name": "Initialising",
                    "hotplug_status": null,
                    "error": null
                },
                "front": {
                    "path": "/local/domain/5/console",
                    "state": -1,
                    "state_name": "Unknown",
                    "error": null
                },
                "event_channel": 2,
                "ring_ref": 4711,
                "tx_ring_ref": -1,
                "rx_ring_ref": -1,
                "connected": false,
                "nodes": {
                    "back": {

                    },
                    "front": {
                        "tty": "/dev/pts/3"
                    },
                    "libxl": {

                    }
                }
            }
        ]
    }
]
$ domo tree nosuch
2> error: no domain is called 'nosuch'
=> 3
