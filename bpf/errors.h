/* SPDX-License-Identifier: (LGPL-2.1 OR BSD-2-Clause) */
/* Errors of system calls: include/uapi/asm-generic/errno-base.h, errno.h; include/linux/err.h. */
#ifndef SAKER_ERRORS_H
#define SAKER_ERRORS_H

#define EPERM 1
#define EINPROGRESS 115
#define MAX_ERRNO 4095

#endif
