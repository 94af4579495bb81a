
# why a guest's devices are not connected
$ domo explain web
web (5): not all of its devices are connected
disk xvda: both ends are Connected
vif 0 (00:16:3e:00:00:02): front-silent
    why:   the back end is ready (InitWait), but the guest's driver has not begun (Initialising)
    waits: the guest's front end
    do:    is the guest still booting, or is its driver for vif missing from kernel and initrd?
    seen:  back-state InitWait (2), front-state Initialising (1), hotplug-status connected, bridge xenbr0, interface vif5.0
$ domo explain web xvda
web (5): not all of its devices are connected
disk xvda: both ends are Connected
$ domo explain web vif/0 --json
{
    "domid": 5,
    "name": "web",
    "uuid": "4a3ce7a4-51a8-4b0d-9d0a-6e2c1b6e5f01",
    "healthy": false,
    "cause": "devices",
    "side": "host",
    "what": "not all of its devices are connected",
    "advice": "",
    "devices": [
        {
            "kind": "vif",
            "devid": 0,
            "label": "vif 0 (00:16:3e:00:00:02)",
            "back_domid": 0,
            "healthy": false,
            "cause": "front-silent",
            "side": "guest",
            "what": "the back end is ready (InitWait), but the guest's driver has not begun (Initialising)",
            "advice": "is the guest still booting, or is its driver for vif missing from kernel and initrd?",
            "waits_for": "the guest's front end",
            "seen": {
                "back-state": "InitWait (2)",
                "front-state": "Initialising (1)",
                "hotplug-status": "connected",
                "bridge": "xenbr0",
                "interface": "vif5.0"
            }
        }
    ]
}
$ domo explain web xvdz
2> error: 'web' has no device 'xvdz'
2> hint: it has: disk xvda, vif 0 (00:16:3e:00:00:02)
=> 3
$ domo explain web xvdz --json
{
    "error": {
        "code": "device.not-found",
        "class": "not-found",
        "message": "'web' has no device 'xvdz'",
        "context": [

        ],
        "hint": "it has: disk xvda, vif 0 (00:16:3e:00:00:02)"
    }
}
=> 3
$ domo explain
2> error: 'explain' takes DOMAIN [DEVICE]; see 'domo help explain'
=> 2
$ domo explain nosuch
2> error: no domain is called 'nosuch'
=> 3

# until they are
$ domo wait web xvda connected
$ domo wait web xvda connected --json
{
    "domid": 5,
    "device": "xvda",
    "state": "connected",
    "waited_ms": 0
}
$ domo wait web 0 connected --timeout 2
2> error: not connected within 2 s: back end InitWait, front end Initialising
2> hint: domo explain 5 0 says why
=> 6
$ domo wait web 0 plugged
2> error: 'plugged' is no state to wait for
2> hint: states are connected, closed, gone, initwait
=> 2
$ domo wait web connected --timeout soon
2> error: option '--timeout': 'soon' is no number of seconds
=> 2
$ domo wait web
2> error: 'wait' takes DOMAIN [DEVICE] STATE; see 'domo help wait'
=> 2
