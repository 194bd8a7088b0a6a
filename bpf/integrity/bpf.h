/* SPDX-License-Identifier: (LGPL-2.1 OR BSD-2-Clause) */
/* Programs that others load into the kernel or hang on its events. */
#ifndef SAKER_BPF_H
#define SAKER_BPF_H

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

/* bpf: the map, program or link that it made or found. */
static __always_inline int bpf_descriptor(const struct call *call)
{
	__u32 command = call->args[0];

	return call->ret >= 0 && command < 64 && GIVES_DESCRIPTOR >> command & 1 ? (int)call->ret : -1;
}

/* bpf: its name or path, and the type in extra. */
static __always_inline void bpf_parts(struct call_record *record, const struct call *call)
{
	__u64 attr = call->args[1], text = 0, type_at = 0;
	__u32 type = 0, command = call->args[0];

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
}

/* perf_event_open: type and configuration of the event. */
static __always_inline void perf_parts(struct call_record *record, const struct call *call)
{
	__u64 words[2];		/* type, size; config */

	if (bpf_probe_read_user(words, sizeof(words), (void *)call->args[0]))
		return;
	record->call.extra = (__u32)words[0];
	record->call.extra2 = words[1];
}

#endif
