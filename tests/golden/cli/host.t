
# the host
$ domo host info
host        sim:/home/u/sim
hypervisor  Xen 4.17, simulated
cpus        4
memory      16384 MiB, 15360 MiB free
guests      2
supervisor  runs
store       /home/u/sim/store.sock
$ domo host info --json
{
    "uri": "sim:/home/u/sim",
    "simulated": true,
    "xen": "4.17",
    "cpus": 4,
    "nodes": 1,
    "memory_kib": 16777216,
    "free_kib": 15728640,
    "guests": 2,
    "supervisor": true,
    "store": "/home/u/sim/store.sock"
}
$ domo devd --foreground --json
{"event":"adopted","device":"disk xvda","kind":"vbd","domid":5,"devid":51712,"path":"/local/domain/3/backend/vbd/5/51712"}
{"event":"ready","domid":3,"devices":1}
{"event":"failed","device":"disk xvda","kind":"vbd","domid":5,"devid":51712,"path":"/local/domain/3/backend/vbd/5/51712","error":{"code":"disk.not-found","class":"not-found","message":"can't open '/srv/web.img': No such file or directory","context":[]}}
{"event":"released","device":"disk xvda","kind":"vbd","domid":5,"devid":51712,"path":"/local/domain/3/backend/vbd/5/51712"}
$ domo host start
sim:sim runs
$ domo host start --json
{
    "uri": "sim:sim",
    "running": true,
    "was_running": false
}
$ domo host stop
sim:sim has ended
$ domo host stop --json
{
    "uri": "sim:sim",
    "running": false,
    "was_running": true
}
$ DOMO_FAKE_XEN=1 domo host start
2> error: only a simulated host can be started and ended
=> 7
$ domo host
2> error: 'host' needs a command after it: info|start|stop
=> 2
$ domo host stop now
2> error: 'host stop' takes no arguments; see 'domo help host stop'
=> 2
$ domo host info --help
usage: domo host info [options]

Show the host: hypervisor, processors, memory, store.
A simulated host that does not run is started, as by any other command.

Global options:
      --host URI             the host to work on (default: $DOMO_HOST, else xen:)
      --json                 print the result, or the error, as JSON on stdout
  -v, --verbose              say more; twice: say everything
      --trace                log each call to the host
      --no-progress          no progress line, also on a terminal
      --stats                at the end, a JSON line on stderr: how much was asked of the host
  -h, --help                 show what a command does and takes
      --version              show the version
