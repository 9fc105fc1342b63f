"""Tells ShipBob of returns, and asks whether it has one: our number is its reference."""

from typing import Any

from adapters.kit.session import Session
from adapters.ports import Receipt
from hub.model.errors import OutcomeUnknown, Rejected
from hub.model.returns import Return
from mappings.shipbob.returns import returning

_OVER = frozenset({"cancelled", "canceled"})
_ENDED = frozenset({"cancelled", "rejected"})


class Returns:
    """One channel's. `centre`: who takes them."""

    def __init__(self, session: Session, centre: int | None) -> None:
        self._session, self._centre = session, centre

    def send(self, document: Return) -> Receipt:
        """Make it, or call it off; once."""
        known = self.find(document)
        if known is not None:
            return known
        if document.status in _ENDED:
            return self._call_off(document)
        there = self._there(document)
        if there is not None:
            message = "it was called off there: its number is used up"
            raise Rejected(message, code="differs_at_partner")
        body = returning(document, self._centre, self._ids(document))
        made = self._session.call("POST", "/return", body=body)
        if not isinstance(made, dict) or "id" not in made:
            raise OutcomeUnknown("the answer names no return")
        return Receipt(str(made["id"]))

    def find(self, document: Return) -> Receipt | None:
        """Whether it is there, or is called off."""
        there = self._there(document)
        is_over = there is not None and str(there.get("status")).lower() in _OVER
        if there is None or is_over != (document.status in _ENDED):
            return None
        return Receipt(str(there["id"]))

    def _call_off(self, document: Return) -> Receipt:
        there = self._there(document)
        if there is None:
            raise Rejected("it knows no such return", code="unknown_at_partner")
        answer = self._session.call("POST", f"/return/{there['id']}:cancel")
        if not isinstance(answer, dict):
            raise OutcomeUnknown("the answer to a cancellation cannot be read")
        return Receipt(str(there["id"]))

    def _there(self, document: Return) -> dict[str, Any] | None:
        """The return under our number. The question is by a list: others may be in the answer."""
        query = {"ReferenceIds": document.return_id}
        answer = self._session.call("GET", "/return", query=query)
        rows = answer.get("items") or () if isinstance(answer, dict) else answer or ()
        ours = (it for it in rows if it.get("reference_id") == document.return_id)
        return next(ours, None)

    def _ids(self, document: Return) -> dict[str, int]:
        """Their numbers of the articles, by SKU."""
        found: dict[str, int] = {}
        for sku in {line.sku for line in document.lines if line.sku}:
            answer = self._session.call("GET", "/inventory-level", query={"SearchBy": sku})
            rows = answer.get("items") or () if isinstance(answer, dict) else ()
            numbers = [it["inventory_id"] for it in rows if it.get("sku") == sku]
            if len(numbers) == 1:
                found[sku] = int(numbers[0])
        return found


def whole(session: Session, number: str) -> bytes:
    """A return as it is there now; a webhook does not name its articles."""
    raw: bytes = session.call("GET", f"/return/{number}", read="bytes")
    return raw
