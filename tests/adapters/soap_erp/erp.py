"""An ERP that offers our WSDL on loopback, written without zeep: it holds what it is told, and what
it answers, to the WSDL's own schema, keeps it, and refuses an order whose lines are not its total.

(spyne writes its own WSDL from classes, so that ours would stay untried; it comes as source only
and runs on no Python after 3.11.)
"""

import base64
import hashlib
from collections.abc import Iterator, Mapping
from datetime import datetime
from decimal import Decimal

from lxml import etree

from adapters.kit.testing.scripted_partner import SILENCE, Asked, Told
from adapters.soap_erp import WSDL

Element = etree._Element
NS, SOAP = "urn:orderhub:erp:1", "http://schemas.xmlsoap.org/soap/envelope/"
XSD = "{http://www.w3.org/2001/XMLSchema}schema"
XML = {"content-type": "text/xml; charset=utf-8"}
USER, PASSWORD = "hub", "books-hush"
PAGE = 2
NUMBERS = {"PutSalesOrder": "SO", "PutShipment": "SH", "PutRefund": "CN"}
NUMBERS |= {"PutGoods": "GR", "PutJournalEntry": "JE"}
REFUNDED = ("PutSalesOrder", "PutRefund")


class Refused(Exception):
    """A fault: its code, its words, and the code of our `Refusal` in its detail."""

    def __init__(self, code: str, words: str, refusal: str = "") -> None:
        super().__init__(words)
        self.code, self.refusal = code, refusal


class Erp:
    """The books. `fails`: faults for the next calls; `lose`: operations whose next answer is lost
    after the work was done; `wsdl`: what it publishes; `calls`: (operation, body) as they came;
    `said`: what was answered; `changes`: item or stock -> tables of its fields.
    """

    def __init__(self) -> None:
        self.wsdl, self.url = WSDL.read_bytes(), ""
        self.schema = etree.XMLSchema(next(etree.fromstring(self.wsdl).iter(XSD)))
        self.kept: dict[str | None, Element] = {}
        self.calls, self.said = list[tuple[str, bytes]](), list[bytes]()
        self.fails, self.lose = list[Refused](), list[str]()
        self.changes: dict[str, list[dict[str, str]]] = {"item": [], "stock": []}

    def __call__(self, asked: Asked) -> Told:
        if asked.method == "GET":
            return Told(200, self.wsdl, XML)
        envelope = etree.fromstring(asked.body)
        (body,) = envelope.find("{*}Body")
        operation, status = etree.QName(body).localname, 200
        try:
            _prove(asked.headers.get("authorization"), envelope)
            self.calls.append((operation, asked.body))
            if self.fails:
                raise self.fails.pop(0)
            self._hold(body, "s:Client.SchemaValidationError")
            answer = getattr(self, operation, self.Put)(body)
            self._hold(answer, "s:Server")
        except Refused as refused:
            status, answer = 500, _fault(refused)
        if operation in self.lose:
            self.lose.remove(operation)
            return SILENCE
        whole = made(f"{{{SOAP}}}Envelope", made(f"{{{SOAP}}}Body", answer))
        self.said.append(etree.tostring(whole))
        return Told(status, self.said[-1], XML)

    def _hold(self, element: Element, code: str) -> None:
        if not self.schema.validate(element):
            raise Refused(code, str(self.schema.error_log[0].message))

    def Ping(self, _: Element) -> Element:
        return made("PingResponse", name="Acme's books")

    def Put(self, document: Element) -> Element:
        """Book it or refuse; an order that is cancelled now is the one that may come again."""
        operation, reference = etree.QName(document).localname, text(document, "reference")
        there, order = self.kept.get(reference), text(document, "orderReference")
        if there is None:
            if order is not None and order not in self.kept:
                raise Refused("s:Client", f"there is no {order}", "Refused")
            if operation == "PutJournalEntry" and len(sides(document)) > 1:
                raise Refused("s:Client", "it does not balance", "BadData")
            if operation in REFUNDED and summed(document) != Decimal(text(document, "total")):
                raise Refused("s:Client", f"the lines are {summed(document)}", "BadData")
            document.set("number", f"{NUMBERS[operation]}-{len(self.kept) + 1}")
            there = self.kept[reference] = document
        elif text(document, "cancelled") == "true" != text(there, "cancelled"):
            there.find("{*}cancelled").text = "true"
        else:
            raise Refused("s:Client", f"{reference} is here already", "Duplicate")
        return made(f"{operation}Response", number=there.get("number"))

    def GetDocument(self, asked: Element) -> Element:
        there = self.kept.get(text(asked, "reference"))
        if there is None:
            return made("GetDocumentResponse")
        fields = {"reference": text(there, "reference"), "number": there.get("number")}
        fields |= {"cancelled": text(there, "cancelled") or "false"}
        fields |= {name: text(there, name) for name in ("currency", "total")}
        return made("GetDocumentResponse", made("document", *self._lines(there), **fields))

    def _lines(self, there: Element) -> Iterator[Element]:
        left = {
            text(line, "sku"): text(line, "quantity")
            for document in self.kept.values()
            if text(document, "orderReference") == text(there, "reference")
            and document.get("number").startswith("SH")
            for line in document.iterfind("{*}line")
        }
        for line in there.iterfind("{*}line"):
            fields = {name: text(line, name) for name in ("sku", "quantity")}
            fields["quantity"] = fields["quantity"] or "0"
            rates = (made("rate", said=rate.text) for rate in line.iterfind("{*}tax/{*}rate"))
            yield made("line", *rates, **fields, shipped=left.get(fields["sku"], "0"))

    def ListItems(self, asked: Element) -> Element:
        return made("ListItemsResponse", *self._changed("item", asked))

    def ListStock(self, asked: Element) -> Element:
        return made("ListStockResponse", *self._changed("stock", asked))

    def _changed(self, name: str, asked: Element) -> Iterator[Element]:
        at, start = datetime.fromisoformat, (int(text(asked, "page")) - 1) * PAGE
        rows = sorted(self.changes[name], key=lambda row: at(row["changedAt"]))
        late = [row for row in rows if at(row["changedAt"]) >= at(text(asked, "changedSince"))]
        return (made(name, **row) for row in late[start : start + PAGE])


