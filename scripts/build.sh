#!/bin/bash
# Builds what is out of date: the BPF object, then build/js from src/, module by module, and dist/ from that,
# thread by thread. Says nothing when all is current.
#
#   scripts/build.sh            build; fails when src/abi/layout.ts is not what the object says
#   scripts/build.sh --layout   the same, but writes src/abi/layout.ts anew first
set -euo pipefail
cd "$(dirname "$0")/.."

object=build/bpf/saker.bpf.o
stamp=build/dist.stamp

fail() { echo "build: $1" >&2; exit 1; }

newer_than_stamp() {
	[ ! -e "$stamp" ] || [ ! -e dist/main.js ] && return 0
	# Folders are compared too: a deleted file changes the time of its folder alone.
	[ -n "$(find src package.json package-lock.json tsconfig.json scripts/bundle.config.mjs -newer "$stamp" -print -quit)" ]
}

compile() {
	# Into a folder of its own: a failed build leaves the last good dist/ in place.
	rm -rf build/js build/dist
	node_modules/.bin/tsc --noEmitOnError --outDir build/js || fail 'tsc found the errors above'
	node_modules/.bin/rolldown --config scripts/bundle.config.mjs --log-level warn >/dev/null || fail 'rolldown found the errors above'
	chmod +x build/dist/main.js
	local package
	for package in $(grep -hoP '^\s*// node_modules/\K(@[^/]+/)?[^/]+' build/dist/*.js | sort -u); do
		cp "node_modules/$package/LICENSE" "build/dist/${package/\//-}.LICENSE" || fail "$package has no LICENSE"
	done
}

write_layout=no
case "${1-}" in
'') ;;
--layout) write_layout=yes ;;
*) echo "build: unknown argument $1; use --layout or none" >&2; exit 2 ;;
esac

mkdir -p build
exec 9>build/.lock
flock 9 # tests and people may build at the same time

scripts/build-bpf.sh || fail 'the BPF object was not built, see above'
[ -e "$object" ] || fail "scripts/build-bpf.sh left no $object"

if [ "$write_layout" = yes ]; then
	# What uses a new name of the layout does not compile yet.
	rm -rf build/js
	node_modules/.bin/tsc --noEmitOnError false --outDir build/js >/dev/null || true
	node build/js/abi/generate.js "$object"
fi
if [ "$write_layout" = yes ] || newer_than_stamp || [ "$object" -nt dist/saker.bpf.o ]; then
	touch build/dist.started # files saved while tsc runs are newer than this
	compile
	node build/js/abi/generate.js --check "$object" ||
		fail 'run scripts/build.sh --layout and commit src/abi/layout.ts'
	cp "$object" build/dist/saker.bpf.o
	rm -rf dist
	mv build/dist dist
	mv build/dist.started "$stamp"
	touch dist/saker.bpf.o
fi
