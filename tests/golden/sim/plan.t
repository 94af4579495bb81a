
# What a creation would do, without doing it; for a guest with a device model, too.
@ disk a.img 8
$ domo create --dry-run web.cfg
 1. check: check the guest against the host
      check that the host has 6 MiB free
 2. journal: note the operation for a sweep
 3. load-kernel: load the kernel
      read the kernel /tmp/domo-golden/tiny
 4. prepare-devices: prepare the devices on this host
 5. make-domain: make the domain
      xc_domain_create: PV, uuid 91bef871-71c3-4085-89cb-679a74876f2a, max_vcpus 1, max_evtchn_port 1023
 6. set-limits: set limits and event channels
      xc_domain_max_vcpus 1
      xc_domain_setmaxmem 5120 KiB
      xc_evtchn_alloc_unbound: the store's and the console's
 7. declare: write the guest and its devices into the store
      one store transaction:
      mkdir /local/domain/$DOMID
      mkdir /vm/91bef871-71c3-4085-89cb-679a74876f2a
      mkdir /libxl/$DOMID
      write /libxl/$DOMID/type = pv
      write /libxl/$DOMID/dm-version = qemu_xen
      write /local/domain/$DOMID/vm = /vm/91bef871-71c3-4085-89cb-679a74876f2a
      write /local/domain/$DOMID/name = web
      write /local/domain/$DOMID/device/suspend/event-channel = 
      write /local/domain/$DOMID/control/shutdown = 
      write /local/domain/$DOMID/control/feature-poweroff = 
      write /local/domain/$DOMID/control/feature-reboot = 
      write /local/domain/$DOMID/control/feature-suspend = 
      write /local/domain/$DOMID/control/sysrq = 
      write /local/domain/$DOMID/data = 
      write /local/domain/$DOMID/drivers = 
      write /local/domain/$DOMID/feature = 
      write /local/domain/$DOMID/attr = 
      write /local/domain/$DOMID/error = 
      write /local/domain/$DOMID/control/platform-feature-multiprocessor-suspend = 1
      write /local/domain/$DOMID/control/platform-feature-xs_reset_watches = 1
      write /local/domain/$DOMID/memory/static-max = 4096
      write /local/domain/$DOMID/memory/target = 4096
      write /local/domain/$DOMID/memory/videoram = 0
      write /local/domain/$DOMID/domid = …
      write /local/domain/$DOMID/store/port = …
      write /vm/91bef871-71c3-4085-89cb-679a74876f2a/uuid = 91bef871-71c3-4085-89cb-679a74876f2a
      write /vm/91bef871-71c3-4085-89cb-679a74876f2a/name = web
      write /vm/91bef871-71c3-4085-89cb-679a74876f2a/start_time = …
      write /vm/91bef871-71c3-4085-89cb-679a74876f2a/image/ostype = linux
      write /vm/91bef871-71c3-4085-89cb-679a74876f2a/image/kernel = /tmp/domo-golden/tiny
      attach a loop device to /tmp/domo-golden/a.img (read-write)
      write /local/domain/0/backend/vbd/$DOMID/51712/frontend-id = "$DOMID"
      write /local/domain/0/backend/vbd/$DOMID/51712/online = "1"
      write /local/domain/0/backend/vbd/$DOMID/51712/state = "1"
      write /local/domain/$DOMID/device/vbd/51712/backend-id = "0"
      write /local/domain/$DOMID/device/vbd/51712/state = "1"
      write /local/domain/0/backend/vbd/$DOMID/51712/params = "/tmp/domo-golden/a.img"
      write /local/domain/0/backend/vbd/$DOMID/51712/script = "/tmp/domo-golden/host/scripts/block"
      write /local/domain/0/backend/vbd/$DOMID/51712/type = "phy"
      write /local/domain/0/backend/vbd/$DOMID/51712/removable = "0"
      write /local/domain/0/backend/vbd/$DOMID/51712/bootable = "1"
      write /local/domain/0/backend/vbd/$DOMID/51712/dev = "xvda"
      write /local/domain/0/backend/vbd/$DOMID/51712/mode = "w"
      write /local/domain/0/backend/vbd/$DOMID/51712/device-type = "disk"
      write /local/domain/0/backend/vbd/$DOMID/51712/discard-enable = "1"
      write /local/domain/0/backend/vbd/$DOMID/51712/specification = "xen"
      write /local/domain/$DOMID/device/vbd/51712/virtual-device = "51712"
      write /local/domain/$DOMID/device/vbd/51712/device-type = "disk"
      write /local/domain/$DOMID/device/vbd/51712/trusted = "1"
      copy what is in /local/domain/0/backend/vbd/$DOMID/51712 to /libxl/$DOMID/device/vbd/51712
      put the back end's interface on bridge xenbr0 and take it up
      write /local/domain/0/backend/vif/$DOMID/0/frontend-id = "$DOMID"
      write /local/domain/0/backend/vif/$DOMID/0/online = "1"
      write /local/domain/0/backend/vif/$DOMID/0/state = "1"
      write /local/domain/$DOMID/device/vif/0/backend-id = "0"
      write /local/domain/$DOMID/device/vif/0/state = "1"
      write /local/domain/0/backend/vif/$DOMID/0/script = "/tmp/domo-golden/host/scripts/vif-bridge"
      write /local/domain/0/backend/vif/$DOMID/0/mac = "00:16:3e:25:d0:ae"
      write /local/domain/0/backend/vif/$DOMID/0/bridge = "xenbr0"
      write /local/domain/0/backend/vif/$DOMID/0/handle = "0"
      write /local/domain/0/backend/vif/$DOMID/0/type = "vif"
      write /local/domain/0/backend/vif/$DOMID/0/hotplug-status = ""
      write /local/domain/$DOMID/device/vif/0/handle = "0"
      write /local/domain/$DOMID/device/vif/0/mac = "00:16:3e:25:d0:ae"
      write /local/domain/$DOMID/device/vif/0/trusted = "1"
      write /local/domain/$DOMID/device/vif/0/mtu = "1500"
      copy what is in /local/domain/0/backend/vif/$DOMID/0 to /libxl/$DOMID/device/vif/0
 8. build-image: build the kernel into the guest's memory
      xc_dom_*: 4 MiB, kernel /tmp/domo-golden/tiny
 9. introduce: introduce the guest to the store
      one store transaction:
      write /local/domain/$DOMID/store/ring-ref = …
      write /local/domain/0/backend/console/$DOMID/0/frontend-id = "$DOMID"
      write /local/domain/0/backend/console/$DOMID/0/online = "1"
      write /local/domain/0/backend/console/$DOMID/0/state = "1"
      write /local/domain/$DOMID/console/backend-id = "0"
      write /local/domain/0/backend/console/$DOMID/0/protocol = "vt100"
      write /local/domain/$DOMID/console/limit = "1048576"
      write /local/domain/$DOMID/console/type = "xenconsoled"
      write /local/domain/$DOMID/console/output = "pty"
      write /local/domain/$DOMID/console/tty = ""
      write /local/domain/$DOMID/console/port = "…"
      write /local/domain/$DOMID/console/ring-ref = "…"
      copy what is in /local/domain/0/backend/console/$DOMID/0 to /libxl/$DOMID/device/console/0
      xs_introduce_domain
