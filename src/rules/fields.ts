// Every field: its type, argument, what it may be used for and what it means. Validation, matching,
// output and the documentation read this table; which fields have a source is up to the readers.

import { EVENTS, eventNamed, paramNamed, type ValueType } from './events.js';
import { nearestName } from './nearest.js';

/** What stands behind the name: `[0]`, `[NAME]`, one of both, or a further `.name`. */
export type ArgumentKind = 'index' | 'key' | 'index or key' | 'name' | 'index or name';

export interface FieldSpec {
  name: string;
  class: string;
  type: ValueType;
  /** The value is a list. */
  list: boolean;
  argument: 'none' | 'optional' | 'required';
  argumentKind?: ArgumentKind;
  /** Has no value of its own: cannot stand in an output. */
  filterOnly: boolean;
  printOnly: boolean;
  /** May not be the argument of a transformer. */
  noTransformer: boolean;
  /** May not stand on the right of an operator. */
  noRightHand: boolean;
  deprecated: boolean;
  /** Only for views of tables; without a source here. */
  tableOnly: boolean;
  /** Added to every output when the configuration asks for suggested fields. */
  suggested: boolean;
  /** Known, but not listed. */
  hidden: boolean;
  /** One or two sentences; begins in lower case. */
  description: string;
}

/** A use of a field: the specification with what its argument settles. */
export interface FieldUse {
  spec: FieldSpec;
  /** The type of this use; differs from the specification's for `evt.rawarg.NAME` only. */
  type: ValueType;
  /** The value of this use is a list of elements of the type. */
  list: boolean;
  /** The value of this use is several values of which the operator asks for one. */
  many: boolean;
  /** The argument, whichever way it was written: `NAME` of `evt.arg.NAME`, `2` of `x[2]`. */
  argument: string | undefined;
}

/** Why a field cannot be used as it is written. */
export interface FieldProblem {
  error: 'unknown-field' | 'field-argument-missing' | 'unknown-event-argument';
  message: string;
  /** A known name like the unknown one. */
  suggestion?: string;
}

/**
 * Finds the field that a name and an argument in brackets mean.
 *
 * @param name with its dots; `evt.arg.flags` and the like carry their argument in the name.
 */
export function useField(name: string, argument: string | undefined): FieldUse | FieldProblem {
  const spec = findField(name);
  if (spec === undefined) return unknownField(name);
  const dotted = name.length > spec.name.length ? name.slice(spec.name.length + 1) : undefined;
  if (dotted !== undefined && argument !== undefined) {
    return { error: 'unknown-field', message: `${name} takes no further argument` };
  }
  const given = dotted ?? argument;
  if (given === undefined) {
    if (spec.argument === 'required') return missingArgument(spec);
    return use(spec, spec.type, undefined);
  }
  if (argument !== undefined) {
    const problem = badArgument(spec, argument);
    if (problem !== undefined) return problem;
  }
  if (spec.name === 'evt.type.is' && eventNamed(given) === undefined) {
    const suggestion = nearestEvent(given);
    return { error: 'unknown-field', message: `no event is called ${given}`, suggestion };
  }
  if (dotted === undefined || !PARAMETER_FIELDS.has(spec.name)) return use(spec, spec.type, given);
  const param = paramNamed(dotted);
  if (param === undefined) {
    const message = `no event has a parameter called ${dotted}`;
    const near = nearestName(dotted, PARAM_NAMES);
    const suggestion = near === undefined ? undefined : `${spec.name}.${near}`;
    return { error: 'unknown-event-argument', message, suggestion };
  }
  return use(spec, spec.name === 'evt.rawarg' ? param.type : spec.type, given);
}

/**
 * The field of that name; a field whose argument is part of the name is found with and without it.
 */
