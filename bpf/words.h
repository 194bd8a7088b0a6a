/* SPDX-License-Identifier: (LGPL-2.1 OR BSD-2-Clause) */
/* Bytes of a text eight at a time, as words of 64 bits. */
#ifndef SAKER_WORDS_H
#define SAKER_WORDS_H

#include "vmlinux.h"

/* The code of the other way lies aside: what is run for each open should be few lines of the cache. */
#define LIKELY(condition) __builtin_expect(!!(condition), 1)
#define UNLIKELY(condition) __builtin_expect(!!(condition), 0)

#define WORD 8
#define ONES 0x0101010101010101ull
#define SEVENS 0x7f7f7f7f7f7f7f7full
#define QUICK_SEARCH_BYTES 64	/* of a path in which something is looked for without a loop */

/*
 * The eight bytes at an address as one access. Through a pointer of its own: where clang sees that it is a place in an
 * array of char, it makes eight accesses of a byte, because a BPF target has no others that are not aligned.
 */
static __always_inline __u64 word_at(const void *address)
{
	const __u64 *word = address;

	return *word;
}

static __always_inline void put_word(void *address, __u64 value)
{
	__u64 *word = address;

	*word = value;
}

/* 0x80 in each byte of the result where the bytes of both words are the same */
static __always_inline __u64 same_bytes(__u64 word, __u64 other)
{
	__u64 apart = word ^ other;

	return ~(((apart & SEVENS) + SEVENS) | apart | SEVENS);
}

/* 0x80 in each byte of the result where the byte of the word is this one */
static __always_inline __u64 bytes_equal(__u64 word, __u8 byte)
{
	return same_bytes(word, byte * ONES);
}

/* Place of the first byte that is marked so. */
static __always_inline __u32 first_marked(__u64 marks)
{
	return (((marks & -marks) - 1 & ONES) * ONES >> 56) - 1;
}

#endif
