"""Between the hub and a real Tryton: lost answers, dead sessions, poison in a batch."""

import re
from collections.abc import Callable
from decimal import Decimal

import pytest

from adapters.kit.http import Transport
from adapters.kit.http.wire_tap import recording
from adapters.ports import Parts, Receipt, now_utc
from adapters.tryton import ADAPTER, Settings
from adapters.tryton.books import CallLost
from hub.model.document import Document
from hub.model.errors import (
    AlreadyDone,
    NotAuthentic,
    NotAuthorised,
    OutcomeUnknown,
    Rejected,
    TryLater,
    UnknownCode,
)
from mappings.kit import Context
from tests.adapters.tryton.builders import PLACED, line, order, refund, shipment
from tests.adapters.tryton.conftest import Books, adapter
from tests.adapters.tryton.proxy import Proxy
from tests.peers.tryton import TrytonServer

pytestmark = [pytest.mark.peer("tryton"), pytest.mark.long]
D = Decimal


def through(proxy: Proxy, server: TrytonServer, **changes: object) -> Parts:
    return adapter(server, api_url=proxy.url, **changes)


def until_told(erp: Parts, document: Document) -> Receipt:
    """What the outbox does: send; after an unknown outcome ask, send again only when told no."""
    for _ in range(15):
        try:
            return erp.send(document, "k")
        except AlreadyDone as done:
            return Receipt(str(done.reference))
        except OutcomeUnknown:
            found = erp.find(document)
            if found:
                return found
    raise AssertionError("never told")


def test_G09_every_answer_lost_once_leads_to_one_sale(
    proxy: Proxy, tryton_server: TrytonServer, books: Books
) -> None:
    lines = [line(f"SKU-000{n}", 1, "0.52") for n in range(1, 7)]
    told = order("lost", *lines, customer=None)
    erp = through(proxy, tryton_server, invoice_on="order")
    erp.check()
    parties = ["party.party.create", "party.address.create"]
    sales = [f"sale.sale.{step}" for step in ("create", "write", "quote", "draft", "confirm")]
    proxy.lose = [*parties, *sales, "sale.line.create", "account.invoice.post"]
    receipt = until_told(erp, told)
    assert proxy.lose == []
    (sale,) = books.sales("lost", "number")
    assert (sale["number"], sale["total_amount"]) == (receipt.reference, D("3.72"))
    assert books.invoices(sale["invoices"]) == [("posted", D("3.72"))]
    assert erp.find(told) == receipt


def test_G09_every_answer_lost_once_leads_to_one_shipment(
    proxy: Proxy, tryton_server: TrytonServer, books: Books
) -> None:
    told = order("adrift", line("SKU-0001", 3, "10.00"))
    erp = through(proxy, tryton_server)
    erp.send(told, "k")
    left = shipment(told, "A1", {"SKU-0001": 2}, last=False)
    steps = ("write", "assign_try", "pick", "pack", "do")
    proxy.lose = [*(f"stock.shipment.out.{step}" for step in steps), "stock.move.write"]
    receipt = until_told(erp, left)
    assert proxy.lose == []
    (sale,) = books.sales("adrift")
    assert books.shipments(sale["shipments"]) == [("done", "wh-ams/A1 TRACK-A1"), ("waiting", None)]
    assert erp.find(left) == receipt
    (rest,) = books.read(
        "stock.shipment.out",
        [["id", "in", sale["shipments"]], ["state", "=", "waiting"]],
        "outgoing_moves",
    )
    moves = [["id", "in", rest["outgoing_moves"]]]
    assert [row["quantity"] for row in books.read("stock.move", moves, "quantity")] == [1]


def test_G09_every_answer_lost_once_leads_to_one_credit_note(
    proxy: Proxy, tryton_server: TrytonServer, books: Books
) -> None:
    told = order("taken", line("SKU-0001", 1, "10.00"))
    erp = through(proxy, tryton_server, invoice_on="shipment")
    erp.send(told, "k")
    steps = ("create", "write", "quote", "draft", "confirm")
    proxy.lose = [*(f"sale.sale.{step}" for step in steps), "account.invoice.post"]
    given = refund(told, "1", "2.00")
    receipt = until_told(erp, given)
    assert proxy.lose == []
    (sale,) = books.sales("taken/refund/1", "number")
    assert (sale["total_amount"], sale["number"]) == (D("-2.00"), receipt.reference)
    assert books.invoices(sale["invoices"]) == [("posted", D("-2.00"))]