export function findField(name: string): FieldSpec | undefined {
  const exact = BY_NAME.get(name);
  if (exact !== undefined) return exact;
  for (const prefix of DOTTED) {
    if (name.length > prefix.length && name.startsWith(prefix) && name[prefix.length] === '.') {
      const rest = name.slice(prefix.length + 1);
      const spec = BY_NAME.get(prefix);
      if (spec?.name !== 'evt.abspath' || rest === 'src' || rest === 'dst') return spec;
    }
  }
  return undefined;
}

/** The known field whose name is nearest to a misspelt one, if one is near. */
export function nearestField(name: string): string | undefined {
  return nearestName(
    name,
    [...FIELDS, ...OWN_FIELDS]
      .filter((field) => !field.hidden && !field.tableOnly)
      .map((field) => field.name),
  );
}

/** The known event whose name is nearest to a misspelt one, if one is near. */
export function nearestEvent(name: string): string | undefined {
  return nearestName(
    name,
    EVENTS.map((event) => event.name),
  );
}

/** Fields that ask for both ends of a connection. */
export const EITHER_SIDE: ReadonlySet<string> = new Set(['fd.ip', 'fd.port', 'fd.net', 'fd.proto']);

/** Fields that are the host names of an address; `!=` asks that none of them is equal. */
export const HOST_NAMES: ReadonlySet<string> = new Set([
  'fd.cip.name',
  'fd.sip.name',
  'fd.lip.name',
  'fd.rip.name',
]);

/** Fields that, without an index, are the values of all ancestors from the parent upwards. */
export const ANCESTORS: ReadonlySet<string> = new Set([
  'proc.aname',
  'proc.aexe',
  'proc.aexepath',
  'proc.acmdline',
  'proc.aargs',
  'proc.aenv',
  'proc.apid',
]);

// Longest first where one is the beginning of another.
const DOTTED = ['evt.rawarg', 'evt.arg', 'evt.abspath', 'evt.type.is', 'thread.cgroup'];
const PARAMETER_FIELDS = new Set(['evt.arg', 'evt.rawarg']);
const PARAM_NAMES = new Set(EVENTS.flatMap((event) => event.params.map((param) => param.name)));

function use(spec: FieldSpec, type: ValueType, argument: string | undefined): FieldUse {
  const bare = argument === undefined;
  const variable = spec.name === 'proc.aenv' && !/^[0-9]+$/.test(argument ?? '');
  const ofAncestors = ANCESTORS.has(spec.name) && (bare || variable);
  const many = EITHER_SIDE.has(spec.name) || HOST_NAMES.has(spec.name) || ofAncestors;
  return { spec, type, list: spec.list && bare, many, argument };
}

function unknownField(name: string): FieldProblem {
  const message = `there is no field ${name}`;
  return { error: 'unknown-field', message, suggestion: nearestField(name) };
}

function missingArgument(spec: FieldSpec): FieldProblem {
  const form = spec.argumentKind?.includes('name') === true ? '.NAME' : '[...]';
  const message = `${spec.name} needs an argument: ${spec.name}${form}`;
  return { error: 'field-argument-missing', message };
}

function badArgument(spec: FieldSpec, argument: string): FieldProblem | undefined {
  const kind = spec.argumentKind;
  const refuse = (what: string): FieldProblem => ({
    error: 'unknown-field',
    message: `${spec.name}[${argument}]: ${what}`,
  });
  if (kind === undefined) return refuse(`${spec.name} takes no argument`);
  if (kind === 'name') return refuse(`${spec.name} takes its argument as ${spec.name}.NAME`);
  const isIndex = /^[0-9]{1,9}$/.test(argument);
  if (kind.startsWith('index') && !kind.endsWith('key') && !isIndex) {
    return refuse('the index must be a number');
  }
  if (spec.name === 'file.sha256' && !HASHED_FILES.has(argument)) {
    return refuse(`the argument must be one of: ${[...HASHED_FILES.keys()].join(', ')}`);
  }
  return argument === '' ? refuse('the argument is empty') : undefined;
}

