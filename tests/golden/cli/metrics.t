
# families without a sample are left out; a line that begins with # would be a comment here
$ domo metrics | sed 's/^/|/'
|# HELP domo_host_cpus Processors of the host.
|# TYPE domo_host_cpus gauge
|domo_host_cpus 4
|# HELP domo_guest_cpu_seconds_total Processor time that the domain has used.
|# TYPE domo_guest_cpu_seconds_total counter
|domo_guest_cpu_seconds_total{domid="0",name="Domain-0"} 1234.5599999999999
|domo_guest_cpu_seconds_total{domid="5",name="we\"b\\ \n"} 12.5
$ domo metrics --json
[
    {
        "name": "domo_host_cpus",
        "type": "gauge",
        "help": "Processors of the host.",
        "samples": [
            {
                "labels": {

                },
                "value": 4
            }
        ]
    },
    {
        "name": "domo_guest_cpu_seconds_total",
        "type": "counter",
        "help": "Processor time that the domain has used.",
        "samples": [
            {
                "labels": {
                    "domid": "0",
                    "name": "Domain-0"
                },
                "value": 1234.5599999999999
            },
            {
                "labels": {
                    "domid": "5",
                    "name": "we\"b\\ \n"
                },
                "value": 12.5
            }
        ]
    },
    {
        "name": "domo_device_connected",
        "type": "gauge",
        "help": "None here.",
        "samples": [

        ]
    }
]