def test_a_lost_answer_is_the_fate_of_what_it_was_about_and_of_no_other(
    proxy: Proxy, tryton_server: TrytonServer, books: Books
) -> None:
    """Sixteen orders: the confirmation of fifteen is one call, and its answer is lost."""
    told = [order(f"apart-{n}", line("SKU-0001", 1, "1.00")) for n in range(16)]
    erp = through(proxy, tryton_server)
    proxy.lose = ["sale.sale.confirm"]
    fates = erp.send_many([(one, "k") for one in told])
    assert [type(fate) for fate in fates] == [CallLost] * 15 + [TryLater]
    for one in told:
        until_told(erp, one)
    domain = [["reference", "like", "shop-eu/apart-%"]]
    sales = books.read("sale.sale", domain, "state", "shipments")
    assert len(sales) == 16
    assert {(sale["state"], len(sale["shipments"])) for sale in sales} == {("processing", 1)}


def test_a_sale_whose_invoice_may_not_be_posted_is_not_told_yet(
    proxy: Proxy, tryton_server: TrytonServer, books: Books
) -> None:
    told = [order(f"bill-{n}", line("SKU-0001", 1, "1.00")) for n in range(6)]
    erp = through(proxy, tryton_server, invoice_on="order")
    proxy.lose = ["account.invoice.post"]
    fates = erp.send_many([(one, "k") for one in told])
    assert [type(fate) for fate in fates] == [CallLost] * 5 + [TryLater]
    for one in told:
        until_told(erp, one)
    domain = [["reference", "like", "shop-eu/bill-%"]]
    sales = books.read("sale.sale", domain, "invoices")
    invoices = [found for sale in sales for found in books.invoices(sale["invoices"])]
    assert invoices == [("posted", D("1.20"))] * 6


def test_a_read_whose_answer_is_lost_is_simply_repeated(
    proxy: Proxy, tryton_server: TrytonServer, books: Books
) -> None:
    """Once at once, where the connection had been kept; then by the schedule."""
    proxy.lose = ["sale.sale.search_read"] * 2
    with pytest.raises(TryLater):
        through(proxy, tryton_server).send(order("read", line("SKU-0001", 1, "1.00")), "k")
    assert books.sales("read") == []


def test_a_session_that_ended_is_opened_once_more(
    proxy: Proxy, tryton_server: TrytonServer, books: Books
) -> None:
    erp = through(proxy, tryton_server)
    erp.check()
    proxy.refuse = {"sale.sale.quote": 401}
    erp.send(order("session", line("SKU-0001", 1, "1.00")), "k")
    assert proxy.calls.count("common.db.login") == 2
    assert len(books.sales("session")) == 1


def test_a_wrong_password_stops_the_connection(tryton_server: TrytonServer) -> None:
    with pytest.raises(NotAuthorised):
        adapter(tryton_server, user="nobody", password="wrong-Pass-1").check()


def test_too_many_log_ins_are_waited_out(proxy: Proxy, tryton_server: TrytonServer) -> None:
    proxy.refuse = {"common.db.login": 429}
    with pytest.raises(TryLater):
        through(proxy, tryton_server).check()


def test_a_server_that_is_away_is_tried_later(tryton_server: TrytonServer) -> None:
    with pytest.raises(TryLater):
        adapter(tryton_server, api_url="http://127.0.0.1:9").check()


def test_G26_password_and_session_stay_out_of_recordings_and_errors(
    tryton_server: TrytonServer,
) -> None:
    erp = adapter(tryton_server)
    with recording() as exchanges:
        erp.check()
    assert len(exchanges) > 3
    secret = tryton_server.password
    assert all(
        secret.encode() not in part
        for one in exchanges
        for part in (one.request_body, one.response_body)
    )
    assert {one.request_headers["authorization"] for one in exchanges} == {"***"}
    assert secret not in repr(erp)


def test_check_names_what_is_missing_in_tryton(tryton_server: TrytonServer) -> None:
    missing = {
        "fee_product": "NO-FEE",
        "unknown_product": "NO-ARTICLE",
        "warehouse": "NO-WH",
        "payment_term": "NEVER",
        "company": "Nobody Ltd",
        "taxes": {"0.20": "VAT ?"},
    }
    for setting, value in missing.items():
        word = value["0.20"] if isinstance(value, dict) else value
        with pytest.raises(Exception, match=word.replace("?", r"\?")) as refused:
            adapter(tryton_server, **{setting: value}).check()
        assert refused.type.__name__ in {"NeedsPerson", "Rejected"}
    adapter(tryton_server, company="Acme Books").check()


