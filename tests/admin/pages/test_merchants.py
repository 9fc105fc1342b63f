"""G28: a merchant's people see and change their own merchant's rows, by whatever way they ask."""

import re

from hub.store.ops import incidents
from tests.admin.seeds import numbers, working_day
from tests.kit.catalogue import sales_order, shipment
from tests.kit.world.console import Console, Person

FOREIGN = ("globex", "g-shop", "g-wh", "G-ART", "#9001", "9001", "G-TRACK", "globex is odd")


def second_merchant(console: Console) -> None:
    """Another merchant with everything that the first one has."""
    world = console.world
    globex = world.merchant("globex").shop("g-shop", adapter="shopify")
    globex.warehouse("g-wh", takes=("fulfilment_order",), **{"G-ART": 5})
    world.tell("g-shop", order(9001), key="9001")
    world.run()
    number = numbers(world)[-1]
    world.tell("g-wh", {**shipment(number, delivery="G-TRACK"), "source": SOURCE}, key=number)
    world.tell("g-shop", order(9002, lines=[("G-ART", 1), ("G-HAT", 1)], ship_to=None), key="9002")
    world.tell_raw("g-shop", "sales_order", b"{9001", key="9003")
    world.run()
    with world.store.database.begin() as db:
        incidents.open_new(
            db, [incidents.Incident("globex", "contradiction", "g", "globex is odd")]
        )


SOURCE = {"connection": "g-wh", "id": "G-TRACK"}


def order(number: int, **changes: object) -> dict:
    wanted = {"lines": [("G-ART", 1)], **changes}
    return sales_order(number, channel="g-shop", **wanted)


def of(console: Console, table: str, merchant: str) -> list:
    found = console.world.sql(
        f"SELECT id FROM {table} WHERE merchant_id = :merchant ORDER BY id",  # noqa: S608
        merchant=merchant,
    )
    return [row[0] for row in found]


def clean(person: Person, path: str) -> None:
    answer = person.get(path)
    assert answer.status_code in {200, 303, 404}, path
    for text in FOREIGN:
        assert text not in answer.text or text in path, (path, text)


def test_G28_no_page_of_the_console_shows_another_merchants_rows(console: Console):
    seeded = working_day(console.world)
    second_merchant(console)
    person = console.person("merchant", "acme")
    for path in (
        *("/", "/overview/numbers", "/orders", "/messages", "/waiting", "/stock", "/stock/ledger"),
        *("/connections", "/incidents", "/incidents?status=closed", "/account"),
        *(f"/orders/{seeded.shipped}", f"/orders/{seeded.held}", "/connections/wh"),
    ):
        assert person.get(path).status_code == 200, path
        clean(person, path)
    for path in (
        *("/orders?merchant=globex", "/orders?channel=g-shop", "/orders?q=9001"),
        *("/messages?connection=g-shop", "/messages?q=9001", "/stock?merchant=globex"),
        *("/stock?warehouse=g-wh", "/stock/ledger?sku=G-ART&merchant=globex&warehouse=g-wh"),
    ):
        assert "<tbody>" not in person.get(path).text, path
        clean(person, path)
    nothing = "01a20fff-9717-73de-92d8-f54b9ee8e9bb"
    for table, page in (("sales_order", "orders"), ("message", "messages")):
        unknown = person.get(f"/{page}/{nothing}").text
        for found in of(console, table, "globex"):
            answer = person.get(f"/{page}/{found}")
            assert answer.status_code == 404
            assert _without_ids(answer.text) == _without_ids(unknown)
    assert person.get("/connections/g-shop").status_code == 404
    other = console.person("merchant", "globex")
    assert "#9001" in other.get("/orders").text
    assert "#1001" not in other.get("/orders").text


def test_G28_no_action_of_the_console_changes_another_merchants_rows(console: Console):
    working_day(console.world)
    second_merchant(console)
    before = snapshot(console)
    people = [console.person("merchant", "acme"), console.person("integrator", "acme")]
    people.append(console.person("operator", "acme"))
    for person in people:
        person.get("/")
        codes = [person.post(path, **form).status_code for path, form in attempts(console)]
        assert set(codes) <= {403, 404}, codes
    assert snapshot(console) == before
    assert console.rung == []


