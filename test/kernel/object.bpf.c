/* What object.test.ts loads: constants, two maps, an array, a program that can be run, and one that is refused. */
#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

const volatile long long other = 1;
const volatile int answer = 7;

struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 4);
	__type(key, __u32);
	__type(value, __u64);
} few SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, 3);
	__type(key, __u32);
	__type(value, __u64);
} row SEC(".maps");

struct pair {
	int low;
	int high;
} pairs[4];

struct question {
	int number;
	int square;
};

SEC("syscall")
int ask(struct question *question)
{
	question->square = question->number * question->number;
	return answer + (int)other;
}

SEC("syscall")
int look(struct question *question)
{
	question->square = pairs[question->number & 3].high;
	return 0;
}

SEC("syscall")
int wild(void *nothing)
{
	return *(volatile int *)8;
}

char LICENSE[] SEC("license") = "GPL";