// A line that ends in a colon names the class of the fields below it. A field is its name, type and
// remarks, then its meaning behind a bar. Remarks: list, filter, print, notransform, noright,
// deprecated, table, suggested, hidden, and the argument: KIND? when optional, KIND! when required.
const TABLE = `
evt:
evt.num UINT64 | running number of the event, from 1; a rule with evt.num=0 never fires
evt.time CHARBUF | time of the event with nanoseconds, in the time zone of the host
evt.time.s CHARBUF | time of the event to the second
evt.time.iso8601 CHARBUF | date and time of the event in UTC as ISO 8601, with nanoseconds
evt.datetime CHARBUF | date and time of the event with nanoseconds
evt.datetime.s CHARBUF | date and time of the event to the second
evt.rawtime ABSTIME | time of the event, nanoseconds since 1970
evt.rawtime.s ABSTIME | whole seconds of the event's time since 1970
evt.rawtime.ns ABSTIME | the part of the event's time below one second, in nanoseconds
evt.reltime RELTIME | nanoseconds since the first event
evt.reltime.s RELTIME | whole seconds since the first event
evt.reltime.ns RELTIME | the part of evt.reltime below one second
evt.pluginname CHARBUF | the plugin an event came from; no event here has one
evt.plugininfo CHARBUF | what the plugin says about its event; no event here has it
evt.source CHARBUF | where the event came from: syscall
evt.is_async BOOL | whether the event is an asynchronous message instead of something a task did
evt.asynctype CHARBUF | kind of an asynchronous message
evt.hostname CHARBUF | name of the host
evt.latency RELTIME deprecated | time between the start and the end of the call
evt.latency.s RELTIME deprecated | whole seconds of evt.latency
evt.latency.ns RELTIME deprecated | the part of evt.latency below one second
evt.latency.quantized UINT64 table deprecated | logarithm of evt.latency, scaled
evt.latency.human CHARBUF deprecated | evt.latency with a unit
evt.deltatime RELTIME | nanoseconds since the event before
evt.deltatime.s RELTIME | whole seconds since the event before
evt.deltatime.ns RELTIME | the part of evt.deltatime below one second
evt.outputtime CHARBUF print | time of the event in the form the output was asked for
evt.dir CHARBUF deprecated | direction of the event; always <, the end of a call
evt.type CHARBUF | name of the event, for a system call its name: open, execve, connect
evt.type.is UINT32 name! | 1 when the event has that name, else 0
syscall.type CHARBUF | name of the system call; missing for what is not a system call
evt.category CHARBUF | what the event is about: file, net, process, memory, user and so on
evt.cpu INT16 | number of the processor it happened on
evt.args CHARBUF | all parameters as name=value, separated by blanks
evt.arg CHARBUF index%or%name! | one parameter as text: flags by name, paths made absolute, descriptors with what they are
evt.rawarg DYNAMIC name! notransform noright | one parameter as the bare number or text
evt.info CHARBUF | the same as evt.args
evt.buffer BYTEBUF | the first bytes that were read, written, sent or received
evt.buflen UINT64 | number of bytes in the data of a read, write, send or receive
evt.res CHARBUF | SUCCESS, or the name of the error
evt.rawres INT64 | the return value; an error is negative
evt.failed BOOL | whether the call returned an error
evt.is_io BOOL | whether the event reads or writes
evt.is_io_read BOOL | whether the event reads
evt.is_io_write BOOL | whether the event writes
evt.io_dir CHARBUF | r when the event reads, w when it writes
evt.is_wait BOOL | whether the event waits for something: poll, select, epoll_wait
evt.wait_latency RELTIME deprecated | time spent waiting
evt.is_syslog BOOL | whether the event writes to /dev/log
evt.count UINT32 | always 1
evt.count.error UINT32 | 1 when the call failed
evt.count.error.file UINT32 | 1 when a call on files failed
evt.count.error.net UINT32 | 1 when a call on the network failed
evt.count.error.memory UINT32 | 1 when a call on memory failed
evt.count.error.other UINT32 | 1 when a call of another kind failed
evt.count.exit UINT32 | 1 at the end of a call
evt.count.procinfo UINT32 table | 1 for a periodic report about processes
evt.count.threadinfo UINT32 table | 1 for a periodic report about threads
evt.around UINT64 index! filter notransform noright | whether the event is within a number of milliseconds of a time
evt.abspath CHARBUF name? | the path parameter made absolute; .src and .dst choose one of two
evt.buflen.in UINT64 table | bytes read
evt.buflen.out UINT64 table | bytes written
evt.buflen.file UINT64 table | bytes read from or written to files
evt.buflen.file.in UINT64 table | bytes read from files
evt.buflen.file.out UINT64 table | bytes written to files
evt.buflen.net UINT64 table | bytes received or sent
evt.buflen.net.in UINT64 table | bytes received
evt.buflen.net.out UINT64 table | bytes sent
evt.is_open_read BOOL | whether a file was opened with leave to read
evt.is_open_write BOOL | whether a file was opened with leave to write
evt.infra.docker.name CHARBUF table | name of a container runtime's message
evt.infra.docker.container.id CHARBUF table | container of a runtime's message
evt.infra.docker.container.name CHARBUF table | container name of a runtime's message
evt.infra.docker.container.image CHARBUF table | image of a runtime's message
evt.is_open_exec BOOL | whether a file was created with leave to execute it
evt.is_open_create BOOL | whether an open created the file
process:
proc.exe CHARBUF | argv[0], as the caller wrote it
proc.pexe CHARBUF | proc.exe of the parent
proc.aexe CHARBUF index? notransform noright | proc.exe of an ancestor: 0 the process itself, 1 its parent; without index any ancestor
proc.exepath CHARBUF | path of the program, as the kernel resolved it
proc.pexepath CHARBUF | proc.exepath of the parent
proc.aexepath CHARBUF index? notransform noright | proc.exepath of an ancestor; without index any ancestor
proc.name CHARBUF | name of the thread, up to 15 bytes; a thread can rename itself
proc.pname CHARBUF | proc.name of the parent
proc.aname CHARBUF index? notransform noright | proc.name of an ancestor: 0 the process itself, 1 its parent; without index any ancestor
proc.args CHARBUF index? | the arguments joined with blanks, or one of them
proc.aargs CHARBUF index? | proc.args of an ancestor; without index any ancestor
proc.cmdline CHARBUF | proc.name and the arguments
proc.pcmdline CHARBUF | proc.cmdline of the parent
proc.acmdline CHARBUF index? notransform noright | proc.cmdline of an ancestor; without index any ancestor
proc.cmdnargs UINT64 | number of arguments
proc.cmdlenargs UINT64 | length of all arguments together, in bytes
proc.exeline CHARBUF | proc.exe and the arguments
proc.env CHARBUF key? | the environment joined with blanks, or the value of one variable
proc.aenv CHARBUF index%or%key? notransform noright | proc.env of an ancestor; with a variable's name, its value in any ancestor
proc.cwd CHARBUF | working directory; ends in a slash
proc.loginshellid INT64 | pid of the oldest shell among the ancestors
proc.tty UINT32 | device number of the controlling terminal; 0 without one
proc.pid INT64 | number of the process
proc.ppid INT64 | number of the parent
proc.apid INT64 index? notransform noright | number of an ancestor; without index any ancestor
proc.vpid INT64 | number of the process in its own pid namespace
proc.pvpid INT64 | number of the parent in its own pid namespace
proc.sid INT64 | session: the pid of its leader
proc.sname CHARBUF | proc.name of the session leader
proc.sid.exe CHARBUF | proc.exe of the session leader
proc.sid.exepath CHARBUF | proc.exepath of the session leader
proc.vpgid INT64 | process group, as the process's own pid namespace numbers it
proc.vpgid.name CHARBUF | proc.name of the leader of that group
proc.vpgid.exe CHARBUF | proc.exe of the leader of that group
proc.vpgid.exepath CHARBUF | proc.exepath of the leader of that group
proc.pgid INT64 | process group, as the host numbers it
proc.pgid.name CHARBUF | proc.name of the group leader
proc.pgid.exe CHARBUF | proc.exe of the group leader
proc.pgid.exepath CHARBUF | proc.exepath of the group leader
proc.duration RELTIME | nanoseconds since the process was cloned
proc.ppid.duration RELTIME | nanoseconds since the parent was cloned
proc.pid.ts RELTIME | when the process was cloned, nanoseconds since 1970
proc.ppid.ts RELTIME | when the parent was cloned, nanoseconds since 1970
proc.is_exe_writable BOOL | whether the user that ran it could write to the program
proc.is_exe_upper_layer BOOL | whether the program lies in the upper layer of an overlay: it is not from the image
proc.is_exe_lower_layer BOOL | whether the program lies in a lower layer of an overlay
proc.is_exe_from_memfd BOOL | whether the program is an anonymous file in memory
proc.is_sid_leader BOOL | whether the process leads its session
proc.is_vpgid_leader BOOL | whether the process leads its group, as its own pid namespace numbers it
proc.is_pgid_leader BOOL | whether the process leads its group
proc.exe_ino INT64 | inode number of the program
proc.exe_ino.ctime ABSTIME | when the program's inode last changed, nanoseconds since 1970
proc.exe_ino.mtime ABSTIME | when the program's content last changed, nanoseconds since 1970
proc.exe_ino.ctime_duration_proc_start ABSTIME | nanoseconds from the inode's change to the clone of the process
proc.exe_ino.ctime_duration_pidns_start ABSTIME | nanoseconds from the start of the pid namespace to the inode's change
proc.pidns_init_start_ts UINT64 | when the first process of the pid namespace started, nanoseconds since 1970
thread.cap_permitted CHARBUF | permitted capabilities by name, separated by blanks
thread.cap_inheritable CHARBUF | inheritable capabilities by name, separated by blanks
thread.cap_effective CHARBUF | effective capabilities by name, separated by blanks
proc.fdopencount UINT64 | number of open descriptors
proc.fdlimit INT64 | highest number of descriptors the process may have
proc.fdusage DOUBLE | open descriptors as a percentage of the limit
proc.vmsize UINT64 | virtual memory, KiB
proc.vmrss UINT64 | resident memory, KiB
proc.vmswap UINT64 | swapped memory, KiB
thread.pfmajor UINT64 | major page faults since the thread started
thread.pfminor UINT64 | minor page faults since the thread started
thread.tid INT64 | number of the thread
thread.ismain BOOL | whether the thread is the first of its process
thread.vtid INT64 | number of the thread in its own pid namespace
thread.nametid CHARBUF table | name and number of the thread
thread.exectime RELTIME | processor time of the last slice, nanoseconds
thread.totexectime RELTIME | processor time since the start, nanoseconds
thread.cgroups CHARBUF | the control groups of the thread
thread.cgroup CHARBUF name! | the control group of the thread for one controller
proc.nthreads UINT64 | number of threads
proc.nchilds UINT64 | number of living children
thread.cpu DOUBLE | processor use of the last second, percent
thread.cpu.user DOUBLE | processor use in user space, percent
thread.cpu.system DOUBLE | processor use in the kernel, percent
thread.vmsize UINT64 | virtual memory of the process for its first thread, else 0; KiB
thread.vmrss UINT64 | resident memory of the process for its first thread, else 0; KiB
thread.vmsize.b UINT64 table | thread.vmsize in bytes
thread.vmrss.b UINT64 table | thread.vmrss in bytes
proc.stdin.type CHARBUF | what descriptor 0 is
proc.stdout.type CHARBUF | what descriptor 1 is
proc.stderr.type CHARBUF | what descriptor 2 is
proc.stdin.name CHARBUF | name of descriptor 0
proc.stdout.name CHARBUF | name of descriptor 1
proc.stderr.name CHARBUF | name of descriptor 2
user:
user.uid UINT32 | effective user
user.name CHARBUF | name of the effective user; <NA> when nobody knows it
user.homedir CHARBUF | home directory of the user
user.shell CHARBUF | shell of the user
user.loginuid INT64 | the user who logged in; -1 when unset
user.loginname CHARBUF | name of the user who logged in
group:
group.gid UINT32 | effective group
group.name CHARBUF | name of the effective group
fd:
fd.num INT64 | number of the descriptor; -1 when the call that should create it failed
fd.type CHARBUF | what the descriptor is: file, directory, ipv4, ipv6, unix, pipe, event and so on
fd.typechar CHARBUF | the same as one letter: f, d, 4, 6, u, p, e and so on
fd.name CHARBUF | path of a file, both ends of a connection
fd.directory CHARBUF | directory of a file; a directory itself
fd.filename CHARBUF | name of a file without its directory
fd.ip IPADDR filter notransform noright | address of either end
fd.cip IPADDR | address of the client
fd.sip IPADDR | address of the server
fd.lip IPADDR | address of the local end
fd.rip IPADDR | address of the remote end
fd.port PORT filter notransform noright | port of either end
fd.cport PORT | port of the client
fd.sport PORT | port of the server
fd.lport PORT | port of the local end
fd.rport PORT | port of the remote end
fd.l4proto CHARBUF | tcp, udp, icmp or raw
fd.sockfamily CHARBUF | ip or unix
fd.is_server BOOL | whether the process is the server of the connection
fd.uid CHARBUF | pid and descriptor number as one text
fd.containername CHARBUF | container id and fd.name as one text
fd.containerdirectory CHARBUF | container id and fd.directory as one text
fd.proto PORT filter notransform noright | service of either end
fd.cproto CHARBUF | service behind the client's port
fd.sproto CHARBUF | service behind the server's port
fd.lproto CHARBUF | service behind the local port
fd.rproto CHARBUF | service behind the remote port
fd.net IPNET filter notransform noright | network of either end
fd.cnet IPNET filter notransform noright | network of the client
fd.snet IPNET filter notransform noright | network of the server
fd.lnet IPNET filter notransform noright | network of the local end
fd.rnet IPNET filter notransform noright | network of the remote end
fd.connected BOOL | whether a socket is connected
fd.name_changed BOOL | whether this event gave the descriptor its name
fd.cip.name CHARBUF notransform noright | host name of the client's address
fd.sip.name CHARBUF notransform noright | host name of the server's address
fd.lip.name CHARBUF notransform noright | host name of the local address
fd.rip.name CHARBUF notransform noright | host name of the remote address
fd.dev INT32 | device number of the file
fd.dev.major INT32 | major device number of the file
fd.dev.minor INT32 | minor device number of the file
fd.ino INT64 | inode number of the file
fd.nameraw CHARBUF | the path as the caller wrote it, with its dot segments
fd.types CHARBUF list index? noright | what the descriptors of the event are; with an index, one of them
fd.is_upper_layer BOOL | whether the file lies in the upper layer of an overlay
fd.is_lower_layer BOOL | whether the file lies in a lower layer of an overlay
fs.path:
fs.path.name CHARBUF | the path that a call on files names, made absolute
fs.path.nameraw CHARBUF | the path that a call on files names, as written
fs.path.source CHARBUF | the path something is made from, made absolute
fs.path.sourceraw CHARBUF | the path something is made from, as written
fs.path.target CHARBUF | the path something is made to be, made absolute
fs.path.targetraw CHARBUF | the path something is made to be, as written
util:
util.cnt UINT64 hidden | a counter that goes up with every use
fdlist:
fdlist.nums CHARBUF | numbers of the descriptors of a poll
fdlist.names CHARBUF | names of the descriptors of a poll
fdlist.cips CHARBUF | client addresses of the descriptors of a poll
fdlist.sips CHARBUF | server addresses of the descriptors of a poll
fdlist.cports CHARBUF | client ports of the descriptors of a poll
fdlist.sports CHARBUF | server ports of the descriptors of a poll
container:
container.id CHARBUF suggested | first 12 digits of the container's id, or host
container.full_id CHARBUF | the container's id, or host
container.name CHARBUF suggested | name of the container, or host
container.image CHARBUF | image as it was asked for
container.image.id CHARBUF | id of the image
container.type CHARBUF | runtime of the container, or host
container.privileged BOOL | whether the container was started privileged
container.mounts CHARBUF | all mounts as source:destination:mode:writable:propagation, separated by commas
container.mount CHARBUF index%or%key! | one mount, by number or by a pattern of its source
container.mount.source CHARBUF index%or%key! | source of a mount, by number or by a pattern of its destination
container.mount.dest CHARBUF index%or%key! | destination of a mount, by number or by a pattern of its source
container.mount.mode CHARBUF index%or%key! | mode of a mount
container.mount.rdwr CHARBUF index%or%key! | whether a mount is writable: true or false
container.mount.propagation CHARBUF index%or%key! | propagation of a mount
container.image.repository CHARBUF suggested | image without tag
container.image.tag CHARBUF suggested | tag of the image
container.image.digest CHARBUF | digest of the image
container.healthcheck CHARBUF | command of the health check
container.liveness_probe CHARBUF | command of the liveness probe
container.readiness_probe CHARBUF | command of the readiness probe
container.start_ts ABSTIME | when the container started, nanoseconds since 1970
container.duration RELTIME | nanoseconds since the container started
container.ip CHARBUF | address of the container
container.cni.json CHARBUF | result of the network plugin
container.host_pid BOOL | whether the container shares the host's pid namespace
container.host_network BOOL | whether the container shares the host's network namespace
container.host_ipc BOOL | whether the container shares the host's ipc namespace
container.label CHARBUF key! | one label of the container
container.labels CHARBUF | all labels of the container
proc.is_container_healthcheck BOOL | whether the process runs for a health check
proc.is_container_liveness_probe BOOL | whether the process runs for a liveness probe
proc.is_container_readiness_probe BOOL | whether the process runs for a readiness probe
k8s.pod.name CHARBUF suggested | name of the pod
k8s.ns.name CHARBUF suggested | namespace of the pod
k8s.pod.id CHARBUF | uid of the pod
k8s.pod.uid CHARBUF | uid of the pod
k8s.pod.sandbox_id CHARBUF | first 12 digits of the id of the pod's sandbox
k8s.pod.full_sandbox_id CHARBUF | id of the pod's sandbox
k8s.pod.label CHARBUF key! | one label of the pod
k8s.pod.labels CHARBUF | all labels of the pod
k8s.pod.ip CHARBUF | address of the pod
k8s.pod.cni.json CHARBUF | result of the network plugin for the pod
k8s.rc.name CHARBUF | name of the replication controller; always missing
k8s.rc.id CHARBUF | uid of the replication controller; always missing
k8s.rc.label CHARBUF key! | one label of the replication controller; always missing
k8s.rc.labels CHARBUF | labels of the replication controller; always missing
k8s.svc.name CHARBUF | name of the service; always missing
k8s.svc.id CHARBUF | uid of the service; always missing
k8s.svc.label CHARBUF key! | one label of the service; always missing
k8s.svc.labels CHARBUF | labels of the service; always missing
k8s.ns.id CHARBUF | uid of the namespace; always missing
k8s.ns.label CHARBUF key! | one label of the namespace; always missing
k8s.ns.labels CHARBUF | labels of the namespace; always missing
k8s.rs.name CHARBUF | name of the replica set; always missing
k8s.rs.id CHARBUF | uid of the replica set; always missing
k8s.rs.label CHARBUF key! | one label of the replica set; always missing
k8s.rs.labels CHARBUF | labels of the replica set; always missing
k8s.deployment.name CHARBUF | name of the deployment; always missing
k8s.deployment.id CHARBUF | uid of the deployment; always missing
k8s.deployment.label CHARBUF key! | one label of the deployment; always missing
k8s.deployment.labels CHARBUF | labels of the deployment; always missing
`;

