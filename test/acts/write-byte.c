/* Writes a byte with its first system call: nothing of the C library runs before. */
#include <asm/unistd.h>

void _start(void)
{
	long result;

	__asm__ volatile("syscall" : "=a"(result) : "a"(__NR_write), "D"(1), "S"("x"), "d"(1)
			 : "rcx", "r11", "memory");
	__asm__ volatile("syscall" : : "a"(__NR_exit_group), "D"(0) : "rcx", "r11", "memory");
}
