"""What Salesforce is told: customers, alone or as a collection, and whom it is to forget."""

from collections.abc import Sequence
from typing import Any
from urllib.parse import quote

from adapters.kit.tellings import Outcome, Told, together
from adapters.ports import Receipt, takes_nothing
from adapters.salesforce.api import Api, NotThere, Tree
from hub.model.document import Document
from hub.model.errors import NotUnderstood, OutcomeUnknown
from hub.model.people import CustomerErasure, CustomerRecord
from mappings.kit import Context, encode
from mappings.salesforce import Terms, encoders


class Telling:
    """One organisation, whose customers are records of `kind`."""

    def __init__(self, api: Api, at: Context, kind: str, terms: Terms) -> None:
        self._api, self._at, self._kind, self._key = api, at, kind, terms.key
        self._encoders = encoders(terms)

    def send(self, document: Document, key: str) -> Receipt:
        """Tell it."""
        match document:
            case CustomerRecord():
                fields = encode(self._encoders, document, self._at)
                answer = self._api.call("PATCH", self._address(document.customer_id), fields)
                return self._receipt(document, answer)
            case CustomerErasure():
                return self._forgotten(document)
            case _:
                return takes_nothing(document, key)

    def send_many(self, batch: Sequence[Told]) -> list[Outcome]:
        """Customers together, all else one by one. Of one customer told twice the last counts: one
        external id twice in a collection is refused there.
        """
        return together(batch, CustomerRecord, self._written, self._collected, self.send)

    def _written(self, record: CustomerRecord) -> tuple[str, Tree]:
        return record.customer_id, encode(self._encoders, record, self._at)

    def _collected(self, told: Sequence[tuple[str, Tree]]) -> list[Outcome]:
        records = dict(told)
        rows = [
            {"attributes": {"type": self._kind}, self._key: number, **fields}
            for number, fields in records.items()
        ]
        path = f"/composite/sobjects/{self._kind}/{self._key}"
        answer = self._api.call("PATCH", path, {"allOrNone": False, "records": rows})
        if not isinstance(answer, list) or len(answer) != len(rows):
            raise NotUnderstood("the answer does not say what became of each")
        said = {number: self._outcome(row) for number, row in zip(records, answer, strict=True)}
        return [said[number] for number, _ in told]

    def _outcome(self, row: Any) -> Outcome:
        """What became of one of a collection."""
        if not isinstance(row, dict):
            return NotUnderstood("the answer does not say what became of it")
        if row.get("success") is True and row.get("id"):
            return Receipt(str(row["id"]))
        errors = row.get("errors")
        known = errors[0] if isinstance(errors, list) and errors else None
        return self._api.fate(known) if isinstance(known, dict) else NotUnderstood("no word of it")

    def _receipt(self, document: CustomerRecord, answer: Any) -> Receipt:
        """Older versions say nothing of what was there already (204): then it is called as here."""
        if answer is None:
            return Receipt(document.customer_id)
        outcome = self._outcome(answer)
        if isinstance(outcome, Exception):
            raise outcome
        return outcome

    def _forgotten(self, document: CustomerErasure) -> Receipt:
        """Deleted; one that it does not know is forgotten."""
        (number,) = encode(self._encoders, document, self._at).values()
        try:
            if self._api.call("DELETE", self._address(number)) is not None:
                raise OutcomeUnknown("it does not say that it deleted the record")
        except NotThere:
            pass
        return Receipt(document.customer_id)

    def _address(self, number: str) -> str:
        return f"/sobjects/{self._kind}/{self._key}/{quote(number, safe='')}"
