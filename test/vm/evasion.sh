#!/bin/bash
# Writes the table of docs/evasion.md anew, from what the tests see here and in each virtual machine.
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
	# They fail where the table is old: that is why this runs.
	node_modules/.bin/vitest run --project e2e test/e2e/evasion.test.ts >"${logs[0]}" 2>&1 || true
	test/vm/run.sh -- "node node_modules/vitest/vitest.mjs run --config test/vm/vitest.config.mjs \
		--configLoader native evasion </dev/null 2>&1 | cat" >"${logs[1]}" 2>&1 || true
fi

python3 - docs/evasion.md test/kernel/evasion-table.ts "${logs[@]}" <<'END'
import json, re, sys

document, words, *logs = sys.argv[1:]
ways = re.findall(r"^  \['([\w-]+)', '(.*)'\],$", open(words).read(), re.M)
columns = {}
for log in logs:
    for line in open(log, errors="replace"):
        found = re.search(r"evasion (\{.*\})\s*$", line)
        if found:
            one = json.loads(found[1])
            columns[one["kind"], one["kernel"]] = one["outcomes"]
if not columns:
    sys.exit("evasion: nothing was seen; look at " + " ".join(logs))
order = sorted(columns, key=lambda c: (c[0], [int(n) for n in c[1].split(".")]))
rows = [["way"] + [f"{kind}, {kernel}" for kind, kernel in order], ["---"] * (len(order) + 1)]
rows += [[text] + [columns[c].get(way, "") for c in order] for way, text in ways]
table = "".join("| " + " | ".join(row) + " |\n" for row in rows)
text = open(document).read()
text = re.sub(r"(?ms)^\|.*^\|[^\n]*\n", "", text)
open(document, "w").write(text.rstrip("\n") + "\n\n" + table)
END
