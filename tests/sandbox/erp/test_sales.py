"""Sales in the ERP: quoted, confirmed, shipped, invoiced, returned; amounts to the cent."""

from decimal import Decimal

import pytest

from sandbox.erp import Erp
from tests.sandbox.erp.client import TODAY, Client

D = Decimal
OUT = "stock.shipment.out"
STATES = ("state", "invoice_state", "shipment_state", "shipments", "invoices")


@pytest.fixture
def client(erp):
    return Client(erp)


def user_error(answer):
    kind, (message, _, _) = answer
    assert kind == "UserError"
    return message


def test_confirming_makes_one_shipment_and_one_invoice(erp, client):
    number = client.confirmed(
        "WEB-1", client.line("MUG-WHITE", 3, "10.00"), client.line("SHIPPING", 1, "4.95")
    )
    record = client.read("sale.sale", number, "number", *STATES)
    assert record == {
        "id": number, "number": "1", "state": "processing", "invoice_state": "pending",
        "shipment_state": "waiting", "shipments": [1], "invoices": [1],
    }  # fmt: skip
    shipment = client.read(OUT, 1, "state", "number", "outgoing_moves", "inventory_moves",
                           "delivery_address.city", "origins")  # fmt: skip
    assert shipment == {
        "id": 1, "state": "waiting", "number": "1", "outgoing_moves": [1],
        "inventory_moves": [2], "delivery_address.": {"id": 2, "city": "Lyon"},
        "origins": "1 [WEB-1]",
    }  # fmt: skip
    move = client.read("stock.move", 1, "product.code", "quantity", "origin", "shipment")
    assert (move["product."]["code"], move["quantity"]) == ("MUG-WHITE", 3.0)
    assert (move["origin"], move["shipment"]) == ("sale.line,1", f"{OUT},1")


def test_tax_is_rounded_once_per_tax_over_the_document(client):
    lines = [client.line("MUG-WHITE", 1, "0.33", "0.19") for _ in range(3)]
    lines.append(client.line("TEAPOT-1L", 1, "10.00", "0.07"))
    number = client.confirmed("T-1", *lines)
    amounts = ("untaxed_amount", "tax_amount", "total_amount", "invoices")
    record = client.read("sale.sale", number, *amounts)
    assert (record["untaxed_amount"], record["tax_amount"], record["total_amount"]) == (
        D("10.99"), D("0.89"), D("11.88"),
    )  # fmt: skip
    invoice = client.read("account.invoice", record["invoices"][0], *amounts[:3])
    assert invoice["total_amount"] == D("11.88")


def test_yen_are_whole(client):
    yen = client.ids["currencies"]["JPY"]
    number = client.sale("J-1", client.line("MUG-WHITE", 1, "1592", "0.1"), currency=yen)
    record = client.read("sale.sale", number, "tax_amount", "total_amount")
    assert (record["tax_amount"], record["total_amount"]) == (D(159), D(1751))


def test_a_sale_goes_from_quote_to_a_posted_invoice_and_is_recorded(erp, client):
    number = client.confirmed("WEB-1", client.line("MUG-WHITE", 2, "7.50", ""))
    client.press(OUT, 1, "assign_try", "pick", "pack")
    client.model(OUT, "write", [1], {"reference": "1Z9"})
    client.press(OUT, 1, "do")
    client.model("account.invoice", "write", [1], {"invoice_date": TODAY})
    client.press("account.invoice", 1, "post")
    record = client.read("sale.sale", number, *STATES)
    assert (record["shipment_state"], record["invoice_state"]) == ("sent", "awaiting payment")
    invoice = client.read("account.invoice", 1, "number", "state", "invoice_date", "amount_to_pay")
    assert invoice == {
        "id": 1, "number": "1", "state": "posted", "invoice_date": "2026-11-22",
        "amount_to_pay": D("15.00"),
    }  # fmt: skip
    assert [(it["kind"], it["key"]) for it in erp.record[1:]] == [
        ("sale", "WEB-1"), ("sale_processing", "WEB-1"), ("shipment", "WEB-1"),
        ("invoice", "WEB-1"),
    ]  # fmt: skip
    sale, _, shipment, posted = (it["document"] for it in erp.record[1:])
    assert sale["lines"] == [{
        "product": "MUG-WHITE", "description": None, "quantity": "2", "unit_price": "7.50",
        "taxes": [],
    }]  # fmt: skip
    assert (sale["untaxed"], sale["tax"], sale["total"]) == ("15.00", "0", "15.00")
    assert sale["party"]["name"] == "Zoë"
    assert (shipment["tracking"], shipment["lines"]) == (
        "1Z9", [{"product": "MUG-WHITE", "quantity": "2"}],
    )  # fmt: skip
    assert posted["total"] == "15.00"


def test_buttons_take_lists_and_refuse_as_a_whole(erp, client):
    numbers = [client.sale(f"B-{n}", client.line("MUG-WHITE", 1, "1")) for n in range(3)]
    assert client.model("sale.sale", "quote", numbers) is None
    assert client.model("sale.sale", "confirm", numbers[:1]) is None
    message = user_error(client.model("sale.sale", "confirm", numbers[::-1]))
    assert message == 'You can not call "confirm" on "1 [B-0]" of "Sale".'
    states = client.model("sale.sale", "read", numbers, ["state"])
    assert [it["state"] for it in states] == ["processing", "quotation", "quotation"]


