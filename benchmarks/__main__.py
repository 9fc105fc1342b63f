"""Run the measurements, all or one: a JSON line each on standard output, and nothing else there."""

import sys
from collections.abc import Sequence
from importlib import import_module

from benchmarks.stage import stage

WORKLOADS = (
    "intake",
    "decode",
    "routing",
    "latency",
    "processing",
    "hot_sku",
    "stock_report",
    "statement",
    "posting",
    "publication",
    "reconciliation",
    "whole_path",
    "partner_latency",
    "idle",
    "memory",
    "growth",
)


def main(given: Sequence[str]) -> int:
    chosen = given or WORKLOADS
    unknown = [name for name in chosen if name not in WORKLOADS]
    if unknown:
        print(f"{unknown[0]!r} is none of {', '.join(WORKLOADS)}", file=sys.stderr)
        return 64
    with stage() as made:
        for name in chosen:
            for result in import_module(f"benchmarks.{name}").run(made):
                print(result.line(), flush=True)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
