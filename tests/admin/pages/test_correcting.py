"""A held order is mended on its own page: its address, its articles, a partner's codes."""

import re

import pytest

from hub.model.errors import UnknownCode
from tests.admin.pages.test_pages import text_of
from tests.admin.seeds import numbers
from tests.kit.catalogue import sales_order, shipment
from tests.kit.world.console import Console

HALF = {
    "name": "Ada Bakker",
    "lines": ["Keizersgracht 1"],
    "phone": "+31 20 555 0101",
    "country": "NL",
}
WHOLE = {**HALF, "city": "Amsterdam", "postal_code": "1015 CJ"}


def held(console: Console, ship_to: object = HALF, revision: str = "1") -> str:
    order = sales_order(1001, ship_to=ship_to)
    order["source"]["revision"] = revision
    console.world.tell("shop", order, key="1001")
    console.world.run()
    return f"/orders/{console.world.order().id}"


def told(console: Console) -> list[dict]:
    """The addresses that the warehouse was told."""
    documents = [one[2] for one in console.world.at("wh").told]
    return [one.ship_to.model_dump(exclude_none=True, exclude_defaults=True) for one in documents]


def test_the_form_asks_for_just_what_is_wrong_and_shows_nobody_what_is_masked(console: Console):
    path = held(console)
    person = console.person("operator")
    page = person.get(path).text
    form = page.partition('id="address"')[2].partition("</form>")[0]
    assert "Keizersgracht" not in page
    assert "Ada Bakker" not in page
    assert re.findall(r'aria-describedby="why-(\w+)"', form) == ["postal_code", "city"]
    assert '<option value="NL" selected>' in form
    assert 'id="address"' not in console.person("warehouse").get(path).text

    person.post(f"{path}/unmask", reason="to see the street")
    form = person.get(path).text.partition('id="address"')[2].partition("</form>")[0]
    assert "Keizersgracht 1</textarea>" in form
    assert 'value="Ada Bakker"' in form


def test_a_corrected_address_lets_the_order_go_and_nobody_else_need_do_anything(console: Console):
    path = held(console)
    person = console.person("integrator")
    person.get(path)
    answer = person.post(f"{path}/address", city="Amsterdam", postal_code="1015 CJ", country="NL")
    assert answer.status_code == 303
    assert "The address is corrected. The order is now: open." in person.get(path).text
    console.world.run()
    assert told(console) == [{**WHOLE, "lines": ("Keizersgracht 1",)}]
    assert console.audited() == [("acme", "user:integrator-x", "order.address")]
    detail = console.world.one("SELECT detail FROM audit WHERE action = 'order.address'")
    assert detail == {"fields": ["city", "postal_code"], "version": 2}
    page = person.get(path).text
    assert "Address corrected by a person" in page
    assert 'id="address"' not in page


def test_what_is_still_missing_is_said_at_its_field_and_nothing_is_lost(console: Console):
    path = held(console)
    person = console.person("operator")
    person.get(path)
    answer = person.post(f"{path}/address", city="Amsterdam & more", country="NL")
    assert answer.status_code == 422
    form = answer.text.partition('id="address"')[2].partition("</form>")[0]
    assert re.findall(r'id="why-(\w+)"', form) == ["postal_code"]
    assert 'value="Amsterdam &amp; more"' in form
    assert console.world.order().status == "held"
    assert person.post(f"{path}/address", city="A", postal_code="1", country="X").status_code == 422
    assert "ship_to.country" not in console.world.order().hold_reasons
    assert console.audited() == []


def test_an_order_without_any_address_gets_one(console: Console):
    path = held(console, None)
    person = console.person("merchant", "acme")
    person.get(path)
    person.post(
        f"{path}/address",
        name="Ada Bakker",
        lines="Keizersgracht 1\r\nhoog",
        city="Amsterdam",
        postal_code="1015 CJ",
        country="NL",
    )
    console.world.run()
    assert told(console)[0]["lines"] == ("Keizersgracht 1", "hoog")


@pytest.mark.parametrize(
    ("later", "city"),
    [
        ({**HALF, "phone": "+31 20 555 0102"}, "Amsterdam"),
        ({**HALF, "lines": ["Hoogstraat 2"], "city": "Delft", "postal_code": "2611"}, "Delft"),
        ({**HALF, "city": "Haarlem", "postal_code": "2011"}, "Haarlem"),
    ],
    ids=["still without a town", "another street", "another town"],
)
def test_a_correction_stays_until_the_channel_changes_that_part(
    console: Console, later: dict, city: str
):
    path = held(console)
    person = console.person("operator")
    person.get(path)
    person.post(f"{path}/hold", reason="wait for the rest")
    console.world.sql(
        """UPDATE sales_order SET hold_reasons = hold_reasons ||
        '[{"path": "ship_to.city", "code": "bad_address", "message": "x"}]'"""
    )
    person.post(f"{path}/address", city="Amsterdam", postal_code="1015 CJ", country="NL")
    assert console.world.order().status == "held"  # by hand
    for revision in ("2", "3"):
        held(console, later, revision)
    person.post(f"{path}/release", waive="manual")
    console.world.run()
    assert [one["city"] for one in told(console)] == [city]
    kept = console.world.one("SELECT told_address IS NOT NULL FROM sales_order")
    assert kept == (city == "Amsterdam")


