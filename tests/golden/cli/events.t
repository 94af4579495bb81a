
# what has happened
$ domo events --from oldest --no-follow
{"token":"3ad2b0ab-1","time":"2026-11-21T17:17:17.61Z","event":"create","domid":5,"uuid":"4a3ce7a4-51a8-4b0d-9d0a-6e2c1b6e5f01","name":"web","result":"done"}
{"token":"3ad2b0ab-2","time":"2026-11-21T17:17:18.02Z","event":"attach","domid":5,"uuid":"4a3ce7a4-51a8-4b0d-9d0a-6e2c1b6e5f01","name":"web","kind":"vbd","which":"xvdb","force":false,"identity":"/srv/nosuch.img","result":"undone","error":{"code":"disk.not-found","message":"'/srv/nosuch.img': No such file or directory"}}
$ domo events --from 3ad2b0ab-1 --no-follow
{"token":"3ad2b0ab-2","time":"2026-11-21T17:17:18.02Z","event":"attach","domid":5,"uuid":"4a3ce7a4-51a8-4b0d-9d0a-6e2c1b6e5f01","name":"web","kind":"vbd","which":"xvdb","force":false,"identity":"/srv/nosuch.img","result":"undone","error":{"code":"disk.not-found","message":"'/srv/nosuch.img': No such file or directory"}}
$ domo events web --from oldest --no-follow --only create,destroy
{"token":"3ad2b0ab-1","time":"2026-11-21T17:17:17.61Z","event":"create","domid":5,"uuid":"4a3ce7a4-51a8-4b0d-9d0a-6e2c1b6e5f01","name":"web","result":"done"}
$ domo events 5 --from oldest --no-follow --only attach
{"token":"3ad2b0ab-2","time":"2026-11-21T17:17:18.02Z","event":"attach","domid":5,"uuid":"4a3ce7a4-51a8-4b0d-9d0a-6e2c1b6e5f01","name":"web","kind":"vbd","which":"xvdb","force":false,"identity":"/srv/nosuch.img","result":"undone","error":{"code":"disk.not-found","message":"'/srv/nosuch.img': No such file or directory"}}
$ domo events 4 --from oldest --no-follow
$ domo events --from oldest --count 1
{"token":"3ad2b0ab-1","time":"2026-11-21T17:17:17.61Z","event":"create","domid":5,"uuid":"4a3ce7a4-51a8-4b0d-9d0a-6e2c1b6e5f01","name":"web","result":"done"}
$ domo events --from 00000000-7
2> error: events between the last one seen and the oldest that is left are gone
2> hint: begin with --from oldest, or look at the guests as they are now
=> 4
$ domo events --timeout 0.01
$ domo events --count 1 --timeout 0.01
2> error: there were fewer events
=> 6
$ domo events web xvda
2> error: 'events' takes [DOMAIN]; see 'domo help events'
=> 2
