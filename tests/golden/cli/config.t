
# checked without a host
$ domo config check web.cfg
web.cfg: ok
$ domo config check web.cfg typo.cfg broken.cfg -q
typo.cfg:4:1: error: there is no key 'memroy'
    memroy = 256
    ^~~~~~
hint: did you mean 'memory'?
=> 1
$ domo config check typo.cfg --warn-unknown
typo.cfg:4:1: warning: there is no key 'memroy'
    memroy = 256
    ^~~~~~
hint: did you mean 'memory'?
$ domo config check web.cfg typo.cfg nosuch.cfg --json
[
    {
        "file": "web.cfg",
        "text": "",
        "errors": 0,
        "warnings": 0,
        "findings": [
    
        ]
    },
    {
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
    },
    {
        "file": "nosuch.cfg",
        "errors": 1,
        "warnings": 0,
        "error": {
            "code": "host.io",
            "class": "failed",
            "message": "can't open config 'nosuch.cfg': No such file or directory",
            "context": [
    
            ],
            "errno": "ENOENT"
        }
    }
]
=> 1
$ domo config check nosuch.cfg
nosuch.cfg: error: can't open config 'nosuch.cfg': No such file or directory
=> 1
$ domo config check
2> error: 'config check' takes FILE…; see 'domo help config check'
=> 2
$ domo config show web.cfg
name = "web"
memory = 256
kernel = "/boot/vmlinuz"
disk = [ "format=raw,vdev=xvda,access=rw,target=/srv/web.img" ]
vif = [ "bridge=xenbr0" ]
$ domo config show web.cfg memory=512 --json
{
    "c_info": {
        "name": "web",
        "type": "pv",
        "run_hotplug_scripts": "True"
    },
    "b_info": {
        "target_memkb": 524288,
        "kernel": "/boot/vmlinuz",
        "max_vcpus": 1,
        "avail_vcpus": [
            0
        ],
        "max_memkb": 524288,
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
$ domo config show typo.cfg
2> typo.cfg:4:1: error: there is no key 'memroy'
2>     memroy = 256
2>     ^~~~~~
2> hint: did you mean 'memory'?
=> 1
$ domo config keys name
name      name
type      string
default   required
choices   -
range     -
types     ["pv","pvh","hvm"]
status    acted-on
doc       The guest's name, unique on its host: up to 200 bytes, no '/', not only digits.
$ domo config keys name --json
{
    "name": "name",
    "type": "string",
    "default": "required",
    "choices": null,
    "range": null,
    "types": [
        "pv",
        "pvh",
        "hvm"
    ],
    "status": "acted-on",
    "doc": "The guest's name, unique on its host: up to 200 bytes, no '/', not only digits."
}
$ domo config keys nosuch
2> error: no config key 'nosuch'
=> 1
$ domo config chek web.cfg
2> error: unknown command 'chek', did you mean 'check'?
=> 2
$ domo config
2> error: 'config' needs a command after it: check|show|keys
=> 2
