"""Settlement over the Open API: from terms to the payout file, by four eyes; a merchant sees its
own.
"""

import json
from datetime import UTC, datetime
from decimal import Decimal
from itertools import count
from typing import Any

import pytest
import sqlalchemy as sa

from hub.model.settlement import ChargeItem, Entry
from hub.rules.settlement import postings
from hub.store.base import sealed_accounts
from hub.store.people import api_keys
from hub.store.settlement import contracts, entries
from tests.kit.world.gateway import Gateway

SOLD = datetime(2026, 10, 9, tzinfo=UTC)
OCTOBER = {"currency": "EUR", "from": "2026-10-01T00:00:00Z", "to": "2026-11-01T00:00:00Z"}
TERMS = {
    "currency": "EUR",
    "rules": [{"name": "all", "percent": "10"}],
    "payee": {"name": "Acme", "iban": "DE89370400440532013000"},
}
NUMBERS = count(1)


@pytest.fixture
def seller(gateway: Gateway) -> str:
    """A merchant of this test alone: what is booked is never taken away."""
    code = f"seller{next(NUMBERS)}"
    for merchant in (code, "operator"):
        gateway.world.merchant(merchant)
    item = ChargeItem("sale", {"channel": "shop", "sku": "A"}, "order:1", Decimal(2), Decimal(200))
    with gateway.world.store.database.begin() as db:
        lines = postings.turnover([item])
        sale = Entry(code, "order:1", "sale:1", "EUR", SOLD, SOLD, lines, items=[item])
        entries.book(db, [sale])
    return code


def another(gateway: Gateway, owner: str = "user:bob") -> str:
    """A key of another name: of somebody else, or of who is named."""
    with gateway.world.store.database.begin() as db:
        return api_keys.make(db, "bob", ("all",), None, owner=owner)[1]


def agreed(gateway: Gateway, key: str, merchant: str, **changes: Any) -> None:
    body = {"merchant": merchant, "valid_from": "2026-01-01T00:00:00Z"}
    answer = gateway.call("POST", "contracts", key, {**body, "terms": {**TERMS, **changes}})
    assert answer.status_code == 201, answer.json


def calculated(gateway: Gateway, key: str, seller: str) -> str:
    agreed(gateway, key, seller)
    made = gateway.call("POST", "settlements", key, {"merchant": seller, **OCTOBER})
    assert made.status_code == 201, made.json
    path = f"settlements/{made.json['id']}"
    answer = gateway.call("POST", f"{path}/calculate", key)
    assert (answer.json["status"], answer.json["payout"]) == ("calculated", "180.00")
    return path


def test_a_statement_opens_down_to_its_items_and_is_paid_by_a_file(
    gateway: Gateway, seller: str
) -> None:
    ann, bob = gateway.key("all"), another(gateway)
    path = calculated(gateway, ann, seller)
    charge = gateway.call("GET", path, ann).json["lines"][1]
    assert (charge["rule"], charge["version"], charge["amount"]) == ("all", 1, "-20.00")
    (item,) = gateway.call("GET", f"{path}/items?line=2", ann).json["items"]
    assert (item["document"], item["traits"]["sku"], item["amount"]) == ("order:1", "A", "-20.00")
    refused = gateway.call("POST", f"{path}/approve", ann)
    assert (refused.status_code, refused.json["errors"][0]["code"]) == (409, "four_eyes")
    own = another(gateway, "user:test")  # two keys of one person
    refused = gateway.call("POST", f"{path}/approve", own)
    assert (refused.status_code, refused.json["errors"][0]["code"]) == (409, "four_eyes")
    assert gateway.call("POST", f"{path}/approve", bob).json["status"] == "approved"
    agreed(gateway, ann, "operator")
    paid = gateway.call("GET", "payouts?currency=EUR&format=pain.001", bob).json
    assert (paid["count"], paid["total"]) == (1, "180.00")
    assert path.removeprefix("settlements/") in paid["content"]
    body = {"at": "2026-11-02T00:00:00Z"}
    assert gateway.call("POST", f"{path}/pay", bob, body).json["status"] == "paid"
    journal = gateway.call("GET", f"journal?merchant={seller}", ann).json["items"]
    assert [it["reason"] for it in journal] == ["sale:1", "charges", "payout"]


