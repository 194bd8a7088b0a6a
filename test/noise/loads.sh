#!/bin/bash
# The ordinary work of a host, one function for each kind.
#
#   loads.sh list              their names, in order
#   loads.sh prepare FOLDER    what they need and what must not be judged
#   loads.sh NAME FOLDER       one of them
#   loads.sh clean FOLDER      the host as it was before
#
# CGROUP in the environment is the control group below which Docker puts its containers.
set -uo pipefail

LOADS=(packages_in packages_again compile node python git web database logs accounts remote jobs
	backup look around_services containers packages_out)
NEW_PACKAGES=(at openssh-server sysstat rsync)
USER_NAME=saker-noise
DISTRIBUTION=saker-noise/debian:one

quiet_apt() { DEBIAN_FRONTEND=noninteractive apt-get -qq -y "$@" >/dev/null; }
must() { "$@" || { echo "noise: failed: $*" >&2; exit 1; }; }
wait_for() { # a condition, for so many seconds
	for _ in $(seq "$((${2:-20} * 10))"); do eval "$1" >/dev/null 2>&1 && return; sleep 0.1; done
	echo "noise: not in time: $1" >&2
	exit 1
}

load_packages_in() {
	must quiet_apt update
	# shellcheck disable=SC2046
	[ ! -s "$FOLDER/new-packages" ] || must quiet_apt install --no-install-recommends $(cat "$FOLDER/new-packages")
}

load_packages_again() {
	must quiet_apt install --reinstall cron man-db logrotate sudo nginx-common
	(must dpkg -i "$FOLDER"/hello_*.deb && must dpkg -P hello) >/dev/null
	dpkg --verify sudo
	must update-alternatives --display editor >/dev/null
}

load_packages_out() {
	# shellcheck disable=SC2046
	[ ! -s "$FOLDER/new-packages" ] || {
		must quiet_apt remove $(cat "$FOLDER/new-packages")
		must quiet_apt purge $(cat "$FOLDER/new-packages")
	}
}

load_compile() {
	mkdir -p "$FOLDER/compile" && cd "$FOLDER/compile" || exit 1
	for number in $(seq 200); do
		printf '#include <stdio.h>\nint part%d(int n) { return puts("%d") - n; }\n' \
			"$number" "$number" >"part$number.c"
	done
	echo 'int part7(int); int main(void) { return part7(2) > 9; }' >main.c
	cat >Makefile <<-'END'
		CFLAGS = -O1 -g
		objects = $(patsubst %.c,%.o,$(wildcard part*.c))
		all: program libparts.so
		libparts.a: $(objects); ar rcs $@ $^
		libparts.so: ; $(CC) -shared -fPIC -o $@ part1.c
		program: main.o libparts.a; $(CC) -o $@ $^
		check: program; ./program
		install: program; install -D -m 755 -s program $(DESTDIR)/usr/bin/program
		.PHONY: libparts.so
	END
	must make -s -j2
	must make -s check >/dev/null
	must make -s install DESTDIR="$FOLDER/compile/root"
	LD_LIBRARY_PATH=. must ./program >/dev/null
}

load_node() {
	cd "$FOLDER/node" || exit 1
	must npm ci --silent
	must npm test --silent >/dev/null
}

load_python() {
	cd "$FOLDER" || exit 1
	must python3 -m venv venv
	must venv/bin/pip -q --disable-pip-version-check install six
	cat >serve.py <<-'END'
		import http.server, multiprocessing, subprocess, threading, urllib.request
		server = http.server.ThreadingHTTPServer(('127.0.0.1', 0), http.server.SimpleHTTPRequestHandler)
		threading.Thread(target=server.serve_forever, daemon=True).start()
		for _ in range(50):
		    urllib.request.urlopen(f'http://127.0.0.1:{server.server_port}/').read()
		subprocess.run(['sh', '-c', 'echo "from a shell" | tr a-z A-Z'], stdout=subprocess.DEVNULL, check=True)
		with multiprocessing.Pool(4) as pool:
		    assert sum(pool.map(abs, range(-100, 0))) == 5050
		server.shutdown()
	END
	must venv/bin/python serve.py 2>/dev/null
}

