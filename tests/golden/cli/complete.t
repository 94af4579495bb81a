
# live names for the shells
$ domo __complete domain
Domain-0
web
$ domo __complete vbd web
xvda
$ domo __complete vif web
0
$ domo __complete vif nosuch
=> 1
$ domo __complete error | head -n 3
internal
host.no-memory
host.io
$ domo __complete key | head -n 3
name
type
builder
$ domo __complete setting | head -n 3
name=
type=
builder=
$ domo __complete nosuch
=> 1
