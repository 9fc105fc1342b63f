"""Mending messages in the console: each button does what it says, once, and leaves a trace."""

import json
import re

from tests.admin.seeds import Seeded, working_day
from tests.kit.catalogue import sales_order
from tests.kit.world.console import Console, Person


def buttons(page: str) -> list[str]:
    """What the page offers beside the message's name."""
    part = page.partition('<div class="actions"')[2].partition('<div class="columns">')[0]
    found = re.findall(r'(?:<summary class="button ?\w*"|<a class="button"[^>]*)>([^<]+)<', part)
    return [one.strip() for one in found]


def hidden(page: str, name: str) -> str:
    found = re.search(rf'name="{name}" value="([^"]*)"', page)
    assert found, name
    return found[1]


def text_field(page: str) -> str:
    """What a browser would send back of the text field."""
    found = re.search(r"<textarea[^>]*>\n(.*?)</textarea>", page, re.DOTALL)
    assert found
    for entity, char in (("&#34;", '"'), ("&#39;", "'"), ("&lt;", "<"), ("&gt;", ">")):
        page = found[1] if entity == "&#34;" else page
        page = page.replace(entity, char)
    return page.replace("&amp;", "&").replace("\n", "\r\n")


def opened(console: Console, path: str, role: str = "integrator") -> Person:
    person = console.person(role)
    person.get(path)
    return person


def edited(person: Person, seeded: Seeded, change: tuple[str, str]) -> str:
    """The page that shows what would change."""
    path = f"/messages/{seeded.parked}"
    person.post(f"{path}/unmask", reason="to mend it", then="edit")
    text = text_field(person.get(f"{path}/edit").text).replace(*change)
    return person.post(f"{path}/edit", text=text, reason="EURO is EUR").text


def test_the_buttons_are_those_of_the_life_cycle(console: Console):
    seeded = working_day(console.world)
    person = console.person("integrator")
    page = person.get(f"/messages/{seeded.parked}").text
    assert buttons(page) == ["Replay", "Edit and replay", "Discard"]
    unknown = person.get(f"/messages/{seeded.unknown}").text
    assert buttons(unknown) == ["It arrived", "It did not arrive", "Discard"]
    done = console.world.sql("SELECT id FROM message WHERE status = 'done' LIMIT 1")[0][0]
    assert buttons(person.get(f"/messages/{done}").text) == ["Replay", "Edit and replay"]
    behind = console.world.sql("SELECT id FROM work WHERE status = 'behind'")[0][0]
    assert buttons(person.get(f"/messages/{behind}").text) == []
    auditor = console.person("auditor")
    assert buttons(auditor.get(f"/messages/{seeded.parked}").text) == []


def test_G16_the_page_names_what_stands_behind_it(console: Console):
    seeded = working_day(console.world)
    page = console.person("auditor").get(f"/messages/{seeded.parked}").text
    behind = console.world.sql("SELECT id FROM work WHERE status = 'behind'")[0][0]
    assert "1 message stands behind it" in page
    assert f"/messages/{behind}" in page


def test_a_message_is_replayed_once_and_its_lane_is_rung(console: Console):
    console.world.tell("shop", sales_order(), key="1001")
    console.world.run()
    found = console.world.sql("SELECT id FROM message WHERE direction = 'in'")[0][0]
    person = opened(console, f"/messages/{found}")
    assert person.post(f"/messages/{found}/replay", reason="once more").status_code == 303
    assert console.rung == [("in", "shop", 0)]
    assert console.world.message_status(found) == "received"
    person.post(f"/messages/{found}/replay", reason="once more")
    assert "comes too late" in person.get(f"/messages/{found}").text
    assert console.audited() == [("acme", "user:integrator-x", "message.replay")]
    console.world.run()
    assert console.world.one("SELECT count(*) FROM sales_order") == 1


def test_an_edit_is_shown_before_it_is_kept_and_the_original_stays(console: Console):
    seeded = working_day(console.world)
    path = f"/messages/{seeded.parked}"
    person = opened(console, path)
    shown = edited(person, seeded, ('"EURO"', '"EUR"'))
    diff = re.findall(r'<tr class="(new|gone)"><td>[^<]*</td><td>([^<]*)</td>', shown)
    assert diff == [
        ("gone", "  &#34;currency&#34;: &#34;EURO&#34;,"),
        ("new", "  &#34;currency&#34;: &#34;EUR&#34;,"),
    ]
    assert console.world.message_status(seeded.parked) == "parked"
    form = {name: hidden(shown, name).replace("&#34;", '"') for name in ("text", "reason")}
    version = hidden(shown, "version")
    answer = person.post(f"{path}/edit/confirm", version=version, **form)
    assert (answer.status_code, answer.location) == (303, path)
    assert console.world.message_status(seeded.parked) == "received"
    console.world.run()
    assert console.world.message_status(seeded.parked) == "done"
    assert console.world.order("1005").status == "open"
    page = person.get(path).text
    assert "version 2" in page
    assert "EURO is EUR" in page
    raw = console.world.store.vault.open(
        console.world.one("SELECT payload FROM message WHERE id = :id", id=seeded.parked),
        "message.payload",
        "acme",
        seeded.parked,
    )
    assert json.loads(raw)["currency"] == "EURO"
    actions = [action for _, _, action in console.audited()]
    assert actions == ["message.unmask", "message.edit"]


