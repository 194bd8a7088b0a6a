#!/usr/bin/python3
"""Opens files over and over until a file appears: fifty ordinary ones for each marked one."""
import os
import time

import act

parser = act.options(__doc__)
parser.add_argument('folder')
parser.add_argument('end', help='the file that ends it')
parser.add_argument('--rounds', type=int, default=20_000, help='at most so many')
chosen = parser.parse_args()


def open_many(scratch):
    paths = {name: f'{chosen.folder}/{name}' for name in ('ordinary', 'marked')}
    for path in paths.values():
        open(path, 'w', encoding='ascii').close()
    rounds = 0
    due = time.monotonic()
    while rounds < chosen.rounds and not os.path.exists(chosen.end):
        for _ in range(50):
            os.close(os.open(paths['ordinary'], os.O_RDONLY))
        os.close(os.open(paths['marked'], os.O_RDONLY))
        rounds += 1
        due = max(due + 0.001, time.monotonic() - 0.01)  # about 50,000 a second, without catching up
        time.sleep(max(0, due - time.monotonic()))
    act.report(path=paths['marked'], rounds=rounds)


act.perform(open_many, chosen)
