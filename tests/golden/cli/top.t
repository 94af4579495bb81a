
# one table; nothing here moves
$ domo top --once -d 0.01
Name                                ID  State   CPU%    Time(s)   Mem(MiB) VCPUs   Max(MiB)
Domain-0                             0 r-----    0.0       12.3       1024     2       1024
web                                  5 -b----    0.0        3.0        256     1        257
(null)                               7 --pscd    0.0   100001.0          0     1        257
$ domo top --json -d 0.01
[
    {
        "domid": 0,
        "name": "Domain-0",
        "flags": "r-----",
        "cpu_permille": 0,
        "cpu_ms": 12340,
        "memory_kib": 1048576,
        "vcpus": 2
    },
    {
        "domid": 5,
        "name": "web",
        "flags": "-b----",
        "cpu_permille": 0,
        "cpu_ms": 3050,
        "memory_kib": 262144,
        "vcpus": 1
    },
    {
        "domid": 7,
        "name": "(null)",
        "flags": "--pscd",
        "cpu_permille": 0,
        "cpu_ms": 100000960,
        "memory_kib": 12,
        "vcpus": 1
    }
]
$ domo top -b -i 2 -d 0.01
Name                                ID  State   CPU%    Time(s)   Mem(MiB) VCPUs   Max(MiB)
Domain-0                             0 r-----    0.0       12.3       1024     2       1024
web                                  5 -b----    0.0        3.0        256     1        257
(null)                               7 --pscd    0.0   100001.0          0     1        257

Name                                ID  State   CPU%    Time(s)   Mem(MiB) VCPUs   Max(MiB)
Domain-0                             0 r-----    0.0       12.3       1024     2       1024
web                                  5 -b----    0.0        3.0        256     1        257
(null)                               7 --pscd    0.0   100001.0          0     1        257
$ domo top -i 0
2> error: option '--iterations': '0' is no number above 0
=> 2
