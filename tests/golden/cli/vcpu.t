
# all of them, or those of a guest
$ domo vcpu-list
Name                                ID  VCPU   CPU State   Time(s) Affinity (Hard / Soft)
Domain-0                             0     0    0   r--    1234.6  all / all
web                                  5     0    3   -b-      12.5  2-3 / all
web                                  5     1    -   --p       0.0  all / none
$ domo vcpu-list web
Name                                ID  VCPU   CPU State   Time(s) Affinity (Hard / Soft)
web                                  5     0    3   -b-      12.5  2-3 / all
web                                  5     1    -   --p       0.0  all / none
$ domo vcpu-list web --json
[
    {
        "name": "web",
        "domid": 5,
        "vcpu": 0,
        "online": true,
        "running": false,
        "blocked": true,
        "cpu": 3,
        "cpu_seconds": 12.5,
        "hard_affinity": "2-3",
        "soft_affinity": "all"
    },
    {
        "name": "web",
        "domid": 5,
        "vcpu": 1,
        "online": false,
        "running": false,
        "blocked": false,
        "cpu": null,
        "cpu_seconds": 0,
        "hard_affinity": "all",
        "soft_affinity": "none"
    }
]
$ domo vcpu-list nosuch
2> error: no domain is called 'nosuch'
=> 3

# how many
$ domo vcpu-set web 2
$ domo vcpu-set web 2 --json
{
    "domid": 5,
    "name": "web",
    "vcpus": 2,
    "vcpus_max": 4
}
$ domo vcpu-set web 3
2> error: this host has 2 processors, 3 vcpus would wait for them
2> hint: --ignore-host does it all the same
=> 1
$ domo vcpu-set -i web 3
$ domo vcpu-set web 5
2> error: 'web' was made with 4 vcpus at most, not 5
=> 1
$ domo vcpu-set web many
2> error: how many vcpus? that is a number
=> 1

# where
$ domo vcpu-pin web 0 2-3
$ domo vcpu-pin web all all nodes:0
$ domo vcpu-pin web 0 77
2> error: '77' names no processor of this host, which has 4
=> 1
$ domo vcpu-pin web first 1
2> error: which vcpu? a number, or 'all'
=> 1
$ domo vcpu-pin --force web all 1
2> error: --force is for one vcpu, not for all
=> 1
$ domo vcpu-pin web 0
2> error: 'vcpu-pin' takes DOMAIN VCPU|all HARD|-|all [SOFT|-|all]; see 'domo help vcpu-pin'
=> 2

# as xl
$ xl vcpu-list
Name                                ID  VCPU   CPU State   Time(s) Affinity (Hard / Soft)
Domain-0                             0     0    0   r--    1234.6  all / all
web                                  5     0    3   -b-      12.5  2-3 / all
web                                  5     1    -   --p       0.0  all / none
$ xl vcpu-set web many
2> Error: Invalid argument.
=> 1
$ xl vcpu-pin web first 1
2> Error: Invalid argument first as VCPU.
=> 1
