// SPDX-License-Identifier: (LGPL-2.1 OR BSD-2-Clause)
/* Programs that others load into the kernel or hang on its events. */
#include "call.h"

/* include/uapi/linux/bpf.h, enum bpf_cmd */
#define CMD_MAP_CREATE 0
#define CMD_PROG_LOAD 5
#define CMD_OBJ_PIN 6
#define CMD_OBJ_GET 7
#define CMD_PROG_ATTACH 8
#define CMD_RAW_TRACEPOINT_OPEN 17
#define CMD_LINK_CREATE 28

/* Those that return a descriptor: also 13, 14, 19, 30: ..._GET_FD_BY_ID, 18 BTF_LOAD, 32, 33, 36 */
#define GIVES_DESCRIPTOR (1ull << CMD_MAP_CREATE | 1ull << CMD_PROG_LOAD | 1ull << CMD_OBJ_GET |	\
	1ull << 13 | 1ull << 14 | 1ull << CMD_RAW_TRACEPOINT_OPEN | 1ull << 18 | 1ull << 19 |		\
	1ull << CMD_LINK_CREATE | 1ull << 30 | 1ull << 32 | 1ull << 33 | 1ull << 36)

#define NAME_IN_PROG_LOAD 48	/* offsets in union bpf_attr */
#define NAME_IN_MAP_CREATE 28
#define TYPE_IN_ATTACH 8

/*
 * bpf. extra: type of the program or map, attach type for PROG_ATTACH and LINK_CREATE; claimed: name
 * of the program or map, or the path or tracepoint; object: the descriptor returned.
 * proto:  void sys_exit(struct pt_regs *regs, long ret)
 * misses: nothing
 */
SEC("tp_btf/sys_exit")
int BPF_PROG(call_bpf, struct pt_regs *regs, long ret)
{
	struct scratch *scratch = call_scratch();
	struct call_record *record;
	__u64 attr, text = 0, type_at = 0;
	__u32 type = 0, command;
	int fd = -1;

	if (!scratch)
		return 0;
	command = scratch->call.args[0];
	attr = scratch->call.args[1];
	if (scratch->call.ret >= 0 && command < 64 && GIVES_DESCRIPTOR >> command & 1)
		fd = scratch->call.ret;
	if (!filter_object(scratch, fd))
		return 0;
	record = call_begin(scratch);
	if (command == CMD_PROG_LOAD) {
		text = attr + NAME_IN_PROG_LOAD;
	} else if (command == CMD_MAP_CREATE) {
		text = attr + NAME_IN_MAP_CREATE;
	} else if (command == CMD_PROG_ATTACH || command == CMD_LINK_CREATE) {
		type_at = TYPE_IN_ATTACH;
	} else if (command == CMD_OBJ_PIN || command == CMD_OBJ_GET ||
		   command == CMD_RAW_TRACEPOINT_OPEN) {
		if (bpf_probe_read_user(&text, sizeof(text), (void *)attr))
			text = 0;
		attr = 0;
	}
	if (attr && !bpf_probe_read_user(&type, sizeof(type), (void *)(attr + type_at)))
		record->call.extra = type;
	if (text)
		part_user_text(&record->header, &record->claimed, text);
	if (fd >= 0)
		object_fill(record, fd);
	record_submit(&record->header, ORDINARY);
	return 0;
}
SERVES(__NR_bpf, "call_bpf");

/*
 * perf_event_open. extra: type of the event; extra2: its config; object: the descriptor returned.
 * proto:  void sys_exit(struct pt_regs *regs, long ret)
 * misses: nothing
 */
SEC("tp_btf/sys_exit")
int BPF_PROG(call_perf, struct pt_regs *regs, long ret)
{
	struct scratch *scratch = call_scratch();
	struct call_record *record;
	__u64 words[2];		/* type, size; config */

	if (!scratch || !filter_shape(scratch))
		return 0;
	record = call_begin(scratch);
	if (!bpf_probe_read_user(words, sizeof(words), (void *)scratch->call.args[0])) {
		record->call.extra = (__u32)words[0];
		record->call.extra2 = words[1];
	}
	call_shape(record, &scratch->call);
	record_submit(&record->header, ORDINARY);
	return 0;
}
SERVES(__NR_perf_event_open, "call_perf");
