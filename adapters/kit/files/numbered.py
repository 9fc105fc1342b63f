"""Documents under running numbers: the control number of each telling, and the short number by
which a partner knows what it was told about. Both are given once, for good.
"""

import re
from dataclasses import dataclass
from datetime import datetime

from adapters.kit.http.numbering import Numbers
from hub.model.document import Document
from hub.model.returns import Return

_LETTERS = {
    "fulfilment_order": ("F", "order"),
    "fulfilment_cancellation": ("F", "order"),
    "inbound_notice": ("N", "notice"),
    "return": ("M", "return"),
}
"""Document type -> the letter its number begins with, and what has the number."""
_KINDS = dict(_LETTERS.values())
_OURS = re.compile(rf"([{''.join(_KINDS)}])([0-9]{{9,17}})")
_TOLD = "told:fulfilment_order:"
_LONGEST = 18


@dataclass(frozen=True, slots=True)
class Numbered:
    """The numbers of one connection and what they stand for."""

    numbers: Numbers

    def control(self, document: Document) -> int:
        """The number of this telling of a document: another one for each revision, and of a return
        for each word that is told of it.
        """
        revision = getattr(document, "revision", 1)
        if isinstance(document, Return):
            revision = f"{document.status}:{document.tracking_number or ''}"
        return self.numbers.of(f"told:{document.type}:{document.business_id}:{revision}")

    def number(self, document: Document) -> str:
        """By what the partner knows a document, such as F000000002."""
        letter, kind = _LETTERS[document.type]
        return f"{letter}{self.numbers.of(f'{kind}:{document.business_id}'):09}"

    def ours(self, told: str) -> str:
        """Our document behind a number of a partner's message; what is none is as told."""
        return self._known(told) or told

    def is_ours(self, told: str) -> bool:
        """Whether a number is one of ours."""
        return self._known(told) is not None

    def acknowledged(self, told: str) -> str | None:
        """The fulfilment order that was told under a control number."""
        plain = told.isascii() and told.isdecimal() and len(told) <= _LONGEST
        thing = self.numbers.thing(int(told)) if plain else None
        if thing is None or not thing.startswith(_TOLD):
            return None
        return thing.removeprefix(_TOLD).rpartition(":")[0] or None

    def _known(self, told: str) -> str | None:
        ours = _OURS.fullmatch(told.strip().upper())
        thing = self.numbers.thing(int(ours[2])) if ours else None
        kind = f"{_KINDS[ours[1]]}:" if ours else ""
        return thing.removeprefix(kind) if thing and thing.startswith(kind) else None


def told_at(document: Document) -> datetime | None:
    """The moment that a telling bears, the same whenever it is told; None where it has none."""
    own = getattr(document, "created_at", None) or getattr(document, "requested_at", None)
    when: datetime | None = own or document.source.occurred_at
    return when or getattr(document, "expected_at", None)