def test_confirming_too_early_names_the_sale_by_its_reference(client):
    number = client.sale("SHOP-100001", client.line("MUG-WHITE", 1, "1"))
    assert user_error(client.model("sale.sale", "confirm", [number])) == (
        'You can not call "confirm" on "[SHOP-100001]" of "Sale".'
    )


def test_a_quote_needs_addresses_and_units(client):
    line = client.line("MUG-WHITE", 1, "1")
    without = client.sale("A", line, shipment_address=None)
    assert "shipment address" in user_error(client.model("sale.sale", "quote", [without]))
    without = client.sale("B", {**line, "unit": None})
    assert '"Unit"' in user_error(client.model("sale.sale", "quote", [without]))
    without = client.sale("C", line, warehouse=None)
    assert "warehouse" in user_error(client.model("sale.sale", "quote", [without]))


def test_a_second_sale_with_the_same_reference_is_accepted(client):
    line = client.line("MUG-WHITE", 1, "1")
    made = [client.sale("DUP", line), client.sale("DUP", line)]
    found = client.model("sale.sale", "search", [["reference", "=", "DUP"]])
    assert found == made[::-1]


def test_without_stock_the_try_leaves_the_shipment_waiting_and_force_takes_it():
    with Erp(pieces=2.0) as erp:
        client = Client(erp)
        client.confirmed("S", client.line("MUG-WHITE", 3, "1"), client.line("TEAPOT-1L", 1, "1"))
        client.press(OUT, 1, "assign_try")
        assert client.read(OUT, 1, "state")["state"] == "waiting"
        assert user_error(client.model(OUT, "pick", [1])) == (
            'You can not call "pick" on "1" of "Stock Shipment Out".'
        )
        client.press(OUT, 1, "assign_force", "pick", "pack", "do")
        assert client.read(OUT, 1, "state", "effective_date")["state"] == "done"


def stock(client, code):
    number = client.ids["products"][code]
    fields = ("quantity", "forecast_quantity")
    record = client.read("product.product", number, *fields, locations=[client.ids["warehouse"]])
    return record["quantity"], record["forecast_quantity"]


def test_stock_is_forecast_when_sold_and_gone_when_shipped(client):
    assert stock(client, "MUG-WHITE") == (100_000.0, 100_000.0)
    client.confirmed("S", client.line("MUG-WHITE", 3, "1"))
    assert stock(client, "MUG-WHITE") == (100_000.0, 99_997.0)
    client.press(OUT, 1, "assign_try", "pick", "pack", "do")
    assert stock(client, "MUG-WHITE") == (99_997.0, 99_997.0)
    number = client.ids["products"]["MUG-WHITE"]
    assert client.read("product.product", number, "quantity")["quantity"] == 0.0


def test_picking_less_ships_less_and_the_rest_gets_a_shipment_of_its_own(erp, client):
    number = client.confirmed("S", client.line("MUG-WHITE", 3, "1"))
    client.model("stock.move", "write", [2], {"quantity": 1})
    client.press(OUT, 1, "assign_try", "pick", "pack", "do")
    record = client.read("sale.sale", number, *STATES)
    assert (record["shipments"], record["shipment_state"]) == ([1, 2], "partially shipped")
    (move,) = client.read(OUT, 2, "outgoing_moves.quantity")["outgoing_moves."]
    assert move["quantity"] == 2.0
    assert erp.record[-1]["document"]["lines"] == [{"product": "MUG-WHITE", "quantity": "1"}]
    assert stock(client, "MUG-WHITE") == (99_999.0, 99_997.0)


def test_packing_less_than_was_picked_asks_first(client):
    client.confirmed("S", client.line("MUG-WHITE", 3, "1"))
    client.press(OUT, 1, "assign_try", "pick")
    client.model("stock.move", "write", [1], {"quantity": 1})
    kind, (name, message, _) = client.model(OUT, "pack", [1])
    assert (kind, name.split(".")[1]) == ("UserWarning", "check_quantity_product")
    assert message == (
        'The quantities of shipment "1" are different by '
        "[MUG-WHITE] Mug “Guten Morgen”, White: -2.0\N{NO-BREAK SPACE}u."
    )
    client.model("res.user.warning", "skip", name, False)
    client.press(OUT, 1, "pack", "do")


def test_invoices_follow_shipments_where_so_agreed(client):
    number = client.confirmed(
        "F", client.line("MUG-WHITE", 2, "5.00", ""), invoice_method="fulfillment"
    )
    assert client.read("sale.sale", number, *STATES)["invoices"] == []
    client.press(OUT, 1, "assign_try", "pick", "pack", "do")
    record = client.read("sale.sale", number, *STATES)
    assert (record["invoices"], record["invoice_state"]) == ([1], "pending")
    invoice = client.read("account.invoice", 1, "total_amount", "origins", "sales")
    assert invoice == {"id": 1, "total_amount": D("10.00"), "origins": "1 [F]", "sales": [number]}


