#!/bin/bash
# Makes a checkout ready to run: packages of the distribution, npm packages, build. Run again, it
# only looks, in less than a second. Exit status 3: this host cannot do it, with what to do about it.
#
#   scripts/setup.sh          what running Saker needs
#   scripts/setup.sh --test   and what its tests need
#   scripts/setup.sh --vm     and what booting other kernels needs
#   ... --no-build            install only
set -euo pipefail
cd "$(dirname "$0")/.."

cannot() { echo "setup: $1" >&2; exit 3; }
say() { echo "setup: $1" >&2; }

# One line per need: what is looked for, then the package on Debian, Fedora and Arch.
# A word with a slash is a file, lib* a shared library, anything else a command.
need_run='
clang                           clang           clang           clang
llvm-strip                      llvm            llvm            llvm
bpftool                         bpftool         bpftool         bpf
/usr/include/bpf/bpf_helpers.h  libbpf-dev      libbpf-devel    libbpf
libbpf.so.1                     libbpf1         libbpf          libbpf
'
need_test='
gcc                             gcc             gcc             gcc
32-bit                          gcc-multilib    glibc-devel.i686 lib32-gcc-libs
/usr/bin/python3                python3         python3         python
busybox                         busybox-static  busybox         busybox
ip                              iproute2        iproute         iproute2
setpriv                         util-linux      util-linux      util-linux
dockerd                         docker.io       moby-engine     docker
podman                          podman          podman          podman
prometheus                      prometheus      golang-github-prometheus prometheus
systemd-analyze                 systemd         systemd         systemd
javac                           default-jdk-headless java-17-openjdk-devel jdk-openjdk
mvn                             maven           maven           maven
rsyslogd                        rsyslog         rsyslog         rsyslog
rsyslog-tls                     rsyslog-gnutls  rsyslog-gnutls  rsyslog
openssl                         openssl         openssl         openssl
'
need_vm='
qemu-system-x86_64              qemu-system-x86 qemu-system-x86-core qemu-system-x86
cpio                            cpio            cpio            cpio
xz                              xz-utils        xz              xz
'

check_host() {
	local release major minor node_major

	[ "$(uname -s)" = Linux ] || cannot 'Saker watches Linux; run it on a Linux host'
	[ "$(id -u)" = 0 ] ||
		cannot 'must be root, to install packages and load BPF programs: run it again with sudo'
	release=$(uname -r)
	major=${release%%.*}
	minor=${release#*.}
	minor=${minor%%[!0-9]*}
	((major > 5 || (major == 5 && minor >= 17))) ||
		cannot "kernel $release is older than 5.17, which has bpf_loop: boot 6.1 or newer"
	((major > 6 || (major == 6 && minor >= 1))) ||
		say "kernel $release is older than 6.1, the oldest that is tested"
	[ -r /sys/kernel/btf/vmlinux ] ||
		cannot 'no /sys/kernel/btf/vmlinux: boot a kernel built with CONFIG_DEBUG_INFO_BTF=y'
	command -v node >/dev/null ||
		cannot 'no node: install Node.js 20 or newer (Debian: nodejs from a release that has 20)'
	node_major=$(node --version)
	node_major=${node_major#v}
	node_major=${node_major%%.*}
	((node_major >= 20)) || cannot "node $(node --version) is too old: install Node.js 20 or newer"
	command -v npm >/dev/null || cannot 'no npm: install it (Debian: npm)'
}

present() {
	case "$1" in
	/*) [ -e "$1" ] ;;
	lib*.so*) has_library "$1" ;;
	32-bit) compgen -G '/usr/lib/gcc/x86_64-*/*/32/libgcc.a' >/dev/null || [ "$(uname -m)" != x86_64 ] ;;
	bpftool) bpftool version >/dev/null 2>&1 ;; # Ubuntu's is a wrapper that may find nothing to run
	rsyslog-tls) compgen -G '/usr/lib*/*/rsyslog/lmnsd_gtls.so' >/dev/null || [ -e /usr/lib64/rsyslog/lmnsd_gtls.so ] ;;
	*) command -v "$1" >/dev/null ;;
	esac
}

