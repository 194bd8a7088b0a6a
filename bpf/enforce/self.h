/* SPDX-License-Identifier: (LGPL-2.1 OR BSD-2-Clause) */
/*
 * Who may touch the agent: its own threads, pid 1 of the host, and what was started in the agent's
 * cgroup. All others are told of, and refused where a security module can refuse.
 */
#ifndef SAKER_SELF_H
#define SAKER_SELF_H

#include "errors.h"
#include "record.h"
#include "task.h"

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, struct guarded);
} guarded SEC(".maps");

/* Numbers of the agent's programs, maps and links: user space adds them as they are made. */
struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 1024);
	__type(key, struct own_object);
	__type(value, __u32);
} own_objects SEC(".maps");

/*
 * Not zero at a group leader that is in the agent's cgroup because somebody moved it there, or at such a
 * one's child: root can move whom he likes, or start a process there (CLONE_INTO_CGROUP).
 */
struct {
	__uint(type, BPF_MAP_TYPE_TASK_STORAGE);
	__uint(map_flags, BPF_F_NO_PREALLOC);
	__type(key, int);
	__type(value, __u32);
} intruders SEC(".maps");

static __always_inline struct guarded *guarded_agent(void)
{
	__u32 zero = 0;

	return bpf_map_lookup_elem(&guarded, &zero);
}

/*
 * Storage may be out of reach: there is no memory, or before 6.2 somebody was preempted in it on this CPU. Who
 * cannot be looked up is not trusted, and that takes an entry for everybody who is asked for.
 */
static __always_inline bool is_intruder(struct task_struct *leader)
{
	__u32 *marked = bpf_task_storage_get(&intruders, leader, 0, BPF_LOCAL_STORAGE_GET_F_CREATE);

	return !marked || *marked;
}

/* May the current process do as it likes with the agent? */
static __always_inline bool is_trusted(const struct guarded *agent)
{
	__u32 pid = bpf_get_current_pid_tgid() >> 32;

	if (pid == 1 || pid == agent->pid)
		return true;
	return agent->cgroup_id && bpf_get_current_cgroup_id() == agent->cgroup_id &&
	       !is_intruder(bpf_get_current_task_btf()->group_leader);
}

static __always_inline bool is_agent(const struct guarded *agent, struct task_struct *trusted)
{
	struct task_struct *task = LOOSE(struct task_struct, trusted);

	return agent->pid && (__u32)task->tgid == agent->pid &&
	       task->group_leader->start_boottime == agent->start_ns;
}

/* A security module returns no other numbers, and newer verifiers want to see that. */
static __always_inline int earlier(int ret)
{
	return ret < -MAX_ERRNO || ret > 0 ? -EPERM : ret;
}

/*
 * Tells of the current process. Not in scratch memory: security hooks may sleep and be preempted, and
 * another would write over it.
 */
SUBPROGRAM int tell_tamper(__u32 operation, __u64 detail, __u32 denied)
{
	struct control *said;
	struct tamper_record *record;
	__u32 zero = 0;
	__u64 size = bpf_ringbuf_query(&ring, BPF_RB_RING_SIZE);

	said = bpf_map_lookup_elem(&control, &zero);
	/* whoever reaches for the agent in a loop must not fill the ring with it */
	if (!said || bpf_ringbuf_query(&ring, BPF_RB_AVAIL_DATA) > size / 2)
		goto lost;
	record = bpf_ringbuf_reserve(&ring, sizeof(*record), 0);
	if (!record)
		goto lost;
	record_start(&record->header, RECORD_TAMPER, EVENT_TAMPER, sizeof(*record));
	record->header.plan = said->plan;
	task_fill(&record->task, bpf_get_current_task_btf());
	record->detail = detail;
	record->operation = operation;
	record->denied = denied;
	count(EVENT_TAMPER, FATE_SENT);
	said->reader_asleep = 0;
	bpf_ringbuf_submit(record, BPF_RB_FORCE_WAKEUP);
	return 0;
lost:
	count(EVENT_TAMPER, FATE_LOST);
	return 0;
}

/* What a security hook answers that somebody who is not trusted came to. */
static __always_inline int refuse(__u32 operation, __u64 detail)
{
	tell_tamper(operation, detail, 1);
	return -EPERM;
}

#endif
