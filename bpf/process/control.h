/* SPDX-License-Identifier: (LGPL-2.1 OR BSD-2-Clause) */
/* A process that changes itself. */
#ifndef SAKER_CONTROL_H
#define SAKER_CONTROL_H

#include "call.h"

#define PR_SET_NAME 15		/* include/uapi/linux/prctl.h */

/* prctl: the name that is set. */
static __always_inline void prctl_parts(struct call_record *record, const struct call *call)
{
	if ((__u32)call->args[0] == PR_SET_NAME)
		part_user_text(&record->header, &record->claimed, call->args[1]);
}

#endif
