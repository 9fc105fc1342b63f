"""The pages over a hub in the middle of a working day, and over an empty one."""

import json
import re

import pytest

from admin.access import unmasking
from hub.store.ops import incidents
from tests.admin.seeds import working_day
from tests.kit.catalogue import sales_order
from tests.kit.world.clock import MINUTE
from tests.kit.world.console import Console, Person

PERSONAL = ("Bakker", "Ada ", "ada100", "Keizersgracht", "1015 CJ", "ring twice", "consignee=")
LISTS = (
    *("/", "/overview/numbers", "/waiting", "/orders", "/messages", "/stock", "/stock/ledger"),
    *(
        "/warehouses",
        "/incidents",
        "/incidents?status=closed",
        "/connections",
        "/users",
        "/audit",
        "/account",
    ),
)


def text_of(page: str) -> str:
    """What a person reads."""
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", page))


def rows(page: str) -> int:
    return len(re.findall(r"<tr>", page.partition("<tbody>")[2]))


def test_an_empty_hub_says_what_to_do_next(bare_console: Console):
    person = bare_console.person("operator")
    for path in LISTS:
        assert person.get(path).status_code == 200, path
    assert "They appear here as soon as a channel sends one." in person.get("/").text
    assert "orderhub apply FILE" in person.get("/connections").text


def test_every_page_shows_a_working_day_and_nothing_personal(console: Console):
    seeded = working_day(console.world)
    person = console.person("operator")
    messages = [row[0] for row in console.world.sql("SELECT id FROM message")]
    orders = [row[0] for row in console.world.sql("SELECT id FROM sales_order")]
    pages = [
        *LISTS,
        *(f"/messages/{one}" for one in messages),
        *(f"/orders/{one}" for one in orders),
        *("/connections/wh", "/stock/ledger?warehouse=wh&sku=A", "/messages/replay"),
        *("/stock/explain?merchant=acme&sku=A", "/stock/explain?merchant=acme&sku=A&channel=shop"),
        "/warehouses/wh",
        f"/messages/{seeded.parked}/edit",
    ]
    for path in pages:
        answer = person.get(path)
        assert answer.status_code == 200, path
        for text in PERSONAL:
            assert text not in answer.text, (path, text)
    overview = text_of(person.get("/").text)
    for sentence in ("4 messages parked", "3 orders held", "0 incidents open", "Not valid JSON"):
        assert sentence in overview, sentence


def test_the_trace_of_an_order_shows_every_partner_and_every_step(console: Console):
    seeded = working_day(console.world)
    page = console.person("operator").get(f"/orders/{seeded.shipped}").text
    picture = page.partition('<svg class="path"')[2].partition("</svg>")[0]
    names = re.findall(r'class="name"[^>]*>([^<]+)<', picture)
    assert names == ["shop", "Order Hub", "wh", "erp"]
    assert picture.count('<g class="arrow good">') == 7
    assert re.findall(r'class="note \w+">.*?<text[^>]*>([^<]+)<', picture, re.DOTALL) == [
        *("Released", "Routed: 1", "Completed"),
    ]
    read = text_of(page)
    for sentence in ("Warehouse accepted", "TRACK-s1", "A 2/2, B 1/1", "€30.00", "chosen"):
        assert sentence in read, sentence
    assert "style=" not in page
    assert not re.search(r"<script(?![^>]*src=)|\son\w+=", page)


def test_messages_are_found_by_anything_a_person_has_in_hand(console: Console):
    working_day(console.world)
    person = console.person("operator")
    row = console.world.sql(
        "SELECT id, correlation_id, key, reference FROM message WHERE reference IS NOT NULL"
    )[0]
    for text in map(str, row):
        found = person.get("/messages", query_string={"q": text}).text
        assert f"/messages/{row.id}" in found, text
    by_order = person.get("/messages?q=%231001").text
    assert rows(by_order) == 7
    assert rows(person.get("/messages?direction=in&connection=wh").text) == 2
    assert rows(person.get("/messages?status=parked&code=bad_json").text) == 1
    assert "No message fits." in person.get("/messages?q=nothing-of-the-kind").text
    assert rows(person.get("/messages?status=nonsense&direction=sideways").text) == 20


def test_the_search_leads_to_the_order_that_is_meant(console: Console):
    seeded = working_day(console.world)
    person = console.person("operator")
    assert person.get("/search?q=%231002").location == f"/orders/{seeded.held}"
    assert person.get("/search?q=1001").location == f"/orders/{seeded.shipped}"
    assert person.get("/search?q=shop/1007").location == "/messages?q=shop/1007"
    assert person.get("/search").location == "/"


def test_a_list_goes_on_where_the_page_before_ended(console: Console):
    for number in range(1, 56):
        console.world.tell("shop", sales_order(number), key=str(number))
    person = console.person("operator")
    first = person.get("/messages?direction=in").text
    assert rows(first) == 50
    following = re.search(r'rel="next" href="([^"]+)"', first)
    assert following
    second = person.get(following[1].replace("&amp;", "&")).text
    assert rows(second) == 5
    assert 'rel="next"' not in second
    links = [re.findall(r'href="(/messages/[0-9a-f-]{36})"', page) for page in (first, second)]
    assert len({*links[0], *links[1]}) == 55
    assert person.get("/messages?after=made-up").status_code == 400
    stolen = following[1].partition("after=")[2]
    assert person.get(f"/orders?after={stolen}").status_code == 400


