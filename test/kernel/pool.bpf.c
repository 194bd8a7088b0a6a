/*
 * Zeroes all values of an array, which pool.ts shares with it: to write them from user space takes a guest
 * without KVM twenty microseconds for each.
 */
#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

const volatile __u32 words = 1;	/* of a value */

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, __u32);
} array SEC(".maps");

/* Volatile: a call of memset, which the compiler would make of it, is none in BPF. */
static long zero_value(void *map, __u32 *key, volatile __u32 *value, void *nothing)
{
	for (__u32 i = 0; i < words; i++)
		value[i] = 0;
	return 0;
}

SEC("syscall")
int zero(void *nothing)
{
	return bpf_for_each_map_elem(&array, zero_value, NULL, 0);
}

char LICENSE[] SEC("license") = "GPL";
