// SPDX-License-Identifier: (LGPL-2.1 OR BSD-2-Clause)
/* Names each type of abi.h once, so that BTF carries its layout; holds no program. */
#include "vmlinux.h"
#include <bpf/bpf_helpers.h>
#pragma clang diagnostic push
#pragma clang diagnostic error "-Wpadded"
#include "abi.h"
#pragma clang diagnostic pop

#define ABI_TYPE(name) struct name *abi_##name
#define ABI_ENUM(name) enum name *abi_##name

ABI_ENUM(abi_limit);
ABI_ENUM(record_kind);
ABI_ENUM(event_type);
ABI_ENUM(call_abi);
ABI_ENUM(span_flag);
ABI_ENUM(exe_flag);
ABI_ENUM(tamper_operation);
ABI_ENUM(object_kind);
ABI_ENUM(object_flag);
ABI_ENUM(filter_dimension);
ABI_ENUM(filter_flag);
ABI_ENUM(integer_source);
ABI_ENUM(process_standing);
ABI_ENUM(verdict_operation);
ABI_ENUM(kill_event);
ABI_ENUM(verdict_dimension);
ABI_ENUM(socket_version);
ABI_ENUM(socket_transport);
ABI_ENUM(verdict_table);
ABI_ENUM(verdict_place);
ABI_TYPE(span);
ABI_TYPE(record_header);
ABI_TYPE(task_part);
ABI_TYPE(fork_record);
ABI_TYPE(exec_record);
ABI_TYPE(exit_record);
ABI_TYPE(rename_record);
ABI_TYPE(tamper_record);
ABI_TYPE(guarded);
ABI_TYPE(own_object);
ABI_TYPE(self_test);
ABI_TYPE(journal_state);
ABI_TYPE(journal_rule);
ABI_TYPE(journal_entry);
ABI_TYPE(object_part);
ABI_TYPE(address_part);
ABI_TYPE(call_part);
ABI_TYPE(call_record);
ABI_TYPE(counter);
ABI_TYPE(control);
ABI_TYPE(call_slot);
ABI_TYPE(type_filter);
ABI_TYPE(integer_key);
ABI_TYPE(comm_key);
ABI_TYPE(cgroup_key);
ABI_TYPE(path_key);
ABI_TYPE(last_key);
ABI_TYPE(address_key);
ABI_TYPE(path_class);
ABI_TYPE(needle_set);
ABI_TYPE(head_table);
ABI_TYPE(process_entry);
ABI_TYPE(classify_request);
ABI_TYPE(classify_answer);
ABI_TYPE(verdict_plan);
ABI_TYPE(verdict_class);
ABI_TYPE(verdict_count);
ABI_TYPE(verdict_record);
ABI_TYPE(kill_limit);
ABI_TYPE(kill_part);

char LICENSE[] SEC("license") = "Dual BSD/GPL";
