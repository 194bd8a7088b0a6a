#!/bin/bash
# Makes the host ready for the kernel tests, as far as it is not: a bpf file system, and what they run: the object,
# build/js for processes that they start, the programs of test/acts, and small objects. For a guest the host does this beforehand.
set -euo pipefail
cd "$(dirname "$0")/../.."

# Compiles test/acts/$1.c to build/acts/$2 with the flags that follow.
compile() {
	local source=test/acts/$1.c program=build/acts/$2
	shift 2
	[ "$program" -nt "$source" ] &&
		[ -z "$(find test/acts/kernel -name "*.h" -newer "$program")" ] && return 0
	cc "$@" -Wall -Werror -o "$program" "$source"
}

# Where no service manager has mounted it (some containers, small guests).
[ "$(stat -f -c %t /sys/fs/bpf)" = cafe4a11 ] || mount -t bpf bpf /sys/fs/bpf

scripts/build.sh
mkdir -p build/acts/kernel
for source in test/acts/*.c test/acts/kernel/*.c; do
	name=${source#test/acts/}
	name=${name%.c}
	case "$name" in
	kernel/abi32)
		compile "$name" "$name-64" -O1 -m64 -static
		compile "$name" "$name-32" -O1 -m32 -static
		;;
	write-byte) compile "$name" "$name" -O2 -nostdlib -static ;;
	# Static: to link one when it starts takes a guest twice as long as the rest of the start.
	*) compile "$name" "$name" -O2 -pthread -static ;;
	esac
done
# The linker writes where each constant lies; the compiler leaves that open.
for source in test/kernel/*.bpf.c; do
	program=build/acts/kernel/$(basename "$source" .c).o
	[ "$program" -nt "$source" ] && continue
	clang -O2 -g -target bpf -Wall -Werror -I "/usr/include/$(uname -m)-linux-gnu" -c "$source" -o "$program.raw"
	bpftool gen object "$program" "$program.raw"
	rm "$program.raw"
done
