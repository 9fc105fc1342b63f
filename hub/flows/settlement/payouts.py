"""Payouts: what is approved becomes one file for the bank, and what the bank says it did confirms
it.
"""

from collections.abc import Iterable
from decimal import Decimal
from hashlib import sha256

from hub.flows.settlement import calculate, statements
from hub.flows.unit import Unit
from hub.model.errors import Contradiction
from hub.model.merchant import OPERATOR, in_force
from hub.model.money import round_to
from hub.model.settlement import BankAccount, Payouts, SettlementReport, Transfer
from hub.states.settlement import State
from hub.store.ops import incidents
from hub.store.ops.incidents import Incident
from hub.store.settlement import contracts as contract_store
from hub.store.settlement import statements as store

BANK = "bank"
"""Who confirms payouts: actor in the audit."""


def due(unit: Unit, currency: str) -> Payouts:
    """What is approved and not paid, in the order of statements. Contradiction where somebody's
    contract names no account.
    """
    rows = store.to_pay(unit.db, currency)
    if not rows:
        raise Contradiction("no payout is approved and open", code="nothing_to_pay")
    parties = sorted({row.merchant for row in rows} | {OPERATOR})
    accounts = _accounts(unit, parties)
    lacking = [merchant for merchant in parties if merchant not in accounts]
    if lacking:
        message = f"the contract of {', '.join(lacking)} names no payee"
        raise Contradiction(message, code="no_account", path="payee")
    transfers = [
        Transfer(
            row.number,
            accounts[row.merchant],
            round_to(row.payout, row.currency),
            f"Settlement {row.period_from:%Y-%m-%d} {row.number}",
        )
        for row in rows
    ]
    names = "\n".join(f"{it.reference} {it.amount}" for it in transfers)
    number = f"P{sha256(names.encode()).hexdigest()[:30].upper()}"
    return Payouts(number, currency, accounts[OPERATOR], unit.at, transfers)


def confirm(unit: Unit, merchant: str, report: SettlementReport) -> int:
    """Take in what the operator's bank reports of payouts: a statement whose reference and amount
    it names is paid. Another amount goes to a person. Returns how many were paid.
    """
    if merchant != OPERATOR:
        return 0
    moved = {line.reference: (line.net, line.currency, line.at) for line in report.lines}
    known = store.by_number(unit.db, sorted(moved))
    paid = 0
    for row in store.load(unit.db, list(known.values())):
        amount, currency, at = moved[row.number]
        if row.status != State.APPROVED or amount >= 0:
            continue
        if (-amount, currency) == (row.payout, row.currency):
            statements.pay(unit, row.id, BANK, row.number, at)
            paid += 1
        else:
            _wrong(unit, row.merchant, row.number, amount, currency)
    return paid


def _wrong(unit: Unit, merchant: str, number: str, amount: Decimal, currency: str) -> None:
    sentence = f"the bank reports {-amount} {currency} for statement {number}: not what is to pay"
    found = Incident(merchant, "contradiction", f"statement:{number}", sentence, None, None)
    incidents.open_new(unit.db, [found])


def _accounts(unit: Unit, merchants: Iterable[str]) -> dict[str, BankAccount]:
    whose = list(merchants)
    numbers = contract_store.accounts(unit.db, unit.vault, whose)
    accounts: dict[str, BankAccount] = {}
    for merchant, versions in calculate.versions_of(unit, whose).items():
        version = in_force(versions, unit.at)
        if version is None or version.terms.payee is None:
            continue
        if iban := numbers.get((merchant, version.number)):
            accounts[merchant] = BankAccount(
                version.terms.payee.name, iban, version.terms.payee.bic
            )
    return accounts
