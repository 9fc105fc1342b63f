"""`python -m tests.simulation`: play schedules under faults, print the rate, shrink a failure."""

import argparse
import os
import sys

from tests.kit import database
from tests.simulation.ground import ground
from tests.simulation.run import AT_ONCE, minimal, run


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.simulation", description=__doc__)
    parser.add_argument("--schedules", type=int, default=2400, help="how many to play at least")
    parser.add_argument("--seed", type=int, help="play this seed alone")
    parser.add_argument("--first", type=int, default=1, help="the first seed")
    parser.add_argument("--at-once", type=int, default=AT_ONCE, help="schedules of one seed")
    told = parser.parse_args()
    server = database.find_servers(dict(os.environ)).database
    if server is None:
        print("no PostgreSQL: set ORDERHUB_TEST_DATABASE_URL", file=sys.stderr)
        return 2
    first = told.first if told.seed is None else told.seed
    schedules = told.schedules if told.seed is None else min(told.schedules, told.at_once)
    with ground(server) as stage:
        rate, failed = run(stage, first, schedules, told.at_once)
        print(rate)
        for one in failed:
            print(f"seed {one.history.seed}: {'; '.join(one.found)[:2000]}")
        if failed:
            print(minimal(stage, failed[0]))
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
