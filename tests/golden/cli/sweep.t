
# what was left behind
$ domo sweep
WHAT        ID         WHY                                        ACTION
loop-device /dev/loop4 its guest is gone                          detach it from its file
domain      7          it was being created when the creator died destroy it
2> 'domo sweep --remove' does it
$ domo sweep --json
[
    {
        "what": "loop-device",
        "id": "/dev/loop4",
        "why": "its guest is gone",
        "action": "detach it from its file",
        "removed": false
    },
    {
        "what": "domain",
        "id": "7",
        "why": "it was being created when the creator died",
        "action": "destroy it",
        "removed": false
    }
]
$ domo sweep --remove
WHAT        ID         WHY                                        ACTION
loop-device /dev/loop4 its guest is gone                          done: detach it from its file
domain      7          it was being created when the creator died failed: the hypervisor refused
=> 1
$ domo sweep --remove --json
[
    {
        "what": "loop-device",
        "id": "/dev/loop4",
        "why": "its guest is gone",
        "action": "detach it from its file",
        "removed": true
    },
    {
        "what": "domain",
        "id": "7",
        "why": "it was being created when the creator died",
        "action": "destroy it",
        "removed": false,
        "error": "the hypervisor refused",
        "error_code": "host.hypervisor"
    }
]
=> 1
$ DOMO_FAKE_CLEAN=1 domo sweep
nothing is left behind
$ DOMO_FAKE_CLEAN=1 domo sweep --json
[

]
