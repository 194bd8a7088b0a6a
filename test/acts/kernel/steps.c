/*
 * Does one thing for each line that it reads, then says so; what it was and what it made can be asked
 * for in between. Who is asked calls getppid(2), as does every program at its start.
 *
 *   ask                 call getppid
 *   exec, thread-exec   run this program anew, from this thread or from another
 *   user N              set the effective user
 *   name TEXT           by prctl
 *   comm TEXT           by a write to /proc/self/comm
 *   cgroup FOLDER       move there
 *   thread TEXT         ask from another thread, named TEXT
 *   lines N             ask from the last of N copies, each a child of the one before
 *   brother             ask from a copy that a child made with CLONE_PARENT
 *   child, thread-child make a child that stays, by this thread or by one that stays
 *   child N             the same with the number N
 *   child-ask, child-end   tell the last child to ask; to end, and wait for it
 *   orphan              a child makes one that stays, and ends
 *   reaper              take orphans, as their new parent
 *   twin                make a child that runs this program anew once SIGUSR1 comes, asks and ends
 *   end                 end, with all threads, without a look at children
 */
#define _GNU_SOURCE
#include <fcntl.h>
#include <linux/sched.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include "report.h"

static int orders[2], answers[2];	/* to the child that stays, and back */
static int child;
static char *argument;

static void ask(void)
{
	syscall(SYS_getppid);
}

static void say(int made)
{
	report_begin();
	report_number("child", made);
	report_end();
}

/* A child that stays until nobody can order it about any more. */
static void stay(void)
{
	char order;

	close(orders[1]);
	while (read(orders[0], &order, 1) == 1 && order == 'a') {
		ask();
		must(write(answers[1], &order, 1), "answer");
	}
	_exit(0);
}

static void prepare(void)
{
	must(pipe2(orders, O_CLOEXEC), "pipe");
	must(pipe2(answers, O_CLOEXEC), "pipe");
}

static int make_child(int number)
{
	pid_t set = number;
	struct clone_args args = { .exit_signal = SIGCHLD, .set_tid = number ? (unsigned long)&set : 0,
				   .set_tid_size = number ? 1 : 0 };

	child = must(syscall(SYS_clone3, &args, sizeof(args)), "clone3");
	if (!child)
		stay();
	return child;
}

static void *exec_self(void *nothing)
{
	execl("/proc/self/exe", "steps", (char *)NULL);
	perror("execl");
	exit(1);
}

static void *ask_named(void *nothing)
{
	prctl(PR_SET_NAME, argument);
	ask();
	return nothing;
}

static void *child_of_thread(void *said)
{
	make_child(0);
	must(write(*(int *)said, "", 1), "said");
	pause();
	return NULL;
}

static void write_text(const char *path, const char *text)
{
	int fd = must(open(path, O_WRONLY), path);

	must(write(fd, text, strlen(text)), path);
	close(fd);
}

/* The last of them asks; each waits for its own. Returns its number. */
static int lines(int count)
{
	int said[2], last = 0, made;

	must(pipe(said), "pipe");
	made = must(fork(), "fork");
	if (!made) {
		if (count > 1) {
			last = lines(count - 1);
		} else {
			ask();
			last = getpid();
		}
		must(write(said[1], &last, sizeof(last)), "said");
		_exit(0);
	}
	must(read(said[0], &last, sizeof(last)), "said");
	waitpid(made, NULL, 0);
	close(said[0]);
	close(said[1]);
	return last;
}

static int brother(void)
{
	int said[2], made, it = 0;

	must(pipe(said), "pipe");
	made = must(fork(), "fork");
	if (!made) {
		it = must(syscall(SYS_clone, CLONE_PARENT | SIGCHLD, 0, 0, 0, 0), "clone");
		if (!it) {
			ask();
			_exit(0);
		}
		must(write(said[1], &it, sizeof(it)), "said");
		_exit(0);
	}
	must(read(said[0], &it, sizeof(it)), "said");
	waitpid(made, NULL, 0);
	waitpid(it, NULL, 0);
	return it;
}