def test_one_poisoned_order_in_a_batch_fails_alone(
    tryton_server: TrytonServer, books: Books
) -> None:
    erp = adapter(tryton_server)
    poison = line("SKU-0001", 1, "1.00", title="x\u2028y")
    batch = [
        order("batch-1", line("SKU-0001", 1, "10.00")),
        order("batch-2", line("NO-SUCH", 1, "10.00")),
        order("batch-3", line("SKU-0001", 1, "-3.00")),
        order("batch-4", poison),
    ]
    first, second, third, fourth = erp.send_many([(told, "k") for told in batch])
    assert isinstance(first, Receipt)
    assert isinstance(second, UnknownCode)
    assert isinstance(third, Receipt)
    assert isinstance(fourth, Receipt)
    totals = [sale["total_amount"] for n in (1, 3, 4) for sale in books.sales(f"batch-{n}")]
    assert totals == [D("12.00"), D("-3.60"), D("1.20")]


@pytest.fixture(scope="module")
def unsound(books: Books) -> None:
    """Two articles that Tryton takes exception to: at the sale, and only at its processing."""
    (known,) = books.read("product.product", [["code", "=", "SKU-0017"]], "template")
    books.rpc.call("product.template", "write", [known["template"]], {"salable": False})
    (unit,) = books.read("product.uom", [["name", "=", "Unit"]], "id")
    template = {
        "name": "Without an account",
        "type": "goods",
        "default_uom": unit["id"],
        "sale_uom": unit["id"],
        "salable": True,
        "list_price": D(1),
        "code": "NO-ACCOUNT",
        "products": [["create", [{"cost_price": D(1)}]]],
    }
    books.rpc.call("product.template", "create", [template])


@pytest.mark.parametrize(
    ("sku", "words"), [("SKU-0017", "not valid according to its domain"), ("NO-ACCOUNT", "account")]
)
@pytest.mark.usefixtures("unsound")
def test_what_tryton_refuses_is_found_in_the_batch_and_fails_alone(
    sku: str, words: str, tryton_server: TrytonServer, books: Books
) -> None:
    batch = [order(f"{sku}-{n}", line(s, 1, "1.00")) for n, s in enumerate(("SKU-0001", sku) * 2)]
    outcomes = adapter(tryton_server).send_many([(told, "k") for told in batch])
    assert [type(outcome) for outcome in outcomes] == [Receipt, Rejected] * 2
    assert re.search(words, str(outcomes[1]))
    sales = [sale for n in (0, 2) for sale in books.sales(f"{sku}-{n}")]
    assert [sale["state"] for sale in sales] == ["processing", "processing"]
    assert [len(sale["shipments"]) for sale in sales] == [1, 1]


def test_an_order_its_shipment_and_refund_in_one_batch_are_taken_in_order(
    tryton_server: TrytonServer, books: Books
) -> None:
    erp = adapter(tryton_server)
    told = order("chain", line("SKU-0001", 1, "10.00"))
    documents = [told, shipment(told, "C1"), refund(told, "C2", "1.00"), told]
    outcomes = erp.send_many([(document, "k") for document in documents])
    assert [type(outcome) for outcome in outcomes] == [Receipt, Receipt, Receipt, AlreadyDone]
    assert [sale["total_amount"] for sale in books.sales("chain")] == [D("12.00"), D("-1.00")]


def test_tryton_itself_tells_nothing(erp: Parts) -> None:
    call: Callable[[], object] = lambda: erp.verify(None, PLACED)  # type: ignore[arg-type]  # noqa: E731
    with pytest.raises(NotAuthentic):
        call()


def test_a_name_in_the_wrong_place_is_a_wrong_setting() -> None:
    with pytest.raises(ValueError, match="databse"):
        Settings(api_url="http://x", databse="erp", user="hub", password="p")  # type: ignore[call-arg]
    made = Settings(api_url="http://127.0.0.1:9", database="erp", user="hub", password="p-secret")
    assert "p-secret" not in repr(made)
    assert "p-secret" not in repr(ADAPTER.connect(made, Context("erp"), Transport.local(), now_utc))
