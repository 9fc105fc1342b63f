"""Messages: list them, look at one, work them again."""

from typing import Any
from uuid import UUID

import click

from hub.cli import kit
from hub.flows import mending
from hub.model.errors import BadData, NotFound
from hub.store import audit
from hub.store.views import messages as view
from hub.store.views.messages import MessageRow, Wanted

_MOST = 5_000
_AT_A_TIME = 100
_STATUSES = sorted({*view.STANDING, "done", "ignored", "delivered", "superseded", "discarded"})


def _selection(command: Any) -> Any:
    """Options that say which messages."""
    for option in (
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
@click.option("-q", "q", help="An id, order number, key, reference or correlation id.")
@click.option("--limit", type=click.IntRange(1, 1000), default=50, show_default=True)
@click.option("--cursor", help="Where the page before ended.")
@kit.json_option
def list_(*, limit: int, cursor: str | None, as_json: bool, **wanted: str | None) -> None:
    """List messages, newest first.

    \b
    Example:
      orderhub messages list --status parked --connection shop-eu
    """
    after = (str(_uuid(cursor, "cursor")),) if cursor else None
    with kit.store() as store, kit.unit(store) as unit:
        page = view.messages(unit.db, Wanted(**wanted), after=after, limit=limit)  # type: ignore[arg-type]
    next_cursor = page.after[0] if page.after else None
    head = ("id", "received", "way", "connection", "topic", "key", "status", "tries", "why")
    rows = [
        (
            one.id,
            one.received_at,
            one.direction,
            one.connection,
            one.topic,
            one.key,
            one.status,
            one.attempts,
            one.waits_for or (one.error or {}).get("code"),
        )
        for one in page.items
    ]
    text = kit.table(head, rows, "no messages")
    if next_cursor:
        text += f"\nmore: --cursor {next_cursor}"
    data = {"items": [as_dict(one) for one in page.items], "next_cursor": next_cursor}
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
        found = view.one(unit.db, message_id)
        if found is None:
            raise NotFound(f"no message {message_id}")
        attempts = view.attempts(unit.db, store.vault, message_id)
        versions = view.versions(unit.db, message_id)
        behind = view.behind(unit.db, found)
        raw = view.payload(unit.db, store.vault, found) if payload else None
        if payload:
            subject = f"message:{message_id}"
            actor = kit.actor()
            audit.record(unit.db, found.merchant, actor, "message.payload", subject, {}, unit.at)
    data = {
        **as_dict(found),
        "behind": behind,
        "attempts_made": [
            {
                "number": one.number,
                "worker": one.worker,
                "started_at": one.started_at,
                "finished_at": one.finished_at,
                "fate": one.fate,
                "detail": one.detail,
            }
            for one in attempts
        ],
        "versions": [
            {"version": one.version, "author": one.author, "reason": one.reason, "at": one.at}
            for one in versions
        ],
        **({"payload": raw} if raw is not None else {}),
    }
    head = ("try", "started", "worker", "fate", "detail")
    rows = [(one.number, one.started_at, one.worker, one.fate, one.detail) for one in attempts]
    facts = "\n".join(f"{name:15} {kit.shown(value)}" for name, value in as_dict(found).items())
    parts = [facts, kit.table(head, rows, "no attempts")]
    if behind:
        parts.append(f"{behind} more of the same key wait behind it")
    if raw is not None:
        parts.append(raw.decode(errors="backslashreplace"))
    kit.say(data, "\n\n".join(parts), as_json=as_json)


@messages.command()
@click.argument("message_ids", metavar="[ID]...", nargs=-1, type=click.UUID)
@_selection
@click.option("--reason", required=True, help="Why, for the audit.")
@click.option("--dry-run", is_flag=True, help="Only say how many.")
@kit.json_option
def replay(
    *,
    message_ids: tuple[UUID, ...],
    reason: str,
    dry_run: bool,
    as_json: bool,
    **wanted: str | None,
) -> None:
    """Work messages again from their stored bytes: those named, or a selection.

    What they tell partners bears the first key, so that nothing is done twice.

    \b
    Example:
      orderhub messages replay --status parked --code unknown_code --reason "carrier added"
    """
    selected = any(value is not None for value in wanted.values())
    if bool(message_ids) == selected:
        raise click.UsageError("name messages, or select them by options")
    if selected and wanted.get("status") is None:
        raise click.UsageError("a selection needs --status, such as --status parked")
    with kit.store() as store:
        with kit.unit(store) as unit:
            chosen = message_ids or view.selected(unit.db, Wanted(**wanted), _MOST)  # type: ignore[arg-type]
        done = 0
        if not dry_run:
            progress = kit.Progress("replaying", len(chosen))
            for at in range(0, len(chosen), _AT_A_TIME):
                with kit.unit(store) as unit:
                    part = chosen[at : at + _AT_A_TIME]
                    done += mending.replay(unit, part, kit.actor(), reason)
                for _ in part:
                    progress.step()
    data = {"selected": len(chosen), "replayed": done, "dry_run": dry_run}
    text = f"{len(chosen)} to replay" if dry_run else f"{done} replayed"
    kit.say(data, text, as_json=as_json)


def as_dict(one: MessageRow) -> dict[str, Any]:
    """A message as the Open API shows it."""
    return {
        "id": one.id,
        "direction": one.direction,
        "connection": one.connection,
        "topic": one.topic,
        "key": one.key,
        "status": one.status,
        "attempts": one.attempts,
        "next_attempt_at": one.next_attempt_at,
        "error": one.error,
        "waits_for": one.waits_for,
        "received_at": one.received_at,
        "finished_at": one.finished_at,
        "correlation_id": one.correlation_id,
        "order_id": one.order_id,
        "reference": one.reference,
    }


def _uuid(text: str, path: str) -> UUID:
    try:
        return UUID(text)
    except ValueError:
        raise BadData("an id is expected", path=path, code="bad_id") from None