load_git() {
	cd "$FOLDER" && mkdir origin && cd origin || exit 1
	local git=(command git -c user.name=noise -c user.email=noise@example.org)
	must "${git[@]}" init -q
	printf '#!/bin/sh\nexit 0\n' >.git/hooks/pre-commit && chmod +x .git/hooks/pre-commit
	for number in $(seq 10); do
		echo "$number" >"file$number"
		must "${git[@]}" add .
		must "${git[@]}" commit -q -m "number $number"
	done
	must "${git[@]}" clone -q "file://$FOLDER/origin" ../clone
	cd ../clone || exit 1
	must "${git[@]}" checkout -q -b other
	must "${git[@]}" rebase -q HEAD~3
	must "${git[@]}" gc -q
	must "${git[@]}" log --stat >/dev/null
}

load_web() {
	mkdir -p "$FOLDER/web" && cd "$FOLDER/web" || exit 1
	echo hello >index.html
	cat >nginx.conf <<-END
		user www-data; pid $PWD/pid; error_log $PWD/error.log;
		events {}
		http { access_log $PWD/access.log; server { listen 127.0.0.1:8931; root $PWD; } }
	END
	local nginx=(nginx -c "$PWD/nginx.conf" -g 'worker_processes 2;')
	must "${nginx[@]}" -t 2>/dev/null
	must "${nginx[@]}" 2>/dev/null
	for number in $(seq 100); do
		curl -s "http://127.0.0.1:8931/?$number" "http://127.0.0.1:8931/missing" >/dev/null
	done
	must "${nginx[@]}" -s reload 2>/dev/null
	mv access.log access.log.1 && must "${nginx[@]}" -s reopen 2>/dev/null
	curl -s http://127.0.0.1:8931/ >/dev/null
	must "${nginx[@]}" -s quit 2>/dev/null
	wait_for '[ ! -e pid ]'
}

load_database() {
	local version
	version=$(pg_lsclusters -h | awk '{print $1; exit}')
	[ -n "$version" ] || version=$(ls /usr/lib/postgresql | sort -n | tail -1)
	install -d -o postgres "$FOLDER/database"
	must pg_createcluster "$version" noise -p 8932 -d "$FOLDER/database/data" >/dev/null
	must pg_ctlcluster "$version" noise start
	must su postgres -c 'psql -q -p 8932 -c "create table t as select generate_series(1, 10000) n"'
	must su postgres -c 'pg_dump -p 8932 postgres' | gzip >"$FOLDER/database/dump.gz"
	must pg_ctlcluster "$version" noise restart
	must pg_dropcluster --stop "$version" noise
}

load_logs() {
	mkdir -p "$FOLDER/logs" && cd "$FOLDER/logs" || exit 1
	cat >rsyslog.conf <<-END
		module(load="imuxsock" SysSock.Name="$PWD/log")
		*.* $PWD/all.log
	END
	must rsyslogd -f "$PWD/rsyslog.conf" -i "$PWD/pid"
	wait_for '[ -e pid ]'
	for number in $(seq 20); do logger -u "$PWD/log" -t noise "line $number"; done
	seq 1000 >one.log && seq 1000 >/var/log/saker-noise.log
	cat >rotate.conf <<-END
		$PWD/one.log $PWD/all.log { rotate 2
		compress
		create
		postrotate
		kill -HUP \$(cat $PWD/pid)
		endscript
		}
		/var/log/saker-noise.log { rotate 1
		copytruncate
		}
	END
	chmod 755 . && chmod 644 rotate.conf
	must logrotate -f -s "$PWD/state" rotate.conf
	must logrotate -f -s "$PWD/state" rotate.conf
	must kill "$(cat pid)"
	rm -f /var/log/saker-noise.log*
}