/* Returns the number of the one that ended; the last child is the one that stays. */
static int orphan(void)
{
	int said[2], made;

	must(pipe(said), "pipe");
	made = must(fork(), "fork");
	if (!made) {
		make_child(0);
		must(write(said[1], &child, sizeof(child)), "said");
		_exit(0);
	}
	must(read(said[0], &child, sizeof(child)), "said");
	waitpid(made, NULL, 0);
	return made;
}

static int twin(void)
{
	sigset_t signals;
	int made, signal;

	sigemptyset(&signals);
	sigaddset(&signals, SIGUSR1);
	sigprocmask(SIG_BLOCK, &signals, NULL);
	made = must(fork(), "fork");
	if (!made) {
		sigwait(&signals, &signal);
		execl("/proc/self/exe", "steps", "once", (char *)NULL);
		_exit(1);
	}
	return made;
}

static int thread_child(void)
{
	pthread_t thread;
	int said[2];
	char byte;

	must(pipe(said), "pipe");
	pthread_create(&thread, NULL, child_of_thread, &said[1]);
	must(read(said[0], &byte, 1), "said");
	return child;
}

static int step(const char *verb)
{
	pthread_t thread;
	char byte = 'a';

	if (!strcmp(verb, "ask")) {
		ask();
	} else if (!strcmp(verb, "exec")) {
		exec_self(NULL);
	} else if (!strcmp(verb, "thread-exec")) {
		pthread_create(&thread, NULL, exec_self, NULL);
		pause();
	} else if (!strcmp(verb, "user")) {
		must(syscall(SYS_setresuid, -1, atoi(argument), -1), "setresuid");
	} else if (!strcmp(verb, "name")) {
		must(prctl(PR_SET_NAME, argument), "prctl");
	} else if (!strcmp(verb, "comm")) {
		write_text("/proc/self/comm", argument);
	} else if (!strcmp(verb, "cgroup")) {
		write_text(argument, "0");
	} else if (!strcmp(verb, "thread")) {
		pthread_create(&thread, NULL, ask_named, NULL);
		pthread_join(thread, NULL);
	} else if (!strcmp(verb, "lines")) {
		return lines(atoi(argument));
	} else if (!strcmp(verb, "brother")) {
		return brother();
	} else if (!strcmp(verb, "reaper")) {
		must(prctl(PR_SET_CHILD_SUBREAPER, 1), "prctl");
	} else if (!strcmp(verb, "twin")) {
		return twin();
	} else if (!strcmp(verb, "orphan")) {
		return orphan();
	} else if (!strcmp(verb, "child")) {
		return make_child(atoi(argument));
	} else if (!strcmp(verb, "thread-child")) {
		return thread_child();
	} else if (!strcmp(verb, "child-ask")) {
		must(write(orders[1], &byte, 1), "order");
		must(read(answers[0], &byte, 1), "answer");
		return child;
	} else if (!strcmp(verb, "child-end")) {
		must(write(orders[1], "e", 1), "order");
		waitpid(child, NULL, 0);
		return child;
	} else {
		exit(strcmp(verb, "end") != 0);
	}
	return 0;
}

int main(int argc, char **argv)
{
	char line[4096];

	ask();
	if (argc > 1 && !strcmp(argv[1], "once"))
		return 0;
	prepare();
	say(0);
	/* unbuffered: what a program has read ahead is lost to the next */
	setvbuf(stdin, NULL, _IONBF, 0);
	while (fgets(line, sizeof(line), stdin)) {
		line[strcspn(line, "\n")] = 0;
		argument = strchr(line, ' ');
		if (argument)
			*argument++ = 0;
		else
			argument = "";
		say(step(line));
	}
	return 0;
}
