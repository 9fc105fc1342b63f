"""Order Hub under fire.

    python -m tests.chaos [--seconds N] [--seed N] [--rate N] [--patience F] [--only KIND ...]
    python -m tests.chaos backlog [--messages N]

The hub's processes work for the sandbox partners on a database and a broker of this run's own while
these, the lines between and the processes themselves fail by a plan drawn from the seed. The last
line on standard output is the report; 0 is left only where nothing is broken, late or undone.
"""

import argparse
import json
import os
import random
import shutil
import sys
import tempfile
from pathlib import Path

from tests.chaos import backlog
from tests.chaos.faults import KINDS
from tests.chaos.run import Order, is_whole, run
from tests.chaos.servers import has_postgres, has_rabbitmq


def main() -> int:
    """The exit code."""
    told = _arguments()
    if told.what == "backlog":
        return _backlog(told.messages)
    seed = told.seed if told.seed is not None else random.SystemRandom().randrange(1_000_000)
    sys.stderr.write(f"seed {seed}\n")
    if not has_postgres():
        sys.stderr.write("PostgreSQL's programs (initdb, postgres) are not installed\n")
        return 69
    if not has_rabbitmq():
        sys.stderr.write("no RabbitMQ is installed: bells ring in-process, none of its faults\n")
    folder = Path(tempfile.mkdtemp(prefix=f"orderhub-chaos-{os.getpid()}-"))
    folder.chmod(0o711)
    order = Order((seed,), told.seconds, told.rate, told.patience, only=tuple(told.only or ()))
    report = run(order, folder)
    whole = is_whole(report)
    if whole and not told.keep:
        shutil.rmtree(folder, ignore_errors=True)
    else:
        sys.stderr.write(f"history and logs: {folder}\n")
    sys.stdout.write(json.dumps(report, default=str) + "\n")
    return 0 if whole else 1


def _backlog(messages: int) -> int:
    found = backlog.run(messages)
    sys.stdout.write(json.dumps(found) + "\n")
    return 1 if found["slow"] else 0


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="tests.chaos", description="Order Hub under fire.")
    parser.add_argument("what", nargs="?", choices=("faults", "backlog"), default="faults")
    parser.add_argument("--messages", type=int, default=100_000, help="of the backlog")
    parser.add_argument("--seconds", type=float, default=120.0, help="how long faults come")
    parser.add_argument("--seed", type=int, help="repeat a run; printed first")
    parser.add_argument("--rate", type=float, default=6.0, help="orders a second")
    parser.add_argument("--patience", type=float, default=1.0, help="a slow machine: bounds times")
    parser.add_argument("--only", nargs="+", choices=sorted(KINDS), help="these faults only")
    parser.add_argument("--keep", action="store_true", help="keep the work folder in any case")
    return parser.parse_args()


if __name__ == "__main__":
    sys.exit(main())