def test_G28_a_selection_takes_ones_own_messages_only(console: Console):
    working_day(console.world)
    second_merchant(console)
    person = console.person("integrator", "acme")
    page = person.get("/messages/replay?status=parked&code=bad_json").text
    assert "Replay 1 message<" in page
    person.post("/messages/replay?status=parked&code=bad_json", count=1000, reason="mended")
    parked = console.world.sql("SELECT merchant_id FROM work WHERE status = 'parked'")
    assert [row[0] for row in parked].count("globex") == 1


def test_G28_the_audit_shows_ones_own_chain_only(console: Console):
    working_day(console.world)
    second_merchant(console)
    operator = console.person("operator")
    for merchant in ("acme", "globex"):
        found = of(console, "sales_order", merchant)[0]
        operator.get(f"/orders/{found}")
        operator.post(f"/orders/{found}/unmask", reason=f"for {merchant}")
    assert "for acme" in operator.get("/audit?chain=acme").text
    auditor = console.person("auditor", "acme")
    assert "for acme" in auditor.get("/audit").text
    assert auditor.get("/audit?chain=globex").status_code == 404
    assert auditor.get("/audit?chain=operator").status_code == 404
    assert "globex" not in auditor.get("/audit").text


def test_G28_a_merchants_user_without_a_merchant_sees_nothing(console: Console):
    working_day(console.world)
    person = console.person("merchant", "acme")
    console.world.sql("UPDATE account SET merchants = '{}' WHERE role = 'merchant'")
    console.world.sql('UPDATE session SET data = data || \'{"rights": "merchant"}\'')
    for path in ("/orders", "/messages", "/stock", "/connections"):
        answer = person.get(path)
        assert answer.status_code == 200
        assert "<tbody>" not in answer.text, path


def test_a_merchants_people_do_their_own_work(console: Console):
    seeded = working_day(console.world)
    person = console.person("merchant", "acme")
    path = f"/orders/{seeded.held}"
    person.get(path)
    person.post(f"{path}/product", line_no=1, title="A new hat")
    person.post(f"{path}/release", waive="no_address")
    codes = [one["code"] for one in console.world.order("1002").hold_reasons]
    assert codes == ["out_of_stock"]
    person.post(f"{path}/cancel", reason="no stock")
    assert console.world.order("1002").status == "cancelled"
    opened = f"/orders/{console.world.order('1008').id}"
    person.post(f"{opened}/cancel", reason="changed their mind")
    assert console.world.order("1008").status == "cancel_requested"
    assert console.world.one("SELECT count(*) FROM product WHERE sku = 'NEW-HAT'") == 1


def attempts(console: Console) -> list[tuple[str, dict]]:
    """Every change that could be asked for on the other merchant's rows."""
    orders, messages = of(console, "sales_order", "globex"), of(console, "message", "globex")
    incident = of(console, "incident", "globex")[0]
    reason = {"reason": "mine now"}
    return [
        *(
            (f"/orders/{one}/{what}", {**reason, "line_no": "2", "sku": "A", "title": "x"})
            for one in orders
            for what in ("unmask", "cancel", "hold", "release", "reroute", "sku", "product")
        ),
        *(
            (f"/messages/{one}/{what}", {**reason, "text": "{}", "version": "1", "arrived": "yes"})
            for one in messages
            for what in ("unmask", "replay", "discard", "settle", "edit", "edit/confirm")
        ),
        (f"/incidents/{incident}/close", reason),
        ("/connections/g-shop/pause", reason),
        ("/connections/g-shop/resume", reason),
    ]


def snapshot(console: Console) -> list:
    tables = ("sales_order", "fulfilment_order", "message", "work", "incident", "connection")
    kept = " UNION ALL ".join(
        f"SELECT '{name}', md5(string_agg(it::text, '' ORDER BY it::text)) FROM {name} AS it"  # noqa: S608
        for name in (*tables, "audit", "product", "sku_reference", "timeline")
    )
    return console.world.sql(kept)


def _without_ids(page: str) -> str:
    return re.sub(r'value="[^"]*"|[0-9a-f-]{36}', "", page)
