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
	"$BPFTOOL" btf dump file "$btf" format c > "$out/vmlinux.h.tmp"
	mv "$out/vmlinux.h.tmp" "$out/vmlinux.h"
	uname -rv > "$out/vmlinux.release"
fi

# A source is compiled again when it, any header, the kernel types or this script changed.
changed=0
objects=
for source in $(find bpf -name '*.bpf.c' | LC_ALL=C sort); do
	object="$out/$(echo "${source#bpf/}" | tr / _ | sed 's/\.bpf\.c$/.o/')"
	objects="$objects $object"
	if [ -f "$object" ] && [ -z "$(find "$source" bpf "$out/vmlinux.h" scripts/build-bpf.sh \
		\( -name '*.h' -o -name '*.sh' -o -path "$source" \) -newer "$object" | head -n 1)" ]; then
		continue
	fi
	"$CLANG" -O2 -g -target bpf -mcpu=v3 -Wall -Wextra -Werror -D__TARGET_ARCH_"$arch" \
		-I "$out" -I bpf -c "$source" -o "$object.tmp"
	mv "$object.tmp" "$object"
	changed=1
done

[ "$changed" = 1 ] || [ ! -f "$out/saker.bpf.o" ] || [ "$objects" != "$(cat "$out/objects" 2>/dev/null)" ] || exit 0
# shellcheck disable=SC2086  # a list of file names without blanks
"$BPFTOOL" gen object "$out/saker.bpf.o.tmp" $objects
mv "$out/saker.bpf.o.tmp" "$out/saker.bpf.o"
printf "%s\n" "$objects" > "$out/objects"