def test_what_the_channel_said_lies_sealed(console: Console):
    path = held(console)
    person = console.person("operator")
    person.get(path)
    person.post(f"{path}/address", city="Amsterdam", postal_code="1015 CJ", country="NL")
    assert b"Keizersgracht" not in bytes(console.world.one("SELECT told_address FROM sales_order"))


def test_an_order_that_is_not_held_for_its_address_has_no_form_and_takes_none(console: Console):
    path = held(console, WHOLE)
    person = console.person("operator")
    assert 'id="address"' not in person.get(path).text
    person.post(f"{path}/address", city="Delft", postal_code="2611", country="NL")
    assert "“Correct the address” comes too late" in person.get(path).text
    assert console.audited() == []


def test_a_product_is_picked_from_a_list_that_is_searched(console: Console):
    console.world.sql("UPDATE product SET title = 'Blue mug' WHERE sku = 'B'")
    lines = [("SHOP-C", 1)]
    console.world.tell("shop", sales_order(1001, lines=lines), key="1001")
    console.world.run()
    path = f"/orders/{console.world.order().id}"
    person = console.person("integrator")
    form = person.get(path).text.partition('id="articles"')[2].partition("</form>")[0]
    assert re.findall(r'name="sku" value="([^"]+)"', form) == ["C"]  # part of SHOP-C
    found = person.get(f"{path}/products?q=blue+MUG").text
    assert re.findall(r'name="sku" value="([^"]+)"', found) == ["B"]
    assert "No product fits" in person.get(f"{path}/products?q=100%25").text
    person.post(f"{path}/sku", line_no=1, sku="")
    assert "Say which product it is." in person.get(path).text
    person.post(f"{path}/sku", line_no=1, sku="B")
    console.world.run()
    (notice,) = [one[2] for one in console.world.at("wh").told]
    assert [line.sku for line in notice.lines] == ["B"]


def test_a_code_that_a_partner_has_no_word_for_is_said_on_the_orders_page(console: Console):
    console.world.at("wh").answers = [_unknown("dhl")]
    console.world.tell("shop", sales_order(1001), key="1001")
    console.world.run()
    path = f"/orders/{console.world.order().id}"
    person = console.person("integrator")
    page = person.get(path).text
    assert "What does wh call “dhl”?" in text_of(page)
    assert "1 thing open" in text_of(page)
    person.post("/codes", connection="wh", codes="carriers", theirs="", ours="dhl", back=path)
    assert "theirs: Say what it means." in person.get(path).text
    answer = person.post(
        "/codes", connection="wh", codes="carriers", theirs="DHL01", ours="dhl", back=path
    )
    assert answer.location.endswith(path)
    assert "DHL01 means dhl now. 1 message goes on." in person.get(path).text
    console.world.run()
    assert console.world.statuses() == ["notified"]
    assert console.audited() == [("acme", "user:integrator-x", "code.map")]
    assert "thing open" not in text_of(person.get(path).text)


def test_a_partners_code_is_one_of_ours(console: Console):
    console.world.tell("shop", sales_order(1001), key="1001")
    console.world.run()
    number = numbers(console.world)[0]
    decode = console.world.at("wh").decode
    console.world.at("wh").decode = lambda topic, raw: _raise(_unknown("ZZ", "qualities"))
    message = console.world.tell("wh", shipment(number), key=number).id
    console.world.run()
    console.world.at("wh").decode = decode
    person = console.person("integrator")
    for path in (f"/messages/{message}", "/waiting"):
        page = person.get(path).text
        assert "What does “ZZ” of wh mean?" in text_of(page)
        assert re.findall(r"<option>(\w+)</option>", page) == ["defective", "good", "in_transit"]
    code = {"connection": "wh", "codes": "qualities", "theirs": "ZZ", "back": "/waiting"}
    person.post("/codes", **code, ours="mouldy")
    assert "ours: mouldy is none of our codes for it." in person.get("/waiting").text
    person.post("/codes", **code, ours="defective")
    console.world.run()
    assert console.world.order().status == "completed"


def test_codes_of_other_merchants_connections_are_not_said(console: Console):
    console.world.merchant("other").warehouse("theirs")
    person = console.person("operator", "acme")
    person.get("/")
    code = {"codes": "carriers", "theirs": "X", "ours": "dhl", "back": "//evil.example"}
    assert person.post("/codes", connection="theirs", **code).status_code == 404
    assert person.post("/codes", connection="nobody", **code).status_code == 404
    answer = person.post("/codes", connection="wh", **code)
    assert answer.location.endswith("/")
    assert console.person("merchant", "acme").post(
        "/codes", connection="wh", **code
    ).status_code in {
        400,
        403,
    }


def _unknown(code: str, codes: str = "carriers") -> UnknownCode:
    return UnknownCode(codes, code)


def _raise(error: Exception) -> None:
    raise error
