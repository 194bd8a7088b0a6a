#!/usr/bin/python3
"""Asks once for another user id with setuid or setresuid, and says what came back."""
import act

NUMBERS = {'setuid': 105, 'setresuid': 117}

parser = act.options(__doc__)
parser.add_argument('call', choices=sorted(NUMBERS))
parser.add_argument('uid', type=int)
chosen = parser.parse_args()


def ask(_scratch):
    count = 1 if chosen.call == 'setuid' else 3
    result = act.system_call(NUMBERS[chosen.call], *[chosen.uid] * count)
    act.report(call=chosen.call, result=result)


act.perform(ask, chosen)
