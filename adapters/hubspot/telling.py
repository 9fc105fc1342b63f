"""What HubSpot is told: customers, up to a hundred together, each with a fate of its own; and whom
it is to forget.
"""

from collections.abc import Mapping, Sequence
from typing import Any
from urllib.parse import quote

from adapters.hubspot.api import Api, Exists, NotThere, Tree
from adapters.ports import Receipt, takes_nothing
from hub.model.document import Document
from hub.model.errors import NotUnderstood, OutcomeUnknown, Rejected
from hub.model.people import CustomerErasure, CustomerRecord
from mappings.kit import Context, Encoders, encode

CONTACTS = "/crm/v3/objects/contacts"
Sent = tuple[Document, str]
Outcome = Receipt | Exception


class Telling:
    """One account, whose contacts are known by the property `key`."""

    def __init__(self, api: Api, at: Context, key: str, encoders: Encoders) -> None:
        self._api, self._at, self._key, self._encoders = api, at, key, encoders

    def send(self, document: Document, key: str) -> Receipt:
        """Tell it."""
        (outcome,) = self.send_many([(document, key)])
        if isinstance(outcome, Exception):
            raise outcome
        return outcome

    def send_many(self, batch: Sequence[Sent]) -> list[Outcome]:
        """Customers together, all else one by one. Of one customer told twice the last counts."""
        outcomes: dict[int, Outcome] = {}
        inputs: dict[str, Tree] = {}
        for n, (document, key) in enumerate(batch):
            try:
                if isinstance(document, CustomerRecord):
                    told = encode(self._encoders, document, self._at)
                    inputs[told["id"]] = told
                else:
                    outcomes[n] = self._one(document, key)
            except Exception as fate:  # noqa: BLE001 - one document's fault is its own
                outcomes[n] = fate
        said = self._upserted(list(inputs.values())) if inputs else {}
        return [
            outcomes[n] if n in outcomes else said[document.business_id]
            for n, (document, _) in enumerate(batch)
        ]

    def _one(self, document: Document, key: str) -> Receipt:
        return (
            self._forgotten(document)
            if isinstance(document, CustomerErasure)
            else takes_nothing(document, key)
        )

    def _upserted(self, inputs: Sequence[Tree]) -> dict[str, Outcome]:
        """Customer -> what became of it. A batch that is refused whole is told one by one: one that
        is at fault holds up no other.
        """
        try:
            answer = self._api.call("POST", f"{CONTACTS}/batch/upsert", {"inputs": list(inputs)})
        except Rejected as refusal:
            if len(inputs) == 1:
                return {inputs[0]["id"]: self._adopted(inputs[0], refusal)}
            return {number: it for one in inputs for number, it in self._upserted([one]).items()}
        except Exception as fate:  # noqa: BLE001 - it is the fate of each of them
            return {one["id"]: fate for one in inputs}
        return self._answered(inputs, answer if isinstance(answer, dict) else {})

    def _answered(self, inputs: Sequence[Tree], answer: Tree) -> dict[str, Outcome]:
        done = {number: row for row in _rows(answer, "results") if (number := self._whose(row))}
        wrong = [row for row in _rows(answer, "errors") if isinstance(row, dict)]
        faults = {number: row for row in wrong for number in _named(row)}
        left = [one["id"] for one in inputs if one["id"] not in done and one["id"] not in faults]
        if len(left) == 1 and len(wrong) == 1 and not faults:
            faults[left[0]] = wrong[0]
        return {one["id"]: self._outcome(one, done, faults) for one in inputs}

    def _outcome(self, one: Tree, done: Mapping[str, Tree], faults: Mapping[str, Tree]) -> Outcome:
        number = one["id"]
        if number in done and done[number].get("id"):
            return Receipt(str(done[number]["id"]))
        if number not in faults:
            return NotUnderstood("the answer does not name the customer")
        return self._adopted(one, self._api.fate(faults[number]))

    def _adopted(self, one: Tree, there: Exception) -> Outcome:
        """A contact that somebody made before us, with that e-mail: it becomes this customer,
        unless it is another customer already. Any other fate stays.
        """
        if not isinstance(there, Exists) or there.number is None:
            return there
        path = f"{CONTACTS}/{there.number}"
        try:
            found = self._api.call("GET", f"{path}?properties={quote(self._key)}")
            ours = (found.get("properties") or {}).get(self._key) if isinstance(found, dict) else ""
            if ours not in (None, "", one["id"]):
                return there
            self._api.call("PATCH", path, {"properties": one["properties"]})
        except Exception as fate:  # noqa: BLE001 - one customer's fault is its own
            return fate
        return Receipt(there.number)

    def _forgotten(self, document: CustomerErasure) -> Receipt:
        """For good, as its law says; one that it does not know is forgotten."""
        number = document.customer_id
        whom = encode(self._encoders, document, self._at)
        try:
            asked = (
                f"{CONTACTS}/{quote(whom['id'], safe='')}?idProperty={quote(whom['idProperty'])}"
            )
            found = self._api.call("GET", asked)
            there = str(found["id"]) if isinstance(found, dict) and found.get("id") else None
            if there is None:
                raise NotUnderstood("the answer names no contact")
            if self._api.call("POST", f"{CONTACTS}/gdpr-delete", {"objectId": there}) is not None:
                raise OutcomeUnknown("it does not say that it forgot the contact")
        except NotThere:
            return Receipt(number)
        return Receipt(number)

    def _whose(self, row: Any) -> str | None:
        if not isinstance(row, dict):
            return None
        properties = row.get("properties")
        ours = properties.get(self._key) if isinstance(properties, dict) else None
        number = row.get("objectWriteTraceId") or ours
        return str(number) if number else None


def _rows(answer: Tree, name: str) -> list[Any]:
    rows = answer.get(name)
    return rows if isinstance(rows, list) else []


def _named(row: Tree) -> list[str]:
    """Whom an error is about: all that its context names as ids."""
    context = row.get("context")
    told = context.values() if isinstance(context, dict) else ()
    return [str(it) for values in told if isinstance(values, list) for it in values]
