"""`python -m tests.hostile [--inputs N] [--seed N]`: spoilt inputs through every door.

Each door gets its share of N; the same seed makes the same inputs. A failing input is made as short
as it gets and, with --keep, written to `tests/hostile/corpus/`, where the test suite finds it from
then on. The last line is JSON: how many went through each door, and what failed.
"""

import argparse
import json
import sys

import structlog

from tests.hostile import run


def main() -> int:
    """Run, report, and say by the exit code whether something failed."""
    parser = argparse.ArgumentParser(prog="python -m tests.hostile")
    parser.add_argument("--inputs", type=int, default=20_000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--door", action="append", choices=sorted(run.SHARES))
    parser.add_argument("--keep", action="store_true", help="write failing inputs to the corpus")
    asked = parser.parse_args()
    structlog.configure(logger_factory=structlog.ReturnLoggerFactory())  # refusals are not news
    found = run.through(asked.inputs, asked.seed, asked.door or sorted(run.SHARES), keep=asked.keep)
    sys.stdout.write(json.dumps(found, ensure_ascii=False) + "\n")
    return 1 if found["failed"] else 0


if __name__ == "__main__":
    sys.exit(main())
