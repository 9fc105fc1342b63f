"""`python -m adapters.kit.conformance NAME [--write]`: the score card, and 0 where all is passed.
With `--write` the level that this shows is kept beside the adapter.
"""

import sys

from adapters.kit.conformance import GOOD, score
from adapters.kit.conformance.level import Evidence, write
from adapters.kit.registry import entry

name, *told = sys.argv[1:]
card = score(name)
for sentence, result in card.items():
    said = "" if result == "passed" else f": {result}"
    sys.stdout.write(f"{'ok  ' if result in GOOD else 'FAIL'} {sentence}{said}\n")
if told == ["--write"]:
    write(entry(name).folder(), Evidence(card))
sys.exit(0 if card and set(card.values()) <= GOOD else 1)
