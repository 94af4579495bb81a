
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
