
# Calls fail as the world says: what was begun is undone, a lost race is run again. What can't be undone is said, and found.
@ world faults.json
@ disk a.img 8
@ disk b.img 4
$ domo create web.cfg
2> warning: store.end: fault on request: EAGAIN
2> warning: hyp.build_pv: fault on request: ENOMEM
2> warning: hyp.destroy: fault on request: EPERM
2> error: create 'web': build the kernel into the guest's memory: hyp.build_pv: fault on request: Cannot allocate memory
2> observed: undo-make-domain: hyp.destroy: fault on request: Operation not permitted
2> hint: free memory: destroy or shrink another guest, or lower memory=
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
t> store.end tx=1 commit -> error store.conflict
t> store.begin -> tx=2
t> store.rm tx=2 /local/domain/1
t> store.rm tx=2 /vm/91bef871-71c3-4085-89cb-679a74876f2a
t> store.rm tx=2 /libxl/1
t> store.mkdir tx=2 /local/domain/1
t> store.set_perms tx=2 /local/domain/1 0:none,1:read
t> store.mkdir tx=2 /vm/91bef871-71c3-4085-89cb-679a74876f2a
t> store.set_perms tx=2 /vm/91bef871-71c3-4085-89cb-679a74876f2a 0:none,1:read
t> store.mkdir tx=2 /libxl/1
t> store.set_perms tx=2 /libxl/1 0:none
t> store.write tx=2 /libxl/1/type = "pv"
t> store.write tx=2 /libxl/1/dm-version = "qemu_xen"
t> store.write tx=2 /local/domain/1/vm = "/vm/91bef871-71c3-4085-89cb-679a74876f2a"
t> store.write tx=2 /local/domain/1/name = "web"
t> store.write tx=2 /local/domain/1/device/suspend/event-channel = ""
t> store.set_perms tx=2 /local/domain/1/device/suspend/event-channel 1:none
t> store.write tx=2 /local/domain/1/control/shutdown = ""
t> store.set_perms tx=2 /local/domain/1/control/shutdown 1:none
t> store.write tx=2 /local/domain/1/control/feature-poweroff = ""
t> store.set_perms tx=2 /local/domain/1/control/feature-poweroff 1:none
t> store.write tx=2 /local/domain/1/control/feature-reboot = ""
t> store.set_perms tx=2 /local/domain/1/control/feature-reboot 1:none
t> store.write tx=2 /local/domain/1/control/feature-suspend = ""
t> store.set_perms tx=2 /local/domain/1/control/feature-suspend 1:none
t> store.write tx=2 /local/domain/1/control/sysrq = ""
t> store.set_perms tx=2 /local/domain/1/control/sysrq 1:none
t> store.write tx=2 /local/domain/1/data = ""
t> store.set_perms tx=2 /local/domain/1/data 1:none
t> store.write tx=2 /local/domain/1/drivers = ""
t> store.set_perms tx=2 /local/domain/1/drivers 1:none
t> store.write tx=2 /local/domain/1/feature = ""
t> store.set_perms tx=2 /local/domain/1/feature 1:none
t> store.write tx=2 /local/domain/1/attr = ""
t> store.set_perms tx=2 /local/domain/1/attr 1:none
t> store.write tx=2 /local/domain/1/error = ""
t> store.set_perms tx=2 /local/domain/1/error 1:none
t> store.write tx=2 /local/domain/1/control/platform-feature-multiprocessor-suspend = "1"
t> store.write tx=2 /local/domain/1/control/platform-feature-xs_reset_watches = "1"
t> store.write tx=2 /local/domain/1/memory/static-max = "4096"
t> store.write tx=2 /local/domain/1/memory/target = "4096"
t> store.write tx=2 /local/domain/1/memory/videoram = "0"
t> store.write tx=2 /local/domain/1/domid = "1"
t> store.write tx=2 /local/domain/1/store/port = "1"
t> store.write tx=2 /vm/91bef871-71c3-4085-89cb-679a74876f2a/uuid = "91bef871-71c3-4085-89cb-679a74876f2a"
t> store.write tx=2 /vm/91bef871-71c3-4085-89cb-679a74876f2a/name = "web"
t> store.write tx=2 /vm/91bef871-71c3-4085-89cb-679a74876f2a/start_time = "1704186000.00"
t> store.write tx=2 /vm/91bef871-71c3-4085-89cb-679a74876f2a/image/ostype = "linux"
t> store.write tx=2 /vm/91bef871-71c3-4085-89cb-679a74876f2a/image/kernel = "/tmp/domo-golden/tiny"
t> store.write tx=2 /local/domain/1/cpu/0/availability = "online"
t> hyp.list first=0 -> 2 domains
t> store.read tx=2 /libxl/1/device/vbd/51712 -> error store.not-found
t> store.mkdir tx=2 /libxl/1/device/vbd/51712
t> store.set_perms tx=2 /libxl/1/device/vbd/51712 0:none
t> store.write tx=2 /libxl/1/device/vbd/51712/frontend = "/local/domain/1/device/vbd/51712"
t> store.write tx=2 /libxl/1/device/vbd/51712/backend = "/local/domain/0/backend/vbd/1/51712"
t> store.rm tx=2 /local/domain/1/device/vbd/51712
t> store.mkdir tx=2 /local/domain/1/device/vbd/51712
t> store.set_perms tx=2 /local/domain/1/device/vbd/51712 1:none,0:read
t> store.write tx=2 /local/domain/1/device/vbd/51712/backend = "/local/domain/0/backend/vbd/1/51712"
t> store.rm tx=2 /local/domain/0/backend/vbd/1/51712
t> store.mkdir tx=2 /local/domain/0/backend/vbd/1/51712
t> store.set_perms tx=2 /local/domain/0/backend/vbd/1/51712 0:none,1:read
t> store.write tx=2 /local/domain/0/backend/vbd/1/51712/frontend = "/local/domain/1/device/vbd/51712"
t> store.write tx=2 /libxl/1/device/vbd/51712/frontend-id = "1"
t> store.write tx=2 /local/domain/0/backend/vbd/1/51712/frontend-id = "1"
t> store.write tx=2 /libxl/1/device/vbd/51712/online = "1"
t> store.write tx=2 /local/domain/0/backend/vbd/1/51712/online = "1"
t> store.write tx=2 /libxl/1/device/vbd/51712/state = "1"
t> store.write tx=2 /local/domain/0/backend/vbd/1/51712/state = "1"
t> store.write tx=2 /local/domain/1/device/vbd/51712/backend-id = "0"
t> store.write tx=2 /local/domain/1/device/vbd/51712/state = "1"
t> store.write tx=2 /libxl/1/device/vbd/51712/params = "/tmp/domo-golden/a.img"
t> store.write tx=2 /local/domain/0/backend/vbd/1/51712/params = "/tmp/domo-golden/a.img"
t> store.write tx=2 /libxl/1/device/vbd/51712/script = "/tmp/domo-golden/host/scripts/block"
t> store.write tx=2 /local/domain/0/backend/vbd/1/51712/script = "/tmp/domo-golden/host/scripts/block"
t> store.write tx=2 /libxl/1/device/vbd/51712/type = "phy"
t> store.write tx=2 /local/domain/0/backend/vbd/1/51712/type = "phy"
t> store.write tx=2 /libxl/1/device/vbd/51712/removable = "0"
t> store.write tx=2 /local/domain/0/backend/vbd/1/51712/removable = "0"
t> store.write tx=2 /libxl/1/device/vbd/51712/bootable = "1"
t> store.write tx=2 /local/domain/0/backend/vbd/1/51712/bootable = "1"
t> store.write tx=2 /libxl/1/device/vbd/51712/dev = "xvda"
t> store.write tx=2 /local/domain/0/backend/vbd/1/51712/dev = "xvda"
t> store.write tx=2 /libxl/1/device/vbd/51712/mode = "w"
t> store.write tx=2 /local/domain/0/backend/vbd/1/51712/mode = "w"
t> store.write tx=2 /libxl/1/device/vbd/51712/device-type = "disk"
t> store.write tx=2 /local/domain/0/backend/vbd/1/51712/device-type = "disk"
t> store.write tx=2 /libxl/1/device/vbd/51712/discard-enable = "1"
t> store.write tx=2 /local/domain/0/backend/vbd/1/51712/discard-enable = "1"
t> store.write tx=2 /libxl/1/device/vbd/51712/specification = "xen"
t> store.write tx=2 /local/domain/0/backend/vbd/1/51712/specification = "xen"
t> store.write tx=2 /local/domain/0/backend/vbd/1/51712/node = "/dev/loop0"
t> store.write tx=2 /local/domain/0/backend/vbd/1/51712/physical-device = "7:0"
t> store.write tx=2 /local/domain/0/backend/vbd/1/51712/physical-device-path = "/dev/loop0"
t> store.write tx=2 /local/domain/0/backend/vbd/1/51712/hotplug-status = "connected"
t> store.write tx=2 /local/domain/1/device/vbd/51712/virtual-device = "51712"
t> store.write tx=2 /local/domain/1/device/vbd/51712/device-type = "disk"
t> store.write tx=2 /local/domain/1/device/vbd/51712/trusted = "1"
t> store.write tx=2 /local/domain/1/device/vbd/51712/protocol = "x86_64-abi"
t> store.read tx=2 /libxl/1/device/vif/0 -> error store.not-found
t> store.mkdir tx=2 /libxl/1/device/vif/0
t> store.set_perms tx=2 /libxl/1/device/vif/0 0:none
t> store.write tx=2 /libxl/1/device/vif/0/frontend = "/local/domain/1/device/vif/0"
t> store.write tx=2 /libxl/1/device/vif/0/backend = "/local/domain/0/backend/vif/1/0"
t> store.rm tx=2 /local/domain/1/device/vif/0
t> store.mkdir tx=2 /local/domain/1/device/vif/0
t> store.set_perms tx=2 /local/domain/1/device/vif/0 1:none,0:read
t> store.write tx=2 /local/domain/1/device/vif/0/backend = "/local/domain/0/backend/vif/1/0"
t> store.rm tx=2 /local/domain/0/backend/vif/1/0
t> store.mkdir tx=2 /local/domain/0/backend/vif/1/0
t> store.set_perms tx=2 /local/domain/0/backend/vif/1/0 0:none,1:read
t> store.write tx=2 /local/domain/0/backend/vif/1/0/frontend = "/local/domain/1/device/vif/0"
t> store.write tx=2 /libxl/1/device/vif/0/frontend-id = "1"
t> store.write tx=2 /local/domain/0/backend/vif/1/0/frontend-id = "1"
t> store.write tx=2 /libxl/1/device/vif/0/online = "1"
t> store.write tx=2 /local/domain/0/backend/vif/1/0/online = "1"
t> store.write tx=2 /libxl/1/device/vif/0/state = "1"
t> store.write tx=2 /local/domain/0/backend/vif/1/0/state = "1"
t> store.write tx=2 /local/domain/1/device/vif/0/backend-id = "0"
t> store.write tx=2 /local/domain/1/device/vif/0/state = "1"
t> store.write tx=2 /libxl/1/device/vif/0/script = "/tmp/domo-golden/host/scripts/vif-bridge"
t> store.write tx=2 /local/domain/0/backend/vif/1/0/script = "/tmp/domo-golden/host/scripts/vif-bridge"
t> store.write tx=2 /libxl/1/device/vif/0/mac = "00:16:3e:25:d0:ae"
t> store.write tx=2 /local/domain/0/backend/vif/1/0/mac = "00:16:3e:25:d0:ae"
t> store.write tx=2 /libxl/1/device/vif/0/bridge = "xenbr0"
t> store.write tx=2 /local/domain/0/backend/vif/1/0/bridge = "xenbr0"
t> store.write tx=2 /libxl/1/device/vif/0/handle = "0"
t> store.write tx=2 /local/domain/0/backend/vif/1/0/handle = "0"
t> store.write tx=2 /libxl/1/device/vif/0/type = "vif"
t> store.write tx=2 /local/domain/0/backend/vif/1/0/type = "vif"
t> store.write tx=2 /libxl/1/device/vif/0/hotplug-status = ""
t> store.write tx=2 /local/domain/0/backend/vif/1/0/hotplug-status = ""
t> store.write tx=2 /local/domain/1/device/vif/0/handle = "0"
t> store.write tx=2 /local/domain/1/device/vif/0/mac = "00:16:3e:25:d0:ae"
t> store.write tx=2 /local/domain/1/device/vif/0/trusted = "1"
t> store.write tx=2 /local/domain/1/device/vif/0/mtu = "1500"
t> store.set_perms tx=2 /local/domain/1/device/vif/0/mtu 0:none,1:read
t> store.end tx=2 commit
t> plan.step create/build-image
t> hyp.build_pv 1 kernel=/tmp/domo-golden/tiny ramdisk=none mem=4096 vcpus=1 -> error host.no-guest-memory
t> plan.undo create/declare
t> store.watch /local/domain/0/backend/vbd/1/51712/state domo-dev
t> store.watch /local/domain/1/device/vbd/51712/state domo-dev
t> store.watch /local/domain/0/backend/vif/1/0/state domo-dev
t> store.watch /local/domain/1/device/vif/0/state domo-dev
t> store.begin -> tx=3
t> store.read tx=3 /local/domain/0/backend/vbd/1/51712/state -> "2"
t> store.read tx=3 /local/domain/1/device/vbd/51712/state -> "1"
t> store.rm tx=3 /local/domain/1/device/vbd/51712
t> os.has_backend vbd -> yes
t> store.write tx=3 /local/domain/0/backend/vbd/1/51712/online = "0"
t> store.write tx=3 /local/domain/0/backend/vbd/1/51712/state = "5"
t> store.read tx=3 /local/domain/0/backend/vif/1/0/state -> "2"
t> store.read tx=3 /local/domain/1/device/vif/0/state -> "1"
t> store.rm tx=3 /local/domain/1/device/vif/0
t> os.has_backend vif -> yes
t> store.write tx=3 /local/domain/0/backend/vif/1/0/online = "0"
t> store.write tx=3 /local/domain/0/backend/vif/1/0/state = "5"
t> store.end tx=3 commit
t> store.read tx=0 /local/domain/0/backend/vbd/1/51712/state -> "6"
t> store.read tx=0 /local/domain/0/backend/vif/1/0/state -> "6"
t> os.iface vif1.0 -> none
t> os.loop_detach /dev/loop0
t> os.loop_get /dev/loop0 -> free
t> store.unwatch /local/domain/0/backend/vbd/1/51712/state domo-dev
t> store.unwatch /local/domain/1/device/vbd/51712/state domo-dev
t> store.unwatch /local/domain/0/backend/vif/1/0/state domo-dev
t> store.unwatch /local/domain/1/device/vif/0/state domo-dev
t> store.begin -> tx=4
t> store.rm tx=4 /local/domain/1/device/vbd/51712
t> store.rm tx=4 /libxl/1/device/vbd/51712
t> store.rm tx=4 /local/domain/0/backend/vbd/1/51712
t> store.read tx=4 /local/domain/0/error/backend/vbd/1/51712 -> error store.not-found
t> store.rm tx=4 /local/domain/1/device/vif/0
t> store.rm tx=4 /libxl/1/device/vif/0
t> store.rm tx=4 /local/domain/0/backend/vif/1/0
t> store.read tx=4 /local/domain/0/error/backend/vif/1/0 -> error store.not-found
t> store.rm tx=4 /local/domain/1/console
t> store.rm tx=4 /libxl/1/device/console/0
t> store.rm tx=4 /local/domain/0/backend/console/1/0
t> store.list tx=4 /libxl/1/device/vbd -> 0 names
t> store.rm tx=4 /libxl/1/device/vbd
t> store.list tx=4 /local/domain/1/device/vbd -> 0 names
t> store.rm tx=4 /local/domain/1/device/vbd
t> store.list tx=4 /local/domain/0/backend/vbd/1 -> 0 names
t> store.rm tx=4 /local/domain/0/backend/vbd/1
t> store.list tx=4 /libxl/1/device/vif -> 0 names
t> store.rm tx=4 /libxl/1/device/vif
t> store.list tx=4 /local/domain/1/device/vif -> 0 names
t> store.rm tx=4 /local/domain/1/device/vif
t> store.list tx=4 /local/domain/0/backend/vif/1 -> 0 names
t> store.rm tx=4 /local/domain/0/backend/vif/1
t> store.list tx=4 /libxl/1/device/console -> error store.not-found
t> store.list tx=4 /local/domain/0/backend/console/1 -> error store.not-found
t> hyp.list first=0 -> 2 domains
t> store.list tx=4 /local/domain/0/backend -> 2 names
t> store.list tx=4 /local/domain/0/backend/vbd -> 0 names
t> store.rm tx=4 /local/domain/0/backend/vbd
t> store.list tx=4 /local/domain/0/backend/vif -> 0 names
t> store.rm tx=4 /local/domain/0/backend/vif
t> store.list tx=4 /local/domain/0/backend -> 0 names
t> store.rm tx=4 /local/domain/0/backend
t> store.rm tx=4 /local/domain/1
t> store.rm tx=4 /vm/91bef871-71c3-4085-89cb-679a74876f2a
t> store.rm tx=4 /libxl/1
t> store.end tx=4 commit
t> plan.undo create/make-domain
t> hyp.destroy 1 -> error host.permission
t> plan.undo create/prepare-devices
t> plan.undo create/load-kernel
t> plan.undo create/journal
t> plan.undo create/check
=> 1
w+ /libxl = "" (n0)
w+ /vm = "" (n0)
w+ domain 1 0 KiB paused
w+ file domo/create-000002.json
w+ file domo/history/lock
w+ file domo/history/now
w+ file domo/known-domains
w+ file domo/names/Domain-0
$ domo create web.cfg 'disk=["a.img,raw,xvda,w", "b.img,raw,xvdb,w"]'
2> warning: os.loop_attach: fault on request: EMFILE
2> error: create 'web': prepare the devices on this host: disk xvdb: os.loop_attach: fault on request: Too many open files
2> hint: load the loop module, or free loop devices
t> plan.step create/check
t> hyp.host_info -> 4 cpus, Xen 4.17
t> os.has_backend vbd -> yes
t> os.target a.img -> file
t> os.has_backend vbd -> yes
t> os.target b.img -> file
t> os.has_backend vif -> yes
t> os.iface xenbr0 -> up
t> store.read tx=0 /tool/xenconsoled/domid -> error store.not-found
t> plan.step create/journal
t> plan.step create/load-kernel
t> plan.step create/prepare-devices
t> os.loop_list -> 0 devices
t> os.file_is_open /tmp/domo-golden/a.img at all -> no
t> os.loop_attach /tmp/domo-golden/a.img ro=0 -> /dev/loop0
t> os.file_is_open /tmp/domo-golden/b.img at all -> no
t> os.loop_attach /tmp/domo-golden/b.img ro=0 -> error disk.no-loop-device
t> plan.undo create/prepare-devices
t> os.loop_detach /dev/loop0
t> plan.undo create/load-kernel
t> plan.undo create/journal
t> plan.undo create/check
=> 1
$ domo sweep
WHAT   ID                                         WHY                                             ACTION
domain web (91bef871-71c3-4085-89cb-679a74876f2a) it was being created, and that was not finished destroy it
2> 'domo sweep --remove' does it
t> hyp.list first=0 -> 2 domains
t> os.loop_list -> 0 devices
t> hyp.list first=0 -> 2 domains
t> store.list tx=0 /local/domain/0/device-model -> error store.not-found
t> store.list tx=0 /local/domain/0/backend -> error store.not-found
t> store.list tx=0 /local/domain -> 1 names
t> hyp.info 0 -> running
t> store.list tx=0 /libxl -> 0 names
t> store.list tx=0 /vm -> 0 names
t> hyp.list first=0 -> 2 domains
$ domo sweep --remove
WHAT   ID                                         WHY                                             ACTION
domain web (91bef871-71c3-4085-89cb-679a74876f2a) it was being created, and that was not finished failed: hyp.destroy: fault on request: Operation not permitted
2> warning: store.end: fault on request: EAGAIN
2> warning: hyp.destroy: fault on request: EPERM
t> hyp.list first=0 -> 2 domains
t> hyp.info 1 -> paused
t> store.read tx=0 /libxl/1/type -> error store.not-found
t> store.read tx=0 /local/domain/1/name -> error store.not-found
t> plan.step destroy/journal
t> plan.step destroy/pause
t> hyp.pause 1
t> plan.step destroy/close-devices
t> store.list tx=0 /libxl/1/device -> error store.not-found
t> store.list tx=0 /libxl/1/device/pci -> error store.not-found
t> store.read tx=0 /local/domain/0/backend/pci/1/0/frontend -> error store.not-found
t> plan.step destroy/release-devices
t> plan.step destroy/remove-nodes
t> store.begin -> tx=1
t> store.rm tx=1 /local/domain/1
t> store.rm tx=1 /vm/91bef871-71c3-4085-89cb-679a74876f2a
t> store.rm tx=1 /libxl/1
t> store.end tx=1 commit -> error store.conflict
t> store.begin -> tx=2
t> store.rm tx=2 /local/domain/1
t> store.rm tx=2 /vm/91bef871-71c3-4085-89cb-679a74876f2a
t> store.rm tx=2 /libxl/1
t> store.end tx=2 commit
t> plan.step destroy/destroy-domain
t> hyp.destroy 1 -> error host.permission
t> os.loop_list -> 0 devices
t> hyp.list first=0 -> 2 domains
t> store.list tx=0 /local/domain/0/device-model -> error store.not-found
t> store.list tx=0 /local/domain/0/backend -> error store.not-found
t> store.list tx=0 /local/domain -> 1 names
t> hyp.info 0 -> running
t> store.list tx=0 /libxl -> 0 names
t> store.list tx=0 /vm -> 0 names
t> hyp.list first=0 -> 2 domains
t> hyp.list first=0 -> 2 domains
t> hyp.list first=0 -> 2 domains
=> 1
w+ file domo/destroy-000005.json
w+ file run/domid-history
w+ file run/domid-history.lock
