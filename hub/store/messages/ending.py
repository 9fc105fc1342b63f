"""How attempts end: what is final leaves its queue, what is not stands there until its time or its
fact.
"""

import json
from collections.abc import Sequence
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from hub.model.document import NOT_TEXT
from hub.states.message import FINAL
from hub.store.base import sealed_words
from hub.store.base.ids import span
from hub.store.base.pipelining import write
from hub.store.base.rows import Rows
from hub.store.base.sealing import Packed, Vault, pack
from hub.store.messages import finish
from hub.store.messages.claimed import Ended
from hub.store.messages.lanes import Lane

MOST_WARNINGS = 50
"""More of one message nobody reads."""


class _Saving:
    """A statement without warnings, and one with, each with its columns."""

    def __init__(self, statement: str, **types: str) -> None:
        plain, odd = Rows(**types), Rows(**types, warnings="text")
        warnings = ", warnings = CAST(e.warnings AS jsonb)"
        self.plain = plain, sa.text(statement.format(rows=plain.named("e"), set=""))
        self.odd = odd, sa.text(statement.format(rows=odd.named("e"), set=warnings))


def end(db: Connection, vault: Vault, lane: Lane, ended: Sequence[Ended]) -> None:
    """Write how the attempts ended: finish what is final, let stand what is not, let the next of
    each key go.
    """
    if not ended:
        return
    _end_attempts(db, vault, ended)
    final = [end for end in ended if end.status in FINAL]
    standing = [end for end in ended if end.status not in FINAL]
    if standing:
        _save(db, vault, _STANDING, standing, [_standing(vault, end) for end in standing])
    if final:
        _save(db, vault, _FINAL, final, [_final(vault, end) for end in final])
        gone = [(end.message.id, end.message.key) for end in final]
        finish.finish(db, lane.direction, lane.connection, gone)


def _end_attempts(db: Connection, vault: Vault, ended: Sequence[Ended]) -> None:
    shared = {id(end.exchange): end.exchange for end in ended}  # by all of one call
    packed = {at: pack(exchange) for at, exchange in shared.items() if exchange is not None}
    rows = _ATTEMPTS.of(
        (
            *(end.message.attempt_id, end.fate, _detail(vault, end)),
            None if end.exchange is None else _exchange(vault, end, packed[id(end.exchange)]),
        )
        for end in ended
    )
    write(db, _END_ATTEMPTS, {**rows, **span(rows["id"])})


def _exchange(vault: Vault, end: Ended, packed: Packed) -> bytes:
    at = end.message
    return vault.seal_packed(packed, "attempt.exchange", at.merchant, at.attempt_id)


def _detail(vault: Vault, end: Ended) -> str | None:
    said, at = end.said or (end.error and end.error["message"]), end.message
    if not said:
        return None
    kept = storable(said)[:2000]
    return sealed_words.seal(vault, kept, "attempt.detail", at.merchant, at.attempt_id)


def _standing(vault: Vault, end: Ended) -> tuple[Any, ...]:
    until = (end.message.id, end.status, float(end.wait_s), end.waits_for)
    tries = (0 if end.counted else 1, 1 if end.asked else 0, end.denied)
    return (*until, *tries, _json(vault, end))


def _final(vault: Vault, end: Ended) -> tuple[Any, ...]:
    attempts = end.message.attempts - (0 if end.counted else 1)
    how = (end.message.id, end.status, _json(vault, end), attempts)
    return (*how, end.reference, end.order_id, end.successor)


def _save(
    db: Connection,
    vault: Vault,
    saving: _Saving,
    ended: Sequence[Ended],
    rows: Sequence[tuple[Any, ...]],
) -> None:
    """Warnings too, where there are any; else by the statement that does not write them."""
    columns, statement = saving.plain
    if any(end.warnings for end in ended):
        columns, statement = saving.odd
        rows = [(*row, _warned(vault, end)) for row, end in zip(rows, ended, strict=True)]
    kept = columns.of(rows)
    write(db, statement, {**kept, **span(kept["id"])})


def _warned(vault: Vault, one: Ended) -> str | None:
    if not one.warnings:
        return None
    kept = one.warnings[:MOST_WARNINGS]
    return json.dumps([_sealed(vault, one, each.as_dict(), "warnings") for each in kept])


def _json(vault: Vault, one: Ended) -> str | None:
    return None if one.error is None else json.dumps(_sealed(vault, one, one.error, "error"))


def _sealed(vault: Vault, one: Ended, problem: dict[str, str], column: str) -> dict[str, str]:
    """Code and place in clear, to be counted and searched; the sentence may quote a partner."""
    plain = {name: storable(text) for name, text in problem.items()}
    if "message" in plain:
        merchant, id_ = one.message.merchant, one.message.id
        place = f"message.{column}"
        plain["message"] = sealed_words.seal(vault, plain["message"], place, merchant, id_)
    return plain


def storable(text: str) -> str:
    """Foreign words as the database can keep them: it takes no NUL and no lone surrogate."""
    return NOT_TEXT.sub("\N{REPLACEMENT CHARACTER}", text)


_ATTEMPTS = Rows(id="uuid", fate="text", detail="text", exchange="bytea")
_END_ATTEMPTS = sa.text(
    f"""UPDATE attempt SET finished_at = clock_timestamp(), fate = e.fate, detail = e.detail,
      exchange = e.exchange
    FROM {_ATTEMPTS.named("e")}
    WHERE attempt.id = e.id AND attempt.id BETWEEN :low AND :high"""  # noqa: S608  # ours
)


_STANDING = _Saving(
    """WITH e AS (
      SELECT * FROM {rows}
    ), told AS (
      UPDATE message SET error = CAST(e.error AS jsonb){set} FROM e WHERE message.id = e.id
        AND message.id BETWEEN :low AND :high AND e.error IS NOT NULL
    )
    UPDATE work SET status = e.status, due = now() + e.wait_s * interval '1 s', waits_for = e.fact,
      attempts = work.attempts - e.uncounted, asked = work.asked + e.asked,
      denied_at = CASE WHEN e.denied THEN coalesce(work.denied_at, now()) ELSE work.denied_at END,
      crashes = work.crashes * e.asked, crashed_alone = work.crashed_alone * e.asked,
      lane_id = NULL, fence = NULL
    FROM e WHERE work.id = e.id""",
    id="uuid",
    status="text",
    wait_s="float",
    fact="text",
    uncounted="int",
    asked="int",
    denied="boolean",
    error="text",
)
_FINAL = _Saving(
    """UPDATE message SET status = e.status, error = CAST(e.error AS jsonb),
      attempts = e.attempts, reference = coalesce(e.reference, message.reference),
      order_id = coalesce(e.order_id, message.order_id), successor = e.successor,
      finished_at = now(){set}
    FROM {rows}
    WHERE message.id = e.id AND message.id BETWEEN :low AND :high""",
    id="uuid",
    status="text",
    error="text",
    attempts="int",
    reference="text",
    order_id="uuid",
    successor="text",
)