load_accounts() {
	must useradd -m -s /bin/bash "$USER_NAME"
	echo "$USER_NAME:one-Two-3" | must chpasswd
	must groupadd saker-noise-group
	must usermod -aG saker-noise-group "$USER_NAME"
	must chage -M 90 "$USER_NAME"
	must su - "$USER_NAME" -c 'id && crontab -l; echo "alias ll=ls" >/dev/null; ssh-keygen -q -t ed25519 -N "" -f ~/.ssh/id_ed25519' >/dev/null 2>&1
	must sudo -n -u "$USER_NAME" true
	must runuser -u "$USER_NAME" -- id >/dev/null
	must visudo -cq
	must getent passwd "$USER_NAME" >/dev/null
	must adduser -q "$USER_NAME" games
	must passwd -S "$USER_NAME" >/dev/null
	must groupdel saker-noise-group
}

# Logs in by ssh as the user of `accounts`, and is root by sudo.
load_remote() {
	local home=/home/$USER_NAME
	must cp "$home/.ssh/id_ed25519.pub" "$home/.ssh/authorized_keys"
	echo "$USER_NAME ALL=(ALL) NOPASSWD: ALL" >/etc/sudoers.d/saker-noise
	mkdir -p /run/sshd
	must /usr/sbin/sshd -p 8933 -o ListenAddress=127.0.0.1 -o PidFile="$FOLDER/sshd.pid"
	wait_for '[ -e "$FOLDER/sshd.pid" ]'
	local options="-o StrictHostKeyChecking=no -o UserKnownHostsFile=/dev/null -o LogLevel=ERROR"
	local ssh="ssh -p 8933 $options $USER_NAME@127.0.0.1"
	# The user itself does what follows; its shell stands for the terminal of somebody elsewhere.
	must su - "$USER_NAME" -c "$ssh 'uname -a; ls; sudo -n ss -tln; sudo -n apt-get -qq -s upgrade' && $ssh -tt 'bash -lc \"echo hello\"' </dev/null" >/dev/null 2>&1
	must su - "$USER_NAME" -c "seq 1000 >numbers && scp -q -P 8933 $options numbers $USER_NAME@127.0.0.1:copy"
	must su - "$USER_NAME" -c "rsync -e 'ssh -p 8933 $options' numbers $USER_NAME@127.0.0.1:other"
	must kill "$(cat "$FOLDER/sshd.pid")"
	rm -f /etc/sudoers.d/saker-noise
}

load_jobs() {
	cat >"$FOLDER/nightly" <<-END
		#!/bin/sh
		tar -C / -czf $FOLDER/nightly.tar.gz etc 2>/dev/null
		su postgres -c true
		touch $FOLDER/nightly.done
	END
	chmod +x "$FOLDER/nightly"
	echo "* * * * * $FOLDER/nightly" | must crontab -u root -
	printf 'PATH=/usr/bin:/bin\n* * * * * id >$HOME/job.done\n' | must crontab -u "$USER_NAME" -
	must service cron restart >/dev/null
	must service atd start >/dev/null
	echo "touch $FOLDER/at.done" | must at -q a now 2>/dev/null
	must /etc/cron.daily/man-db
	must /etc/cron.daily/dpkg
	wait_for '[ -e "$FOLDER/nightly.done" ]' 90
	wait_for '[ -e "$FOLDER/at.done" ]'
	service cron stop >/dev/null
	service atd stop >/dev/null
	crontab -r -u root
	crontab -r -u "$USER_NAME"
}

load_backup() {
	mkdir -p "$FOLDER/backup" && cd "$FOLDER/backup" || exit 1
	must tar -C / -czf etc.tar.gz etc 2>/dev/null
	must tar -xzf etc.tar.gz
	must rsync -a /usr/share/doc/nginx* doc/
	find /usr/share -newer /etc/passwd -type f >/dev/null 2>&1
	sha256sum /usr/bin/g* >sums && must sha256sum --quiet -c sums
	dd if=/dev/zero of=image bs=1M count=8 status=none && gzip image
}

