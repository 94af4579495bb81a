
# list, in the layout that scripts cut into columns
$ domo list
Name                                        ID   Mem VCPUs	State	Time(s)
Domain-0                                     0  1024     2     r-----      12.3
web                                          5   256     1     -b----       3.0
(null)                                       7     0     1     --pscd  100001.0
$ domo list -v
Name                                        ID   Mem VCPUs	State	Time(s)   UUID                            Reason-Code	Security Label
Domain-0                                     0  1024     2     r-----      12.3 00000000-0000-0000-0000-000000000000        -                -
web                                          5   256     1     -b----       3.0 4a3ce7a4-51a8-4b0d-9d0a-6e2c1b6e5f01        -                -
(null)                                       7     0     1     --pscd  100001.0 4a3ce7a4-51a8-4b0d-9d0a-6e2c1b6e5f02        3                -
$ domo list -Z -c web
Name                                        ID   Mem VCPUs	State	Time(s)   Security Label         Cpupool
web                                          5   256     1     -b----       3.0                -          Pool-0
$ domo list -l
[
    {
        "domid": 5,
        "config": {
            "c_info": {
                "type": "pv",
                "name": "web"
            },
            "b_info": {
                "max_vcpus": 4,
                "target_memkb": 262144
            }
        }
    }
]
$ domo list web --json
[
    {
        "domid": 5,
        "name": "web",
        "uuid": "4a3ce7a4-51a8-4b0d-9d0a-6e2c1b6e5f01",
        "memory_mib": 256,
        "memory_kib": 262144,
        "max_memory_kib": 263168,
        "vcpus": 1,
        "vcpus_max": 4,
        "state": {
            "running": false,
            "blocked": true,
            "paused": false,
            "shutdown": false,
            "dying": false,
            "reason": null
        },
        "flags": "-b----",
        "cpu_seconds": 3.0499999999999998,
        "cpupool": 0,
        "ssidref": 0,
        "type": "pv"
    }
]
$ domo list nosuch
2> error: no domain is called 'nosuch'
=> 3
$ domo --json list nosuch
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
$ xl list
Name                                        ID   Mem VCPUs	State	Time(s)
Domain-0                                     0  1024     2     r-----      12.3
web                                          5   256     1     -b----       3.0
(null)                                       7     0     1     --pscd  100001.0
$ xl list nosuch
2> Error: Domain 'nosuch' does not exist.
=> 1
$ xl list web extra
2> error: 'list' takes [DOMAIN]; see 'xl help list'
=> 2
