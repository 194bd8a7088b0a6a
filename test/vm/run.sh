#!/bin/bash
# Runs test/kernel inside virtual machines with other kernels: the place for LSM hooks, and for what
# differs between versions. Debian's kernels are fetched once, to build/vm.
#
#   test/vm/run.sh                     every kernel of kernels.json
#   test/vm/run.sh 6.1                 that one
#   test/vm/run.sh 6.1 deny-           only files with that in their path; those of e2e/ only so: e2e/persistence
#   test/vm/run.sh 6.1 -- COMMAND...   another command inside, for example: bash (it can be typed into)
#
# A guest sees the host's files read-only, with a layer in its memory over them: nothing it does
# stays. It runs without KVM, so that it also runs on a machine that is virtual itself.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
cd "$here/../.."
root=$PWD
limit_s=${SAKER_VM_LIMIT_S:-1500} # a guest that hangs is a failure; 300 s are usual

fail() { echo "vm: $1" >&2; exit 1; }

for tool in qemu-system-x86_64 cpio busybox python3; do
	command -v "$tool" >/dev/null || fail "no $tool: run scripts/setup.sh --test --vm"
done
mkdir -p build/vm
exec 8>build/vm/.lock
flock -n 8 || { echo 'vm: waiting for another run to end' >&2; flock 8; }
test/kernel/prepare.sh || fail 'test/kernel/prepare.sh failed, see above'

field() { python3 -c '
import json, sys
kernel = next((k for k in json.load(open(sys.argv[1])) if k["name"] == sys.argv[2]), {})
value = kernel.get(sys.argv[3], "")
print(" ".join(value) if isinstance(value, list) else value)' "$here/kernels.json" "$1" "$2"; }

# Prints the newest package of that pattern that can be had.
newest() {
	local name names
	names=$(apt-cache search --names-only "$1" | cut -d ' ' -f 1 | sort -rV)
	for name in $names; do
		case "$(apt-cache policy "$name")" in
		*'Candidate: '[0-9]*) echo "$name"; break ;;
		esac
	done
}

# Fetches and unpacks the kernel named $1 to build/vm/$1, unless it is there.
fetch() {
	local name=$1 folder=build/vm/$1 package
	[ -e "$folder/vmlinuz" ] && return 0
	package=$(newest "$(field "$name" package)")
	if [ -z "$package" ]; then
		apt-get -q update >/dev/null || fail 'apt-get update failed: check the network'
		package=$(newest "$(field "$name" package)")
	fi
	[ -n "$package" ] || fail "no package like $(field "$name" package); is this Debian?"
	echo "vm: fetching $package" >&2
	rm -rf "$folder"
	mkdir -p "$folder"
	(cd "$folder" && apt-get -q -o APT::Sandbox::User=root download "$package" >/dev/null) ||
		fail "apt-get download $package failed: run apt-get update, check the network"
	dpkg-deb -x "$folder"/*.deb "$folder/files"
	rm "$folder"/*.deb
	mv "$folder"/files/boot/vmlinuz-* "$folder/vmlinuz"
}

# Makes build/vm/$1/initrd: busybox, the modules in their order, and the script that is the init.
pack() {
	local name=$1 folder=build/vm/$1 tree module file
	tree=$(mktemp -d)
	mkdir -p "$tree"/{bin,modules,proc,sys,dev,host,memory,root}
	cp "$(command -v busybox)" "$tree/bin/busybox"
	cp "$here/init.sh" "$tree/init"
	for module in $(field "$name" modules); do
		file=$(find "$folder/files" -name "$module.ko" -o -name "$module.ko.xz" | head -n 1)
		[ -n "$file" ] || fail "kernel $name has no module $module"
		case "$file" in
		*.xz) xz -dc "$file" >"$tree/modules/$module.ko" ;;
		*) cp "$file" "$tree/modules/$module.ko" ;;
		esac
		echo "$module" >>"$tree/modules/order"
	done
	(cd "$tree" && find . | cpio -o -H newc --quiet) >"$folder/initrd"
	rm -rf "$tree"
}

# Did the guest die of a breakpoint in the kernel's own code? The kernel puts one there while it changes a branch, which
# each attachment to a tracepoint does, and QEMU before 8.1 may run it when it is gone: it translates code that another
# processor writes meanwhile (mended there by "accel/tcg: Always lock pages before translation"; Debian 12 has 7.2). One
# in code of BPF programs is ours.
emulator_erred() {
	local version
	version=$(qemu-system-x86_64 --version | sed -n '1s/.*version \([0-9.]*\).*/\1/p')
	[ -n "$version" ] || return 1
	printf '%s\n' "$version" 8.1 | sort -V | head -n 1 | grep -qvx '8\.1' || return 1
	grep -A 8 -m 1 'int3: 0000 \[#1\]' "$1" | grep -m 1 ' RIP: 0010:' | grep -qv 'bpf_prog_\|bpf_trampoline_'
}

