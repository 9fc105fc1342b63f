"""The bank answers a file of payouts: what it took waits for the account's statement, which alone
says that money moved; what it refused goes out again with the next file.
"""

from collections.abc import Iterable, Mapping, Sequence
from uuid import UUID

from hub.flows.settlement.payouts import BANK
from hub.flows.unit import Told, Unit
from hub.model.merchant import OPERATOR
from hub.model.settlement import PayoutAnswer, PayoutStatus
from hub.rules.messages.receiving import Verdict
from hub.states.settlement import State
from hub.store.ops import incidents
from hub.store.ops.incidents import Incident
from hub.store.people import audit_trail
from hub.store.settlement import statements as store
from hub.store.settlement import transfers
from hub.store.settlement.statements import StatementRow
from hub.store.settlement.transfers import TransferRow

_RANK: Mapping[str | None, int] = {
    state: at for at, state in enumerate((None, "pending", "accepted", "executed", "refused"))
}
"""Answers may overtake each other: one of a higher rank stays."""
_GOES = frozenset({"accepted", "executed"})
_NAMED = 5


def receive(unit: Unit, tellings: Sequence[Told]) -> list[Verdict]:
    """Note what the operator's bank says of payouts. What is none of ours parks the message by
    name, the rest of it is noted all the same.
    """
    return [_take(unit, telling) for telling in tellings]


def _take(unit: Unit, telling: Told) -> Verdict:
    status = telling.document
    assert isinstance(status, PayoutStatus)
    if telling.merchant != OPERATOR:
        sentence = "payouts are the operator's: a merchant's bank says nothing of them"
        return Verdict("ignored", "no_consequence", sentence)
    known = _known(unit, status.answers)
    meant, unknown = _meant(unit, status.answers, known)
    doubt = _say_what_goes(unit, telling, known, meant)
    fresh = [(row, answer) for row, answer in meant if _is_news(row, answer)]
    for row, answer in fresh:
        row.state, row.code, row.reason = answer.state, answer.code, answer.reason
        row.told_at = status.at
    rows = [row for row, _ in fresh]
    transfers.written(unit.db, rows)
    transfers.told(unit.db, rows)
    _say(unit, telling, known, [row for row in rows if row.state == "refused"])
    if unknown:
        names = ", ".join(unknown[:_NAMED])
        sentence = f"{len(unknown)} of its answers are about nothing that was sent: {names}"
        return Verdict("parked", "unknown_payout", sentence, "answers")
    if doubt is not None and not fresh:
        return Verdict("ignored", "contradiction", doubt, "answers")
    return Verdict() if fresh else Verdict("ignored", "repeated", "all of it is known")


def _say_what_goes(
    unit: Unit,
    telling: Told,
    known: Mapping[UUID, StatementRow],
    meant: Iterable[tuple[TransferRow, PayoutAnswer]],
) -> str | None:
    """What the bank lets go after it was refused, or a person took it back because it was never
    sent, may be paid twice: an incident of each. Returns the last of their sentences.
    """
    status = telling.document
    assert isinstance(status, PayoutStatus)
    sentence: str | None = None
    for row, answer in meant:
        is_later = bool(row.told_at and status.at > row.told_at)
        if row.state == "refused" and answer.state in _GOES and is_later:
            number = known[row.statement_id].number
            sentence = (
                f"the bank pays {number} by file {row.file}, where it counts as refused: it may be"
                " paid twice"
            )
            incident = Incident(
                row.merchant, "contradiction", f"statement:{number}", sentence, None,
                telling.message_id,
            )  # fmt: skip
            incidents.open_new(unit.db, [incident])
    return sentence


def _known(unit: Unit, answers: Iterable[PayoutAnswer]) -> dict[UUID, StatementRow]:
    """The statements that are meant, locked before anything is read of their transfers."""
    files = sorted({it.file for it in answers if it.file})
    numbers = sorted({it.reference for it in answers if it.reference})
    ids = {*transfers.statements_in(unit.db, files), *store.by_number(unit.db, numbers).values()}
    return {row.id: row for row in store.load(unit.db, sorted(ids))}


def _meant(
    unit: Unit, answers: Sequence[PayoutAnswer], known: Mapping[UUID, StatementRow]
) -> tuple[list[tuple[TransferRow, PayoutAnswer]], list[str]]:
    """The transfers with what is said of each, and the names of what is none of ours."""
    there = {(it.file, it.statement_id): it for it in transfers.of(unit.db, sorted(known))}
    numbers = {row.number: row for row in known.values()}
    told_of: dict[tuple[str, UUID], tuple[TransferRow, PayoutAnswer]] = {}
    unknown: list[str] = []
    for answer in sorted(answers, key=lambda it: it.reference is not None):
        if answer.reference is None:
            rows = [row for row in there.values() if row.file == answer.file]
        else:
            rows = _one(unit, answer, there, numbers.get(answer.reference))
        told_of |= {(row.file, row.statement_id): (row, answer) for row in rows}
        if not rows:
            unknown.append(answer.reference or answer.file or "")
    by_part = {file for file, _ in told_of}
    return list(told_of.values()), [name for name in dict.fromkeys(unknown) if name not in by_part]


def _one(
    unit: Unit,
    answer: PayoutAnswer,
    there: Mapping[tuple[str, UUID], TransferRow],
    statement: StatementRow | None,
) -> list[TransferRow]:
    """The transfer that is named. In a file that nobody noted it is one of a statement which has
    something to pay; without a file the newest.
    """
    if statement is None:
        return []
    own = [row for row in there.values() if row.statement_id == statement.id]
    if answer.file is None:
        return own[-1:]
    kept = [row for row in own if row.file == answer.file]
    if kept or statement.approved_at is None or not statement.payout:
        return kept
    return [TransferRow(answer.file, statement.id, statement.merchant, statement.payout, unit.at)]


def _is_news(row: TransferRow, answer: PayoutAnswer) -> bool:
    if _RANK[answer.state] != _RANK[row.state]:
        return _RANK[answer.state] > _RANK[row.state]
    return row.state != "refused" and (answer.code, answer.reason) != (row.code, row.reason)


def _say(
    unit: Unit, telling: Told, known: Mapping[UUID, StatementRow], refused: Iterable[TransferRow]
) -> None:
    """A refusal is an incident, and in the audit. What was paid stays as it is booked: a person
    knows whether the money came back.
    """
    for row in refused:
        statement = known[row.statement_id]
        subject = f"statement:{statement.number}"
        code = row.code or "no code"
        sentence = f"the bank refused the payout of {statement.number}: {code}"
        if statement.status in {State.PAID, State.CLOSED}:
            sentence = (
                f"the bank refused the payout of {statement.number}: {code}; here it is paid: see"
                " where the money is"
            )
        incident = Incident(
            row.merchant, "payout_refused", subject, sentence, None, telling.message_id
        )
        incidents.open_new(unit.db, [incident])
        detail = {"file": row.file, "code": row.code, "amount": str(row.amount)}
        action = "settlement.payout_refused"
        audit_trail.record(unit.db, row.merchant, BANK, action, subject, detail, unit.at)
