
# the size is MiB, or what its letter says
$ domo mem-set web 512
$ domo mem-set web 512 --json
{
    "domid": 5,
    "name": "web",
    "target_kib": 524288,
    "before_kib": 524288,
    "limit_kib": 525312,
    "memory_kib": 524288
}
$ domo mem-set web 1g --json
{
    "domid": 5,
    "name": "web",
    "target_kib": 1048576,
    "before_kib": 524288,
    "limit_kib": 1049600,
    "memory_kib": 524288
}
$ domo mem-set web 524288K --json
{
    "domid": 5,
    "name": "web",
    "target_kib": 524288,
    "before_kib": 524288,
    "limit_kib": 525312,
    "memory_kib": 524288
}
$ domo mem-set web 1073741824b --json
{
    "domid": 5,
    "name": "web",
    "target_kib": 1048576,
    "before_kib": 524288,
    "limit_kib": 1049600,
    "memory_kib": 524288
}
$ domo mem-max web 768 --json
{
    "domid": 5,
    "name": "web",
    "target_kib": 524288,
    "before_kib": 524288,
    "limit_kib": 787456,
    "memory_kib": 524288
}

# what is no size
$ domo mem-set web 512x
2> error: invalid memory size: 512x
=> 1
$ domo mem-set web 512mb
2> error: invalid memory size: 512mb
=> 1
$ domo mem-set web -1
2> error: unknown option '-1'
=> 2
$ domo mem-max web ''
2> error: invalid memory size: 
=> 1
$ domo mem-set web 99999999999
2> error: invalid memory size: 99999999999
=> 1

# more than the guest was built for
$ domo mem-set web 2g
2> error: 2048 MiB are more than 'web' can have: 1024 MiB
2> hint: a guest is built for the maximum that maxmem= names
=> 1
$ domo mem-set web 2g --json
{
    "error": {
        "code": "config.bad-value",
        "class": "failed",
        "message": "2048 MiB are more than 'web' can have: 1024 MiB",
        "context": [

        ],
        "hint": "a guest is built for the maximum that maxmem= names"
    }
}
=> 1

# as xl
$ xl mem-set web 512
$ xl mem-max web 768
$ xl mem-set web 5x
2> invalid memory size: 5x
=> 1
$ xl mem-set web
2> error: 'xl mem-set' requires at least 2 arguments.
2> usage: xl mem-set [options] DOMAIN SIZE
2> 
2> Ask a guest to have so much memory, and let it have no more.
2> SIZE is a number of MiB, or has one of the letters b, k, m, g, t behind it. The guest's balloon
2> driver does it, in its own time; the most that it can have is what it was built for (maxmem=).
2> 
2> Global options:
2>       --host URI             the host to work on (default: $DOMO_HOST, else xen:)
2>       --json                 print the result, or the error, as JSON on stdout
2>   -v, --verbose              say more; twice: say everything
2>       --trace                log each call to the host
2>       --no-progress          no progress line, also on a terminal
2>       --stats                at the end, a JSON line on stderr: how much was asked of the host
2>   -h, --help                 show what a command does and takes
2>       --version              show the version
=> 2
$ xl mem-set nosuch 512
2> nosuch is an invalid domain identifier (rc=-6)
=> 1
