"""What a partner says of a failure is kept for people to read: without our secrets and without the
person whom it quotes.
"""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from adapters.kit.http import Http, Transport
from adapters.kit.http.wire_tap import recording
from hub.model.errors import Rejected, TryLater
from sandbox.http import Answer, Request, Server
from tests.kit.catalogue import sales_order
from tests.kit.world import World

SECRET, SESSION = "sesame-4711", "Session b3Blbg=="


@pytest.fixture
def echo() -> Iterator[str]:
    """A partner that refuses by repeating what it was sent, headers and all."""

    def answer(request: Request) -> Answer:
        said = f"{SECRET} {request.target} {dict(request.headers)} {request.body.decode()}"
        return Answer(422, said.encode(), "text/plain")

    server = Server(answer)
    yield server.start()
    server.stop()


def test_G26_a_refusal_repeats_no_secret_nor_what_was_made_for_one_call(echo: str) -> None:
    http = Http(echo, transport=Transport.local(), secrets=[SECRET])
    with recording() as exchanges, pytest.raises(Rejected) as refused:
        http.call("POST", "/x", body={"a": SECRET}, headers={"Authorization": SESSION})
    for text in (str(refused.value), repr(exchanges)):
        assert SECRET not in text
        assert SESSION.partition(" ")[2] not in text
    assert str(refused.value).startswith("POST answered 422: *** /x ")


def test_G26_words_that_came_with_a_success_are_scrubbed_as_a_tree(echo: str) -> None:
    http = Http(echo, {"X-Token": "the-token"}, Transport.local(), secrets=[SECRET])
    said = ["UserError", [f"no {SECRET}", {"at": "the-token", "of": 3}], None]
    assert http.scrub(said) == ["UserError", ["no ***", {"at": "***", "of": 3}], None]
    assert http.scrub("open b3Blbg==", *SESSION.split()) == "open ***"


@pytest.fixture
def world(db_url: str, tmp_path: Path) -> Iterator[World]:
    """A shop, a warehouse, an ERP."""
    made = World(db_url, tmp_path)
    made.merchant().shop().warehouse(A=10, B=10).erp(takes=("sales_order", "shipment"))
    yield made
    made.close()


@pytest.mark.parametrize("fate", [Rejected, TryLater])
def test_G26_the_person_whom_a_partner_quotes_is_not_kept_in_clear(
    world: World, fate: type[Exception]
) -> None:
    words = "Ada Bakker, Keizersgracht 1, ada1001@example.com: no such street in Amst"
    world.at("wh").answers = [fate(words)]
    world.at("erp").answers = [fate(f"party {words}")]
    world.tell("shop", sales_order(), key="1001")
    world.once()
    world.once()
    told = world.sql("SELECT connection, id FROM message WHERE direction = 'out'")
    kept = {row.connection: world.said(row.id) for row in told}
    assert kept == {
        "wh": "***, ***, ***: no such street in ***",
        "erp": "party ***, ***, ***: no such street in ***",
    }
    rows = world.sql(
        """SELECT to_jsonb(t) FROM attempt AS t UNION ALL SELECT to_jsonb(t) FROM incident AS t
        UNION ALL SELECT to_jsonb(t) FROM timeline AS t
        UNION ALL SELECT to_jsonb(t) FROM fulfilment_order AS t"""
    )
    text = json.dumps([row[0] for row in rows])
    assert [word for word in ("Ada", "Keizersgracht", "ada1001") if word in text] == []
