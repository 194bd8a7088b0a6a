/* SPDX-License-Identifier: (LGPL-2.1 OR BSD-2-Clause) */
/* Programs that others load into the kernel or hang on its events. */
#ifndef SAKER_BPF_H
#define SAKER_BPF_H

#include "call.h"
#include "descriptor.h"

#define NAME_IN_PROG_LOAD 48	/* offsets in union bpf_attr */
#define NAME_IN_MAP_CREATE 28
#define TYPE_IN_ATTACH 8

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