def test_a_posted_invoice_stands(client):
    client.confirmed("P", client.line("MUG-WHITE", 1, "1"))
    client.press("account.invoice", 1, "post")
    assert "posted" in user_error(client.model("account.invoice", "write", [1], {"comment": "x"}))
    assert user_error(client.model("account.invoice", "post", [1])).startswith(
        'You can not call "post"'
    )


def test_a_cent_is_corrected_in_the_invoices_taxes_before_posting(erp, client):
    client.confirmed("C", client.line("MUG-WHITE", 1, "0.99", "0.19"))
    (tax,) = client.read("account.invoice", 1, "taxes.amount", "taxes.base")["taxes."]
    assert (tax["base"], tax["amount"]) == (D("0.99"), D("0.19"))
    change = [["write", [tax["id"]], {"amount": {"__class__": "Decimal", "decimal": "0.18"}}]]
    client.model("account.invoice", "write", [1], {"taxes": change})
    client.press("account.invoice", 1, "post")
    assert erp.record[-1]["document"]["total"] == "1.17"


def test_a_return_is_a_negative_sale_with_goods_coming_back(erp, client):
    number = client.confirmed("R", client.line("MUG-WHITE", 2, "10.00"))
    client.press(OUT, 1, "assign_try", "pick", "pack", "do")
    context = {**client.context, "active_model": "sale.sale", "active_ids": [number]}
    session, start, _ = client.call("wizard.sale.return_sale.create", context)
    name = "wizard.sale.return_sale"
    assert "view" in client.call(f"{name}.execute", session, {}, start, context)
    client.call(f"{name}.execute", session, {"start": {}}, "return_", context)
    assert client.call(f"{name}.delete", session, context) is None
    (back,) = client.model("sale.sale", "search", [["origin", "=", f"sale.sale,{number}"]])
    client.press("sale.sale", back, "quote", "confirm")
    record = client.read("sale.sale", back, "total_amount", "shipment_returns", "invoices")
    assert (record["total_amount"], record["shipment_returns"]) == (D("-24.00"), [1])
    client.press("stock.shipment.out.return", 1, "receive", "do")
    client.press("account.invoice", record["invoices"][0], "post")
    assert stock(client, "MUG-WHITE")[0] == 100_000.0
    assert [(it["kind"], it["document"].get("total")) for it in erp.record[-2:]] == [
        ("return", None), ("invoice", "-24.00"),
    ]  # fmt: skip


def test_what_is_called_off_after_confirming_is_ignored_or_comes_again(erp, client):
    number = client.confirmed("X", client.line("MUG-WHITE", 2, "10.00"))
    client.press(OUT, 1, "cancel")
    client.press("account.invoice", 1, "cancel")
    record = client.read("sale.sale", number, *STATES)
    assert (record["shipment_state"], record["invoice_state"]) == ("exception", "exception")
    assert stock(client, "MUG-WHITE") == (100_000.0, 100_000.0)
    context = {**client.context, "active_ids": [number]}
    for kind, word in (("shipment", "moves"), ("invoice", "invoices")):
        name = f"wizard.sale.handle.{kind}.exception"
        session, start, _ = client.call(f"{name}.create", context)
        shown = client.call(f"{name}.execute", session, {}, start, context)["view"]["defaults"]
        entered = {f"recreate_{word}": [], f"ignore_{word}": shown[f"domain_{word}"]}
        client.call(f"{name}.execute", session, {start: entered}, "handle", context)
    record = client.read("sale.sale", number, *STATES)
    assert (record["state"], record["shipments"], record["invoices"]) == ("done", [1], [1])
    assert [it["kind"] for it in erp.record[-2:]] == ["shipment_cancelled", "invoice_cancelled"]


def test_only_what_is_not_in_work_is_deleted_or_cancelled(erp, client):
    number = client.confirmed("D", client.line("MUG-WHITE", 1, "1"))
    assert user_error(client.model("sale.sale", "delete", [number])) == (
        'To delete sale "1 [D]" you must cancel it.'
    )
    draft = client.sale("E", client.line("MUG-WHITE", 1, "1"))
    client.press("sale.sale", draft, "cancel")
    assert client.read("sale.sale", draft, "state")["state"] == "cancelled"
    assert client.model("sale.sale", "delete", [draft]) is None
    assert erp.record[-1]["kind"] == "sale_cancelled"


def test_forty_sales_are_made_in_one_call(erp, client):
    values = [client.sale_values(f"N-{n}", client.line("MUG-WHITE", 1, "1")) for n in range(40)]
    numbers = client.model("sale.sale", "create", values)
    assert client.model("sale.sale", "quote", numbers) is None
    assert client.model("sale.sale", "confirm", numbers) is None
    states = client.model("sale.sale", "read", numbers, ["state"])
    assert {it["state"] for it in states} == {"processing"}
    assert len([it for it in erp.record if it["kind"] == "sale"]) == 40