10. connect-backends: wait for the back ends
11. open-console: wait for the console
12. store-config: store the guest's config
13. unpause: start the guest
14. connect-guest: wait for the guest's front ends
15. look: look at the guest's devices
t> os.has_backend vbd -> yes
t> os.target a.img -> file
t> os.has_backend vif -> yes
t> os.iface xenbr0 -> up
t> store.read tx=0 /tool/xenconsoled/domid -> error store.not-found
$ domo plan web.cfg --json
{
    "steps": [
        {
            "name": "check",
            "summary": "check the guest against the host",
            "does": [
                "check that the host has 6 MiB free"
            ]
        },
        {
            "name": "journal",
            "summary": "note the operation for a sweep",
            "does": [

            ]
        },
        {
            "name": "load-kernel",
            "summary": "load the kernel",
            "does": [
                "read the kernel /tmp/domo-golden/tiny"
            ]
        },
        {
            "name": "prepare-devices",
            "summary": "prepare the devices on this host",
            "does": [

            ]
        },
        {
            "name": "make-domain",
            "summary": "make the domain",
            "does": [
                "xc_domain_create: PV, uuid e210147e-1f49-4c83-b60b-ff9996657040, max_vcpus 1, max_evtchn_port 1023"
            ]
        },
        {
            "name": "set-limits",
            "summary": "set limits and event channels",
            "does": [
                "xc_domain_max_vcpus 1",
                "xc_domain_setmaxmem 5120 KiB",
                "xc_evtchn_alloc_unbound: the store's and the console's"
            ]
        },
        {
            "name": "declare",
            "summary": "write the guest and its devices into the store",
            "does": [
                "one store transaction:",
                "mkdir /local/domain/$DOMID",
                "mkdir /vm/e210147e-1f49-4c83-b60b-ff9996657040",
                "mkdir /libxl/$DOMID",
                "write /libxl/$DOMID/type = pv",
                "write /libxl/$DOMID/dm-version = qemu_xen",
                "write /local/domain/$DOMID/vm = /vm/e210147e-1f49-4c83-b60b-ff9996657040",
                "write /local/domain/$DOMID/name = web",
                "write /local/domain/$DOMID/device/suspend/event-channel = ",
                "write /local/domain/$DOMID/control/shutdown = ",
                "write /local/domain/$DOMID/control/feature-poweroff = ",
                "write /local/domain/$DOMID/control/feature-reboot = ",
                "write /local/domain/$DOMID/control/feature-suspend = ",
                "write /local/domain/$DOMID/control/sysrq = ",
                "write /local/domain/$DOMID/data = ",
                "write /local/domain/$DOMID/drivers = ",
                "write /local/domain/$DOMID/feature = ",
                "write /local/domain/$DOMID/attr = ",
                "write /local/domain/$DOMID/error = ",
                "write /local/domain/$DOMID/control/platform-feature-multiprocessor-suspend = 1",
                "write /local/domain/$DOMID/control/platform-feature-xs_reset_watches = 1",
                "write /local/domain/$DOMID/memory/static-max = 4096",
                "write /local/domain/$DOMID/memory/target = 4096",
                "write /local/domain/$DOMID/memory/videoram = 0",
                "write /local/domain/$DOMID/domid = …",
                "write /local/domain/$DOMID/store/port = …",
                "write /vm/e210147e-1f49-4c83-b60b-ff9996657040/uuid = e210147e-1f49-4c83-b60b-ff9996657040",
                "write /vm/e210147e-1f49-4c83-b60b-ff9996657040/name = web",
                "write /vm/e210147e-1f49-4c83-b60b-ff9996657040/start_time = …",
                "write /vm/e210147e-1f49-4c83-b60b-ff9996657040/image/ostype = linux",
                "write /vm/e210147e-1f49-4c83-b60b-ff9996657040/image/kernel = /tmp/domo-golden/tiny",
                "attach a loop device to /tmp/domo-golden/a.img (read-write)",
                "write /local/domain/0/backend/vbd/$DOMID/51712/frontend-id = \"$DOMID\"",
                "write /local/domain/0/backend/vbd/$DOMID/51712/online = \"1\"",
                "write /local/domain/0/backend/vbd/$DOMID/51712/state = \"1\"",
                "write /local/domain/$DOMID/device/vbd/51712/backend-id = \"0\"",
                "write /local/domain/$DOMID/device/vbd/51712/state = \"1\"",
                "write /local/domain/0/backend/vbd/$DOMID/51712/params = \"/tmp/domo-golden/a.img\"",
                "write /local/domain/0/backend/vbd/$DOMID/51712/script = \"/tmp/domo-golden/host/scripts/block\"",
                "write /local/domain/0/backend/vbd/$DOMID/51712/type = \"phy\"",
                "write /local/domain/0/backend/vbd/$DOMID/51712/removable = \"0\"",
                "write /local/domain/0/backend/vbd/$DOMID/51712/bootable = \"1\"",
                "write /local/domain/0/backend/vbd/$DOMID/51712/dev = \"xvda\"",
                "write /local/domain/0/backend/vbd/$DOMID/51712/mode = \"w\"",
                "write /local/domain/0/backend/vbd/$DOMID/51712/device-type = \"disk\"",
                "write /local/domain/0/backend/vbd/$DOMID/51712/discard-enable = \"1\"",
                "write /local/domain/0/backend/vbd/$DOMID/51712/specification = \"xen\"",
                "write /local/domain/$DOMID/device/vbd/51712/virtual-device = \"51712\"",
                "write /local/domain/$DOMID/device/vbd/51712/device-type = \"disk\"",
                "write /local/domain/$DOMID/device/vbd/51712/trusted = \"1\"",
                "copy what is in /local/domain/0/backend/vbd/$DOMID/51712 to /libxl/$DOMID/device/vbd/51712",
                "put the back end's interface on bridge xenbr0 and take it up",
                "write /local/domain/0/backend/vif/$DOMID/0/frontend-id = \"$DOMID\"",
                "write /local/domain/0/backend/vif/$DOMID/0/online = \"1\"",
                "write /local/domain/0/backend/vif/$DOMID/0/state = \"1\"",
                "write /local/domain/$DOMID/device/vif/0/backend-id = \"0\"",
                "write /local/domain/$DOMID/device/vif/0/state = \"1\"",
                "write /local/domain/0/backend/vif/$DOMID/0/script = \"/tmp/domo-golden/host/scripts/vif-bridge\"",
                "write /local/domain/0/backend/vif/$DOMID/0/mac = \"00:16:3e:07:8b:bf\"",
                "write /local/domain/0/backend/vif/$DOMID/0/bridge = \"xenbr0\"",
                "write /local/domain/0/backend/vif/$DOMID/0/handle = \"0\"",
                "write /local/domain/0/backend/vif/$DOMID/0/type = \"vif\"",
                "write /local/domain/0/backend/vif/$DOMID/0/hotplug-status = \"\"",
                "write /local/domain/$DOMID/device/vif/0/handle = \"0\"",
                "write /local/domain/$DOMID/device/vif/0/mac = \"00:16:3e:07:8b:bf\"",
                "write /local/domain/$DOMID/device/vif/0/trusted = \"1\"",
                "write /local/domain/$DOMID/device/vif/0/mtu = \"1500\"",
                "copy what is in /local/domain/0/backend/vif/$DOMID/0 to /libxl/$DOMID/device/vif/0"
            ]
        },
        {
            "name": "build-image",
            "summary": "build the kernel into the guest's memory",
            "does": [
                "xc_dom_*: 4 MiB, kernel /tmp/domo-golden/tiny"
            ]
        },
        {
            "name": "introduce",
            "summary": "introduce the guest to the store",
            "does": [
                "one store transaction:",
                "write /local/domain/$DOMID/store/ring-ref = …",
                "write /local/domain/0/backend/console/$DOMID/0/frontend-id = \"$DOMID\"",
                "write /local/domain/0/backend/console/$DOMID/0/online = \"1\"",
                "write /local/domain/0/backend/console/$DOMID/0/state = \"1\"",
                "write /local/domain/$DOMID/console/backend-id = \"0\"",
                "write /local/domain/0/backend/console/$DOMID/0/protocol = \"vt100\"",
                "write /local/domain/$DOMID/console/limit = \"1048576\"",
                "write /local/domain/$DOMID/console/type = \"xenconsoled\"",
                "write /local/domain/$DOMID/console/output = \"pty\"",
                "write /local/domain/$DOMID/console/tty = \"\"",
                "write /local/domain/$DOMID/console/port = \"…\"",
                "write /local/domain/$DOMID/console/ring-ref = \"…\"",
                "copy what is in /local/domain/0/backend/console/$DOMID/0 to /libxl/$DOMID/device/console/0",
                "xs_introduce_domain"
            ]
        },
        {
            "name": "connect-backends",
            "summary": "wait for the back ends",
            "does": [

            ]
        },
        {
            "name": "open-console",
            "summary": "wait for the console",
            "does": [

            ]
        },
        {
            "name": "store-config",
            "summary": "store the guest's config",
            "does": [

            ]
        },
        {
            "name": "unpause",
            "summary": "start the guest",
            "does": [

            ]
        },
        {
            "name": "connect-guest",
            "summary": "wait for the guest's front ends",
            "does": [

            ]
        },
        {
            "name": "look",
            "summary": "look at the guest's devices",
            "does": [

            ]
        }
    ],
    "plan": "create"
}
t> os.has_backend vbd -> yes
t> os.target a.img -> file
t> os.has_backend vif -> yes
t> os.iface xenbr0 -> up
t> store.read tx=0 /tool/xenconsoled/domid -> error store.not-found
$ domo plan hvm.cfg
 1. check: check the guest against the host
      check that the host has 68 MiB free
 2. journal: note the operation for a sweep
 3. prepare-devices: prepare the devices on this host
 4. make-domain: make the domain
      xc_domain_create: HVM, uuid d1abdcb5-3ca7-4ed6-9328-e4e94d2153f0, max_vcpus 1, max_evtchn_port 1023
 5. set-limits: set limits and event channels
      xc_domain_max_vcpus 1
      xc_domain_setmaxmem 66560 KiB
      xc_evtchn_alloc_unbound: the store's and the console's
 6. declare: write the guest and its devices into the store
      one store transaction:
      mkdir /local/domain/$DOMID
      mkdir /vm/d1abdcb5-3ca7-4ed6-9328-e4e94d2153f0
      mkdir /libxl/$DOMID
      write /libxl/$DOMID/type = hvm
      write /libxl/$DOMID/dm-version = qemu_xen
      write /local/domain/$DOMID/vm = /vm/d1abdcb5-3ca7-4ed6-9328-e4e94d2153f0
      write /local/domain/$DOMID/hvmloader/bios = seabios
      write /local/domain/$DOMID/hvmloader/allow-memory-relocate = 0
      write /local/domain/$DOMID/platform/acpi = 1
      write /local/domain/$DOMID/platform/acpi_s3 = 1
      write /local/domain/$DOMID/platform/acpi_s4 = 1
      write /local/domain/$DOMID/platform/acpi_laptop_slate = 0
      write /local/domain/$DOMID/platform/device-model = qemu_xen
      write /local/domain/$DOMID/name = desk
      write /local/domain/$DOMID/device/suspend/event-channel = 
      write /local/domain/$DOMID/control/shutdown = 
      write /local/domain/$DOMID/control/feature-poweroff = 
      write /local/domain/$DOMID/control/feature-reboot = 
      write /local/domain/$DOMID/control/feature-suspend = 
      write /local/domain/$DOMID/control/feature-s3 = 
      write /local/domain/$DOMID/control/feature-s4 = 
      write /local/domain/$DOMID/control/sysrq = 
      write /local/domain/$DOMID/data = 
      write /local/domain/$DOMID/drivers = 
      write /local/domain/$DOMID/feature = 
      write /local/domain/$DOMID/attr = 
      write /local/domain/$DOMID/error = 
      write /local/domain/$DOMID/control/platform-feature-multiprocessor-suspend = 1
      write /local/domain/$DOMID/control/platform-feature-xs_reset_watches = 1
      write /local/domain/$DOMID/memory/static-max = 65536
      write /local/domain/$DOMID/memory/target = 57344
      write /local/domain/$DOMID/memory/videoram = 8192
      write /local/domain/$DOMID/domid = …
      write /local/domain/$DOMID/store/port = …
      write /vm/d1abdcb5-3ca7-4ed6-9328-e4e94d2153f0/uuid = d1abdcb5-3ca7-4ed6-9328-e4e94d2153f0
      write /vm/d1abdcb5-3ca7-4ed6-9328-e4e94d2153f0/name = desk
      write /vm/d1abdcb5-3ca7-4ed6-9328-e4e94d2153f0/start_time = …
      write /vm/d1abdcb5-3ca7-4ed6-9328-e4e94d2153f0/rtc/timeoffset = 
      write /vm/d1abdcb5-3ca7-4ed6-9328-e4e94d2153f0/image/ostype = hvm
      attach a loop device to /tmp/domo-golden/a.img (read-write)
      write /local/domain/0/backend/vbd/$DOMID/768/frontend-id = "$DOMID"
      write /local/domain/0/backend/vbd/$DOMID/768/online = "1"
      write /local/domain/0/backend/vbd/$DOMID/768/state = "1"
      write /local/domain/$DOMID/device/vbd/768/backend-id = "0"
      write /local/domain/$DOMID/device/vbd/768/state = "1"
      write /local/domain/0/backend/vbd/$DOMID/768/params = "/tmp/domo-golden/a.img"
      write /local/domain/0/backend/vbd/$DOMID/768/script = "/tmp/domo-golden/host/scripts/block"
      write /local/domain/0/backend/vbd/$DOMID/768/type = "phy"
      write /local/domain/0/backend/vbd/$DOMID/768/removable = "0"
      write /local/domain/0/backend/vbd/$DOMID/768/bootable = "1"
      write /local/domain/0/backend/vbd/$DOMID/768/dev = "hda"
      write /local/domain/0/backend/vbd/$DOMID/768/mode = "w"
      write /local/domain/0/backend/vbd/$DOMID/768/device-type = "disk"
      write /local/domain/0/backend/vbd/$DOMID/768/discard-enable = "1"
      write /local/domain/0/backend/vbd/$DOMID/768/specification = "xen"
      write /local/domain/$DOMID/device/vbd/768/virtual-device = "768"
      write /local/domain/$DOMID/device/vbd/768/device-type = "disk"
      write /local/domain/$DOMID/device/vbd/768/trusted = "1"
      copy what is in /local/domain/0/backend/vbd/$DOMID/768 to /libxl/$DOMID/device/vbd/768
      put the back end's interface on bridge xenbr0 and take it up
      write /local/domain/0/backend/vif/$DOMID/0/frontend-id = "$DOMID"
      write /local/domain/0/backend/vif/$DOMID/0/online = "1"
      write /local/domain/0/backend/vif/$DOMID/0/state = "1"
      write /local/domain/$DOMID/device/vif/0/backend-id = "0"
      write /local/domain/$DOMID/device/vif/0/state = "1"
      write /local/domain/0/backend/vif/$DOMID/0/script = "/tmp/domo-golden/host/scripts/vif-bridge"
      write /local/domain/0/backend/vif/$DOMID/0/mac = "00:16:3e:64:16:9b"
      write /local/domain/0/backend/vif/$DOMID/0/bridge = "xenbr0"
      write /local/domain/0/backend/vif/$DOMID/0/handle = "0"
      write /local/domain/0/backend/vif/$DOMID/0/type = "vif"
      write /local/domain/0/backend/vif/$DOMID/0/hotplug-status = ""
      write /local/domain/$DOMID/device/vif/0/handle = "0"
      write /local/domain/$DOMID/device/vif/0/mac = "00:16:3e:64:16:9b"
      write /local/domain/$DOMID/device/vif/0/trusted = "1"
      write /local/domain/$DOMID/device/vif/0/mtu = "1500"
      copy what is in /local/domain/0/backend/vif/$DOMID/0 to /libxl/$DOMID/device/vif/0
 7. lay-out-memory: lay out the guest's memory
      64 MiB, with pages for store and console
 8. introduce: introduce the guest to the store
      one store transaction:
      write /local/domain/$DOMID/store/ring-ref = …
      write /local/domain/0/backend/console/$DOMID/0/frontend-id = "$DOMID"
      write /local/domain/0/backend/console/$DOMID/0/online = "1"
      write /local/domain/0/backend/console/$DOMID/0/state = "1"
      write /local/domain/$DOMID/console/backend-id = "0"
      write /local/domain/0/backend/console/$DOMID/0/protocol = "vt100"
      write /local/domain/$DOMID/console/limit = "1048576"
      write /local/domain/$DOMID/console/type = "xenconsoled"
      write /local/domain/$DOMID/console/output = "pty"
      write /local/domain/$DOMID/console/tty = ""
      write /local/domain/$DOMID/console/port = "…"
      write /local/domain/$DOMID/console/ring-ref = "…"
      copy what is in /local/domain/0/backend/console/$DOMID/0 to /libxl/$DOMID/device/console/0
      xs_introduce_domain
 9. start-device-model: start the device model
      run qemu-system-x86_64 -no-shutdown -chardev socket,id=domo,fd=3,server=on,wait=off -mon chardev=domo,mode=control -S -nodefaults -no-user-config -name desk -uuid d1abdcb5-3ca7-4ed6-9328-e4e94d2153f0 -vnc 127.0.0.1:0,to=99 -display none -device cirrus-vga,vgamem_mb=8 -boot order=cda -net none -machine pc -accel tcg -no-reboot -chardev socket,id=host,path=/tmp/domo-golden/host/model.sock -mon chardev=host,mode=control -m 64 -drive file=a.img,if=ide,index=0,media=disk,format=raw,cache=writeback
      write /local/domain/0/device-model/$DOMID/state = running
10. connect-backends: wait for the back ends
11. store-config: store the guest's config
12. unpause: start the guest
13. look: look at the guest's devices
t> hyp.dm_machine -> qemu-system-x86_64
t> os.has_backend vbd -> yes
t> os.target a.img -> file
t> os.has_backend vif -> yes
t> os.iface xenbr0 -> up
t> store.read tx=0 /tool/xenconsoled/domid -> error store.not-found
