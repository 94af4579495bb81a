
# block-list and network-list
$ domo block-list web
Vdev  BE  handle state evt-ch ring-ref BE-path                       
51712 0   5      4     15     8        /local/domain/0/backend/vbd/5/51712
$ domo network-list web
Idx BE Mac Addr.         handle state evt-ch   tx-/rx-ring-ref BE-path                       
0   0  00:16:3e:00:00:02     0     2     -1    -1/-1          /local/domain/0/backend/vif/5/0
$ domo block-list Domain-0 web
Vdev  BE  handle state evt-ch ring-ref BE-path                       
51712 0   5      4     15     8        /local/domain/0/backend/vbd/5/51712
$ domo network-list web nosuch
2> error: no domain is called 'nosuch'
=> 3
$ xl network-list web nosuch 5
Idx BE Mac Addr.         handle state evt-ch   tx-/rx-ring-ref BE-path                       
0   0  00:16:3e:00:00:02     0     2     -1    -1/-1          /local/domain/0/backend/vif/5/0
0   0  00:16:3e:00:00:02     0     2     -1    -1/-1          /local/domain/0/backend/vif/5/0
2> nosuch is an invalid domain identifier (rc=-6)
$ domo block-list web --json
[
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
]
$ domo network-list web --json
[
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
        "connected": false
    }
]
$ domo block-list web nosuch --json
{
    "error": {
        "code": "domain.not-found",
        "class": "not-found",
        "message": "no domain is called 'nosuch'",
        "context": [

        ]
    }
}
=> 3
$ domo block-list 0 --json
[]

# attach and detach
$ domo block-attach web file:/srv/web.img xvda w
attached to 'web': disk xvda, Connected
$ domo block-attach web /srv/web.img,raw,xvda,w --json --timing
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
$ domo block-attach web /srv/web.img raw xvda w --dry-run
disk: {
    "text": "/srv/web.img,raw,xvda,w"
}
$ domo network-attach web bridge=xenbr0 mac=00:16:3e:00:00:02 -n --json
{
    "text": "bridge=xenbr0,mac=00:16:3e:00:00:02"
}
$ domo network-attach web
attached to 'web': interface 0, InitWait
$ domo network-attach web bridge=nosuch
2> error: attach an interface to 'web': there is no bridge 'nosuch'
=> 3
$ domo network-attach web bridge=nosuch --json
{
    "error": {
        "code": "vif.no-bridge",
        "class": "not-found",
        "message": "there is no bridge 'nosuch'",
        "context": [
            "attach an interface to 'web'"
        ]
    }
}
=> 3
$ domo block-detach web xvda
detached from 'web': disk xvda
$ domo block-detach web xvdb
2> error: the guest keeps xvdb open
=> 4
$ domo block-detach -f web xvdb
detached from 'web': disk xvda
$ domo block-detach web xvdb --force-after 2
detached from 'web': disk xvda, by force: the guest did not let go
$ domo block-detach web xvda --force-after 2
detached from 'web': disk xvda
$ domo block-detach web xvda --force-after soon
2> error: option '--force-after': 'soon' is no number of seconds
=> 2
$ domo block-detach web xvdz
2> error: 'web' has no disk xvdz, it has xvda
=> 3
$ domo network-detach web 00:16:3e:00:00:02 --json
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
    "forced": false
}
$ xl -N block-attach web /srv/web.img raw xvda w
disk: {
    "text": "/srv/web.img,raw,xvda,w"
}
$ xl network-attach web bridge=xenbr0
$ xl block-detach web xvdz
2> error: 'web' has no disk xvdz, it has xvda
=> 1
$ domo reconnect web
KIND DEVICE            BACKEND OUTCOME
vbd  xvda              drv     connected
vif  00:16:3e:00:00:05 drv     failed: there is no back end domain 'drv' that runs
2> error: there is no back end domain 'drv' that runs
=> 3
$ domo reconnect web --wait-backend
KIND DEVICE            BACKEND OUTCOME
vbd  xvda              drv     connected
vif  00:16:3e:00:00:05 drv     connected
$ domo reconnect 0
nothing to reconnect: each device is served