load_look() {
	(ps auxww; top -b -n 1; ss -tulpn; df -h; free -m; last; w; ip address; mount; uptime; lsof -n
		vmstat 1 2; dmesg | tail; find / -xdev -maxdepth 4 -perm -4000; du -s /var/log
		sysctl -a; cat /etc/passwd; who; netstat -an; iostat; sar 1 1; lsblk; lscpu) >/dev/null 2>&1
	strace -o /dev/null ls >/dev/null
	sysctl -qw vm.swappiness="$(cat /proc/sys/vm/swappiness)"
	man -w ls >/dev/null
	(vim -es -u NONE -c q || vi -es -c q || true) </dev/null >/dev/null 2>&1
}

load_around_services() {
	for service in nginx cron; do
		service "$service" status >/dev/null 2>&1
	done
	must sh -c 'echo "# nothing" >/etc/sysctl.d/99-saker-noise.conf; rm /etc/sysctl.d/99-saker-noise.conf'
	must ldconfig
	must update-ca-certificates >/dev/null 2>&1
	must mount -t tmpfs saker-noise /mnt && umount /mnt
	must unshare --mount --net true
}

load_containers() {
	local data="$FOLDER/docker"
	dockerd --host="unix://$data/docker.sock" --data-root="$data/data" --exec-root="$data/exec" \
		--pidfile="$data/pid" --bridge=none --iptables=false --ip6tables=false \
		--cgroup-parent="$CGROUP/containers" >"$data/log" 2>&1 &
	local docker="docker --host=unix://$data/docker.sock"
	export DOCKER_CONFIG=$data DOCKER_BUILDKIT=0
	wait_for "$docker info"
	must $docker import "$data/debian.tar" "$DISTRIBUTION" >/dev/null
	mkdir -p "$data/build"
	cp "$FOLDER"/hello_*.deb "$data/build/hello.deb"
	printf '#!/bin/sh\necho started\nexec sleep 1000\n' >"$data/build/start"
	chmod +x "$data/build/start"
	cat >"$data/build/Dockerfile" <<-END
		FROM $DISTRIBUTION
		COPY hello.deb /tmp/
		RUN dpkg -i /tmp/hello.deb && rm /tmp/hello.deb
		RUN useradd -m app && mkdir -p /srv/app && chown app /srv/app
		COPY start /usr/local/bin/start
		RUN hello >/srv/app/greeting && apt-get --version >/dev/null
		USER app
		CMD ["/usr/local/bin/start"]
	END
	must $docker build -q --network none -t saker-noise/app "$data/build" >/dev/null
	must $docker run -d --network none --name one saker-noise/app >/dev/null
	must $docker run -d --network host --name two --read-only --tmpfs /tmp -v "$data/build:/data:ro" saker-noise/app >/dev/null
	must $docker exec one hello >/dev/null
	must $docker exec one sh -c 'cat /etc/passwd; ls -la /; id' >/dev/null
	must $docker exec -u root two sh -c 'cat /data/start; echo x >/tmp/x' >/dev/null
	must $docker run --rm --network none saker-noise/app sh -c 'echo once' >/dev/null
	must $docker cp one:/srv/app/greeting "$data/greeting"
	$docker logs one >/dev/null; $docker stats --no-stream >/dev/null; $docker inspect one >/dev/null
	must $docker stop -t 1 one >/dev/null
	must $docker start one >/dev/null
	must $docker rm -f one two >/dev/null
	must $docker rmi saker-noise/app >/dev/null
	must kill "$(cat "$data/pid")"
	wait_for "[ ! -e $data/pid ]"
}

