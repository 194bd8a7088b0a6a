#!/usr/bin/python3
"""Makes one system call with numbers for arguments, and says what came back."""
import act

NUMBERS = {  # arch/x86/entry/syscalls/syscall_64.tbl
    'eventfd2': 290,
    'epoll_create1': 291,
    'perf_event_open': 298,
    'finit_module': 313,
    'delete_module': 176,
    'userfaultfd': 323,
    'io_uring_setup': 425,
}

parser = act.options(__doc__)
parser.add_argument('name', choices=sorted(NUMBERS))
parser.add_argument('arguments', nargs='*', type=int)
chosen = parser.parse_args()


def call(_scratch):
    result = act.system_call(NUMBERS[chosen.name], *chosen.arguments)
    act.report(call=chosen.name, result=result)


act.perform(call, chosen)