def test_an_account_is_kept_sealed_and_shown_by_its_end(
    gateway: Gateway, seller: str, caplog: pytest.LogCaptureFixture
) -> None:
    key, iban = gateway.key("all"), "DE89370400440532013000"
    agreed(gateway, key, seller)
    first = gateway.call("GET", f"contracts?merchant={seller}", key)
    (version,) = first.json["versions"]
    assert version["terms"]["payee"] == {
        "name": "Acme", "iban": "•••3000", "bic": None, "country": None
    }  # fmt: skip
    # what was read is written again: the same account, under other rules
    again = {"merchant": seller, "terms": {**version["terms"], "minimum_payout": "5.00"}}
    answer = gateway.call("POST", "contracts", key, again)
    assert (answer.status_code, len(answer.json["versions"])) == (201, 2)
    with gateway.world.unit() as unit:
        assert set(contracts.accounts(unit.db, unit.vault, [seller]).values()) == {iban}
    wrong = {**version["terms"], "payee": {"name": "Acme", "iban": "•••0000"}}
    refused = gateway.call("POST", "contracts", key, {"merchant": seller, "terms": wrong})
    assert (refused.status_code, refused.json["errors"][0]["path"]) == (422, "payee.iban")
    kept = gateway.world.sql(
        "SELECT terms::text || encode(account, 'escape') FROM contract WHERE merchant_id = :m",
        m=seller,
    ) + gateway.world.sql("SELECT audit::text FROM audit WHERE chain = :m", m=seller)
    told = [first.text, answer.text, refused.text, caplog.text, str(kept)]
    assert [text for text in told if iban in text or iban[4:] in text] == []


def test_accounts_of_an_older_release_are_sealed_once(gateway: Gateway, seller: str) -> None:
    world, iban = gateway.world, "NL91ABNA0417164300"
    terms = json.dumps({"currency": "EUR", "payee": {"name": "Acme", "iban": iban}})
    world.sql(
        """INSERT INTO contract (merchant_id, version, valid_from, terms, author)
        VALUES (:m, 1, now(), CAST(:t AS jsonb), 'ann') RETURNING version""",
        m=seller, t=terms,
    )  # fmt: skip
    owner = sa.create_engine(world.url, poolclass=sa.NullPool)
    for sealed in (1, 0):
        with owner.begin() as db:
            db.execute(sa.text("SELECT set_config('orderhub.scope', '*', true)"))
            assert sealed_accounts.seal_all(db, world.store.vault) == sealed
    assert iban not in str(world.sql("SELECT terms FROM contract WHERE merchant_id = :m", m=seller))
    with world.unit() as unit:
        assert contracts.accounts(unit.db, unit.vault, [seller]) == {(seller, 1): iban}
    with owner.begin() as db, pytest.raises(sa.exc.DBAPIError, match="only ever added to"):
        db.execute(sa.text("DELETE FROM contract"))


def test_a_merchant_sees_its_own_and_decides_about_nothing(gateway: Gateway, seller: str) -> None:
    key = gateway.key("all")
    path = calculated(gateway, key, seller)
    own = gateway.key("all", merchant=seller)
    other = gateway.key("all", merchant="acme")
    assert [it["merchant"] for it in gateway.call("GET", "settlements", own).json["items"]] == [
        seller
    ]
    assert gateway.call("GET", path, other).status_code == 404
    assert gateway.call("GET", "journal", other).json["items"] == []
    for step in ("calculate", "approve", "pay"):
        assert gateway.call("POST", f"{path}/{step}", own).status_code == 403
    disputed = gateway.call("POST", f"{path}/dispute", own, {"reason": "an order is missing"})
    assert disputed.json["status"] == "disputed"


def test_other_terms_are_tried_and_nothing_is_kept(gateway: Gateway, seller: str) -> None:
    key = gateway.key("all")
    agreed(gateway, key, seller)
    body = {"merchant": seller, **OCTOBER}
    terms = {"currency": "EUR", "rules": [{"name": "less", "percent": "8", "skus": ["A"]}]}
    tried = gateway.call("POST", "contracts/what-if", key, {**body, "terms": terms}).json
    assert (tried["now"]["balance"], tried["then"]["balance"]) == ("180.00", "184.00")
    assert tried["difference"] == "4.00"
    wrong = gateway.call(
        "POST",
        "contracts/what-if",
        key,
        {**body, "terms": {"currency": "EUR", "rules": [{"name": "x", "percent": "101"}]}},
    )
    assert (wrong.status_code, wrong.json["errors"][0]["path"]) == (422, "terms.rules.0.percent")


def test_a_correction_takes_two_people(gateway: Gateway, seller: str) -> None:
    ann, bob = gateway.key("all"), another(gateway)
    body = {"merchant": seller, "currency": "EUR", "amount": "-3.50", "reason": "label reprinted"}
    made = gateway.call("POST", "adjustments", ann, body)
    assert made.status_code == 201
    path = f"adjustments/{made.json['id']}"
    assert gateway.call("POST", f"{path}/approve", ann).status_code == 409
    assert gateway.call("POST", f"{path}/approve", bob).json["decision"] == "approved"
    assert gateway.call("POST", f"{path}/refuse", bob).status_code == 409
