"""Transfers as ISO 20022 pain.001.001.09, a customer's credit transfer initiation."""

from lxml import etree

from hub.model.document import plain
from hub.model.settlement import BankAccount, Payouts, Transfer

NAMESPACE = "urn:iso:std:iso:20022:tech:xsd:pain.001.001.09"
_NAME, _TEXT = 140, 140
_EURO_AREA = "EUR"


def pain_001(batch: Payouts) -> str:
    """One payment, a transfer for each statement. Names are cut to what the standard allows."""
    root = etree.Element(_tag("Document"), nsmap={None: NAMESPACE})
    message = etree.SubElement(root, _tag("CstmrCdtTrfInitn"))
    head = _in(message, "GrpHdr")
    _in(head, "MsgId", batch.number)
    _in(head, "CreDtTm", f"{batch.at:%Y-%m-%dT%H:%M:%SZ}")
    _totals(head, batch)
    _in(_in(head, "InitgPty"), "Nm", batch.payer.name[:_NAME])
    payment = _in(message, "PmtInf")
    _in(payment, "PmtInfId", batch.number)
    _in(payment, "PmtMtd", "TRF")
    _totals(payment, batch)
    if batch.currency == _EURO_AREA:
        _in(_in(_in(payment, "PmtTpInf"), "SvcLvl"), "Cd", "SEPA")
    _in(_in(payment, "ReqdExctnDt"), "Dt", f"{batch.at:%Y-%m-%d}")
    _in(_in(payment, "Dbtr"), "Nm", batch.payer.name[:_NAME])
    _account(payment, "DbtrAcct", batch.payer)
    _agent(payment, "DbtrAgt", batch.payer)
    for transfer in batch.transfers:
        _transfer(payment, transfer, batch.currency)
    raw = etree.tostring(root, xml_declaration=True, encoding="UTF-8", pretty_print=True)
    return str(raw, "utf-8")


def _transfer(payment: etree._Element, transfer: Transfer, currency: str) -> None:
    into = _in(payment, "CdtTrfTxInf")
    _in(_in(into, "PmtId"), "EndToEndId", transfer.reference)
    amount = _in(_in(into, "Amt"), "InstdAmt", plain(transfer.amount))
    amount.set("Ccy", currency)
    if transfer.to.bic:
        _agent(into, "CdtrAgt", transfer.to)
    _in(_in(into, "Cdtr"), "Nm", transfer.to.name[:_NAME])
    _account(into, "CdtrAcct", transfer.to)
    _in(_in(into, "RmtInf"), "Ustrd", transfer.text[:_TEXT])


def _totals(into: etree._Element, batch: Payouts) -> None:
    _in(into, "NbOfTxs", str(len(batch.transfers)))
    _in(into, "CtrlSum", plain(batch.total))


def _account(into: etree._Element, name: str, account: BankAccount) -> None:
    _in(_in(_in(into, name), "Id"), "IBAN", account.iban)


def _agent(into: etree._Element, name: str, account: BankAccount) -> None:
    bank = _in(_in(into, name), "FinInstnId")
    if account.bic:
        _in(bank, "BICFI", account.bic)
    else:
        _in(_in(bank, "Othr"), "Id", "NOTPROVIDED")


def _in(into: etree._Element, name: str, text: str | None = None) -> etree._Element:
    element = etree.SubElement(into, _tag(name))
    element.text = text
    return element


def _tag(name: str) -> str:
    return f"{{{NAMESPACE}}}{name}"