def test_nothing_is_kept_without_a_change_a_reason_or_where_another_was_faster(console: Console):
    seeded = working_day(console.world)
    path = f"/messages/{seeded.parked}"
    person = opened(console, path)
    assert "Nothing is different yet." in edited(person, seeded, ("nothing", "else"))
    text = text_field(person.get(f"{path}/edit").text).replace("EURO", "EUR")
    assert "Say why it is changed." in person.post(f"{path}/edit", text=text, reason=" ").text
    stale = person.post(f"{path}/edit/confirm", text=text, reason="why", version="7")
    assert stale.location == path
    assert "Somebody changed this message meanwhile" in person.get(path).text
    back = person.post(f"{path}/edit/confirm", text=text, reason="why", version="1", back="1")
    assert 'value="why"' in back.text
    assert console.world.message_status(seeded.parked) == "parked"
    assert console.world.one("SELECT count(*) FROM message_version") == 0


def test_the_text_to_edit_is_not_shown_before_a_reason(console: Console):
    seeded = working_day(console.world)
    path = f"/messages/{seeded.parked}"
    person = opened(console, path)
    page = person.get(f"{path}/edit").text
    assert "<textarea" not in page
    assert "Bakker" not in page
    assert person.post(f"{path}/edit", text="{}", reason="x").location == f"{path}/edit"
    assert person.post(f"{path}/unmask", reason="mend", then="edit").location == f"{path}/edit"
    assert "Ada Bakker" in person.get(f"{path}/edit").text


def test_what_is_no_text_cannot_be_edited_and_the_page_says_so(console: Console):
    found = console.world.tell_raw("shop", "sales_order", b"\xff\xfe\x00raw", key="x").id
    console.world.run()
    person = opened(console, f"/messages/{found}")
    assert "•••" in person.get(f"/messages/{found}").text
    person.post(f"/messages/{found}/unmask", reason="look")
    assert "It is no text." in person.get(f"/messages/{found}").text
    assert "This cannot be edited as text." in person.get(f"/messages/{found}/edit").text


def test_a_discarded_message_lets_those_behind_it_go(console: Console):
    seeded = working_day(console.world)
    behind = console.world.sql("SELECT id FROM work WHERE status = 'behind'")[0][0]
    path = f"/messages/{seeded.parked}"
    person = opened(console, path)
    person.post(f"{path}/discard", reason="")
    assert console.world.message_status(seeded.parked) == "parked"
    person.post(f"{path}/discard", reason="sent again by the shop")
    assert console.world.message_status(seeded.parked) == "discarded"
    assert console.world.message_status(behind) == "received"
    assert ("in", "shop", 0) in console.rung
    assert console.audited() == [("acme", "user:integrator-x", "message.discard")]


def test_an_unknown_outcome_is_settled_by_what_somebody_saw(console: Console):
    seeded = working_day(console.world)
    path = f"/messages/{seeded.unknown}"
    person = opened(console, path)
    assert person.post(f"{path}/settle", arrived="perhaps").status_code == 400
    told = len(console.world.at("wh").told)
    person.post(f"{path}/settle", arrived="yes")
    assert console.world.message_status(seeded.unknown) == "delivered"
    console.world.run()
    assert len(console.world.at("wh").told) == told
    person.post(f"{path}/settle", arrived="no")
    assert "comes too late" in person.get(path).text
    assert console.audited() == [("acme", "user:integrator-x", "message.settle")]


def test_what_did_not_arrive_is_sent_again_under_its_first_key(console: Console):
    seeded = working_day(console.world)
    person = opened(console, f"/messages/{seeded.unknown}")
    key = console.world.at("wh").told[-1][1]
    before = [one[1] for one in console.world.at("wh").told].count(key)
    first = console.world.one("SELECT outward_key FROM message WHERE id = :id", id=seeded.unknown)
    person.post(f"/messages/{seeded.unknown}/settle", arrived="no")
    console.world.run()
    keys = [one[1] for one in console.world.at("wh").told]
    assert keys.count(first) == (before + 1 if key == first else 2)
    assert console.world.message_status(seeded.unknown) == "delivered"


def test_a_selection_is_counted_before_it_is_replayed(console: Console):
    seeded = working_day(console.world)
    person = console.person("integrator")
    shown = person.get("/messages/replay?status=parked").text
    assert "Of which connection?" in shown
    assert 'name="count"' not in shown
    shown = person.get("/messages/replay?status=parked&across=1").text
    assert "Replay 3 messages" in shown
    assert "1 that may have arrived is left out" in shown
    narrowed = person.get("/messages/replay?status=parked&code=bad_json").text
    assert "Replay 1 message<" in narrowed
    person.post("/messages/replay?status=parked&code=bad_json", count=1, reason="")
    assert console.audited() == []
    answer = person.post("/messages/replay?status=parked&code=bad_json", count=1, reason="mended")
    assert answer.location == "/messages?code=bad_json"
    assert "1 message is on its way again." in person.get("/messages").text
    assert console.audited() == [("acme", "user:integrator-x", "message.replay")]
    person.post("/messages/replay?status=delivered&across=1", count=1000, reason="all of it")
    assert "that the partner has" in person.get("/messages").text
    assert len(console.audited()) == 1
    person.post("/messages/replay?status=parked&across=1", count=1000, reason="all of it")
    statuses = [console.world.message_status(one) for one in (seeded.parked, seeded.unknown)]
    assert statuses == ["received", "parked"]
    assert len(console.audited()) == 3