# Boots kernel $1 and runs the command in $2; its output goes to ours. Returns its status. $3 is again: the second time.
# no_timer_check: an emulated timer that comes late on a busy host is no reason to panic at boot.
# erms, fsrm: of `rep movsb` the emulator does a byte at a time; without them the verifier takes half as long.
# mitigations: each indirect call of the kernel would be several jumps to emulate.
# noxsave: without AVX and its registers, which are emulated by calls, user space takes a sixth less.
# tsc: otherwise the clock is a device, and to ask it takes a guest longer than a system call.
# What gave nothing: no rep_good, rcu_expedited, V8's --single-threaded and larger spaces for new objects, and the
# kernel without init_on_alloc, hardened_usercopy, randomize_kstack_offset, audit, smap, smep, nowatchdog,
# page_alloc.shuffle and NUMA balancing. nohz=off and highres=off give a fiftieth, but timers of 4 ms. --no-opt,
# --jitless and --max-lazy take longer. One processor, or tcg,thread=single, takes a tenth less, but then nothing
# runs beside what is tested.
# What takes the time: programs that the verifier sees (2 to 30 s for an object), processes that are started (30 ms
# for one that is linked statically, 90 with its libraries, 320 for Python and 850 with ctypes, socket and
# subprocess), forks (12 ms), and V8's garbage collector, once memory outside of its heap comes and goes often.
boot() {
	local name=$1 command=$2 log=build/vm/$1/console.log status started=$SECONDS
	printf '%s\n' "$command" >"build/vm/$name/command"
	set +e
	timeout --foreground "$limit_s" qemu-system-x86_64 \
		-accel tcg,thread=multi -cpu max,la57=off,erms=off,fsrm=off -smp 2 -m 2048 -no-reboot \
		-nodefaults -display none -serial stdio \
		-kernel "build/vm/$name/vmlinuz" -initrd "build/vm/$name/initrd" \
		-append "console=ttyS0 quiet loglevel=3 panic=-1 no_timer_check mitigations=off noxsave tsc=reliable tsc_early_khz=$tsc_khz saker_root=$root saker_kernel=$name" \
		-virtfs local,path=/,mount_tag=host,security_model=none,readonly=on,multidevs=remap |
		stdbuf -oL tr -d '\r' | tee "$log"
	status=${PIPESTATUS[0]}
	set -e
	if [ "$status" = 124 ]; then
		echo "vm: kernel $name did not end in $limit_s s; what it said is in $log" >&2
		return 1
	fi
	status=$(sed -n 's/^vm-status: \([0-9]*\)$/\1/p' "$log" | tail -n 1)
	if [ -z "$status" ]; then
		echo "vm: kernel $name ended without a result" >&2
		[ "${3-}" != again ] && emulator_erred "$log" || return 1
		echo "vm: kernel $name ran into what the emulator makes of code that changes; once more" >&2
		boot "$name" "$command" again
		return
	fi
	echo "vm: kernel $name took $((SECONDS - started)) s, status $status"
	return "$status"
}

names=()
# Its own code optimized later than on a host: the optimizer of V8 takes a guest longer than what it saves.
command='node --interrupt-budget=600000 build/guest/main.js'
while [ $# -gt 0 ] && [ "$1" != -- ]; do
	if [ -n "$(field "$1" package)" ]; then names+=("$1"); else command+=" $1"; fi
	shift
done
if [ "${1-}" = -- ]; then
	shift
	command="$*"
else
	node_modules/.bin/rolldown --config test/vm/bundle.config.mjs --log-level warn >/dev/null ||
		fail 'the tests cannot be bundled'
fi
if [ ${#names[@]} = 0 ]; then
	mapfile -t names < <(python3 -c '
import json, sys
print("\n".join(k["name"] for k in json.load(open(sys.argv[1]))))' "$here/kernels.json")
fi

[ build/vm/tsc-khz -nt "$here/tsc-khz.c" ] || cc -O2 -Wall -Werror -o build/vm/tsc-khz "$here/tsc-khz.c"
tsc_khz=$(build/vm/tsc-khz)

for name in "${names[@]}"; do
	fetch "$name"
	pack "$name"
done

failed=()
if [ ${#names[@]} = 1 ]; then
	boot "${names[0]}" "$command" || failed=("${names[0]}")
else
	# Side by side, because a guest keeps one core busy.
	declare -A guests
	for name in "${names[@]}"; do
		echo "vm: $name is $(field "$name" about)"
		boot "$name" "$command" </dev/null 2>&1 | sed -u "s/^/$name | /" &
		guests[$name]=$!
	done
	for name in "${names[@]}"; do
		wait "${guests[$name]}" || failed+=("$name")
	done
fi
[ ${#failed[@]} = 0 ] || fail "failed on: ${failed[*]}"
echo "vm: passed on ${names[*]}"