const TYPES: readonly ValueType[] = [
  'ABSTIME',
  'BOOL',
  'BYTEBUF',
  'CHARBUF',
  'DOUBLE',
  'DYNAMIC',
  'INT16',
  'INT32',
  'INT64',
  'IPADDR',
  'IPNET',
  'PORT',
  'RELTIME',
  'UINT32',
  'UINT64',
];

const KINDS: readonly ArgumentKind[] = ['index', 'key', 'index or key', 'name', 'index or name'];

/** Every field, grouped by class, in the order in which they are listed. */
export const FIELDS: readonly FieldSpec[] = parseTable();

/** Fields that Falco does not have: whom a call is aimed at, where that can be told. */
export const TARGET_FIELDS: readonly FieldSpec[] = [
  'target.pid INT64 | number of the process that a signal or tracing is aimed at',
  'target.name CHARBUF | proc.name of that process',
  'target.exepath CHARBUF | proc.exepath of that process',
].map((line) => parseField(line, 'target'));

/** Fields that Falco does not have either: what they say has to be found out. */
export const FACT_FIELDS: readonly FieldSpec[] = [
  parseField(
    'file.sha256 CHARBUF key! notransform | SHA-256 of a file in lower case hexadecimal: of the program of the ' +
      'process with the argument exepath, of the file of the descriptor with fd.name',
    'file',
  ),
];

