
# of all pools with that scheduler
$ domo sched-credit
Cpupool Pool-0: tslice=30ms ratelimit=1000us migration-delay=0us
Name                                ID Weight  Cap
Domain-0                             0    256    0
web                                  5    512   50
$ domo sched-credit2
Cpupool Pool-0: ratelimit=1000us
Name                                ID Weight  Cap
Domain-0                             0    256    0
web                                  5    512   50
$ domo sched-rtds
Cpupool Pool-0: sched=RTDS
Name                                ID    Period    Budget  Extratime
web                                  5     10000      4000        yes
$ domo sched-rtds -v all
Cpupool Pool-0: sched=RTDS
Name                                ID VCPU    Period    Budget  Extratime
web                                  5    0     10000      4000        yes
$ domo sched-credit2 --json
[
    {
        "pool_id": 0,
        "pool": "Pool-0",
        "scheduler": "credit2",
        "params": {
            "ratelimit_us": 1000
        },
        "domains": [
            {
                "name": "Domain-0",
                "domid": 0,
                "weight": 256,
                "cap": 0
            },
            {
                "name": "web",
                "domid": 5,
                "weight": 512,
                "cap": 50
            }
        ]
    }
]
$ domo sched-credit2 -p nosuch
2> error: there is no cpu pool 'nosuch'
2> hint: domo cpupool-list shows them
=> 3

# of a guest
$ domo sched-credit2 -d web
Name                                ID Weight  Cap
web                                  5    512   50
$ domo sched-credit2 -d web --json
[
    {
        "name": "web",
        "domid": 5,
        "weight": 512,
        "cap": 50
    }
]
$ domo sched-credit -d 0
2> error: domain 0 is scheduled by credit2, not by credit
2> hint: domo sched-credit2
=> 7
$ domo sched-rtds -d web
Name                                ID    Period    Budget  Extratime
web                                  5     10000      4000        yes
$ domo sched-rtds -d web -v 0
Name                                ID VCPU    Period    Budget  Extratime
web                                  5    0     10000      4000        yes
$ domo sched-rtds -d web -v 1
Name                                ID VCPU    Period    Budget  Extratime
$ domo sched-credit2 -d nosuch
2> error: no domain is called 'nosuch'
=> 3

# setting
$ domo sched-credit2 -d web -w 512 -c 50
$ domo sched-credit2 -d web -w 512 --json
[
    {
        "name": "web",
        "domid": 5,
        "weight": 512,
        "cap": 50
    }
]
$ domo sched-credit2 -d web -w 0
2> error: a weight is 1 to 65535, a cap at most 100 for each vcpu
=> 1
$ domo sched-credit2 -d web -w much
2> error: 'much' is no number that this can be
=> 2
$ domo sched-rtds -d web -v 0 -p 100 -b 50 -v 1 -p 200 -b 20
$ domo sched-rtds -d web -v 0 -p 100 -v 1 -b 20 -b 30
2> error: Incorrect number of period, budget and extratime
=> 2
$ domo sched-rtds -d web -v all -v 1 -p 1 -p 2
2> error: Incorrect VCPU IDs.
=> 2

# what the scheduler does for all
$ domo sched-credit -s
Cpupool Pool-0: tslice=30ms ratelimit=1000us migration-delay=0us
$ domo sched-credit2 -s -r 2000
$ domo sched-credit2 -s -r 2000 --json
[
    {
        "pool_id": 0,
        "pool": "Pool-0",
        "scheduler": "credit2",
        "params": {
            "ratelimit_us": 1000
        },
        "domains": [
            {
                "name": "Domain-0",
                "domid": 0,
                "weight": 256,
                "cap": 0
            },
            {
                "name": "web",
                "domid": 5,
                "weight": 512,
                "cap": 50
            }
        ]
    }
]
$ domo sched-credit2 -s -r 3
2> error: can't change what the scheduler of cpu pool 0 does: Invalid argument
2> hint: the hypervisor's own log (xl dmesg) may say more
=> 1

# what does not go together
$ domo sched-credit -w 3
2> error: Must specify a domain.
=> 2
$ domo sched-credit -s -d web
2> error: Specifying a cpupool or schedparam is not allowed with domain options.
=> 2
$ domo sched-credit -r 2000
2> error: Must specify schedparam to set schedule parameter values.
=> 2
$ domo sched-rtds -c Pool-0 -d web
2> error: Specifying a cpupool is not allowed with other options.
=> 2

# as xl
$ xl sched-credit2
Cpupool Pool-0: ratelimit=1000us
Name                                ID Weight  Cap
Domain-0                             0    256    0
web                                  5    512   50
$ xl sched-credit -w 3
2> Must specify a domain.
=> 1
$ xl sched-credit2 -d nosuch
2> nosuch is an invalid domain identifier (rc=-6)
=> 1
