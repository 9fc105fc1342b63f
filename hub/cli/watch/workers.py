"""`orderhub workers`: the processes that work, and what each has in hand."""

import dataclasses

import click

from hub.cli import kit
from hub.store.views.running import workers as view


@click.group(short_help="list what works, and on what")
def workers() -> None:
    """Workers, schedulers and `up`, on whatever machine they run."""


@workers.command("list")
@kit.json_option
def list_(*, as_json: bool) -> None:
    """List them by name (host:process), with the lanes they hold and the messages in hand.

    \b
    Example:
      orderhub workers list
    """
    with kit.store() as store, kit.unit(store) as unit:
        workers = view.workers(unit.db)
    rows = [
        (
            worker.name,
            worker.kind,
            worker.started_at,
            f"{worker.beat_s:.0f} s ago",
            f"{worker.progress_s:.0f} s ago",
            worker.lanes,
            [f"{held['topic']} {held['key']}" for held in worker.in_hand],
        )
        for worker in workers
    ]
    head = ("name", "kind", "started", "beat", "moved", "lanes", "in hand")
    data = {"items": [dataclasses.asdict(worker) for worker in workers]}
    kit.say(data, kit.table(head, rows, "none runs"), as_json=as_json)
