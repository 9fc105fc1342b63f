"""Payouts: what is approved becomes one file for the bank, and what the bank says it did confirms
it.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from hashlib import sha256
from uuid import UUID

from hub.flows.settlement import booking, calculate, statements
from hub.flows.unit import Unit
from hub.model.errors import Contradiction, NotFound
from hub.model.merchant import OPERATOR, in_force
from hub.model.money import round_to
from hub.model.settlement import BankAccount, Payouts, SettlementReport, Transfer
from hub.states.settlement import State
from hub.store.ops import incidents
from hub.store.ops.incidents import Incident
from hub.store.settlement import contracts as contract_store
from hub.store.settlement import statements as store
from hub.store.settlement import transfers as transfer_store
from hub.store.settlement.statements import StatementRow
from hub.store.settlement.transfers import TransferRow

BANK = "bank"
"""Who confirms payouts: actor in the audit."""


@dataclass(frozen=True, slots=True)
class Moved:
    """Money of a payout at the bank, as the operator sees it: what leaves is below zero."""

    amount: Decimal
    currency: str
    at: datetime


def due(unit: Unit, currency: str) -> Payouts:
    """What is approved, not paid and in no file yet, as a file of its own: each payout stands in
    one, until the bank refuses it or a person takes it back. Where nothing is new, the newest file
    of which the bank said nothing, as it was. Contradiction where somebody's contract names no
    account.
    """
    transfer_store.alone(unit.db)
    rows = store.to_pay(unit.db, currency)
    if rows:
        return _written(unit, currency, rows)
    waiting = transfer_store.waiting(unit.db, currency)
    if waiting is None:
        raise Contradiction("no payout is approved and open", code="nothing_to_pay")
    return again(unit, waiting)


def again(unit: Unit, file: str) -> Payouts:
    """A file as it was written: the same payouts, accounts and moment. NotFound where there is none
    such; Contradiction where something in it goes out in another by now.
    """
    noted = transfer_store.in_file(unit.db, file)
    rows = {row.id: row for row in store.load(unit.db, sorted(it.statement_id for it in noted))}
    if not noted or len(rows) != len(noted):
        raise NotFound("no such file of payouts")
    if any(it.state == "refused" for it in noted):
        message = "payouts of this file were refused or taken back: another file has them"
        raise Contradiction(message, code="nothing_to_pay")
    versions = {it.merchant: it.payee_terms for it in noted}
    own = {**versions, OPERATOR: noted[0].payer_terms}
    at = noted[0].written_at
    payees = _payees(unit, own, at)
    currency = rows[noted[0].statement_id].currency
    transfers = [
        _transfer(rows[it.statement_id], payees[it.merchant][1], round_to(it.amount, currency))
        for it in noted
    ]
    return Payouts(file, currency, payees[OPERATOR][1], at, transfers)


def _written(unit: Unit, currency: str, rows: Sequence[StatementRow]) -> Payouts:
    """A new file, which is known from now on with the contracts that name its accounts."""
    payees = _payees(unit, dict.fromkeys([*(row.merchant for row in rows), OPERATOR]), unit.at)
    transfers = [
        _transfer(row, payees[row.merchant][1], round_to(row.payout, row.currency)) for row in rows
    ]
    number = _number(transfers, transfer_store.refusals(unit.db, [row.id for row in rows]), rows)
    payer_terms, payer = payees[OPERATOR]
    transfer_store.written(
        unit.db,
        [
            TransferRow(
                *(number, row.id, row.merchant, it.amount, unit.at),
                payee_terms=payees[row.merchant][0],
                payer_terms=payer_terms,
            )
            for row, it in zip(rows, transfers, strict=True)
        ],
    )
    return Payouts(number, currency, payer, unit.at, transfers)


def _transfer(row: StatementRow, to: BankAccount, amount: Decimal) -> Transfer:
    return Transfer(row.number, to, amount, f"Settlement {row.period_from:%Y-%m-%d} {row.number}")


def _number(
    transfers: Sequence[Transfer], refused: Mapping[UUID, int], rows: Sequence[StatementRow]
) -> str:
    """The same transfers have the same number, until the bank refuses one."""
    names = [
        f"{it.reference} {it.amount}" + (f" {refused[row.id]}" if row.id in refused else "")
        for row, it in zip(rows, transfers, strict=True)
    ]
    text = "\n".join(names)
    return f"P{sha256(text.encode()).hexdigest()[:30].upper()}"


def confirm(unit: Unit, merchant: str, report: SettlementReport) -> int:
    """Take in what the operator's bank reports of payouts: a statement whose reference and amount
    it names is paid. What does not go with where the statement stands goes to a person. Returns how
    many were paid.
    """
    if merchant != OPERATOR:
        return 0
    moved = {line.reference: Moved(line.net, line.currency, line.at) for line in report.lines}
    known = store.by_number(unit.db, sorted(moved))
    paid = 0
    for row in store.load(unit.db, list(known.values())):
        money = moved[row.number]
        sentence = _objection(unit, row, money)
        if sentence is not None:
            _look(unit, row.merchant, row.number, sentence)
        elif row.status == State.APPROVED and money.amount < 0:
            statements.pay(unit, row.id, BANK, row.number, money.at)
            paid += 1
    return paid


def _objection(unit: Unit, row: StatementRow, moved: Moved) -> str | None:
    """What is wrong with money that the bank says moved, as a sentence; None where nothing is, or
    where it is known.
    """
    if row.status in {State.PAID, State.CLOSED}:
        return _of_paid(unit, row, moved)
    if moved.amount >= 0:
        return None
    sentence = None
    back = booking.came_back(unit, row)
    if row.status != State.APPROVED:
        sentence = (
            f"the bank reports {-moved.amount} {moved.currency} for statement {row.number}, which"
            f" is {row.status}: pay it by hand after that"
        )
    elif back is not None and moved.at <= back:
        sentence = (
            f"the bank reports a payout of {moved.at:%Y-%m-%d} for {row.number}, which may be the"
            " one that came back"
        )
    elif (-moved.amount, moved.currency) != (row.payout, row.currency):
        sentence = (
            f"the bank reports {-moved.amount} {moved.currency} for statement {row.number}: not"
            " what is to pay"
        )
    return sentence


def _of_paid(unit: Unit, row: StatementRow, moved: Moved) -> str | None:
    """The same: money that came back, or that went a second time because what was taken back had
    been sent all the same. The first payment is told as often as the bank likes.
    """
    if row.paid_at is None:
        return None
    sentence = None
    in_files = transfer_store.of(unit.db, [row.id])
    if moved.amount > 0 and moved.at >= row.paid_at:
        sentence = (
            f"the bank reports that {moved.amount} {moved.currency} of {row.number} came back"
        )
    elif moved.amount < 0 and moved.at > row.paid_at and any(map(_is_freed, in_files)):
        sentence = (
            f"the bank reports a payout of {moved.at:%Y-%m-%d} for {row.number}, which is paid"
        )
    return sentence


def _is_freed(row: TransferRow) -> bool:
    """Whether a person took it back; the bank, which may have it still, says why it refuses."""
    return row.state == "refused" and row.code is None


def _look(unit: Unit, merchant: str, number: str, sentence: str) -> None:
    found = Incident(merchant, "contradiction", f"statement:{number}", sentence, None, None)
    incidents.open_new(unit.db, [found])


def _payees(
    unit: Unit, wanted: Mapping[str, int | None], at: datetime
) -> dict[str, tuple[int, BankAccount]]:
    """Merchant -> version of its contract and the account in it: of the version that is wanted,
    else of that in force. Contradiction where one names no account.
    """
    numbers = contract_store.accounts(unit.db, unit.vault, sorted(wanted))
    payees: dict[str, tuple[int, BankAccount]] = {}
    for merchant, versions in calculate.versions_of(unit, sorted(wanted)).items():
        number = wanted[merchant]
        version = (
            in_force(versions, at)
            if number is None
            else next((it for it in versions if it.number == number), None)
        )
        if version is None or version.terms.payee is None:
            continue
        if iban := numbers.get((merchant, version.number)):
            payee = version.terms.payee
            payees[merchant] = version.number, BankAccount(payee.name, iban, payee.bic)
    lacking = [merchant for merchant in sorted(wanted) if merchant not in payees]
    if lacking:
        message = f"the contract of {', '.join(lacking)} names no payee"
        raise Contradiction(message, code="no_account", path="payee")
    return payees
