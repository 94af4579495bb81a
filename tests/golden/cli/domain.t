
# one guest as a whole
$ domo pause web
$ domo pause web --json
{
    "domid": 5,
    "paused": true
}
$ domo unpause 5 --json
{
    "domid": 5,
    "paused": false
}
$ domo pause 0
2> error: domain 0 can't pause itself
=> 5
$ domo domid web
5
$ domo domid 4a3ce7a4-51a8-4b0d-9d0a-6e2c1b6e5f01
5
$ domo domname 5
web
$ domo domname 5 --json
{
    "domid": 5,
    "name": "web"
}
$ domo domid nosuch
2> error: no domain is called 'nosuch'
=> 3
$ domo destroy web
destroyed domain 5
$ domo destroy web --json
{
    "domid": 5,
    "name": "web",
    "uuid": "4a3ce7a4-51a8-4b0d-9d0a-6e2c1b6e5f01"
}
$ domo destroy web --timing
destroyed domain 5
2> reserve-name               1.5 ms     4 store requests
2> make-domain              250.0 ms     0 store requests
2> total                    251.5 ms
$ domo destroy 0
2> error: domain 0 can't be destroyed
=> 5
$ domo destroy nosuch --json
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
$ xl destroy web
$ xl destroy 0
2> destroy failed (rc=-3)
2> error: domain 0 can't be destroyed
=> 1
$ xl destroy nosuch
2> nosuch is an invalid domain identifier (rc=-6)
=> 1
$ xl pause web
$ xl domid web
5
$ xl domid nosuch
2> nosuch is an invalid domain identifier (rc=-6)
=> 1

# asking guests to end
$ domo shutdown web
'web' has taken the request
$ domo shutdown -w web
'web' has ended (poweroff)
$ domo shutdown -a --timeout 2
'web' has taken the request
'db' did not do it
2> error: 1 of 2 guests did not do as they were asked: 'db' (the guest has not taken the request in 2 s)
=> 6
$ domo shutdown --json web
[
    {
        "domid": 5,
        "name": "web",
        "asked": "poweroff",
        "state": "answered",
        "reason": null,
        "ms": 3,
        "error": null
    }
]
$ domo shutdown
2> error: which guest? (--all: every one)
=> 2
$ domo shutdown -a web
2> error: either guests or --all, not both
=> 2
$ domo shutdown 0
2> error: domain 0 can't be asked from here: use the host's own commands
=> 5
$ domo shutdown nosuch
2> error: no domain is called 'nosuch'
=> 3
$ domo reboot web
'web' has taken the request
$ domo sysrq web h
$ domo sysrq web hh
2> error: a system request is one letter or digit
=> 2
$ domo sysrq web h --json
{
    "domid": 5,
    "sysrq": "h"
}
$ domo rename web www
$ domo rename web www --json
{
    "domid": 5,
    "name": "www",
    "before": "web"
}
$ domo rename web db
2> error: there is a domain 'db' already (6)
=> 4
$ xl shutdown web
2> Shutting down domain 5
$ xl reboot web
2> Rebooting domain 5
$ xl shutdown nosuch
2> nosuch is an invalid domain identifier (rc=-6)
=> 1
