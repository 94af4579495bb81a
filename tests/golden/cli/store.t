
# looking
$ domo store ls /local/domain/5
data
name
note
$ domo store ls -l /local/domain/5
NAME PERMS    VALUE
data n5       
name n0,r5,b7 web
note r0       caf\xc3\xa9\t1\\2
$ domo store ls -R /local/domain/5
/local/domain/5/data
/local/domain/5/data/bytes
/local/domain/5/data/secret
/local/domain/5/name
/local/domain/5/note
$ domo store ls -lR /local/domain/5
PATH                        PERMS    VALUE
/local/domain/5/data        n5       
/local/domain/5/data/bytes  n5       \000A\xff\\\n
/local/domain/5/data/secret -        (may not be read)
/local/domain/5/name        n0,r5,b7 web
/local/domain/5/note        r0       caf\xc3\xa9\t1\\2
$ domo store ls --json /local/domain/5
[
    {
        "path": "/local/domain/5/data",
        "name": "data",
        "depth": 1
    },
    {
        "path": "/local/domain/5/name",
        "name": "name",
        "depth": 1
    },
    {
        "path": "/local/domain/5/note",
        "name": "note",
        "depth": 1
    }
]
$ domo store tree /local/domain/5
/local/domain/5
├─data
│ ├─bytes = "\000A\xff\\\n"
│ └─secret   (may not be read)
├─name = "web"
└─note = "caf\xc3\xa9\t1\\2"
$ domo store tree -p --depth 1 /local/domain/5
/local/domain/5   (n0,r5)
├─data = ""   (n5)
├─name = "web"   (n0,r5,b7)
└─note = "caf\xc3\xa9\t1\\2"   (r0)
$ LC_ALL=C domo store tree /local/domain/5
/local/domain/5
|-data
| |-bytes = "\000A\xff\\\n"
| `-secret   (may not be read)
|-name = "web"
`-note = "caf\xc3\xa9\t1\\2"
$ domo store tree -f /local/domain/5
/local/domain/5 = ""
/local/domain/5/data = ""
/local/domain/5/data/bytes = "\000A\xff\\\n"
/local/domain/5/data/secret   (may not be read)
/local/domain/5/name = "web"
/local/domain/5/note = "caf\xc3\xa9\t1\\2"
$ domo store tree -fp
/local/domain/5 = ""   (n0,r5)
/local/domain/5/data = ""   (n5)
/local/domain/5/data/bytes = "\000A\xff\\\n"   (n5)
/local/domain/5/data/secret   (may not be read)
/local/domain/5/name = "web"   (n0,r5,b7)
/local/domain/5/note = "caf\xc3\xa9\t1\\2"   (r0)
$ domo store dump /local/domain/5
/local/domain/5 = ""   (n0,r5)
/local/domain/5/data = ""   (n5)
/local/domain/5/data/bytes = "\000A\xff\\\n"   (n5)
/local/domain/5/data/secret   (may not be read)
/local/domain/5/name = "web"   (n0,r5,b7)
/local/domain/5/note = "caf\xc3\xa9\t1\\2"   (r0)
$ domo store dump --json /local/domain/5
[
    {
        "path": "/local/domain/5",
        "name": "5",
        "depth": 0,
        "value": "",
        "perms": {
            "owner": 0,
            "others": "none",
            "domains": [
                {
                    "domid": 5,
                    "access": "read"
                }
            ],
            "mode": "n0,r5"
        }
    },
    {
        "path": "/local/domain/5/data",
        "name": "data",
        "depth": 1,
        "value": "",
        "perms": {
            "owner": 5,
            "others": "none",
            "domains": [

            ],
            "mode": "n5"
        }
    },
    {
        "path": "/local/domain/5/data/bytes",
        "name": "bytes",
        "depth": 2,
        "value_hex": "0041ff5c0a",
        "perms": {
            "owner": 5,
            "others": "none",
            "domains": [

            ],
            "mode": "n5"
        }
    },
    {
        "path": "/local/domain/5/data/secret",
        "name": "secret",
        "depth": 2,
        "denied": true
    },
    {
        "path": "/local/domain/5/name",
        "name": "name",
        "depth": 1,
        "value": "web",
        "perms": {
            "owner": 0,
            "others": "none",
            "domains": [
                {
                    "domid": 5,
                    "access": "read"
                },
                {
                    "domid": 7,
                    "access": "both"
                }
            ],
            "mode": "n0,r5,b7"
        }
    },
    {
        "path": "/local/domain/5/note",
        "name": "note",
        "depth": 1,
        "value": "café\t1\\2",
        "perms": {
            "owner": 0,
            "others": "read",
            "domains": [

            ],
            "mode": "r0"
        }
    }
]
$ domo store tree --depth 0
2> error: option '--depth': '0' is no number above 0
=> 2
$ domo store tree --depth many
2> error: option '--depth': 'many' is no number above 0
=> 2

# values
$ domo store read /local/domain/5/name
web
$ domo store read /local/domain/5/name /local/domain/5/data/bytes
web
\000A\xff\\\n
$ domo store read -p /local/domain/5/name /local/domain/5/data/bytes
/local/domain/5/name: web
/local/domain/5/data/bytes: \000A\xff\\\n
$ domo store read --raw /local/domain/5/data/bytes | od -An -c
  \0   A 377   \  \n
