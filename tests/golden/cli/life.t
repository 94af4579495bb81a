
# how long they run
$ domo uptime
Name                                ID Uptime
Domain-0                             0 12 days,  1:03:04
web                                  5 1 day,  2:45:07
db                                   6 not known
$ domo uptime web
Name                                ID Uptime
web                                  5 1 day,  2:45:07
$ domo uptime --json
[
    {
        "domid": 0,
        "name": "Domain-0",
        "seconds": 1040584
    },
    {
        "domid": 5,
        "name": "web",
        "seconds": 96307
    },
    {
        "domid": 6,
        "name": "db",
        "seconds": null
    }
]
$ domo uptime nosuch
2> error: no domain is called 'nosuch'
=> 3
$ xl uptime nosuch
2> nosuch is an invalid domain identifier (rc=-6)
=> 1

# a core
$ domo dump-core web
4198400 bytes in /var/lib/xen/dump/web
$ domo dump-core web /tmp/core
4198400 bytes in /tmp/core
$ domo dump-core web --json
{
    "domid": 5,
    "name": "web",
    "file": "/var/lib/xen/dump/web",
    "bytes": 4198400
}
$ domo dump-core web /nosuch/core
2> error: can't make '/nosuch/core.part': No such file or directory
=> 1
$ domo dump-core
2> error: 'dump-core' takes DOMAIN [FILE]; see 'domo help dump-core'
=> 2
$ xl dump-core web /tmp/core

# from outside
$ domo trigger web nmi
$ domo trigger web nmi 1 --json
{
    "domid": 5,
    "trigger": "nmi",
    "vcpu": 1
}
$ domo trigger web nmi one
2> error: a virtual CPU is a number
=> 2
$ domo trigger web power
2> error: only hvm guests have something that 'power' could be done to, this is a pv guest
=> 7
$ domo trigger web
2> error: 'trigger' takes DOMAIN TRIGGER [VCPU]; see 'domo help trigger'
=> 2
$ xl trigger web nmi

# stop and go on
$ domo suspend
2> error: which guest? (--all: every one)
=> 2
$ domo resume web
$ domo resume web --json
{
    "domid": 5,
    "resumed": true
}
$ domo resume 0
2> error: the guest can't be resumed: it runs
=> 4

# until it has happened
$ domo wait web shutdown
$ domo wait web gone --json
{
    "domid": 5,
    "device": null,
    "state": "gone",
    "waited_ms": 12
}
$ domo wait web crash --timeout 2
2> error: the guest was not crash within 2 s: it is running
=> 6
