#!/bin/busybox sh
# The init of a guest: from the initramfs to the host's files, then the tests. See run.sh.
b=/bin/busybox

stop() {
	$b printf "\nvm-status: %s\n" "$1"
	$b sync
	$b poweroff -f
	$b sleep 60
}

$b mount -t proc proc /proc
$b mount -t sysfs sysfs /sys
$b mount -t devtmpfs devtmpfs /dev
while read -r module; do
	$b insmod "/modules/$module.ko" || { $b echo "vm: module $module was refused"; stop 1; }
done </modules/order

set -- $($b cat /proc/cmdline)
for word; do
	case "$word" in
	saker_root=*) project=${word#*=} ;;
	saker_kernel=*) kernel=${word#*=} ;;
	esac
done

$b mount -t 9p -o trans=virtio,version=9p2000.L,msize=512000,cache=loose,ro host /host ||
	{ $b echo 'vm: the files of the host cannot be mounted'; stop 1; }
$b mount -t tmpfs -o size=75% tmpfs /memory
$b mkdir /memory/upper /memory/work
$b mount -t overlay -o lowerdir=/host,upperdir=/memory/upper,workdir=/memory/work overlay /root ||
	{ $b echo 'vm: no overlay over the files of the host'; stop 1; }

cd /root
$b mkdir /project
$b mount --bind "/root$project" /project # before a file system of the guest's covers it
$b mount -t proc proc proc
$b mount -t sysfs sysfs sys
$b mount -t devtmpfs devtmpfs dev
$b mkdir -p dev/pts dev/shm
$b mount -t devpts devpts dev/pts
$b mount -t tmpfs tmpfs dev/shm
$b mount -t tmpfs tmpfs run
$b mount -t tmpfs -o mode=1777 tmpfs tmp
[ -e "/root$project" ] || { $b mkdir -p "/root$project" && $b mount --bind /project "/root$project"; }
$b mount -t bpf bpf sys/fs/bpf
$b mount -t tracefs tracefs sys/kernel/tracing
$b mount -t securityfs securityfs sys/kernel/security
$b mount -t cgroup2 cgroup2 sys/fs/cgroup
$b ifconfig lo 127.0.0.1 up
$b hostname "vm-$kernel"

$b cat >tmp/in-guest <<END
cd "$project" || exit 1
set -o pipefail
export PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin HOME=/root CI=true NO_COLOR=1
export SAKER_VM_KERNEL=$kernel
echo "\$(uname -r), security modules: \$(cat /sys/kernel/security/lsm)"
$($b cat "/host$project/build/vm/$kernel/command")
END
# The new root over the old one, as on any host: so that there is one root, and no chroot in it.
cd /root
$b mount --move . /
# Meanwhile pid 1 sends signals that tests ask for: lines SIGNAL PID, each answered by a status.
$b mkfifo run/ask-pid-1 run/pid-1-says
exec 3<>run/ask-pid-1
($b chroot . /bin/bash /tmp/in-guest </dev/console; $b echo "end $?" >&3) &
while read -r signal pid <&3; do
	[ "$signal" = end ] && stop "$pid"
	kill "-$signal" "$pid"
	$b echo $? >run/pid-1-says
done