prepare() {
	must quiet_apt update
	# With what they need and is not there; what would be upgraded has its old version in brackets.
	apt-get -qq -s --no-install-recommends install "${NEW_PACKAGES[@]}" |
		awk '$1 == "Inst" && $3 !~ /^\[/ {print $2}' >"$FOLDER/new-packages"
	crontab -l >"$FOLDER/crontab" 2>/dev/null || rm -f "$FOLDER/crontab"
	ls /var/log >"$FOLDER/var-log"
	chmod 755 "$FOLDER"
	(cd "$FOLDER" && must quiet_apt download hello 2>/dev/null) || exit 1
	mkdir -p "$FOLDER/node" "$FOLDER/docker"
	cd "$FOLDER/node" || exit 1
	cat >package.json <<-'END'
		{"name": "noise", "version": "1.0.0", "private": true,
		 "scripts": {"test": "node --test"}, "dependencies": {"commander": "14.0.3", "pino": "10.4.0"}}
	END
	echo "require('node:test')('adds', () => { require('pino'); require('node:child_process').execSync('ls'); });" >add.test.js
	must npm install --silent --package-lock-only
	debian_image
}

# Debian's essential packages as they are on this host: an image in which its programs are at home.
debian_image() {
	local packages list="$FOLDER/docker/list"
	packages=$(dpkg-query -W -f '${Essential} ${Package}\n' | awk '$1 == "yes" {print $2}')
	ls -d /bin /sbin /lib /lib64 /tmp /root >"$list" # links come before what is behind them
	# shellcheck disable=SC2086
	(apt-cache depends --recurse --installed --no-recommends --no-suggests --no-conflicts \
		--no-breaks --no-replaces --no-enhances $packages apt passwd adduser |
		grep '^[a-z]' | sort -u | xargs dpkg -L 2>/dev/null
		find /var/lib/dpkg -maxdepth 1
		ls -d /var/lib/dpkg/info/* /var/lib/dpkg/triggers /etc/passwd /etc/group) |
		grep -vE '^/usr/share/(doc|man|locale)/|diverted|^/(\.|bin|sbin|lib|lib64|tmp|root)$' |
		sed -E 's,^/(bin|sbin|lib|lib64)/,/usr/\1/,' | sort -u >>"$list"
	tar -C / --no-recursion -cf "$FOLDER/docker/debian.tar" -T "$list" 2>/dev/null
	[ -s "$FOLDER/docker/debian.tar" ] || exit 1
}

clean() {
	# The daemons that a failed load left behind.
	for signal in TERM TERM KILL; do
		local left
		left=$(find /sys/fs/cgroup -path "*${CGROUP:?}*" -name cgroup.procs -exec cat {} + 2>/dev/null | sort -u)
		[ -n "$left" ] || break
		# shellcheck disable=SC2086
		kill -s "$signal" $left 2>/dev/null
		sleep 5
	done
	if [ -e "$FOLDER/crontab" ]; then crontab "$FOLDER/crontab"; fi
	rm -f /etc/sudoers.d/saker-noise
	rmdir /run/sshd 2>/dev/null
	userdel -rf "$USER_NAME" 2>/dev/null
	groupdel saker-noise-group 2>/dev/null
	pg_lsclusters -h 2>/dev/null | awk '$2 == "noise" {print $1}' | while read -r version; do
		pg_dropcluster --stop "$version" noise
	done
	load_packages_out
	mount | awk -v folder="$FOLDER" 'index($3, folder) == 1 {print $3}' | sort -r | xargs -r umount
	for name in sysstat saker-noise.log; do
		grep -qxF "$name" "$FOLDER/var-log" || rm -rf "/var/log/${name:?}"
	done
	find /sys/fs/cgroup -depth -type d -path "*${CGROUP:?}*" -exec rmdir {} \; 2>/dev/null
	rm -rf "$FOLDER"
}

case "${1-}" in
list) printf '%s\n' "${LOADS[@]}" ;;
prepare | clean) FOLDER=${2:?} && export FOLDER && "$1" ;;
*) FOLDER=${2:?} && export FOLDER && "load_$1" ;;
esac