def made(name: str, /, *inside: Element, said: str | None = None, **fields: str | None) -> Element:
    """An element of ours: its text, or its fields, then what else is inside it."""
    element = etree.Element(name if name[0] == "{" else f"{{{NS}}}{name}", nsmap={None: NS})
    element.text = said
    element.extend(made(field, said=value) for field, value in fields.items() if value)
    element.extend(inside)
    return element


def text(element: Element, name: str) -> str | None:
    """A field of it; None where it has none."""
    return element.findtext(f"{{{NS}}}{name}")


def summed(document: Element) -> Decimal:
    """What an ERP comes to by itself: net and tax of all lines."""
    paths = ("{*}line/{*}net", "{*}line/{*}tax/{*}amount")
    return sum((Decimal(at.text) for path in paths for at in document.iterfind(path)), Decimal(0))


def sides(document: Element) -> set[Decimal]:
    """What the debits of an entry come to, its credits, and its total: one amount."""
    paths = ("{*}line/{*}debit", "{*}line/{*}credit", "{*}total")
    return {sum(Decimal(at.text) for at in document.iterfind(path)) for path in paths}


def _prove(basic: str | None, envelope: Element) -> None:
    """Basic, or a user name token, plain or as a digest."""
    if basic == f"Basic {base64.b64encode(f'{USER}:{PASSWORD}'.encode()).decode()}":
        return
    fields = envelope.iterfind(".//{*}UsernameToken/*")
    token: Mapping[str, str] = {etree.QName(field).localname: field.text for field in fields}
    signed = base64.b64decode(token.get("Nonce", "")) + token.get("Created", "").encode()
    digest = hashlib.sha1(signed + PASSWORD.encode()).digest()  # noqa: S324
    passwords = {PASSWORD, base64.b64encode(digest).decode()}
    if token.get("Username") != USER or token["Password"] not in passwords:
        raise Refused("s:Client.InvalidSecurityToken", "who are you?")


def _fault(refused: Refused) -> Element:
    code = made("Refusal", code=refused.refusal)
    parts = {"faultcode": refused.code, "faultstring": str(refused)}
    fault = made(f"{{{SOAP}}}Fault", *(made(f"{{}}{name}", said=it) for name, it in parts.items()))
    if refused.refusal:
        fault.append(made("{}detail", code))
    return fault
