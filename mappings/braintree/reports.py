"""Braintree's transactions of settlement batches and its disputes, as pages of its API's JSON.
Source: Braintree GraphQL API reference. No fee is told: it is billed apart.
"""

from collections.abc import Iterator, Sequence
from decimal import Decimal
from typing import Any

from hub.model.document import Document, OptId, OptText
from hub.model.errors import BadData, Ignored
from hub.model.settlement import Kind, SettlementLine
from mappings.kit import Context, Decoders, shape
from mappings.kit.fields import Cash, Key, Many, Moment, Part, Perhaps, Word, needed
from mappings.kit.reports.bodies import bodies
from mappings.kit.reports.told import by, content_id, line, report
from mappings.reading import read_json

_SETTLED = frozenset({"settled", "settlement_confirmed"})
_LOST = frozenset({"lost", "open", "accepted", "expired", "auto_accepted"})


class Money(Part):
    value: Cash = None
    currencyCode: Word = None  # noqa: N815


class Disbursed(Part):
    date: Moment = None
    amount: Perhaps[Money] = None


class Step(Part):
    timestamp: Moment = None
    settlementBatchId: OptId = None  # noqa: N815


class Paid(Part):
    """A transaction, or what went back of one."""

    id: Key = None
    orderId: OptId = None  # noqa: N815
    createdAt: Moment = None  # noqa: N815
    status: Word = None
    merchantAccountId: OptText = None  # noqa: N815
    amount: Perhaps[Money] = None
    statusHistory: Many[Step | list[Any]] = ()  # noqa: N815
    disbursementDetails: Perhaps[Disbursed] = None  # noqa: N815
    refundedTransaction: Perhaps["Paid"] = None  # noqa: N815
    refunds: Many["Paid"] = ()


class Dispute(Part):
    id: Key = None
    amountDisputed: Perhaps[Money] = None  # noqa: N815
    receivedDate: Moment = None  # noqa: N815
    createdAt: Moment = None  # noqa: N815
    status: Word = None
    type: OptText = None
    transaction: Perhaps[Paid] = None


class Told(Part):
    paid: Many[Paid] = ()
    disputes: Many[Dispute] = ()


def reports(raw: bytes, at: Context) -> list[Document]:
    """A report for each account and currency. Ignored where nothing is settled."""
    lines = [each for body in bodies(raw) for each in _lines(body.raw, at)]
    if not lines:
        raise Ignored("no_consequence", "nothing in the report is settled")
    groups = by(lines, lambda it: (it[0], it[1].currency))
    found: list[Document] = []
    for (account, currency), own in groups.items():
        rows = [each for _, each in own]
        number = f"{account}-{content_id(rows)}"
        found.append(report(at, "braintree", number, currency, rows))
    return found


def _lines(raw: bytes, at: Context) -> Iterator[tuple[str, SettlementLine]]:
    nodes = [node for tree in _trees(raw, at) for node in _nodes(tree)]
    if not nodes:
        message = "transactions or disputes are expected"
        raise BadData(message, path="body", code="not_a_report")
    disputed = [it for it in nodes if "amountDisputed" in it]
    others = [it for it in nodes if "amountDisputed" not in it]
    told = shape(Told, {"paid": others, "disputes": disputed}, at)
    for n, paid in enumerate(told.paid):
        yield from _paid(paid, f"{n}")
    for n, dispute in enumerate(told.disputes):
        if dispute.status in _LOST or dispute.status == "won":
            yield _dispute(dispute, f"disputes.{n}")


def _trees(raw: bytes, at: Context) -> list[Any]:
    """The JSON of a file: one text, or one on each of its lines."""
    lines = [line.strip() for line in raw.splitlines() if line.strip()]
    if len(lines) > 1 and all(line[:1] == b"{" and line[-1:] == b"}" for line in lines):
        return [read_json(line, at.warn) for line in lines]
    return [read_json(raw, at.warn)]


def _nodes(tree: Any) -> Iterator[dict[str, Any]]:
    """Transactions, whatever stands around them: pages, edges, nodes."""
    if isinstance(tree, list):
        for each in tree:
            yield from _nodes(each)
    elif isinstance(tree, dict) and "id" in tree and ("amount" in tree or "amountDisputed" in tree):
        yield tree
    elif isinstance(tree, dict):
        for each in tree.values():
            if isinstance(each, dict | list):
                yield from _nodes(each)


def _paid(it: Paid, path: str) -> Iterator[tuple[str, SettlementLine]]:
    """A payment with the refunds that came with it; what is disbursed is told apart."""
    kind: Kind = "sale" if it.refundedTransaction is None else "refund"
    if it.status in _SETTLED:
        yield _line(it, kind, None if kind == "sale" else _id(it.refundedTransaction), path)
    for n, refund in enumerate(it.refunds):
        if refund.status in _SETTLED:
            yield _line(refund, "refund", it.id, f"{path}.refunds.{n}", it)


def _id(it: Paid | None) -> str | None:
    return it.id if it is not None else None


def _line(
    it: Paid, kind: Kind, original: str | None, path: str, of: Paid | None = None
) -> tuple[str, SettlementLine]:
    disbursed = it.disbursementDetails and it.disbursementDetails.amount
    amount, currency = _money(disbursed or it.amount, f"{path}.amount")
    steps: Sequence[Step] = [step for step in it.statusHistory if isinstance(step, Step)]
    at = it.disbursementDetails and it.disbursementDetails.date
    batch = next((step.settlementBatchId for step in steps if step.settlementBatchId), None)
    back = it.refundedTransaction
    account = it.merchantAccountId or (of.merchantAccountId if of else None) or "braintree"
    return account, line(
        path,
        reference=needed(it.id, f"{path}.id"),
        channel_order_id=next(
            (paid.orderId for paid in (it, of, back) if paid and paid.orderId), None
        ),
        kind=kind,
        gross=abs(amount) if kind == "sale" else -abs(amount),
        currency=currency,
        at=needed(at or it.createdAt, f"{path}.createdAt"),
        provider_kind=it.status,
        transaction=it.id,
        original=original,
        batch=batch,
    )


def _dispute(it: Dispute, path: str) -> tuple[str, SettlementLine]:
    amount, currency = _money(it.amountDisputed, f"{path}.amountDisputed")
    paid = it.transaction or Paid()
    return paid.merchantAccountId or "braintree", line(
        path,
        reference=f"{needed(it.id, f'{path}.id')}-{it.status}",
        channel_order_id=paid.orderId,
        kind="chargeback",
        gross=abs(amount) if it.status == "won" else -abs(amount),
        currency=currency,
        at=needed(it.receivedDate or it.createdAt, f"{path}.receivedDate"),
        provider_kind=it.type or it.status,
        transaction=it.id,
        original=paid.id,
    )


def _money(it: Money | None, path: str) -> tuple[Decimal, str]:
    told = needed(it, path)
    return needed(told.value, f"{path}.value"), needed(told.currencyCode, f"{path}.currencyCode")


DECODE: Decoders = {"report": reports}
