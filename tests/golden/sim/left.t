
# What others left half-way is found, explained and removed.
@ disk a.img 8
$ domo create web.cfg
created 'web', domain 1
t> plan.step create/check
t> hyp.host_info -> 4 cpus, Xen 4.17
t> os.has_backend vbd -> yes
t> os.target a.img -> file
t> os.has_backend vif -> yes
t> os.iface xenbr0 -> up
t> store.read tx=0 /tool/xenconsoled/domid -> error store.not-found
t> plan.step create/journal
t> plan.step create/load-kernel
t> plan.step create/prepare-devices
t> os.loop_list -> 0 devices
t> os.file_is_open /tmp/domo-golden/a.img at all -> no
t> os.loop_attach /tmp/domo-golden/a.img ro=0 -> /dev/loop0
t> os.loop_list -> 1 devices
t> plan.step create/make-domain
t> hyp.create pv max_vcpus=1 -> 1
t> plan.step create/set-limits
t> hyp.setup 1 max_vcpus=1 max_mem=5120
t> store.read tx=0 /tool/xenstored/domid -> error store.not-found
t> store.read tx=0 /tool/xenconsoled/domid -> error store.not-found
t> hyp.evtchn_alloc 1 remote=0 -> 1
t> hyp.evtchn_alloc 1 remote=0 -> 2
t> plan.step create/declare
t> store.begin -> tx=1
t> store.rm tx=1 /local/domain/1
t> store.rm tx=1 /vm/91bef871-71c3-4085-89cb-679a74876f2a
t> store.rm tx=1 /libxl/1
t> store.mkdir tx=1 /local/domain/1
t> store.set_perms tx=1 /local/domain/1 0:none,1:read
t> store.mkdir tx=1 /vm/91bef871-71c3-4085-89cb-679a74876f2a
t> store.set_perms tx=1 /vm/91bef871-71c3-4085-89cb-679a74876f2a 0:none,1:read
t> store.mkdir tx=1 /libxl/1
t> store.set_perms tx=1 /libxl/1 0:none
t> store.write tx=1 /libxl/1/type = "pv"
t> store.write tx=1 /libxl/1/dm-version = "qemu_xen"
t> store.write tx=1 /local/domain/1/vm = "/vm/91bef871-71c3-4085-89cb-679a74876f2a"
t> store.write tx=1 /local/domain/1/name = "web"
t> store.write tx=1 /local/domain/1/device/suspend/event-channel = ""
t> store.set_perms tx=1 /local/domain/1/device/suspend/event-channel 1:none
t> store.write tx=1 /local/domain/1/control/shutdown = ""
t> store.set_perms tx=1 /local/domain/1/control/shutdown 1:none
t> store.write tx=1 /local/domain/1/control/feature-poweroff = ""
t> store.set_perms tx=1 /local/domain/1/control/feature-poweroff 1:none
t> store.write tx=1 /local/domain/1/control/feature-reboot = ""
t> store.set_perms tx=1 /local/domain/1/control/feature-reboot 1:none
t> store.write tx=1 /local/domain/1/control/feature-suspend = ""
t> store.set_perms tx=1 /local/domain/1/control/feature-suspend 1:none
t> store.write tx=1 /local/domain/1/control/sysrq = ""
t> store.set_perms tx=1 /local/domain/1/control/sysrq 1:none
t> store.write tx=1 /local/domain/1/data = ""
t> store.set_perms tx=1 /local/domain/1/data 1:none
t> store.write tx=1 /local/domain/1/drivers = ""
t> store.set_perms tx=1 /local/domain/1/drivers 1:none
t> store.write tx=1 /local/domain/1/feature = ""
t> store.set_perms tx=1 /local/domain/1/feature 1:none
t> store.write tx=1 /local/domain/1/attr = ""
t> store.set_perms tx=1 /local/domain/1/attr 1:none
t> store.write tx=1 /local/domain/1/error = ""
t> store.set_perms tx=1 /local/domain/1/error 1:none
t> store.write tx=1 /local/domain/1/control/platform-feature-multiprocessor-suspend = "1"
t> store.write tx=1 /local/domain/1/control/platform-feature-xs_reset_watches = "1"
t> store.write tx=1 /local/domain/1/memory/static-max = "4096"
t> store.write tx=1 /local/domain/1/memory/target = "4096"
t> store.write tx=1 /local/domain/1/memory/videoram = "0"
t> store.write tx=1 /local/domain/1/domid = "1"
t> store.write tx=1 /local/domain/1/store/port = "1"
t> store.write tx=1 /vm/91bef871-71c3-4085-89cb-679a74876f2a/uuid = "91bef871-71c3-4085-89cb-679a74876f2a"
t> store.write tx=1 /vm/91bef871-71c3-4085-89cb-679a74876f2a/name = "web"
t> store.write tx=1 /vm/91bef871-71c3-4085-89cb-679a74876f2a/start_time = "1704186000.00"
t> store.write tx=1 /vm/91bef871-71c3-4085-89cb-679a74876f2a/image/ostype = "linux"
t> store.write tx=1 /vm/91bef871-71c3-4085-89cb-679a74876f2a/image/kernel = "/tmp/domo-golden/tiny"
t> store.write tx=1 /local/domain/1/cpu/0/availability = "online"
t> hyp.list first=0 -> 2 domains
t> store.read tx=0 /local/domain/0/name -> "Domain-0"
t> store.read tx=1 /libxl/1/device/vbd/51712 -> error store.not-found
t> store.mkdir tx=1 /libxl/1/device/vbd/51712
t> store.set_perms tx=1 /libxl/1/device/vbd/51712 0:none
t> store.write tx=1 /libxl/1/device/vbd/51712/frontend = "/local/domain/1/device/vbd/51712"
t> store.write tx=1 /libxl/1/device/vbd/51712/backend = "/local/domain/0/backend/vbd/1/51712"
t> store.rm tx=1 /local/domain/1/device/vbd/51712
t> store.mkdir tx=1 /local/domain/1/device/vbd/51712
t> store.set_perms tx=1 /local/domain/1/device/vbd/51712 1:none,0:read
t> store.write tx=1 /local/domain/1/device/vbd/51712/backend = "/local/domain/0/backend/vbd/1/51712"
t> store.rm tx=1 /local/domain/0/backend/vbd/1/51712
t> store.mkdir tx=1 /local/domain/0/backend/vbd/1/51712
t> store.set_perms tx=1 /local/domain/0/backend/vbd/1/51712 0:none,1:read
t> store.write tx=1 /local/domain/0/backend/vbd/1/51712/frontend = "/local/domain/1/device/vbd/51712"
t> store.write tx=1 /libxl/1/device/vbd/51712/frontend-id = "1"
t> store.write tx=1 /local/domain/0/backend/vbd/1/51712/frontend-id = "1"
t> store.write tx=1 /libxl/1/device/vbd/51712/online = "1"
t> store.write tx=1 /local/domain/0/backend/vbd/1/51712/online = "1"
t> store.write tx=1 /libxl/1/device/vbd/51712/state = "1"
t> store.write tx=1 /local/domain/0/backend/vbd/1/51712/state = "1"
t> store.write tx=1 /local/domain/1/device/vbd/51712/backend-id = "0"
t> store.write tx=1 /local/domain/1/device/vbd/51712/state = "1"
t> store.write tx=1 /libxl/1/device/vbd/51712/params = "/tmp/domo-golden/a.img"
t> store.write tx=1 /local/domain/0/backend/vbd/1/51712/params = "/tmp/domo-golden/a.img"
t> store.write tx=1 /libxl/1/device/vbd/51712/script = "/tmp/domo-golden/host/scripts/block"
t> store.write tx=1 /local/domain/0/backend/vbd/1/51712/script = "/tmp/domo-golden/host/scripts/block"
t> store.write tx=1 /libxl/1/device/vbd/51712/type = "phy"
t> store.write tx=1 /local/domain/0/backend/vbd/1/51712/type = "phy"
t> store.write tx=1 /libxl/1/device/vbd/51712/removable = "0"
t> store.write tx=1 /local/domain/0/backend/vbd/1/51712/removable = "0"
t> store.write tx=1 /libxl/1/device/vbd/51712/bootable = "1"
t> store.write tx=1 /local/domain/0/backend/vbd/1/51712/bootable = "1"
t> store.write tx=1 /libxl/1/device/vbd/51712/dev = "xvda"
t> store.write tx=1 /local/domain/0/backend/vbd/1/51712/dev = "xvda"
t> store.write tx=1 /libxl/1/device/vbd/51712/mode = "w"
t> store.write tx=1 /local/domain/0/backend/vbd/1/51712/mode = "w"
t> store.write tx=1 /libxl/1/device/vbd/51712/device-type = "disk"
t> store.write tx=1 /local/domain/0/backend/vbd/1/51712/device-type = "disk"
t> store.write tx=1 /libxl/1/device/vbd/51712/discard-enable = "1"
t> store.write tx=1 /local/domain/0/backend/vbd/1/51712/discard-enable = "1"
t> store.write tx=1 /libxl/1/device/vbd/51712/specification = "xen"
t> store.write tx=1 /local/domain/0/backend/vbd/1/51712/specification = "xen"
t> store.write tx=1 /local/domain/0/backend/vbd/1/51712/node = "/dev/loop0"
t> store.write tx=1 /local/domain/0/backend/vbd/1/51712/physical-device = "7:0"
t> store.write tx=1 /local/domain/0/backend/vbd/1/51712/physical-device-path = "/dev/loop0"
t> store.write tx=1 /local/domain/0/backend/vbd/1/51712/hotplug-status = "connected"
t> store.write tx=1 /local/domain/1/device/vbd/51712/virtual-device = "51712"
t> store.write tx=1 /local/domain/1/device/vbd/51712/device-type = "disk"
t> store.write tx=1 /local/domain/1/device/vbd/51712/trusted = "1"
t> store.write tx=1 /local/domain/1/device/vbd/51712/protocol = "x86_64-abi"
t> store.read tx=1 /libxl/1/device/vif/0 -> error store.not-found
t> store.mkdir tx=1 /libxl/1/device/vif/0
t> store.set_perms tx=1 /libxl/1/device/vif/0 0:none
t> store.write tx=1 /libxl/1/device/vif/0/frontend = "/local/domain/1/device/vif/0"
t> store.write tx=1 /libxl/1/device/vif/0/backend = "/local/domain/0/backend/vif/1/0"
t> store.rm tx=1 /local/domain/1/device/vif/0
t> store.mkdir tx=1 /local/domain/1/device/vif/0
t> store.set_perms tx=1 /local/domain/1/device/vif/0 1:none,0:read
t> store.write tx=1 /local/domain/1/device/vif/0/backend = "/local/domain/0/backend/vif/1/0"
t> store.rm tx=1 /local/domain/0/backend/vif/1/0
t> store.mkdir tx=1 /local/domain/0/backend/vif/1/0
t> store.set_perms tx=1 /local/domain/0/backend/vif/1/0 0:none,1:read
t> store.write tx=1 /local/domain/0/backend/vif/1/0/frontend = "/local/domain/1/device/vif/0"
t> store.write tx=1 /libxl/1/device/vif/0/frontend-id = "1"
t> store.write tx=1 /local/domain/0/backend/vif/1/0/frontend-id = "1"
t> store.write tx=1 /libxl/1/device/vif/0/online = "1"
t> store.write tx=1 /local/domain/0/backend/vif/1/0/online = "1"
t> store.write tx=1 /libxl/1/device/vif/0/state = "1"
t> store.write tx=1 /local/domain/0/backend/vif/1/0/state = "1"
t> store.write tx=1 /local/domain/1/device/vif/0/backend-id = "0"
t> store.write tx=1 /local/domain/1/device/vif/0/state = "1"
t> store.write tx=1 /libxl/1/device/vif/0/script = "/tmp/domo-golden/host/scripts/vif-bridge"
t> store.write tx=1 /local/domain/0/backend/vif/1/0/script = "/tmp/domo-golden/host/scripts/vif-bridge"
t> store.write tx=1 /libxl/1/device/vif/0/mac = "00:16:3e:25:d0:ae"
t> store.write tx=1 /local/domain/0/backend/vif/1/0/mac = "00:16:3e:25:d0:ae"
t> store.write tx=1 /libxl/1/device/vif/0/bridge = "xenbr0"
t> store.write tx=1 /local/domain/0/backend/vif/1/0/bridge = "xenbr0"
t> store.write tx=1 /libxl/1/device/vif/0/handle = "0"
t> store.write tx=1 /local/domain/0/backend/vif/1/0/handle = "0"
t> store.write tx=1 /libxl/1/device/vif/0/type = "vif"
t> store.write tx=1 /local/domain/0/backend/vif/1/0/type = "vif"
t> store.write tx=1 /libxl/1/device/vif/0/hotplug-status = ""
t> store.write tx=1 /local/domain/0/backend/vif/1/0/hotplug-status = ""
t> store.write tx=1 /local/domain/1/device/vif/0/handle = "0"
t> store.write tx=1 /local/domain/1/device/vif/0/mac = "00:16:3e:25:d0:ae"
t> store.write tx=1 /local/domain/1/device/vif/0/trusted = "1"
t> store.write tx=1 /local/domain/1/device/vif/0/mtu = "1500"
t> store.set_perms tx=1 /local/domain/1/device/vif/0/mtu 0:none,1:read
t> store.end tx=1 commit
t> plan.step create/build-image
t> hyp.build_pv 1 kernel=/tmp/domo-golden/tiny ramdisk=none mem=4096 vcpus=1 -> xen-3.0-x86_64
t> plan.step create/introduce
t> store.begin -> tx=2
t> store.write tx=2 /local/domain/1/store/ring-ref = "1023"
t> store.read tx=2 /libxl/1/device/console/0 -> error store.not-found
t> store.mkdir tx=2 /libxl/1/device/console/0
t> store.set_perms tx=2 /libxl/1/device/console/0 0:none
t> store.write tx=2 /libxl/1/device/console/0/frontend = "/local/domain/1/console"
t> store.write tx=2 /libxl/1/device/console/0/backend = "/local/domain/0/backend/console/1/0"
t> store.rm tx=2 /local/domain/1/console
t> store.mkdir tx=2 /local/domain/1/console
t> store.set_perms tx=2 /local/domain/1/console 0:none,1:read
t> store.write tx=2 /local/domain/1/console/backend = "/local/domain/0/backend/console/1/0"
t> store.rm tx=2 /local/domain/0/backend/console/1/0
t> store.mkdir tx=2 /local/domain/0/backend/console/1/0
t> store.set_perms tx=2 /local/domain/0/backend/console/1/0 0:none,1:read
t> store.write tx=2 /local/domain/0/backend/console/1/0/frontend = "/local/domain/1/console"
t> store.write tx=2 /libxl/1/device/console/0/frontend-id = "1"
t> store.write tx=2 /local/domain/0/backend/console/1/0/frontend-id = "1"
t> store.write tx=2 /libxl/1/device/console/0/online = "1"
t> store.write tx=2 /local/domain/0/backend/console/1/0/online = "1"
t> store.write tx=2 /libxl/1/device/console/0/state = "1"
t> store.write tx=2 /local/domain/0/backend/console/1/0/state = "1"
t> store.write tx=2 /local/domain/1/console/backend-id = "0"
t> store.set_perms tx=2 /local/domain/1/console/backend-id 1:none,0:read
t> store.write tx=2 /libxl/1/device/console/0/protocol = "vt100"
t> store.write tx=2 /local/domain/0/backend/console/1/0/protocol = "vt100"
t> store.write tx=2 /local/domain/1/console/limit = "1048576"
t> store.write tx=2 /local/domain/1/console/type = "xenconsoled"
t> store.write tx=2 /local/domain/1/console/output = "pty"
t> store.write tx=2 /local/domain/1/console/tty = ""
t> store.write tx=2 /local/domain/1/console/port = "2"
t> store.write tx=2 /local/domain/1/console/ring-ref = "1022"
t> store.end tx=2 commit
t> store.introduce 1 evtchn=1
t> plan.step create/connect-backends
t> store.watch /local/domain/0/backend/vbd/1/51712/state domo-dev
t> store.watch /local/domain/1/device/vbd/51712/state domo-dev
t> store.watch /local/domain/0/backend/vif/1/0/state domo-dev
t> store.watch /local/domain/1/device/vif/0/state domo-dev
t> store.read tx=0 /local/domain/0/backend/vbd/1/51712/state -> "2"
t> store.read tx=0 /local/domain/0/backend/vif/1/0/state -> "2"
t> os.iface vif1.0 -> down
t> os.iface_change vif1.0 bridge=xenbr0 mac up
t> store.write tx=0 /local/domain/0/backend/vif/1/0/hotplug-status = "connected"
t> plan.step create/open-console
t> store.watch /local/domain/1/console/tty console
t> store.read tx=0 /local/domain/1/console/tty -> "/tmp/domo-golden/tty1"
t> store.unwatch /local/domain/1/console/tty console
t> plan.step create/store-config
t> plan.step create/unpause
t> hyp.unpause 1
t> plan.step create/connect-guest
t> store.watch @releaseDomain domo-dev
t> store.read tx=0 /local/domain/0/backend/vbd/1/51712/state -> "4"
t> store.read tx=0 /local/domain/1/device/vbd/51712/state -> "4"
t> hyp.info 1 -> running
t> store.read tx=0 /local/domain/0/backend/vif/1/0/state -> "4"
t> store.read tx=0 /local/domain/1/device/vif/0/state -> "4"
t> hyp.info 1 -> running
t> plan.step create/look
t> store.unwatch /local/domain/0/backend/vbd/1/51712/state domo-dev
t> store.unwatch /local/domain/1/device/vbd/51712/state domo-dev
t> store.unwatch /local/domain/0/backend/vif/1/0/state domo-dev
t> store.unwatch /local/domain/1/device/vif/0/state domo-dev
t> store.unwatch @releaseDomain domo-dev
t> store.read tx=0 /local/domain/0/backend/vbd/1/51712/state -> "4"
t> store.read tx=0 /local/domain/0/backend/vbd/1/51712/hotplug-status -> "connected"
t> store.read tx=0 /local/domain/0/error/backend/vbd/1/51712/error -> error store.not-found
t> store.read tx=0 /local/domain/0/backend/vbd/1/51712/hotplug-error -> error store.not-found
t> store.read tx=0 /local/domain/1/device/vbd/51712/state -> "4"
t> store.read tx=0 /local/domain/1/error/device/vbd/51712/error -> error store.not-found
t> store.list tx=0 /local/domain/1/device/vbd/51712 -> 10 names
t> store.read tx=0 /local/domain/1/device/vbd/51712/event-channel -> "5"
t> store.read tx=0 /local/domain/1/device/vbd/51712/ring-ref -> "8"
t> store.read tx=0 /local/domain/0/backend/vif/1/0/state -> "4"
t> store.read tx=0 /local/domain/0/backend/vif/1/0/hotplug-status -> "connected"
t> store.read tx=0 /local/domain/0/error/backend/vif/1/0/error -> error store.not-found
t> store.read tx=0 /local/domain/0/backend/vif/1/0/hotplug-error -> error store.not-found
t> store.read tx=0 /local/domain/1/device/vif/0/state -> "4"
t> store.read tx=0 /local/domain/1/error/device/vif/0/error -> error store.not-found
t> store.list tx=0 /local/domain/1/device/vif/0 -> 12 names
t> store.read tx=0 /local/domain/1/device/vif/0/event-channel -> "6"
t> store.read tx=0 /local/domain/1/device/vif/0/tx-ring-ref -> "9"
t> store.read tx=0 /local/domain/1/device/vif/0/rx-ring-ref -> "10"
t> store.read tx=0 /local/domain/0/backend/console/1/0/state -> "1"
t> store.read tx=0 /local/domain/0/backend/console/1/0/hotplug-status -> error store.not-found
t> store.read tx=0 /local/domain/0/error/backend/console/1/0/error -> error store.not-found
t> store.read tx=0 /local/domain/0/backend/console/1/0/hotplug-error -> error store.not-found
t> store.read tx=0 /local/domain/1/console/state -> error store.not-found
t> store.read tx=0 /local/domain/1/error/console/error -> error store.not-found
t> store.list tx=0 /local/domain/1/console -> 8 names
t> store.read tx=0 /local/domain/1/console/port -> "2"
t> store.read tx=0 /local/domain/1/console/ring-ref -> "1022"
t> hyp.info 1 -> running
w+ /libxl = "" (n0)
w+ /libxl/1 = "" (n0)
w+ /libxl/1/device = "" (n0)
w+ /libxl/1/device/console = "" (n0)
w+ /libxl/1/device/console/0 = "" (n0)
w+ /libxl/1/device/console/0/backend = "/local/domain/0/backend/console/1/0" (n0)
w+ /libxl/1/device/console/0/frontend = "/local/domain/1/console" (n0)
w+ /libxl/1/device/console/0/frontend-id = "1" (n0)
w+ /libxl/1/device/console/0/online = "1" (n0)
w+ /libxl/1/device/console/0/protocol = "vt100" (n0)
w+ /libxl/1/device/console/0/state = "1" (n0)
w+ /libxl/1/device/vbd = "" (n0)
w+ /libxl/1/device/vbd/51712 = "" (n0)
w+ /libxl/1/device/vbd/51712/backend = "/local/domain/0/backend/vbd/1/51712" (n0)
w+ /libxl/1/device/vbd/51712/bootable = "1" (n0)
w+ /libxl/1/device/vbd/51712/dev = "xvda" (n0)
w+ /libxl/1/device/vbd/51712/device-type = "disk" (n0)
w+ /libxl/1/device/vbd/51712/discard-enable = "1" (n0)
w+ /libxl/1/device/vbd/51712/frontend = "/local/domain/1/device/vbd/51712" (n0)
w+ /libxl/1/device/vbd/51712/frontend-id = "1" (n0)
w+ /libxl/1/device/vbd/51712/mode = "w" (n0)
w+ /libxl/1/device/vbd/51712/online = "1" (n0)
w+ /libxl/1/device/vbd/51712/params = "/tmp/domo-golden/a.img" (n0)
w+ /libxl/1/device/vbd/51712/removable = "0" (n0)
w+ /libxl/1/device/vbd/51712/script = "/tmp/domo-golden/host/scripts/block" (n0)
w+ /libxl/1/device/vbd/51712/specification = "xen" (n0)
w+ /libxl/1/device/vbd/51712/state = "1" (n0)
w+ /libxl/1/device/vbd/51712/type = "phy" (n0)
w+ /libxl/1/device/vif = "" (n0)
w+ /libxl/1/device/vif/0 = "" (n0)
w+ /libxl/1/device/vif/0/backend = "/local/domain/0/backend/vif/1/0" (n0)
w+ /libxl/1/device/vif/0/bridge = "xenbr0" (n0)
w+ /libxl/1/device/vif/0/frontend = "/local/domain/1/device/vif/0" (n0)
w+ /libxl/1/device/vif/0/frontend-id = "1" (n0)
w+ /libxl/1/device/vif/0/handle = "0" (n0)
w+ /libxl/1/device/vif/0/hotplug-status = "" (n0)
w+ /libxl/1/device/vif/0/mac = "00:16:3e:25:d0:ae" (n0)
w+ /libxl/1/device/vif/0/online = "1" (n0)
w+ /libxl/1/device/vif/0/script = "/tmp/domo-golden/host/scripts/vif-bridge" (n0)
w+ /libxl/1/device/vif/0/state = "1" (n0)
w+ /libxl/1/device/vif/0/type = "vif" (n0)
w+ /libxl/1/dm-version = "qemu_xen" (n0)
w+ /libxl/1/type = "pv" (n0)
w+ /local/domain/0/backend = "" (n0)
w+ /local/domain/0/backend/console = "" (n0)
w+ /local/domain/0/backend/console/1 = "" (n0)
w+ /local/domain/0/backend/console/1/0 = "" (n0,r1)
w+ /local/domain/0/backend/console/1/0/frontend = "/local/domain/1/console" (n0,r1)
w+ /local/domain/0/backend/console/1/0/frontend-id = "1" (n0,r1)
w+ /local/domain/0/backend/console/1/0/online = "1" (n0,r1)
w+ /local/domain/0/backend/console/1/0/protocol = "vt100" (n0,r1)
w+ /local/domain/0/backend/console/1/0/state = "1" (n0,r1)
w+ /local/domain/0/backend/vbd = "" (n0)
w+ /local/domain/0/backend/vbd/1 = "" (n0)
w+ /local/domain/0/backend/vbd/1/51712 = "" (n0,r1)
w+ /local/domain/0/backend/vbd/1/51712/bootable = "1" (n0,r1)
w+ /local/domain/0/backend/vbd/1/51712/dev = "xvda" (n0,r1)
w+ /local/domain/0/backend/vbd/1/51712/device-type = "disk" (n0,r1)
w+ /local/domain/0/backend/vbd/1/51712/discard-enable = "1" (n0,r1)
w+ /local/domain/0/backend/vbd/1/51712/feature-barrier = "0" (n0,r1)
w+ /local/domain/0/backend/vbd/1/51712/feature-flush-cache = "1" (n0,r1)
w+ /local/domain/0/backend/vbd/1/51712/feature-persistent = "0" (n0,r1)
w+ /local/domain/0/backend/vbd/1/51712/frontend = "/local/domain/1/device/vbd/51712" (n0,r1)
w+ /local/domain/0/backend/vbd/1/51712/frontend-id = "1" (n0,r1)
w+ /local/domain/0/backend/vbd/1/51712/hotplug-status = "connected" (n0,r1)
w+ /local/domain/0/backend/vbd/1/51712/info = "0" (n0,r1)
w+ /local/domain/0/backend/vbd/1/51712/max-ring-page-order = "0" (n0,r1)
w+ /local/domain/0/backend/vbd/1/51712/mode = "w" (n0,r1)
w+ /local/domain/0/backend/vbd/1/51712/multi-queue-max-queues = "1" (n0,r1)
w+ /local/domain/0/backend/vbd/1/51712/node = "/dev/loop0" (n0,r1)
w+ /local/domain/0/backend/vbd/1/51712/online = "1" (n0,r1)
w+ /local/domain/0/backend/vbd/1/51712/params = "/tmp/domo-golden/a.img" (n0,r1)
w+ /local/domain/0/backend/vbd/1/51712/physical-device = "7:0" (n0,r1)
w+ /local/domain/0/backend/vbd/1/51712/physical-device-path = "/dev/loop0" (n0,r1)
w+ /local/domain/0/backend/vbd/1/51712/physical-sector-size = "512" (n0,r1)
w+ /local/domain/0/backend/vbd/1/51712/removable = "0" (n0,r1)
w+ /local/domain/0/backend/vbd/1/51712/script = "/tmp/domo-golden/host/scripts/block" (n0,r1)
w+ /local/domain/0/backend/vbd/1/51712/sector-size = "512" (n0,r1)
w+ /local/domain/0/backend/vbd/1/51712/sectors = "16384" (n0,r1)
w+ /local/domain/0/backend/vbd/1/51712/specification = "xen" (n0,r1)
w+ /local/domain/0/backend/vbd/1/51712/state = "4" (n0,r1)
w+ /local/domain/0/backend/vbd/1/51712/type = "phy" (n0,r1)
w+ /local/domain/0/backend/vif = "" (n0)
w+ /local/domain/0/backend/vif/1 = "" (n0)
w+ /local/domain/0/backend/vif/1/0 = "" (n0,r1)
w+ /local/domain/0/backend/vif/1/0/bridge = "xenbr0" (n0,r1)
w+ /local/domain/0/backend/vif/1/0/feature-rx-copy = "1" (n0,r1)
w+ /local/domain/0/backend/vif/1/0/feature-sg = "0" (n0,r1)
w+ /local/domain/0/backend/vif/1/0/feature-split-event-channels = "1" (n0,r1)
w+ /local/domain/0/backend/vif/1/0/frontend = "/local/domain/1/device/vif/0" (n0,r1)
w+ /local/domain/0/backend/vif/1/0/frontend-id = "1" (n0,r1)
w+ /local/domain/0/backend/vif/1/0/handle = "0" (n0,r1)
w+ /local/domain/0/backend/vif/1/0/hotplug-status = "connected" (n0,r1)
w+ /local/domain/0/backend/vif/1/0/mac = "00:16:3e:25:d0:ae" (n0,r1)
w+ /local/domain/0/backend/vif/1/0/multi-queue-max-queues = "1" (n0,r1)
w+ /local/domain/0/backend/vif/1/0/online = "1" (n0,r1)
w+ /local/domain/0/backend/vif/1/0/script = "/tmp/domo-golden/host/scripts/vif-bridge" (n0,r1)
w+ /local/domain/0/backend/vif/1/0/state = "4" (n0,r1)
w+ /local/domain/0/backend/vif/1/0/type = "vif" (n0,r1)
w+ /local/domain/1 = "" (n0,r1)
w+ /local/domain/1/attr = "" (n1)
w+ /local/domain/1/console = "" (n0,r1)
w+ /local/domain/1/console/backend = "/local/domain/0/backend/console/1/0" (n0,r1)
w+ /local/domain/1/console/backend-id = "0" (n1,r0)
w+ /local/domain/1/console/limit = "1048576" (n0,r1)
w+ /local/domain/1/console/output = "pty" (n0,r1)
w+ /local/domain/1/console/port = "2" (n0,r1)
w+ /local/domain/1/console/ring-ref = "1022" (n0,r1)
w+ /local/domain/1/console/tty = "/tmp/domo-golden/tty1" (n0,r1)
w+ /local/domain/1/console/type = "xenconsoled" (n0,r1)
w+ /local/domain/1/control = "" (n0,r1)
w+ /local/domain/1/control/feature-poweroff = "1" (n1)
w+ /local/domain/1/control/feature-reboot = "1" (n1)
w+ /local/domain/1/control/feature-suspend = "1" (n1)
w+ /local/domain/1/control/platform-feature-multiprocessor-suspend = "1" (n0,r1)
w+ /local/domain/1/control/platform-feature-xs_reset_watches = "1" (n0,r1)
w+ /local/domain/1/control/shutdown = "" (n1)
w+ /local/domain/1/control/sysrq = "" (n1)
w+ /local/domain/1/cpu = "" (n0,r1)
w+ /local/domain/1/cpu/0 = "" (n0,r1)
w+ /local/domain/1/cpu/0/availability = "online" (n0,r1)
w+ /local/domain/1/data = "" (n1)
w+ /local/domain/1/device = "" (n0,r1)
w+ /local/domain/1/device/suspend = "" (n0,r1)
w+ /local/domain/1/device/suspend/event-channel = "" (n1)
w+ /local/domain/1/device/vbd = "" (n0,r1)
w+ /local/domain/1/device/vbd/51712 = "" (n1,r0)
w+ /local/domain/1/device/vbd/51712/backend = "/local/domain/0/backend/vbd/1/51712" (n1,r0)
w+ /local/domain/1/device/vbd/51712/backend-id = "0" (n1,r0)
w+ /local/domain/1/device/vbd/51712/device-type = "disk" (n1,r0)
w+ /local/domain/1/device/vbd/51712/event-channel = "5" (n1,r0)
w+ /local/domain/1/device/vbd/51712/feature-persistent = "0" (n1,r0)
w+ /local/domain/1/device/vbd/51712/protocol = "x86_64-abi" (n1,r0)
w+ /local/domain/1/device/vbd/51712/ring-ref = "8" (n1,r0)
w+ /local/domain/1/device/vbd/51712/state = "4" (n1,r0)
w+ /local/domain/1/device/vbd/51712/trusted = "1" (n1,r0)
w+ /local/domain/1/device/vbd/51712/virtual-device = "51712" (n1,r0)
w+ /local/domain/1/device/vif = "" (n0,r1)
w+ /local/domain/1/device/vif/0 = "" (n1,r0)
w+ /local/domain/1/device/vif/0/backend = "/local/domain/0/backend/vif/1/0" (n1,r0)
w+ /local/domain/1/device/vif/0/backend-id = "0" (n1,r0)
w+ /local/domain/1/device/vif/0/event-channel = "6" (n1,r0)
w+ /local/domain/1/device/vif/0/feature-rx-notify = "1" (n1,r0)
w+ /local/domain/1/device/vif/0/handle = "0" (n1,r0)
w+ /local/domain/1/device/vif/0/mac = "00:16:3e:25:d0:ae" (n1,r0)
w+ /local/domain/1/device/vif/0/mtu = "1500" (n0,r1)
w+ /local/domain/1/device/vif/0/request-rx-copy = "1" (n1,r0)
w+ /local/domain/1/device/vif/0/rx-ring-ref = "10" (n1,r0)
w+ /local/domain/1/device/vif/0/state = "4" (n1,r0)
w+ /local/domain/1/device/vif/0/trusted = "1" (n1,r0)
w+ /local/domain/1/device/vif/0/tx-ring-ref = "9" (n1,r0)
w+ /local/domain/1/domid = "1" (n0,r1)
w+ /local/domain/1/drivers = "" (n1)
w+ /local/domain/1/error = "" (n1)
w+ /local/domain/1/feature = "" (n1)
w+ /local/domain/1/memory = "" (n0,r1)
w+ /local/domain/1/memory/static-max = "4096" (n0,r1)
w+ /local/domain/1/memory/target = "4096" (n0,r1)
w+ /local/domain/1/memory/videoram = "0" (n0,r1)
w+ /local/domain/1/name = "web" (n0,r1)
w+ /local/domain/1/store = "" (n0,r1)
w+ /local/domain/1/store/port = "1" (n0,r1)
w+ /local/domain/1/store/ring-ref = "1023" (n0,r1)
w+ /local/domain/1/vm = "/vm/91bef871-71c3-4085-89cb-679a74876f2a" (n0,r1)
w+ /vm = "" (n0)
w+ /vm/91bef871-71c3-4085-89cb-679a74876f2a = "" (n0,r1)
w+ /vm/91bef871-71c3-4085-89cb-679a74876f2a/image = "" (n0,r1)
w+ /vm/91bef871-71c3-4085-89cb-679a74876f2a/image/kernel = "/tmp/domo-golden/tiny" (n0,r1)
w+ /vm/91bef871-71c3-4085-89cb-679a74876f2a/image/ostype = "linux" (n0,r1)
w+ /vm/91bef871-71c3-4085-89cb-679a74876f2a/name = "web" (n0,r1)
w+ /vm/91bef871-71c3-4085-89cb-679a74876f2a/start_time = "1704186000.00" (n0,r1)
w+ /vm/91bef871-71c3-4085-89cb-679a74876f2a/uuid = "91bef871-71c3-4085-89cb-679a74876f2a" (n0,r1)
w+ domain 1 4096 KiB
w+ file domo/history/lock
w+ file domo/history/now
w+ file domo/known-domains
w+ file domo/names/Domain-0
w+ file domo/names/web
w+ file domo/wards/91bef871-71c3-4085-89cb-679a74876f2a
w+ file lib/userdata-d.1.91bef871-71c3-4085-89cb-679a74876f2a.libxl-json
w+ loop0 rw 'domo:91bef871-71c3-4085-89cb-679a74876f2a:vbd:51712'
w+ vif1.0 mtu 1500 up in a bridge
@ write /local/domain/7/name ghost
w+ /local/domain/7 = "" (n0)
w+ /local/domain/7/name = "ghost" (n0)
@ write /libxl/7/type pv
w+ /libxl/7 = "" (n0)
w+ /libxl/7/type = "pv" (n0)
@ write /local/domain/0/backend/vbd/7/51712/frontend /local/domain/7/device/vbd/51712
w+ /local/domain/0/backend/vbd/7 = "" (n0)
w+ /local/domain/0/backend/vbd/7/51712 = "" (n0)
w+ /local/domain/0/backend/vbd/7/51712/frontend = "/local/domain/7/device/vbd/51712" (n0)
$ domo sweep
WHAT       ID                            WHY                                          ACTION
store-node /local/domain/0/backend/vbd/7 the hypervisor has no domain with this domid remove it
store-node /local/domain/7               the hypervisor has no domain with this domid remove it
store-node /libxl/7                      the hypervisor has no domain with this domid remove it
2> 'domo sweep --remove' does it
t> os.loop_list -> 1 devices
t> hyp.list first=0 -> 2 domains
t> store.read tx=0 /libxl/1/device/vbd/51712 -> ""
t> store.read tx=0 /local/domain/0/backend/vbd/1/51712/node -> "/dev/loop0"
t> store.list tx=0 /local/domain/0/device-model -> error store.not-found
t> store.list tx=0 /local/domain/0/backend -> 3 names
t> store.list tx=0 /local/domain/0/backend/vbd -> 2 names
t> hyp.info 1 -> running
t> hyp.info 7 -> error domain.not-found
t> store.list tx=0 /local/domain/0/backend/vif -> 1 names
t> hyp.info 1 -> running
t> store.list tx=0 /local/domain/0/backend/console -> 1 names
t> hyp.info 1 -> running
t> store.list tx=0 /local/domain -> 3 names
t> hyp.info 0 -> running
t> hyp.info 1 -> running
t> hyp.info 7 -> error domain.not-found
t> store.list tx=0 /libxl -> 2 names
t> hyp.info 1 -> running
t> hyp.info 7 -> error domain.not-found
t> store.list tx=0 /vm -> 1 names
t> hyp.list first=0 -> 2 domains
t> hyp.list first=0 -> 2 domains
t> hyp.list first=0 -> 2 domains
$ domo sweep --remove
WHAT       ID                            WHY                                          ACTION
store-node /local/domain/0/backend/vbd/7 the hypervisor has no domain with this domid done: remove it
store-node /local/domain/7               the hypervisor has no domain with this domid done: remove it
store-node /libxl/7                      the hypervisor has no domain with this domid done: remove it
t> os.loop_list -> 1 devices
t> hyp.list first=0 -> 2 domains
t> store.read tx=0 /libxl/1/device/vbd/51712 -> ""
t> store.read tx=0 /local/domain/0/backend/vbd/1/51712/node -> "/dev/loop0"
t> store.list tx=0 /local/domain/0/device-model -> error store.not-found
t> store.list tx=0 /local/domain/0/backend -> 3 names
t> store.list tx=0 /local/domain/0/backend/vbd -> 2 names
t> hyp.info 1 -> running
t> hyp.info 7 -> error domain.not-found
t> store.begin -> tx=1
t> store.rm tx=1 /local/domain/0/backend/vbd/7
t> store.end tx=1 commit
t> store.list tx=0 /local/domain/0/backend/vif -> 1 names
t> hyp.info 1 -> running
t> store.list tx=0 /local/domain/0/backend/console -> 1 names
t> hyp.info 1 -> running
t> store.list tx=0 /local/domain -> 3 names
t> hyp.info 0 -> running
t> hyp.info 1 -> running
t> hyp.info 7 -> error domain.not-found
t> store.begin -> tx=2
t> store.rm tx=2 /local/domain/7
t> store.end tx=2 commit
t> store.list tx=0 /libxl -> 2 names
t> hyp.info 1 -> running
t> hyp.info 7 -> error domain.not-found
t> store.begin -> tx=3
t> store.rm tx=3 /libxl/7
t> store.end tx=3 commit
t> store.list tx=0 /vm -> 1 names
t> hyp.list first=0 -> 2 domains
t> hyp.list first=0 -> 2 domains
t> hyp.list first=0 -> 2 domains
t> hyp.list first=0 -> 2 domains
t> hyp.list first=0 -> 2 domains
w- /libxl/7 = "" (n0)
w- /libxl/7/type = "pv" (n0)
w- /local/domain/0/backend/vbd/7 = "" (n0)
w- /local/domain/0/backend/vbd/7/51712 = "" (n0)
w- /local/domain/0/backend/vbd/7/51712/frontend = "/local/domain/7/device/vbd/51712" (n0)
w- /local/domain/7 = "" (n0)
w- /local/domain/7/name = "ghost" (n0)
$ domo sweep
nothing is left behind
t> os.loop_list -> 1 devices
t> hyp.list first=0 -> 2 domains
t> store.read tx=0 /libxl/1/device/vbd/51712 -> ""
t> store.read tx=0 /local/domain/0/backend/vbd/1/51712/node -> "/dev/loop0"
t> store.list tx=0 /local/domain/0/device-model -> error store.not-found
t> store.list tx=0 /local/domain/0/backend -> 3 names
t> store.list tx=0 /local/domain/0/backend/vbd -> 1 names
t> hyp.info 1 -> running
t> store.list tx=0 /local/domain/0/backend/vif -> 1 names
t> hyp.info 1 -> running
t> store.list tx=0 /local/domain/0/backend/console -> 1 names
t> hyp.info 1 -> running
t> store.list tx=0 /local/domain -> 2 names
t> hyp.info 0 -> running
t> hyp.info 1 -> running
t> store.list tx=0 /libxl -> 1 names
t> hyp.info 1 -> running
t> store.list tx=0 /vm -> 1 names
t> hyp.list first=0 -> 2 domains
t> hyp.list first=0 -> 2 domains
t> hyp.list first=0 -> 2 domains
$ domo destroy web
destroyed domain 1
t> store.read tx=0 /local/domain/1/name -> "web"
t> hyp.info 1 -> running
t> hyp.info 1 -> running
t> store.read tx=0 /libxl/1/type -> "pv"
t> store.read tx=0 /local/domain/1/name -> "web"
t> plan.step destroy/journal
t> plan.step destroy/pause
t> hyp.pause 1
t> plan.step destroy/close-devices
t> store.list tx=0 /libxl/1/device -> 3 names
t> store.list tx=0 /libxl/1/device/vbd -> 1 names
t> store.read tx=0 /libxl/1/device/vbd/51712/backend -> "/local/domain/0/backend/vbd/1/51712"
t> store.read tx=0 /libxl/1/device/vbd/51712/params -> "/tmp/domo-golden/a.img"
t> store.read tx=0 /libxl/1/device/vbd/51712/script -> "/tmp/domo-golden/host/scripts/block"
t> store.read tx=0 /libxl/1/device/vbd/51712/dev -> "xvda"
t> store.read tx=0 /libxl/1/device/vbd/51712/type -> "phy"
t> store.read tx=0 /libxl/1/device/vbd/51712/mode -> "w"
t> store.read tx=0 /libxl/1/device/vbd/51712/device-type -> "disk"
t> store.list tx=0 /libxl/1/device/vif -> 1 names
t> store.read tx=0 /libxl/1/device/vif/0/backend -> "/local/domain/0/backend/vif/1/0"
t> store.read tx=0 /libxl/1/device/vif/0/script -> "/tmp/domo-golden/host/scripts/vif-bridge"
t> store.read tx=0 /libxl/1/device/vif/0/vifname -> error store.not-found
t> store.read tx=0 /libxl/1/device/vif/0/mac -> "00:16:3e:25:d0:ae"
t> store.read tx=0 /libxl/1/device/vif/0/ip -> error store.not-found
t> store.read tx=0 /libxl/1/device/vif/0/gatewaydev -> error store.not-found
t> store.read tx=0 /libxl/1/device/vif/0/rate -> error store.not-found
t> store.read tx=0 /libxl/1/device/vif/0/bridge -> "xenbr0"
t> store.read tx=0 /libxl/1/device/vif/0/type -> "vif"
t> store.list tx=0 /libxl/1/device/console -> 1 names
t> store.read tx=0 /libxl/1/device/console/0/backend -> "/local/domain/0/backend/console/1/0"
t> store.list tx=0 /libxl/1/device/pci -> error store.not-found
t> store.read tx=0 /local/domain/0/backend/pci/1/0/frontend -> error store.not-found
t> store.watch /local/domain/0/backend/vbd/1/51712/state domo-dev
t> store.watch /local/domain/1/device/vbd/51712/state domo-dev
t> store.watch /local/domain/0/backend/vif/1/0/state domo-dev
t> store.watch /local/domain/1/device/vif/0/state domo-dev
t> store.begin -> tx=1
t> store.read tx=1 /local/domain/0/backend/vbd/1/51712/state -> "4"
t> store.read tx=1 /local/domain/1/device/vbd/51712/state -> "4"
t> store.rm tx=1 /local/domain/1/device/vbd/51712
t> os.has_backend vbd -> yes
t> store.write tx=1 /local/domain/0/backend/vbd/1/51712/online = "0"
t> store.write tx=1 /local/domain/0/backend/vbd/1/51712/state = "5"
t> store.read tx=1 /local/domain/0/backend/vif/1/0/state -> "4"
t> store.read tx=1 /local/domain/1/device/vif/0/state -> "4"
t> store.rm tx=1 /local/domain/1/device/vif/0
t> os.has_backend vif -> yes
t> store.write tx=1 /local/domain/0/backend/vif/1/0/online = "0"
t> store.write tx=1 /local/domain/0/backend/vif/1/0/state = "5"
t> store.end tx=1 commit
t> store.read tx=0 /local/domain/0/backend/vbd/1/51712/state -> "6"
t> store.read tx=0 /local/domain/0/backend/vif/1/0/state -> "6"
t> plan.step destroy/release-devices
t> os.iface vif1.0 -> none
t> store.read tx=0 /local/domain/0/backend/vbd/1/51712/node -> "/dev/loop0"
t> os.loop_get /dev/loop0 -> domo:91bef871-71c3-4085-89cb-679a74876f2a:vbd:51712
t> os.loop_detach /dev/loop0
t> os.loop_get /dev/loop0 -> free
t> plan.step destroy/remove-nodes
t> store.unwatch /local/domain/0/backend/vbd/1/51712/state domo-dev
t> store.unwatch /local/domain/1/device/vbd/51712/state domo-dev
t> store.unwatch /local/domain/0/backend/vif/1/0/state domo-dev
t> store.unwatch /local/domain/1/device/vif/0/state domo-dev
t> store.begin -> tx=2
t> store.rm tx=2 /local/domain/0/backend/vbd/1
t> store.read tx=2 /local/domain/0/error/backend/vbd/1/51712 -> error store.not-found
t> store.rm tx=2 /local/domain/0/backend/vif/1
t> store.read tx=2 /local/domain/0/error/backend/vif/1/0 -> error store.not-found
t> store.rm tx=2 /local/domain/0/backend/console/1
t> hyp.list first=0 -> 2 domains
t> store.list tx=2 /local/domain/0/backend -> 3 names
t> store.list tx=2 /local/domain/0/backend/vbd -> 0 names
t> store.rm tx=2 /local/domain/0/backend/vbd
t> store.list tx=2 /local/domain/0/backend/vif -> 0 names
t> store.rm tx=2 /local/domain/0/backend/vif
t> store.list tx=2 /local/domain/0/backend/console -> 0 names
t> store.rm tx=2 /local/domain/0/backend/console
t> store.list tx=2 /local/domain/0/backend -> 0 names
t> store.rm tx=2 /local/domain/0/backend
t> store.rm tx=2 /local/domain/1
t> store.rm tx=2 /vm/91bef871-71c3-4085-89cb-679a74876f2a
t> store.rm tx=2 /libxl/1
t> store.end tx=2 commit
t> plan.step destroy/destroy-domain
t> hyp.destroy 1
t> plan.step destroy/forget
w- /libxl/1 = "" (n0)
w- /libxl/1/device = "" (n0)
w- /libxl/1/device/console = "" (n0)
w- /libxl/1/device/console/0 = "" (n0)
w- /libxl/1/device/console/0/backend = "/local/domain/0/backend/console/1/0" (n0)
w- /libxl/1/device/console/0/frontend = "/local/domain/1/console" (n0)
w- /libxl/1/device/console/0/frontend-id = "1" (n0)
w- /libxl/1/device/console/0/online = "1" (n0)
w- /libxl/1/device/console/0/protocol = "vt100" (n0)
w- /libxl/1/device/console/0/state = "1" (n0)
w- /libxl/1/device/vbd = "" (n0)
w- /libxl/1/device/vbd/51712 = "" (n0)
w- /libxl/1/device/vbd/51712/backend = "/local/domain/0/backend/vbd/1/51712" (n0)
w- /libxl/1/device/vbd/51712/bootable = "1" (n0)
w- /libxl/1/device/vbd/51712/dev = "xvda" (n0)
w- /libxl/1/device/vbd/51712/device-type = "disk" (n0)
w- /libxl/1/device/vbd/51712/discard-enable = "1" (n0)
w- /libxl/1/device/vbd/51712/frontend = "/local/domain/1/device/vbd/51712" (n0)
w- /libxl/1/device/vbd/51712/frontend-id = "1" (n0)
w- /libxl/1/device/vbd/51712/mode = "w" (n0)
w- /libxl/1/device/vbd/51712/online = "1" (n0)
w- /libxl/1/device/vbd/51712/params = "/tmp/domo-golden/a.img" (n0)
w- /libxl/1/device/vbd/51712/removable = "0" (n0)
w- /libxl/1/device/vbd/51712/script = "/tmp/domo-golden/host/scripts/block" (n0)
w- /libxl/1/device/vbd/51712/specification = "xen" (n0)
w- /libxl/1/device/vbd/51712/state = "1" (n0)
w- /libxl/1/device/vbd/51712/type = "phy" (n0)
w- /libxl/1/device/vif = "" (n0)
w- /libxl/1/device/vif/0 = "" (n0)
w- /libxl/1/device/vif/0/backend = "/local/domain/0/backend/vif/1/0" (n0)
w- /libxl/1/device/vif/0/bridge = "xenbr0" (n0)
w- /libxl/1/device/vif/0/frontend = "/local/domain/1/device/vif/0" (n0)
w- /libxl/1/device/vif/0/frontend-id = "1" (n0)
w- /libxl/1/device/vif/0/handle = "0" (n0)
w- /libxl/1/device/vif/0/hotplug-status = "" (n0)
w- /libxl/1/device/vif/0/mac = "00:16:3e:25:d0:ae" (n0)
w- /libxl/1/device/vif/0/online = "1" (n0)
w- /libxl/1/device/vif/0/script = "/tmp/domo-golden/host/scripts/vif-bridge" (n0)
w- /libxl/1/device/vif/0/state = "1" (n0)
w- /libxl/1/device/vif/0/type = "vif" (n0)
w- /libxl/1/dm-version = "qemu_xen" (n0)
w- /libxl/1/type = "pv" (n0)
w- /local/domain/0/backend = "" (n0)
w- /local/domain/0/backend/console = "" (n0)
w- /local/domain/0/backend/console/1 = "" (n0)
w- /local/domain/0/backend/console/1/0 = "" (n0,r1)
w- /local/domain/0/backend/console/1/0/frontend = "/local/domain/1/console" (n0,r1)
w- /local/domain/0/backend/console/1/0/frontend-id = "1" (n0,r1)
w- /local/domain/0/backend/console/1/0/online = "1" (n0,r1)
w- /local/domain/0/backend/console/1/0/protocol = "vt100" (n0,r1)
w- /local/domain/0/backend/console/1/0/state = "1" (n0,r1)
w- /local/domain/0/backend/vbd = "" (n0)
w- /local/domain/0/backend/vbd/1 = "" (n0)
w- /local/domain/0/backend/vbd/1/51712 = "" (n0,r1)
w- /local/domain/0/backend/vbd/1/51712/bootable = "1" (n0,r1)
w- /local/domain/0/backend/vbd/1/51712/dev = "xvda" (n0,r1)
w- /local/domain/0/backend/vbd/1/51712/device-type = "disk" (n0,r1)
w- /local/domain/0/backend/vbd/1/51712/discard-enable = "1" (n0,r1)
w- /local/domain/0/backend/vbd/1/51712/feature-barrier = "0" (n0,r1)
w- /local/domain/0/backend/vbd/1/51712/feature-flush-cache = "1" (n0,r1)
w- /local/domain/0/backend/vbd/1/51712/feature-persistent = "0" (n0,r1)
w- /local/domain/0/backend/vbd/1/51712/frontend = "/local/domain/1/device/vbd/51712" (n0,r1)
w- /local/domain/0/backend/vbd/1/51712/frontend-id = "1" (n0,r1)
w- /local/domain/0/backend/vbd/1/51712/hotplug-status = "connected" (n0,r1)
w- /local/domain/0/backend/vbd/1/51712/info = "0" (n0,r1)
w- /local/domain/0/backend/vbd/1/51712/max-ring-page-order = "0" (n0,r1)
w- /local/domain/0/backend/vbd/1/51712/mode = "w" (n0,r1)
w- /local/domain/0/backend/vbd/1/51712/multi-queue-max-queues = "1" (n0,r1)
w- /local/domain/0/backend/vbd/1/51712/node = "/dev/loop0" (n0,r1)
w- /local/domain/0/backend/vbd/1/51712/online = "1" (n0,r1)
w- /local/domain/0/backend/vbd/1/51712/params = "/tmp/domo-golden/a.img" (n0,r1)
w- /local/domain/0/backend/vbd/1/51712/physical-device = "7:0" (n0,r1)
w- /local/domain/0/backend/vbd/1/51712/physical-device-path = "/dev/loop0" (n0,r1)
w- /local/domain/0/backend/vbd/1/51712/physical-sector-size = "512" (n0,r1)
w- /local/domain/0/backend/vbd/1/51712/removable = "0" (n0,r1)
w- /local/domain/0/backend/vbd/1/51712/script = "/tmp/domo-golden/host/scripts/block" (n0,r1)
w- /local/domain/0/backend/vbd/1/51712/sector-size = "512" (n0,r1)
w- /local/domain/0/backend/vbd/1/51712/sectors = "16384" (n0,r1)
w- /local/domain/0/backend/vbd/1/51712/specification = "xen" (n0,r1)
w- /local/domain/0/backend/vbd/1/51712/state = "4" (n0,r1)
w- /local/domain/0/backend/vbd/1/51712/type = "phy" (n0,r1)
w- /local/domain/0/backend/vif = "" (n0)
w- /local/domain/0/backend/vif/1 = "" (n0)
w- /local/domain/0/backend/vif/1/0 = "" (n0,r1)
w- /local/domain/0/backend/vif/1/0/bridge = "xenbr0" (n0,r1)
w- /local/domain/0/backend/vif/1/0/feature-rx-copy = "1" (n0,r1)
w- /local/domain/0/backend/vif/1/0/feature-sg = "0" (n0,r1)
w- /local/domain/0/backend/vif/1/0/feature-split-event-channels = "1" (n0,r1)
w- /local/domain/0/backend/vif/1/0/frontend = "/local/domain/1/device/vif/0" (n0,r1)
w- /local/domain/0/backend/vif/1/0/frontend-id = "1" (n0,r1)
w- /local/domain/0/backend/vif/1/0/handle = "0" (n0,r1)
w- /local/domain/0/backend/vif/1/0/hotplug-status = "connected" (n0,r1)
w- /local/domain/0/backend/vif/1/0/mac = "00:16:3e:25:d0:ae" (n0,r1)
w- /local/domain/0/backend/vif/1/0/multi-queue-max-queues = "1" (n0,r1)
w- /local/domain/0/backend/vif/1/0/online = "1" (n0,r1)
w- /local/domain/0/backend/vif/1/0/script = "/tmp/domo-golden/host/scripts/vif-bridge" (n0,r1)
w- /local/domain/0/backend/vif/1/0/state = "4" (n0,r1)
w- /local/domain/0/backend/vif/1/0/type = "vif" (n0,r1)
w- /local/domain/1 = "" (n0,r1)
w- /local/domain/1/attr = "" (n1)
w- /local/domain/1/console = "" (n0,r1)
w- /local/domain/1/console/backend = "/local/domain/0/backend/console/1/0" (n0,r1)
w- /local/domain/1/console/backend-id = "0" (n1,r0)
w- /local/domain/1/console/limit = "1048576" (n0,r1)
w- /local/domain/1/console/output = "pty" (n0,r1)
w- /local/domain/1/console/port = "2" (n0,r1)
w- /local/domain/1/console/ring-ref = "1022" (n0,r1)
w- /local/domain/1/console/tty = "/tmp/domo-golden/tty1" (n0,r1)
w- /local/domain/1/console/type = "xenconsoled" (n0,r1)
w- /local/domain/1/control = "" (n0,r1)
w- /local/domain/1/control/feature-poweroff = "1" (n1)
w- /local/domain/1/control/feature-reboot = "1" (n1)
w- /local/domain/1/control/feature-suspend = "1" (n1)
w- /local/domain/1/control/platform-feature-multiprocessor-suspend = "1" (n0,r1)
w- /local/domain/1/control/platform-feature-xs_reset_watches = "1" (n0,r1)
w- /local/domain/1/control/shutdown = "" (n1)
w- /local/domain/1/control/sysrq = "" (n1)
w- /local/domain/1/cpu = "" (n0,r1)
w- /local/domain/1/cpu/0 = "" (n0,r1)
w- /local/domain/1/cpu/0/availability = "online" (n0,r1)
w- /local/domain/1/data = "" (n1)
w- /local/domain/1/device = "" (n0,r1)
w- /local/domain/1/device/suspend = "" (n0,r1)
w- /local/domain/1/device/suspend/event-channel = "" (n1)
w- /local/domain/1/device/vbd = "" (n0,r1)
w- /local/domain/1/device/vbd/51712 = "" (n1,r0)
w- /local/domain/1/device/vbd/51712/backend = "/local/domain/0/backend/vbd/1/51712" (n1,r0)
w- /local/domain/1/device/vbd/51712/backend-id = "0" (n1,r0)
w- /local/domain/1/device/vbd/51712/device-type = "disk" (n1,r0)
w- /local/domain/1/device/vbd/51712/event-channel = "5" (n1,r0)
w- /local/domain/1/device/vbd/51712/feature-persistent = "0" (n1,r0)
w- /local/domain/1/device/vbd/51712/protocol = "x86_64-abi" (n1,r0)
w- /local/domain/1/device/vbd/51712/ring-ref = "8" (n1,r0)
w- /local/domain/1/device/vbd/51712/state = "4" (n1,r0)
w- /local/domain/1/device/vbd/51712/trusted = "1" (n1,r0)
w- /local/domain/1/device/vbd/51712/virtual-device = "51712" (n1,r0)
w- /local/domain/1/device/vif = "" (n0,r1)
w- /local/domain/1/device/vif/0 = "" (n1,r0)
w- /local/domain/1/device/vif/0/backend = "/local/domain/0/backend/vif/1/0" (n1,r0)
w- /local/domain/1/device/vif/0/backend-id = "0" (n1,r0)
w- /local/domain/1/device/vif/0/event-channel = "6" (n1,r0)
w- /local/domain/1/device/vif/0/feature-rx-notify = "1" (n1,r0)
w- /local/domain/1/device/vif/0/handle = "0" (n1,r0)
w- /local/domain/1/device/vif/0/mac = "00:16:3e:25:d0:ae" (n1,r0)
w- /local/domain/1/device/vif/0/mtu = "1500" (n0,r1)
w- /local/domain/1/device/vif/0/request-rx-copy = "1" (n1,r0)
w- /local/domain/1/device/vif/0/rx-ring-ref = "10" (n1,r0)
w- /local/domain/1/device/vif/0/state = "4" (n1,r0)
w- /local/domain/1/device/vif/0/trusted = "1" (n1,r0)
w- /local/domain/1/device/vif/0/tx-ring-ref = "9" (n1,r0)
w- /local/domain/1/domid = "1" (n0,r1)
w- /local/domain/1/drivers = "" (n1)
w- /local/domain/1/error = "" (n1)
w- /local/domain/1/feature = "" (n1)
w- /local/domain/1/memory = "" (n0,r1)
w- /local/domain/1/memory/static-max = "4096" (n0,r1)
w- /local/domain/1/memory/target = "4096" (n0,r1)
w- /local/domain/1/memory/videoram = "0" (n0,r1)
w- /local/domain/1/name = "web" (n0,r1)
w- /local/domain/1/store = "" (n0,r1)
w- /local/domain/1/store/port = "1" (n0,r1)
w- /local/domain/1/store/ring-ref = "1023" (n0,r1)
w- /local/domain/1/vm = "/vm/91bef871-71c3-4085-89cb-679a74876f2a" (n0,r1)
w- /vm/91bef871-71c3-4085-89cb-679a74876f2a = "" (n0,r1)
w- /vm/91bef871-71c3-4085-89cb-679a74876f2a/image = "" (n0,r1)
w- /vm/91bef871-71c3-4085-89cb-679a74876f2a/image/kernel = "/tmp/domo-golden/tiny" (n0,r1)
w- /vm/91bef871-71c3-4085-89cb-679a74876f2a/image/ostype = "linux" (n0,r1)
w- /vm/91bef871-71c3-4085-89cb-679a74876f2a/name = "web" (n0,r1)
w- /vm/91bef871-71c3-4085-89cb-679a74876f2a/start_time = "1704186000.00" (n0,r1)
w- /vm/91bef871-71c3-4085-89cb-679a74876f2a/uuid = "91bef871-71c3-4085-89cb-679a74876f2a" (n0,r1)
w- domain 1 4096 KiB
w- file domo/names/web
w- file domo/wards/91bef871-71c3-4085-89cb-679a74876f2a
w- file lib/userdata-d.1.91bef871-71c3-4085-89cb-679a74876f2a.libxl-json
w+ file run/domid-history
w+ file run/domid-history.lock
w- loop0 rw 'domo:91bef871-71c3-4085-89cb-679a74876f2a:vbd:51712'
w- vif1.0 mtu 1500 up in a bridge
