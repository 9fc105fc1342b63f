"""Messages: list them, look at one, work them again."""

from typing import Any
from uuid import UUID

import click

from hub.cli import kit
from hub.doors import present
from hub.flows.messages import replay_selection
from hub.flows.messages.replay_selection import Outcome, Selection
from hub.flows.unit import Unit
from hub.model.errors import BadData, NotFound, SeveralConnections
from hub.rules.messages.replaying import Refusal
from hub.states.message import In, Out
from hub.store.people import audit_trail
from hub.store.views import message_view
from hub.store.views import messages as view
from hub.store.views.messages import Wanted

_STATUSES = sorted({one.value for one in (*In, *Out)} - {In.NEW.value})


def _selection(command: Any) -> Any:
    """Options that say which messages."""
    for option in (
        click.option("-q", "q", help="An id, order number, key, reference or correlation id."),
        click.option("--until", type=kit.INSTANT, help="Received before, such as 2026-11-24."),
        click.option("--since", type=kit.INSTANT, help="Received at or after."),
        click.option("--code", help="Why it stands still: unknown_code, bad_number, ..."),
        click.option("--topic", help="Exactly this topic."),
        click.option("--status", type=click.Choice(_STATUSES), help="Where it stands."),
        click.option("--connection", help="Of this connection."),
        click.option("--direction", type=click.Choice(["in", "out"]), help="Received, or told."),
    ):
        command = option(command)
    return command


@click.group(short_help="list, show and replay messages")
def messages() -> None:
    """Messages: what partners told us, and what we tell them."""


@messages.command("list")
@_selection
@click.option("--limit", type=click.IntRange(1, 1000), default=50, show_default=True)
@click.option("--cursor", help="Where the page before ended.")
@kit.json_option
def list_(*, limit: int, cursor: str | None, as_json: bool, **wanted: Any) -> None:
    """List messages, newest first.

    \b
    Example:
      orderhub messages list --status parked --connection shop-eu
    """
    after = (str(_uuid(cursor, "cursor")),) if cursor else None
    with kit.store() as store, kit.unit(store) as unit:
        page = view.messages(unit.db, unit.vault, Wanted(**wanted), after=after, limit=limit)
    next_cursor = page.after[0] if page.after else None
    head = ("id", "received", "way", "connection", "topic", "key", "status", "tries", "why")
    rows = [
        (
            row.id,
            row.received_at,
            row.direction,
            row.connection,
            row.topic,
            row.key,
            row.status,
            row.attempts,
            row.waits_for or (row.error or {}).get("code"),
        )
        for row in page.items
    ]
    text = kit.table(head, rows, "no messages")
    if next_cursor:
        text += f"\nmore: --cursor {next_cursor}"
    data = {"items": [present.message(row) for row in page.items], "next_cursor": next_cursor}
    kit.say(data, text, as_json=as_json)


@messages.command()
@click.argument("message_id", metavar="ID", type=click.UUID)
@click.option("--payload", is_flag=True, help="With its bytes; that is written to the audit.")
@kit.json_option
def show(*, message_id: UUID, payload: bool, as_json: bool) -> None:
    """Show one message with its attempts and versions.

    \b
    Example:
      orderhub messages show 01930c5e-7d1a-7c3b-8f00-5b7e1c2d3e4f --payload
    """
    with kit.store() as store, kit.unit(store) as unit:
        row = view.one(unit.db, store.vault, message_id)
        if row is None:
            raise NotFound(f"no message {message_id}")
        attempts = message_view.attempts(unit.db, store.vault, message_id)
        versions = message_view.versions(unit.db, message_id)
        behind = message_view.count_behind(unit.db, row)
        raw = message_view.payload(unit.db, store.vault, row) if payload else None
        if payload:
            subject = f"message:{message_id}"
            actor = kit.actor()
            audit_trail.record(
                unit.db, row.merchant, actor, "message.payload", subject, {}, unit.at
            )
    shown = present.message(row)
    data = {
        **shown,
        "behind": behind,
        "attempts_made": [present.attempt(attempt) for attempt in attempts],
        "versions": [present.version(version) for version in versions],
        **({"payload": raw} if raw is not None else {}),
    }
    head = ("try", "started", "worker", "fate", "detail")
    rows = [
        (attempt.number, attempt.started_at, attempt.worker, attempt.fate, attempt.detail)
        for attempt in attempts
    ]
    facts = "\n".join(f"{name:15} {kit.shown(value)}" for name, value in shown.items())
    parts = [facts, kit.table(head, rows, "no attempts")]
    if behind:
        parts.append(f"{behind} more of the same key wait behind it")
    if raw is not None:
        parts.append(raw.decode(errors="backslashreplace"))
    kit.say(data, "\n\n".join(parts), as_json=as_json)