/** The fields whose value names the file, by the argument of `file.sha256`. */
export const HASHED_FILES: ReadonlyMap<string, string> = new Map([
  ['exepath', 'proc.exepath'],
  ['fd.name', 'fd.name'],
]);

/** All fields that Falco does not have. */
export const OWN_FIELDS: readonly FieldSpec[] = [...TARGET_FIELDS, ...FACT_FIELDS];

const BY_NAME = new Map([...FIELDS, ...OWN_FIELDS].map((field) => [field.name, field]));

function parseTable(): FieldSpec[] {
  const fields: FieldSpec[] = [];
  let className = '';
  for (const line of TABLE.trim().split('\n')) {
    if (line.endsWith(':')) className = line.slice(0, -1);
    else fields.push(parseField(line, className));
  }
  return fields;
}

function parseField(line: string, className: string): FieldSpec {
  const [head = '', description = ''] = line.split(' | ');
  const [name = '', typeName = '', ...remarks] = head.split(' ');
  const type = TYPES.find((known) => known === typeName);
  if (type === undefined) throw new TypeError(`field table: no type ${typeName} at ${name}`);
  const argument = remarks.find((remark) => /[?!]$/.test(remark));
  const kind = KINDS.find((known) => known === argument?.slice(0, -1).replaceAll('%', ' '));
  const optional = argument?.endsWith('?') === true ? 'optional' : 'required';
  return {
    name,
    class: className,
    type,
    list: remarks.includes('list'),
    argument: argument === undefined ? 'none' : optional,
    ...(kind === undefined ? {} : { argumentKind: kind }),
    filterOnly: remarks.includes('filter'),
    printOnly: remarks.includes('print'),
    noTransformer: remarks.includes('notransform'),
    noRightHand: remarks.includes('noright'),
    deprecated: remarks.includes('deprecated'),
    tableOnly: remarks.includes('table'),
    suggested: remarks.includes('suggested'),
    hidden: remarks.includes('hidden'),
    description,
  };
}
