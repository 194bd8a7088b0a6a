#!/bin/sh
# Builds build/bpf/saker.bpf.o, the one object with every kernel program. Quiet, and does nothing
# when it is up to date. Needs clang, bpftool and the running kernel's BTF.
set -eu
cd "$(dirname "$0")/.."
out=build/bpf
btf=/sys/kernel/btf/vmlinux
: "${CLANG:=clang}" "${BPFTOOL:=bpftool}"

case "$(uname -m)" in
x86_64) arch=x86 ;;
aarch64) arch=arm64 ;;
*) echo "build-bpf: no support for $(uname -m)" >&2; exit 1 ;;
esac
mkdir -p "$out"

# Kernel types: from the running kernel, made anew when another kernel runs.
if [ ! -s "$out/vmlinux.h" ] || [ "$(cat "$out/vmlinux.release" 2>/dev/null)" != "$(uname -rv)" ]; then
	[ -r "$btf" ] || { echo "build-bpf: $btf is missing: this kernel was built without BTF" >&2; exit 1; }
	"$BPFTOOL" btf dump file "$btf" format c > "$out/vmlinux.h.$$"
	mv "$out/vmlinux.h.$$" "$out/vmlinux.h"
	uname -rv > "$out/vmlinux.release"
fi

sources=$(find bpf -name '*.bpf.c' | LC_ALL=C sort)
if [ -f "$out/saker.bpf.o" ] && [ "$sources" = "$(cat "$out/sources" 2>/dev/null)" ] &&
	[ -z "$(find bpf "$out/vmlinux.h" scripts/build-bpf.sh -type f -newer "$out/saker.bpf.o" | head -n 1)" ]; then
	exit 0
fi

# One compilation of all sources: the linker of libbpf 1.1 refuses a kfunc (bpf_rdonly_cast) that
# two objects name ("failed to resolve size of underlying type"). The link still strips DWARF.
for source in $sources; do
	printf '#include "../../%s"\n' "$source"
done > "$out/saker.c.$$"
mv "$out/saker.c.$$" "$out/saker.c"
"$CLANG" -O2 -g -target bpf -mcpu=v3 -Wall -Wextra -Wno-unused-parameter -Werror \
	-D__TARGET_ARCH_"$arch" -I "$out" -I bpf -I "/usr/include/$(uname -m)-linux-gnu" -c "$out/saker.c" -o "$out/saker.o.$$"
"$BPFTOOL" gen object "$out/saker.bpf.o.$$" "$out/saker.o.$$"
rm "$out/saker.o.$$"
mv "$out/saker.bpf.o.$$" "$out/saker.bpf.o"
printf '%s\n' "$sources" > "$out/sources"
