"""Connections at the command line: list, pause, resume, poll and test them."""

import functools
from datetime import datetime
from typing import Any

import click

from hub.cli import kit
from hub.cli.watch import checks, partners
from hub.doors import present
from hub.flows.config import pause as flow
from hub.flows.config import polling
from hub.flows.unit import Unit
from hub.model.errors import NotFound
from hub.rules.ops.condition import Condition
from hub.store.config import secrets
from hub.store.config.snapshot import Connection
from hub.store.views.connections import ConnectionItem


@click.group("connections", short_help="list, pause, resume, poll, test them")
def connections() -> None:
    """List, pause, resume, poll and test connections."""


@connections.command("list")
@kit.json_option
def list_(*, as_json: bool) -> None:
    """List connections: how each does and why, and what waits for it.

    \b
    Example:
      orderhub connections list
    """
    with kit.store() as store, kit.unit(store) as unit:
        conditions = flow.conditions(unit.db, unit.at)
    head = (
        "connection",
        "kind",
        "adapter",
        "merchant",
        "state",
        "in",
        "out",
        "parked",
        "polls",
        "says",
    )
    rows = [_row(*pair) for pair in conditions]
    text = kit.table(head, rows, "no connections")
    kit.say({"items": [present.connection(*pair) for pair in conditions]}, text, as_json=as_json)


@connections.command()
@click.argument("code")
@click.option("--reason", default="", help="Why; it stands in the audit.")
@kit.json_option
def pause(*, code: str, reason: str, as_json: bool) -> None:
    """Stop telling a connection. What it says is kept; all of it waits until it is resumed.

    \b
    Example:
      orderhub connections pause wh-ams --reason "they move house"
    """
    with kit.store() as store, kit.unit(store) as unit:
        partner = _partner(unit, code)
        flow.pause_by(unit, partner, kit.actor(), reason)
    kit.say({"code": code, "status": "paused"}, f"paused: {code}", as_json=as_json)


@connections.command()
@click.argument("code")
@click.option("--reason", default="", help="Why; it stands in the audit.")
@kit.json_option
def resume(*, code: str, reason: str, as_json: bool) -> None:
    """Let a paused connection go on, and what waited for it.

    \b
    Example:
      orderhub connections resume wh-ams --reason "they answer again"
    """
    with kit.store() as store, kit.unit(store) as unit:
        partner = _partner(unit, code)
        flow.resume_by(unit, partner, kit.actor(), reason)
    kit.say({"code": code, "status": "active"}, f"resumed: {code}", as_json=as_json)


@connections.command()
@click.argument("code")
@click.option("--since", type=kit.INSTANT, help="Ask for all that changed since, by their clock.")
@kit.json_option
def poll(*, code: str, since: datetime | None, as_json: bool) -> None:
    """Ask a partner now what changed, where it is asked at all. A worker does it at once.

    \b
    Example:
      orderhub connections poll shop-eu --since 2026-11-24T08:00:00Z
    """
    with kit.store() as store, kit.unit(store) as unit:
        topics = polling.poll_by(unit, _partner(unit, code), kit.actor(), since)
    said = f"{code} is asked for {', '.join(topics)}"
    kit.say({"code": code, "topics": topics}, said, as_json=as_json)


@connections.command()
@click.argument("code")
@kit.json_option
@click.pass_context
def test(ctx: click.Context, *, code: str, as_json: bool) -> None:
    """Call a partner harmlessly, with the secrets of this shell, and say how it went.

    Leaves with 1 where it does not work.

    \b
    Example:
      orderhub connections test wh-ams
    """
    with kit.store() as store:
        directory = store.directory()
        partner = directory.connections.get(code)
        if partner is None:
            raise NotFound(f"no connection {code}")
        reveal = functools.partial(secrets.reveal, store.vault)
        finding = partners.partner(partner, directory, reveal)
    ok = finding.state != checks.FAIL
    data = {"code": code, "ok": ok, "message": finding.says, "do": finding.do}
    kit.say(
        data, f"{code}: {finding.says}" + (f"; {finding.do}" if finding.do else ""), as_json=as_json
    )
    if not ok:
        ctx.exit(1)


def _partner(unit: Unit, code: str) -> Connection:
    found = unit.directory.connections.get(code)
    if found is None:
        raise NotFound(f"no connection {code}")
    return found


def _row(one: ConnectionItem, condition: Condition) -> tuple[Any, ...]:
    who = (one.code, one.kind, one.adapter, one.merchant, str(condition.state))
    return (*who, one.waiting_in, one.waiting_out, one.parked, _polls(one), condition.says)


def _polls(item: ConnectionItem) -> str:
    """Each topic that it is asked for, with how that goes."""
    return ", ".join(
        f"{poll.topic} {poll.error['code'] if poll.error else kit.instant(poll.done_at)}".strip()
        for poll in item.polls
    )
