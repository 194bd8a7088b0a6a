// SPDX-License-Identifier: (LGPL-2.1 OR BSD-2-Clause)
/* The filter on events that a test makes up, through BPF_PROG_RUN. Attached nowhere. */
#include "filter_object.h"

/* A byte of the path, from its end on: is it the rare one? As a walk sees it. */
static long seen_step(__u32 index, struct scratch **context)
{
	struct path_walk *walk = &(*context)->walk;
	__u32 place = MAX_PATH_BYTES - 1 - index;

	if (place >= MAX_PATH_BYTES)
		return 1;
	walk->seen |= walk->text[place] == (char)walk->rare;
	return 0;
}

static __always_inline enum filter_dimension judge(const struct type_filter *filter,
						   struct scratch *scratch,
						   struct classify_request *request)
{
	struct judgement *judgement = &scratch->judgement;
	struct clause_set *process = (struct clause_set *)scratch->record;
	enum filter_dimension at;
	struct caller caller = {};
	__u32 standing, lengths[2];
	enum path_knowledge path = PATH_UNTOLD;

	at = judge_call(filter, scratch);
	if (at != PASSED)
		return at;
	if (bpf_probe_read_user(&standing, sizeof(standing), &request->standing) ||
	    bpf_probe_read_user(process, sizeof(*process), &request->process) ||
	    bpf_probe_read_user(&caller.comm.comm, COMM_BYTES, &request->comm) ||
	    bpf_probe_read_user(&caller.uid, sizeof(caller.uid), &request->uid) ||
	    bpf_probe_read_user(&caller.cgroup_id, sizeof(caller.cgroup_id), &request->cgroup_id) ||
	    bpf_probe_read_user(lengths, sizeof(lengths), &request->path_length))
		return PASSED;
	if (!(filter->flags & TESTS_PROCESS))
		standing = PROCESS_UNKNOWN;
	if (standing != PROCESS_UNKNOWN && !keep(judgement, process))
		return FILTERED_BY_PROCESS;
	at = standing == PROCESS_WHOLE ? PASSED : judge_caller(filter, judgement, &caller);
	if (at == PASSED)
		at = judge_object(filter, scratch);
	if (at != PASSED)
		return at;
	if (!kind_has_path(scratch->object.kind))
		path = PATH_NONE;
	else if (lengths[0] && lengths[0] <= MAX_PATH_BYTES &&
		 !bpf_probe_read_user(scratch->walk.text, MAX_PATH_BYTES, request->path))
		path = PATH_TOLD;
	scratch->walk.start = MAX_PATH_BYTES - lengths[0];
	scratch->walk.last = LAST_UNTOLD;
	scratch->walk.rare = filter->path.rare;
	scratch->walk.seen = 0;
	scratch->walk.head = HEAD_UNTOLD;
	bpf_loop(lengths[0], seen_step, &scratch, 0);
	return judge_paths(filter, scratch, path, lengths[1] ? (__u64)request->claimed : 0);
}

/* args[0] is the address of a struct classify_request; the answer is in map answer. */
SEC("raw_tp")
int classify(struct bpf_raw_tracepoint_args *ctx)
{
	struct classify_request *request = (void *)ctx->args[0];
	struct scratch *mine;
	struct classify_answer *answer_;
	const struct type_filter *filter;
	struct call_part *call;
	__u32 zero = 0, head[2];

	mine = bpf_map_lookup_elem(&scratch, &zero);
	answer_ = bpf_map_lookup_elem(&answer, &zero);
	if (!mine || !answer_)
		return 1;
	call = (struct call_part *)mine->record;	/* there is no record, and little stack */
	if (bpf_probe_read_user(head, sizeof(head), request) ||
	    bpf_probe_read_user(call, sizeof(*call), &request->call) ||
	    bpf_probe_read_user(&mine->object, sizeof(mine->object), &request->object) ||
	    bpf_probe_read_user(&mine->address, sizeof(mine->address), &request->address))
		return 1;
	mine->call.type = head[1];
	mine->call.number = call->number;
	mine->call.abi = call->abi;
	mine->call.ret = call->ret;
	__builtin_memcpy(mine->call.args, call->args, sizeof(mine->call.args));
	mine->call.extra = call->extra;
	mine->call.has_extra = 1;
	filter = judgement_begin(mine, head[0]);
	answer_->filtered_at = filter ? judge(filter, mine, request) : PASSED;
	judgement_tell(&mine->judgement, answer_->open.words);
	return 0;
}