def test_a_message_says_what_was_odd_in_it_and_stopped_nothing(console: Console):
    seeded = working_day(console.world)
    person, path = console.person("operator"), f"/messages/{seeded.parked}"
    assert "Read all the same" not in person.get(path).text
    odd = [{"path": "ship_to.<b>", "code": "unknown_country", "message": "no country is called so"}]
    console.world.sql(
        "UPDATE message SET warnings = CAST(:odd AS jsonb) WHERE id = :id",
        odd=json.dumps(odd),
        id=seeded.parked,
    )
    shown = person.get(path).text
    for text in ("Read all the same", "ship_to.&lt;b&gt;", "unknown_country", "no country is call"):
        assert text in shown


def test_filters_ask_for_the_rows_alone(console: Console):
    working_day(console.world)
    person = console.person("operator")
    headers = {"HX-Request": "true", "HX-Target": "rows"}
    for path in ("/messages?status=parked", "/orders?status=held"):
        part = person.get(path, headers=headers).text
        assert "<html" not in part
        assert "<tbody>" in part


def unmask(person: Person, path: str, reason: str = "the customer called") -> int:
    person.get(path)
    return person.post(f"{path}/unmask", reason=reason).status_code


def test_an_order_is_shown_in_clear_for_a_reason_for_ten_minutes(console: Console):
    seeded = working_day(console.world)
    person, path = console.person("operator"), f"/orders/{seeded.shipped}"
    assert unmask(person, path, reason="") == 303
    assert "Bakker" not in person.get(path).text
    assert console.audited() == []
    assert unmask(person, path) == 303
    shown = person.get(path).text
    for text in ("Ada Bakker", "ada1001@example.com", "Keizersgracht 1", "1015 CJ"):
        assert text in shown
    assert "Bakker" not in person.get(f"/orders/{seeded.held}").text
    assert console.audited() == [("acme", "user:operator-x", "order.unmask")]
    kept = console.world.one("SELECT detail ->> 'reason' FROM audit")
    assert kept == "the customer called"
    console.clock.pass_(11 * MINUTE)
    assert "Bakker" not in person.get(path).text


def test_a_message_is_shown_in_clear_with_what_went_over_the_wire(console: Console):
    seeded = working_day(console.world)
    person, path = console.person("integrator"), f"/messages/{seeded.unknown}"
    masked = person.get(path).text
    assert "customer=" not in masked
    assert "Gateway time-out for ***" in masked
    assert "POST https://wms.example.com/v1/orders" in text_of(masked)
    assert "15003 ms" in masked
    assert "504" in masked
    unmask(person, path)
    clear = person.get(path).text
    assert "Gateway time-out for Ada Bakker" in clear
    assert "orders?customer=Ada" in clear
    assert "Keizersgracht 1" in clear


@pytest.mark.parametrize("role", ["finance", "auditor"])
def test_whose_role_does_not_allow_it_sees_nothing_in_clear(console: Console, role: str):
    seeded = working_day(console.world)
    person, path = console.person(role), f"/orders/{seeded.shipped}"
    assert "unmask" not in person.get(path).text
    assert unmask(person, path) == 403
    assert "Bakker" not in person.get(path).text


def test_unmasking_is_bounded_by_the_hour(console: Console):
    console.world.tell("shop", sales_order(), key="1001")
    console.world.run()
    person, path = console.person("operator"), f"/orders/{console.world.order().id}"
    person.get(path)
    codes = [person.post(f"{path}/unmask", reason="why not").status_code for _ in range(32)]
    assert codes == [303] * unmasking.MOST + [429] * 2
    assert len(console.audited()) == unmasking.MOST


HOSTILE = '"><script>alert(1)</script><img src=x onerror=alert(2)>{{7*7}}=cmd|\u202eexe.gpj'


def test_hostile_texts_are_shown_as_the_text_they_are(console: Console):
    order = sales_order(1001, order_number=HOSTILE, note=HOSTILE)
    order["customer"] = {"name": HOSTILE, "email": HOSTILE}
    order["lines"][0]["title"] = HOSTILE
    order["lines"][1]["sku"] = HOSTILE
    console.world.tell("shop", order, key=HOSTILE)
    console.world.run()
    console.world.tell_raw("shop", HOSTILE, b"<a>" + HOSTILE.encode() + b"</a>", key=HOSTILE)
    console.world.run()
    with console.world.store.database.begin() as db:
        found = [incidents.Incident("acme", HOSTILE, HOSTILE, HOSTILE)]
        incidents.open_new(db, found)
    person = console.person("operator")
    path = f"/orders/{console.world.order().id}"
    ids = [row[0] for row in console.world.sql("SELECT id FROM message")]
    unmask(person, path)
    for one in ids:
        unmask(person, f"/messages/{one}", reason=HOSTILE)
    pages = ["/", "/orders", path, "/messages", "/waiting", "/incidents", "/audit?chain=acme"]
    for page in [*pages, *(f"/messages/{one}" for one in ids)]:
        shown = person.get(page).text
        assert person.get(page).status_code == 200
        assert "<script>alert" not in shown, page
        assert "<img src=x" not in shown, page
        assert "49=cmd" not in shown, page
        assert "\u202e" not in shown, page
    assert "⟨U+202E⟩" in person.get(path).text
    assert "&lt;script&gt;alert(1)" in person.get(path).text


