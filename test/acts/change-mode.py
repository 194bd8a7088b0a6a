#!/usr/bin/python3
"""Gives one new file a mode."""
import os

import act

parser = act.options(__doc__)
parser.add_argument('mode', type=lambda text: int(text, 8))
chosen = parser.parse_args()


def change(scratch):
    path = f'{scratch}/file'
    open(path, 'w', encoding='ascii').close()
    os.chmod(path, chosen.mode)
    act.report(path=path, mode=chosen.mode)


act.perform(change, chosen)
