"""A warehouse's file as deliveries: one for each transaction set, and the 997 that answers each
group.
"""

from collections.abc import Iterator, Sequence
from datetime import datetime

from adapters.kit.files import Parted
from adapters.kit.http.numbering import Numbers
from adapters.kit.signature import digest
from adapters.ports import Delivery, Listed
from hub.model.errors import BadData
from mappings.kit import Context
from mappings.x12 import KNOWN, Told, Transaction, answers, interchange, transactions
from mappings.x12.terms import Terms

_ABOUT = {
    "945": ("W06", 2),
    "856": ("PRF", 1),
    "944": ("W17", 3),
    "861": ("PRF", 1),
    "180": ("BGN", 2),
}


def parted(
    raw: bytes, when: datetime | None, terms: Terms, numbers: Numbers | None, at: Context
) -> Parted | None:
    """The sets of a file; None where it is no X12. `numbers`: for the answers, None where none
    are.
    """
    try:
        sets = list(transactions(raw))
    except BadData:
        return None
    if not sets:
        return None
    told = [_listed(it) for it in sets]
    return Parted(told, iter(()) if numbers is None else _answers(sets, when, terms, numbers, at))


def _listed(told: Transaction) -> Listed:
    raw = told.text.encode()
    envelope = told.envelope
    id_ = f"{envelope.sender}:{envelope.number}:{envelope.group_number}:{told.number}"
    name, place = _ABOUT.get(told.kind, ("", 0))
    about = next((part.at(place) for part in told.segments if part.name == name), None)
    return Listed(Delivery(told.kind, id_[:200], about, digest(raw)), raw)


def _answers(
    sets: Sequence[Transaction],
    when: datetime | None,
    terms: Terms,
    numbers: Numbers,
    at: Context,
) -> Iterator[tuple[str, bytes]]:
    for envelope, body in answers(sets, KNOWN):
        group = f"{envelope.sender}:{envelope.number}:{envelope.group_number}"
        control = numbers.of(f"997:{group}")
        said = Told(control, "", when or terms.clock())
        yield f"997_{control:09}.x12", interchange("997", body, said, terms, at)