@messages.command()
@click.argument("message_ids", metavar="[ID]...", nargs=-1, type=click.UUID)
@_selection
@click.option("--every-connection", is_flag=True, help="Also where they are of several.")
@click.option("--reason", required=True, help="Why, for the audit.")
@click.option("--dry-run", is_flag=True, help="Only say what would become of them.")
@kit.json_option
def replay(
    *,
    message_ids: tuple[UUID, ...],
    every_connection: bool,
    reason: str,
    dry_run: bool,
    as_json: bool,
    **wanted: Any,
) -> None:
    """Work messages again from their stored bytes: those named, or a selection.

    A selection takes parked messages unless --status says otherwise, the oldest 1000, of one
    connection unless --every-connection is given. What they tell partners bears the first key, so
    that nothing is done twice. What is overtaken (its fulfilment order has ended, a newer telling
    took its place) is closed and never sent; what the partner has, or may have, is only told again
    where it is named.

    \b
    Example:
      orderhub messages replay --code unknown_code --connection shop-eu --reason "carrier added"
    """
    if bool(message_ids) == any(value is not None for value in wanted.values()):
        raise click.UsageError("name messages, or select them by options")
    selection = Selection(Wanted(**wanted), message_ids, every_connection)
    with kit.store() as store, kit.unit(store) as unit:
        done = _asked(unit, selection, reason, dry_run=dry_run)
    refused = None if dry_run or not message_ids else next(iter(done.refused.values()), None)
    if refused is None or done.queued:
        kit.say(_data(done, dry_run=dry_run), _sentence(done, dry_run=dry_run), as_json=as_json)
    if refused is not None:
        raise refused.error


def _asked(unit: Unit, selection: Selection, reason: str, *, dry_run: bool) -> Outcome:
    """What became of a selection, or would."""
    try:
        if not dry_run:
            return replay_selection.replay_selection(unit, selection, kit.actor(), reason)
        foreseen = replay_selection.foresee(unit, selection)
        replay_selection.check_connections(selection, foreseen.across)
    except SeveralConnections as error:
        how = "choose one with --connection, or say --every-connection"
        raise SeveralConnections(error.connections, how) from None
    return foreseen


def _data(done: Outcome, *, dry_run: bool) -> dict[str, Any]:
    return {
        "selected": len(done.queued) + len(done.refused),
        "replayed": 0 if dry_run else len(done.queued),
        "left": done.left,
        "overtaken": {
            str(id_): str(refusal.error)
            for id_, refusal in done.refused.items()
            if refusal.reason == Refusal.OVERTAKEN
        },
        "refused": [
            {"id": id_, "code": refusal.reason, "message": str(refusal.error)}
            for id_, refusal in done.refused.items()
        ],
        "paused": done.paused,
        "dry_run": dry_run,
    }


def _sentence(done: Outcome, *, dry_run: bool) -> str:
    text = f"{len(done.queued)} to replay" if dry_run else f"{len(done.queued)} replayed"
    for reason, why in _WHY.items():
        if count := done.refused_as(reason):
            text += f", {count} {why}"
    if done.left:
        text += f"; {done.left} left: the same command takes the next"
    if done.paused:
        text += f"; {', '.join(done.paused)} paused: it waits until `orderhub connections resume`"
    return text


_WHY = {
    Refusal.OVERTAKEN: "overtaken and closed instead: what they would tell is over",
    Refusal.ENDED: "left out: they have ended for good",
    Refusal.AT_WORK: "left out: they go on by themselves",
    Refusal.TOLD: "left out: the partner has them, name them to tell them again",
    Refusal.UNKNOWN_OUTCOME: "left out: they may have arrived, look at each by itself",
    Refusal.PAYLOAD_GONE: "left out: their payloads cannot be had any more",
}


def _uuid(text: str, path: str) -> UUID:
    try:
        return UUID(text)
    except ValueError:
        raise BadData("an id is expected", path=path, code="bad_id") from None