$ domo store read --json /local/domain/5/name
[
    {
        "path": "/local/domain/5/name",
        "name": "name",
        "depth": 0,
        "value": "web"
    }
]
$ domo store read --json /local/domain/5 /nosuch
{
    "error": {
        "code": "store.not-found",
        "class": "not-found",
        "message": "there is no node '/nosuch'",
        "context": [

        ],
        "hint": "the nearest node above it is '/local'"
    }
}
=> 3
$ domo store read '/a b'
2> error: the path '/a b' has a character that no path can have
2> hint: a path has letters, digits, - / _ and @ only, no // and no / at its end
=> 2
$ domo store read /forbidden
2> error: '/forbidden' may not be read
2> hint: run it as root in the control domain
=> 5
$ domo store exists /local/domain/5
$ domo store exists /local/domain/5 /nosuch
=> 1
$ domo store exists --json /local/domain/5 /nosuch
[
    {
        "path": "/local/domain/5",
        "exists": true
    },
    {
        "path": "/nosuch",
        "exists": false
    }
]
=> 1
$ domo store exists /forbidden
2> error: '/forbidden' may not be read
2> hint: run it as root in the control domain
=> 5

# changing
$ domo store write /a 1
$ domo store write /a 1 /b 2 --json
{
    "paths": [
        "/a",
        "/b"
    ]
}
$ domo store write /a
2> error: 'store write' takes PATH VALUE [PATH VALUE…]; see 'domo help store write'
=> 2
$ domo store write /a 1 /b
2> error: the last path has no value
=> 2
$ printf 'x\n' | DOMO_FAKE_OBSERVE=1 domo store write /a - --json
{
    "paths": [
        "/a"
    ],
    "observed": "2 bytes, the last one 10"
}
$ DOMO_FAKE_OBSERVE=1 domo store write -e /a 'x\x00\101\n' --json
{
    "paths": [
        "/a"
    ],
    "observed": "4 bytes, the last one 10"
}
$ DOMO_FAKE_OBSERVE=1 domo store write /a '\n' --json
{
    "paths": [
        "/a"
    ],
    "observed": "2 bytes, the last one 110"
}
$ DOMO_FAKE_OBSERVE=1 domo store write /a '' --json
{
    "paths": [
        "/a"
    ],
    "observed": "0 bytes, the last one -1"
}
$ domo store write -e /a '\q'
2> error: '\q' has a backslash that begins none of \t \n \r \\ \NNN \xNN
=> 2
$ domo store write -e /a '\x1'
2> error: '\x1' has a backslash that begins none of \t \n \r \\ \NNN \xNN
=> 2
$ domo store write /a - /b -
2> error: only one value can come from standard input
=> 2
$ domo store write --json -- /a -1
{
    "paths": [
        "/a"
    ]
}
$ head -c 5000 /dev/zero | domo store write /a -
2> error: the value is too big
2> hint: a path and its value have room for 4096 bytes together
=> 1
$ domo store rm /local/domain/5
$ domo store rm /nosuch
2> error: there is no node '/nosuch'
2> hint: the nearest node above it is '/local'
=> 3
$ domo store rm -f /nosuch
$ domo store rm -t /local/domain/5 --json
{
    "paths": [
        "/local/domain/5",
        "/local/domain"
    ]
}
$ domo store mkdir /a /b --json
{
    "paths": [
        "/a",
        "/b"
    ]
}
$ domo store chmod /local/domain/5 n0 r5
$ domo store chmod -r /local/domain/5 n0 r5 --json
{
    "paths": [
        "/local/domain/5",
        "/local/domain/5/name"
    ]
}
$ domo store chmod /local/domain/5 x5
2> error: 'x5' is no permission
=> 2
$ domo store chmod /local/domain/5
2> error: 'store chmod' takes PATH PERM…; see 'domo help store chmod'
=> 2

# watching
$ domo store watch /local/domain/5
/local/domain/5
/local/domain/5/name
/local/domain/5/data
$ domo store watch -n 2 /local/domain/5
/local/domain/5
/local/domain/5/name
$ domo store watch -l /local/domain/5
/local/domain/5 = ""
/local/domain/5/name = "web\n"
/local/domain/5/data   (does not exist)
$ domo store watch --json -l /local/domain/5
{"path":"/local/domain/5","watch":"/local/domain/5","initial":true,"exists":true,"value":""}
{"path":"/local/domain/5/name","watch":"/local/domain/5","initial":false,"exists":true,"value":"web\n"}
{"path":"/local/domain/5/data","watch":"/local/domain/5","initial":false,"exists":false}
$ domo store watch -n 4 --timeout 1 /local/domain/5
/local/domain/5
/local/domain/5/name
/local/domain/5/data
2> error: 3 of 4 events came in time
=> 6
$ domo store watch /local/domain/5 >/dev/full
2> error: the result could not be written to stdout
=> 1

# names
$ domo store
2> error: 'store' needs a command after it: ls|tree|read|write|rm|mkdir|exists|chmod|watch|dump
=> 2
$ domo store list /
2> error: unknown command 'list', did you mean 'ls'?
=> 2
$ domo help store read
usage: domo store read [options] PATH…

Print values.
One a line. What is no printable ASCII is shown as \t, \n, \r, \\, \NNN (octal) or \xNN.

Options:
  -R, --raw                  the bytes as they are, without a newline after them
  -p, --prefix               with the path before each value

Global options:
      --host URI             the host to work on (default: $DOMO_HOST, else xen:)
      --json                 print the result, or the error, as JSON on stdout
  -v, --verbose              say more; twice: say everything
      --trace                log each call to the host
      --no-progress          no progress line, also on a terminal
      --stats                at the end, a JSON line on stderr: how much was asked of the host
  -h, --help                 show what a command does and takes
      --version              show the version
$ domo __complete store /local/domain/5/
/local/domain/5/data
/local/domain/5/name
/local/domain/5/note
$ domo __complete store /local/domain/5/d
/local/domain/5/data/
$ domo __complete store /local/domain/5/na
/local/domain/5/name
$ domo __complete store relative
=> 1
$ domo __complete store /nosuch/
=> 1
