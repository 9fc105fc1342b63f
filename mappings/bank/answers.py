"""What a bank says of a file of payouts that was handed to it: ISO 20022 pain.002, in any of its
versions. Source: ISO 20022 message definition reports, payments initiation; external code list
`ExternalPaymentTransactionStatus1Code`.

A status is of the whole file, of a payment in it, or of one transfer. `PART` decides nothing by
itself: what it is about stands below it.
"""

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING

from hub.model.document import Document
from hub.model.errors import BadData
from hub.model.settlement import PayoutAnswer, PayoutState, PayoutStatus
from mappings.bank import elements
from mappings.bank.counted import counted
from mappings.kit import Context, times
from mappings.kit.reports.told import check

if TYPE_CHECKING:
    from lxml.etree import _Element

ROOT = "CstmrPmtStsRpt"
_IN_PART = "PART"
_STATES: Mapping[str, PayoutState] = {
    **dict.fromkeys(("RCVD", "PDNG", "PATC"), "pending"),
    **dict.fromkeys(("RCVC", "RVCM", "RVNC", "RVMC", "RVNM", "RVNA"), "pending"),
    **dict.fromkeys(("ACTC", "ACCP", "ACWC", "ACSP", "ACFC", "ACWP", "ACPD", "ACIS"), "accepted"),
    **dict.fromkeys(("ACSC", "ACCC"), "executed"),
    **dict.fromkeys(("RJCT", "CANC"), "refused"),
}
"""RCVC and those beside it tell how a payee was verified: the file waits for its release."""
_NO_NAME = frozenset({"NOTPROVIDED", "NONREF"})
_LONGEST = 500


def status(it: "_Element", at: Context) -> Document:
    """One message. BadData where it decides about nothing, says what no list has, or counts others
    than it tells.
    """
    number = elements.need(it, "GrpHdr", "MsgId")
    made = times.moment(elements.need(it, "GrpHdr", "CreDtTm"), at.zone, path="GrpHdr.CreDtTm")
    check(counted(it))
    answers = tuple(_answers(it))
    if not answers:
        message = "the status of a file, of a payment or of a transfer is expected"
        raise BadData(message, path=f"{ROOT}.OrgnlGrpInfAndSts.GrpSts", code="missing_field")
    return PayoutStatus(
        source=at.source(number, occurred_at=made), status_id=number, at=made, answers=answers
    )


def _answers(it: "_Element") -> Iterator[PayoutAnswer]:
    """From the whole to its parts: what is said of a part counts more."""
    file = None
    for group in elements.every(it, "OrgnlGrpInfAndSts"):
        file = _named(group, "OrgnlMsgId")
        yield from _answer(group, "GrpSts", file)
    for payment in elements.every(it, "OrgnlPmtInfAndSts"):
        own = file or _named(payment, "OrgnlPmtInfId")
        yield from _answer(payment, "PmtInfSts", own)
        for transfer in elements.every(payment, "TxInfAndSts"):
            if elements.text(transfer, "TxSts") is not None:
                reference = elements.need(transfer, "OrgnlEndToEndId")
                yield from _answer(transfer, "TxSts", own, reference)


def _answer(
    it: "_Element", name: str, file: str | None, reference: str | None = None
) -> Iterator[PayoutAnswer]:
    code = elements.text(it, name)
    if code is None or code == _IN_PART:
        return
    if code not in _STATES:
        message = f"a status of ISO 20022 is expected, not {code[:20]!r}"
        raise BadData(message, path=f"{elements.name(it)}.{name}", code="unknown_code")
    if file is None and reference is None:
        message = "it is missing, and needed to know which file is meant"
        raise BadData(message, path=f"{elements.name(it)}.OrgnlMsgId", code="missing_field")
    reasons = elements.every(it, "StsRsnInf")
    codes = [
        told
        for each in reasons
        if (told := elements.text(each, "Rsn", "Cd") or elements.text(each, "Rsn", "Prtry"))
    ]
    texts = [
        one.text.strip() for each in reasons for one in elements.every(each, "AddtlInf") if one.text
    ]
    yield PayoutAnswer(
        file=file,
        reference=reference,
        state=_STATES[code],
        code=" ".join(codes)[:_LONGEST] or None,
        reason=" ".join(texts)[:_LONGEST] or None,
    )


def _named(it: "_Element", name: str) -> str | None:
    told = elements.text(it, name)
    return None if told in _NO_NAME else told
