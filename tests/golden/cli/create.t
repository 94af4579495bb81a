
# a guest is made
$ domo create web.cfg
created 'web', domain 5
$ domo create -q web.cfg
$ domo create web.cfg name=other memory=512 -v
created 'other', domain 5
2> create [1/2] reserve-name: make sure that the name is free
2> create [2/2] make-domain: create an empty domain
$ domo create -f web.cfg --json
{
    "domid": 5,
    "uuid": "4a3ce7a4-51a8-4b0d-9d0a-6e2c1b6e5f01",
    "paused": false,
    "console": "/dev/pts/3",
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
            "connected": true
        }
    ],
    "name": "web"
}
$ domo create web.cfg --timing
created 'web', domain 5
2> reserve-name               1.5 ms     4 store requests
2> make-domain              250.0 ms     0 store requests
2> total                    251.5 ms
$ domo create web.cfg --timing --json --no-wait -p --timeout 2.5
{
    "domid": 5,
    "uuid": "4a3ce7a4-51a8-4b0d-9d0a-6e2c1b6e5f01",
    "paused": false,
    "console": "/dev/pts/3",
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
            "connected": true
        }
    ],
    "name": "web",
    "timing": [
        {
            "step": "reserve-name",
            "us": 1500,
            "store_requests": 4
        },
        {
            "step": "make-domain",
            "us": 250000,
            "store_requests": 0
        }
    ]
}
$ domo create web.cfg --dry-run
 1. reserve-name: make sure that the name is free
 2. make-domain: create an empty domain
      xc_domain_create
      xc_domain_max_vcpus 1
$ domo plan web.cfg --json
{
    "plan": "create",
    "steps": [
        {
            "name": "reserve-name",
            "summary": "make sure that the name is free",
            "does": [

            ]
        },
        {
            "name": "make-domain",
            "summary": "create an empty domain",
            "does": [
                "xc_domain_create",
                "xc_domain_max_vcpus 1"
            ]
        }
    ]
}

# and it is not
$ domo create broken.cfg
2> error: create 'broken': attach disk xvda: the script /etc/xen/scripts/block failed with status 7
2> observed: script: first line
2>           \x1b[31mlast line
2> observed: hotplug-status: error
=> 1
$ domo create broken.cfg --json
{
    "error": {
        "code": "hotplug.script-failed",
        "class": "failed",
        "message": "the script /etc/xen/scripts/block failed with status 7",
        "context": [
            "create 'broken'",
            "attach disk xvda"
        ],
        "observed": {
            "script": "first line\n\u001B[31mlast line\n",
            "hotplug-status": "error"
        }
    }
}
=> 1
$ domo create typo.cfg
2> typo.cfg:4:1: error: there is no key 'memroy'
2>     memroy = 256
2>     ^~~~~~
2> hint: did you mean 'memory'?
=> 1
$ domo create typo.cfg --json
{
    "error": {
        "code": "config.unknown-key",
        "class": "failed",
        "message": "typo.cfg:4:1: there is no key 'memroy'",
        "context": [

        ],
        "hint": "did you mean 'memory'?"
    },
    "config": {
        "file": "typo.cfg",
        "text": "typo.cfg:4:1: error: there is no key 'memroy'\n    memroy = 256\n    ^~~~~~\nhint: did you mean 'memory'?\n",
        "errors": 1,
        "warnings": 0,
        "findings": [
            {
                "level": "error",
                "code": "config.unknown-key",
                "file": "typo.cfg",
                "line": 4,
                "column": 1,
                "length": 6,
                "message": "there is no key 'memroy'",
                "hint": "did you mean 'memory'?"
            }
        ]
    }
}
=> 1
$ domo create web.cfg broken.cfg
2> error: two config files: 'web.cfg' and 'broken.cfg'
=> 2
$ domo create name=x
2> error: no config file given ('-' is standard input, /dev/null is none at all)
=> 2
$ domo create nosuch.cfg
2> error: can't open config 'nosuch.cfg': No such file or directory
=> 1
$ domo create -c --json web.cfg
{
    "error": {
        "code": "usage",
        "class": "usage",
        "message": "a console and JSON can't share stdout: either --console or --json",
        "context": [

        ]
    }
}
=> 2
$ domo create web.cfg --timeout soon
2> error: option '--timeout': 'soon' is no number of seconds, nor PHASE=SECONDS
=> 2
$ domo --host none: create web.cfg
2> error: can't open the hypervisor
2> hint: is this the control domain of a Xen host, and are xenfs and /dev/xen/* there?
=> 7

# by xl's name
$ xl create web.cfg
2> Parsing config from web.cfg
$ xl create -q web.cfg
$ xl create broken.cfg
2> Parsing config from broken.cfg
2> error: create 'broken': attach disk xvda: the script /etc/xen/scripts/block failed with status 7
2> observed: script: first line
2>           \x1b[31mlast line
2> observed: hotplug-status: error
=> 3
$ xl create nosuch.cfg
2> Parsing config from nosuch.cfg
2> error: can't open config 'nosuch.cfg': No such file or directory
=> 1
$ xl -N create web.cfg
{
    "c_info": {
        "name": "web",
        "type": "pv",
        "run_hotplug_scripts": "True"
    },
    "b_info": {
        "target_memkb": 262144,
        "kernel": "/boot/vmlinuz",
        "max_vcpus": 1,
        "avail_vcpus": [
            0
        ],
        "max_memkb": 262144,
        "claim_mode": "True",
        "sched_params": {

        },
        "type.pv": {

        },
        "arch_arm": {

        },
        "arch_x86": {

        }
    },
    "on_reboot": "restart",
    "on_soft_reset": "soft_reset",
    "disks": [
        {
            "pdev_path": "/srv/web.img",
            "vdev": "xvda",
            "format": "raw",
            "readwrite": 1
        }
    ],
    "nics": [
        {
            "devid": 0,
            "bridge": "xenbr0"
        }
    ]
}
2> Parsing config from web.cfg
