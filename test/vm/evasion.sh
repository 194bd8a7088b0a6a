#!/bin/bash
# Writes the tables of docs/evasion.md anew, from what the tests see here and in each virtual machine.
#
#   test/vm/evasion.sh              runs them
#   test/vm/evasion.sh LOG...       takes it from what such runs have printed
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
cd "$here/../.."
mkdir -p build/vm

logs=("$@")
if [ ${#logs[@]} = 0 ]; then
	logs=(build/vm/evasion-host.log build/vm/evasion-guests.log)
	# They fail where a table is old: that is why this runs.
	node_modules/.bin/vitest run test/e2e/evasion.test.ts test/kernel/evasion.test.ts >"${logs[0]}" 2>&1 || true
	SAKER_VM_LIMIT_S=3000 test/vm/run.sh kernel/evasion e2e/evasion >"${logs[1]}" 2>&1 || true
fi

python3 - docs/evasion.md "${logs[@]}" <<'END'
import json, re, sys

document, *logs = sys.argv[1:]
tables = {}
for log in logs:
    for line in open(log, errors="replace"):
        found = re.search(r"evasion (\{.*\})\s*$", line)
        if found:
            one = json.loads(found[1])
            tables.setdefault(one["heading"], {})[one["kind"], one["kernel"]] = dict(one["rows"])
if not tables:
    sys.exit("evasion: nothing was seen; look at " + " ".join(logs))
text = open(document).read()
for heading, columns in tables.items():
    order = sorted(columns, key=lambda c: (c[0], [int(n) for n in c[1].split(".")]))
    rows = [["way"] + [f"{kind}, {kernel}" for kind, kernel in order], ["---"] * (len(order) + 1)]
    rows += [[way] + [columns[c][way] for c in order] for way in columns[order[0]]]
    table = "".join("| " + " | ".join(row) + " |\n" for row in rows)
    before, section = text.split(f"\n## {heading}\n")
    text = f"{before}\n## {heading}\n" + re.sub(r"(?ms)^\|.*?^(?=[^|]|\Z)", lambda _: table, section, count=1)
open(document, "w").write(text)
END
