"""`python -m tests.histories [--count N] [--only stock] [--first SEED]`: play random histories of
stock, returns and money, many at once. What is played is said on stderr, what was found on stdout.
"""

import argparse
import os
import sys
from contextlib import ExitStack

import structlog
from sqlalchemy.engine import make_url

from hub.store.migrate import upgrade
from tests.histories.batch import Broken
from tests.histories.run import AT_ONCE, KINDS, run
from tests.kit import database


def main() -> int:
    """Play, and say by the exit code whether everything held."""
    parser = argparse.ArgumentParser(prog="python -m tests.histories", description=__doc__)
    parser.add_argument("--count", type=int, default=1000, help="of each kind")
    parser.add_argument("--only", action="append", choices=sorted(KINDS))
    parser.add_argument("--first", type=int, default=0, help="the first seed")
    parser.add_argument("--at-once", type=int, default=AT_ONCE, help="in one database")
    asked = parser.parse_args()
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(50))
    failed = 0
    with ExitStack() as stack:
        server = database.find_servers(dict(os.environ)).database
        if server is None:
            server = stack.enter_context(database.open_embedded())
        template = stack.enter_context(database.temporary_database(server, "template0"))
        upgrade(template)
        name = make_url(template).database or ""
        for kind in asked.only or KINDS:
            try:
                print(run(kind, asked.first, asked.count, server, name, asked.at_once), flush=True)
            except Broken as broken:
                failed += 1
                print(broken, flush=True)
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