def test_the_pages_stand_in_chinese_as_well(console: Console):
    seeded = working_day(console.world)
    person = console.person("operator")
    person.post("/language", language="zh")
    for path, sentence in (
        ("/", "需要处理"),
        (f"/orders/{seeded.held}", "未知的商品"),
        (f"/messages/{seeded.unknown}", "不知道是否已送达"),
        ("/nothing", "未找到"),
    ):
        page = person.get(path).text
        assert sentence in page
        assert '<html lang="zh">' in page


def test_what_stands_still_is_grouped_by_its_cause(console: Console):
    working_day(console.world)
    page = console.person("integrator").get("/waiting").text
    causes = re.findall(r"<h2><bdi>([^<]+?)</bdi> <span class=\"dim\">(\d+)</span></h2>", page)
    assert sorted(causes) == [
        ("A code without entry", "1"),
        ("Nobody knows whether it arrived", "1"),
        ("Not valid JSON", "1"),
        ("The partner refused it", "1"),
    ]
    assert re.findall(r'card-title">([^<]+)<', page) == [
        *("Awaiting payment", "No address", "Out of stock", "Unknown article"),
    ]


def test_a_connection_is_paused_and_resumed_and_its_lanes_are_rung(console: Console):
    person = console.person("integrator")
    person.get("/connections/wh")
    person.post("/connections/wh/pause", reason="stocktaking")
    page = person.get("/connections/wh").text
    assert "stocktaking" in page
    console.world.tell("shop", sales_order(), key="1001")
    console.world.run()
    person.post("/connections/wh/pause")
    assert "comes too late" in person.get("/connections/wh").text
    person.post("/connections/wh/resume", reason="")
    assert console.world.one("SELECT status FROM connection WHERE code = 'wh'") == "active"
    actions = [action for _, _, action in console.audited()]
    assert actions == ["connection.pause", "connection.resume"]
    assert person.post("/connections/nothing/pause").status_code == 404


def test_an_incident_is_closed_once(console: Console):
    with console.world.store.database.begin() as db:
        incidents.open_new(db, [incidents.Incident("acme", "contradiction", "x", "It is odd")])
    found = console.world.one("SELECT id FROM incident")
    person = console.person("warehouse")
    assert "It is odd" in person.get("/incidents").text
    assert person.post(f"/incidents/{found}/close", reason="seen").status_code == 303
    assert "It is odd" not in person.get("/incidents").text
    assert "It is odd" in person.get("/incidents?status=closed").text
    assert person.post(f"/incidents/{found}/close").status_code == 404
    assert console.audited() == [("acme", "user:warehouse-x", "incident.close")]


def test_an_operator_adds_people_and_hears_what_is_wrong(console: Console):
    person = console.person("operator")
    person.get("/users")
    good = {"login": "bo", "name": "Bo", "role": "merchant", "merchants": "acme"}
    password = "vier kleine Moewen im Wind"
    for wrong, sentence in (
        ({"password": "kurz"}, "12 to 256 characters"),
        ({"role": "king"}, "one of operator"),
        ({"merchants": ""}, "needs the merchant"),
        ({"merchants": "nobody"}, "no merchant nobody"),
    ):
        person.post("/users", **{"password": password, **good, **wrong})
        assert sentence in person.get("/users").text
    assert person.post("/users", password=password, **good).status_code == 303
    bo = console.visitor()
    assert bo.log_in("bo", password).status_code == 303
    assert bo.get("/users").status_code == 403
    person.post("/users", password=password, **good)
    assert "there is an account bo already" in person.get("/users").text
    assert console.audited() == [("operator", "user:operator-x", "user.add")]
    own = console.world.one("SELECT id FROM account WHERE login = 'operator-x'")
    person.post(f"/users/{own}/disable")
    assert person.get("/users").status_code == 200


@pytest.mark.parametrize(
    "args", ["endpoint=x&values=y", "_external=1&_scheme=javascript", "_anchor=x", "page=1&self=2"]
)
def test_a_link_with_odd_arguments_leads_to_no_odd_place(console: Console, args: str):
    for number in range(1, 53):
        console.world.tell("shop", sales_order(number), key=str(number))
    page = console.person("operator").get(f"/messages?{args}").text
    following = re.search(r'rel="next" href="([^"]+)"', page)
    assert following
    assert following[1].startswith("/messages?")