has_library() {
	local folder
	for folder in /usr/lib/*-linux-gnu /lib/*-linux-gnu /usr/lib64 /usr/lib /usr/local/lib; do
		[ -e "$folder/$1" ] && return 0
	done
	return 1
}

# Prints the packages of column $1 (2 Debian, 3 Fedora, 4 Arch) for what is missing.
missing() {
	local what debian fedora arch
	while read -r what debian fedora arch; do
		[ -n "$what" ] || continue
		present "$what" && continue
		case "$1" in 2) echo "$debian" ;; 3) echo "$fedora" ;; 4) echo "$arch" ;; esac
	done <<<"$needs" | sort -u
}

install_packages() {
	local family=other id packages
	packages=$(missing 2)
	[ -n "$packages" ] || return 0
	if [ -r /etc/os-release ]; then
		id=$(. /etc/os-release && echo " ${ID-} ${ID_LIKE-} ")
		case "$id" in
		*' debian '* | *' ubuntu '*) family=debian ;;
		*' fedora '* | *' rhel '*) family=fedora ;;
		*' arch '*) family=arch ;;
		esac
	fi
	case $family in
	debian) apt_install $packages ;;
	fedora) cannot "packages are missing: dnf install $(missing 3 | xargs)" ;;
	arch) cannot "packages are missing: pacman -S $(missing 4 | xargs)" ;;
	other) cannot "not Debian or Ubuntu; install what these Debian packages hold: $(echo $packages)" ;;
	esac
	packages=$(missing 2)
	[ -z "$packages" ] ||
		cannot "installed, but still not found: $(echo $packages); this release may be too old (Debian 12 or Ubuntu 24.04 are not)"
}

# A package that exists only under another name on this release.
real_package() {
	if [ "$1" = bpftool ] && ! apt-cache show bpftool 2>/dev/null | grep -q '^Filename:'; then
		echo "linux-tools-common linux-tools-generic linux-tools-$(uname -r)"
	else
		echo "$1"
	fi
}

apt_install() {
	local wanted name log packages=()

	command -v apt-get >/dev/null || cannot "no apt-get; install by hand: $*"
	export DEBIAN_FRONTEND=noninteractive
	log=$(mktemp)
	say "installing $*"
	# Old lists name files that the mirror no longer has, so they are fetched anew, once.
	apt-get -q -o DPkg::Lock::Timeout=120 update >"$log" 2>&1 ||
		{ tail -n 5 "$log" >&2; cannot 'apt-get update failed, see above: check /etc/apt and the network'; }
	for wanted; do
		for name in $(real_package "$wanted"); do
			apt-cache show "$name" >/dev/null 2>&1 && packages+=("$name")
		done
	done
	((${#packages[@]})) || cannot "apt knows none of: $*; enable the component main (Ubuntu: universe too)"
	# Services of test packages (docker) must not be started by their installation.
	with_policy apt-get -q -y -o DPkg::Lock::Timeout=120 --no-install-recommends install "${packages[@]}" >"$log" 2>&1 ||
		{ tail -n 15 "$log" >&2; cannot "apt-get install ${packages[*]} failed, see above"; }
	rm -f "$log"
	hash -r
	expose_bpftool
}

# Runs a command while /usr/sbin/policy-rc.d, unless the host has its own, forbids starting services.
with_policy() {
	local policy=/usr/sbin/policy-rc.d status=0
	if [ -e "$policy" ]; then "$@"; return; fi
	printf '#!/bin/sh\nexit 101\n' >"$policy"
	chmod 755 "$policy"
	"$@" || status=$?
	rm -f "$policy"
	return $status
}

# Ubuntu keeps the tool beside the kernel it was built with; any of them does for our use.
expose_bpftool() {
	local tool
	bpftool version >/dev/null 2>&1 && return 0
	tool=$(compgen -G '/usr/lib/linux-tools*/*/bpftool' | sort -V | tail -n 1) || return 0
	[ -n "$tool" ] && ln -sf "$tool" /usr/local/sbin/bpftool
	hash -r
}

install_npm() {
	local log
	[ node_modules/.package-lock.json -nt package-lock.json ] && return 0
	log=$(mktemp)
	say 'npm ci'
	npm ci --include=dev --no-progress >"$log" 2>&1 ||
		{ tail -n 15 "$log" >&2; cannot 'npm ci failed, see above: check the npm registry and the network'; }
	rm -f "$log"
	touch node_modules/.package-lock.json
}

needs=$need_run
build=yes
for argument; do
	case "$argument" in
	--test) needs+=$need_test ;;
	--vm) needs+=$need_vm ;;
	--no-build) build=no ;;
	*) echo "setup: unknown argument $argument; use --test, --vm, --no-build or none" >&2; exit 2 ;;
	esac
done

check_host
install_packages
install_npm
[ $build = no ] || scripts/build.sh
