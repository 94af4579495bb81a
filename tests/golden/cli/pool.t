
# looking
$ domo cpupool-list
Name               CPUs   Sched     Active   Domain count
Pool-0               3   credit2       y          2
quick                1      rtds       y          1
$ domo cpupool-list -c
Name               CPU list
Pool-0             0,1,2
quick              3
$ domo cpupool-list quick
Name               CPUs   Sched     Active   Domain count
quick                1      rtds       y          1
$ domo cpupool-list quick --json
[
    {
        "id": 1,
        "name": "quick",
        "scheduler": "rtds",
        "cpus": [
            3
        ],
        "domains": 1
    }
]
$ domo cpupool-list nosuch
2> error: there is no cpu pool 'nosuch'
2> hint: domo cpupool-list shows them
=> 3

# making and ending
$ domo cpupool-create name=new
Using config file "command line"
cpupool name:   new
scheduler:      credit
number of cpus: 1
$ domo cpupool-create new.cfg --dry-run
Using config file "new.cfg"
cpupool name:   new
scheduler:      credit
number of cpus: 1
$ domo cpupool-create name=new --dry-run --json
{
    "id": null,
    "name": "new",
    "scheduler": "credit",
    "cpus": [
        3
    ],
    "domains": 0
}
$ domo cpupool-create name=new cpus=0
2> error: processor 0 is not free
=> 4
$ domo cpupool-create
2> error: a config file, or name=NAME
=> 2
$ domo cpupool-create a.cfg b.cfg
2> error: two config files are one too many
=> 2
$ domo cpupool-destroy new
$ domo cpupool-destroy new --json
{
    "id": 2,
    "name": "new",
    "scheduler": "credit",
    "cpus": [
        3
    ],
    "domains": 0
}
$ domo cpupool-destroy quick
2> error: cpu pool 'quick' is not empty, domains in it: 1
2> hint: domo cpupool-migrate takes them elsewhere
=> 4

# changing
$ domo cpupool-rename quick fast
$ domo cpupool-cpu-add quick 2
$ domo cpupool-cpu-add quick 2 --json
{
    "id": 1,
    "name": "quick",
    "scheduler": "rtds",
    "cpus": [
        2,
        3
    ],
    "domains": 1
}
$ domo cpupool-cpu-add quick 0
2> error: processor 0 is not free
=> 4
$ domo cpupool-cpu-remove quick 3
$ domo cpupool-migrate web quick
$ domo cpupool-migrate web nosuch
2> error: there is no cpu pool 'nosuch'
2> hint: domo cpupool-list shows them
=> 3
$ domo cpupool-numa-split
2> error: there are 2 cpu pools already: this is for a host with one
=> 4

# as xl
$ xl cpupool-list
Name               CPUs   Sched     Active   Domain count
Pool-0               3   credit2       y          2
quick                1      rtds       y          1
$ xl cpupool-create name=new
Using config file "command line"
cpupool name:   new
scheduler:      credit
number of cpus: 1
$ xl cpupool-list nosuch
2> error: there is no cpu pool 'nosuch'
2> hint: domo cpupool-list shows them
=> 1
