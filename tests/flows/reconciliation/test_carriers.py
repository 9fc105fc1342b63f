"""Carriers' invoices against parcels: what each weighs and was estimated to cost."""

from typing import Any

import pytest

from hub import flows
from hub.flows.unit import Told
from hub.model.catalogue import read
from hub.model.merchant import OPERATOR
from hub.store.base.ids import new_id
from hub.store.views.reconciliation.remainder import Wanted, listed, summed
from mappings.csv_report import Layout, decoders, described
from mappings.kit import Context, decode
from tests.flows.reconciliation.till import Till, line, report
from tests.kit.catalogue import shipment

HEAD = "invoice,tracking_number,weight,unit,cost,currency,date"
Parcel = tuple[str, str | None]
"""Its number and what it weighs."""


@pytest.fixture
def shed(till: Till) -> Till:
    till.acme.warehouse(A=100)
    return till


def sent(till: Till, number: int, *parcels: Parcel, cost: str | None = "5.00", **how: Any) -> None:
    """An order left in these parcels; the warehouse says what all of them cost."""
    till.acme.order(number, lines=[("A", len(parcels))])
    till.world.run()
    packages = [
        {"carrier": "dhl", "tracking_number": name, "weight_kg": weight,
         "lines": [{"line_no": 1, "quantity": "1"}]}
        for name, weight in parcels
    ]  # fmt: skip
    spent = {"code": "carriage", "amount": cost, "currency": how.get("currency", "EUR")}
    costs = [spent] if cost is not None else []
    at = len(till.acme.fulfilment()) - 1
    said = shipment(till.acme.number(at), delivery=f"s{number}", packages=packages, costs=costs)
    till.acme.says(said)
    till.world.run()


def invoice(till: Till, *rows: str, head: str = HEAD, **layout: Any) -> list[str]:
    """The carrier's invoice in CSV comes in: what became of each report in it."""
    shape = Layout.model_validate(
        described({"like": "carrier_invoice", "provider": "dhl", **layout})
    )
    raw = "\n".join([head, *rows]).encode()
    partner = till.world.store.directory().connections[till.psp]
    documents = decode(decoders(shape), "report", raw, Context(till.psp))
    with till.world.unit() as unit:
        told = [Told(document, partner, new_id(), new_id()) for document in documents]
        return [verdict.status for verdict in flows.take(unit, told)]


def parcels(till: Till) -> list[tuple[str | None, str]]:
    return sorted((name or "", state) for name, state, _ in till.ours("carriage"))


def reasons(till: Till) -> list[tuple[str, str, str | None]]:
    return sorted(till.theirs(), key=str)


def test_a_parcel_that_costs_and_weighs_what_was_said_is_matched(shed: Till) -> None:
    sent(shed, 1, ("JD1", "1.0"), ("JD2", "3.0"), cost="8.00")
    assert invoice(
        shed, "I1,JD1,1.0,kg,2.00,EUR,2026-11-24", "I1,JD2,3.1,kg,6.00,EUR,2026-11-24"
    ) == ["done"]
    assert parcels(shed) == [("JD1", "matched"), ("JD2", "matched")]
    assert shed.rules() == ["parcel", "parcel"]


def test_what_nobody_estimated_costs_what_the_carrier_says(shed: Till) -> None:
    sent(shed, 1, ("JD1", None), cost=None)
    invoice(shed, "I1,JD1,1.0,kg,4.20,EUR,2026-11-24")
    assert parcels(shed) == [("JD1", "matched")]


@pytest.mark.parametrize(
    ("row", "why"),
    [
        ("I1,JD1,1.2,kg,5.00,EUR,2026-11-24", "heavier than a twentieth and 50 g more"),
        ("I1,JD1,1.0,kg,5.01,EUR,2026-11-24", "a cent more than was estimated"),
        ("I1,JD1,1.0,kg,4.99,EUR,2026-11-24", "a cent less"),
        ("I1,JD1,1.0,kg,-5.00,EUR,2026-11-24", "given back instead of asked for"),
    ],
)
def test_another_weight_or_cost_goes_to_a_person(shed: Till, row: str, why: str) -> None:
    sent(shed, 1, ("JD1", "1.0"))
    assert invoice(shed, row) == ["done"], why
    assert reasons(shed) == [("JD1", "open", "weight_differs")]
    assert parcels(shed) == [("JD1", "open")]


def test_a_parcel_that_differs_says_nothing_of_the_others_of_its_order(shed: Till) -> None:
    sent(shed, 1, ("JD1", "1.0"), ("JD2", "1.0"), cost="8.00")
    invoice(shed, "I1,JD1,1.0,kg,9.00,EUR,2026-11-24")
    rows = shed.acme.rows(
        "SELECT reference, reason FROM expected_money"
        " WHERE merchant_id = :merchant AND kind = 'carriage' ORDER BY reference"
    )
    assert [tuple(row) for row in rows] == [("JD1", "amount_differs"), ("JD2", "not_invoiced")]


def test_a_parcel_without_a_price_waits_for_nobody_before_it_is_invoiced(shed: Till) -> None:
    sent(shed, 1, ("JD1", "1.0"), cost=None)
    sent(shed, 2, ("JD2", "1.0"), cost="4.00")
    with shed.world.store.database.begin() as db:
        left = listed(db, Wanted(side="ours", merchant=shed.acme.code)).items
        groups = summed(db, Wanted(side="ours", merchant=shed.acme.code))
    assert [it.reference for it in left if it.kind == "carriage"] == ["JD2"]
    assert [(it.rows, it.amount) for it in groups if it.reason == "not_invoiced"] == [(1, -4)]
    invoice(shed, "I1,JD1,1.0,kg,5.00,EUR,2026-11-24")
    assert reasons(shed) == [("JD1", "matched", None)]


def test_what_is_charged_on_top_belongs_to_its_parcel(shed: Till) -> None:
    sent(shed, 1, ("JD1", "1.0"), cost="5.40")
    invoice(shed, "I1,JD1,1.0,kg,5.00,EUR,2026-11-24", "I1,JD1,,,0.40,EUR,2026-11-24")
    assert reasons(shed) == [("JD1", "matched", None), ("JD1", "matched", None)]
    assert (parcels(shed), shed.rules()) == ([("JD1", "matched")], ["parcel"])


def test_a_parcel_that_is_asked_for_again_is_told_twice(shed: Till) -> None:
    sent(shed, 1, ("JD1", "1.0"), ("JD2", "1.0"), cost="10.00")
    row = "JD1,1.0,kg,5.00,EUR"
    assert invoice(shed, f"I1,{row},2026-11-24") == ["done"]
    assert invoice(shed, f"I1,{row},2026-11-24") == ["ignored"]  # the same invoice
    assert invoice(shed, f"I2,{row},2026-11-25") == ["done"]  # the next month's
    assert reasons(shed) == [("JD1", "matched", None), ("JD1", "open", "duplicate")]
    assert parcels(shed) == [("JD1", "matched"), ("JD2", "open")]


def test_a_number_that_nobody_sent_goes_to_a_person(shed: Till) -> None:
    sent(shed, 1, ("JD1", "1.0"))
    invoice(shed, "I1,JD9,1.0,kg,5.00,EUR,2026-11-24", "I1,,,,3.10,EUR,2026-11-24")
    assert [(state, why) for _, state, why in reasons(shed)] == [("open", "unknown")] * 2
    assert parcels(shed) == [("JD1", "open")]


def test_an_invoice_before_its_parcel_waits_for_it(shed: Till) -> None:
    invoice(shed, "I1,JD1,1.0,kg,5.00,EUR,2026-11-24")
    assert reasons(shed) == [("JD1", "open", "unknown")]
    sent(shed, 1, ("JD1", "1.0"))
    invoice(shed, "I2,JD7,1.0,kg,5.00,EUR,2026-11-24")
    assert reasons(shed) == [("JD1", "matched", None), ("JD7", "open", "unknown")]


def test_currencies_are_reports_of_their_own_and_never_mixed(shed: Till) -> None:
    sent(shed, 1, ("JD1", "1.0"))
    sent(shed, 2, ("JD2", "1.0"), currency="USD")
    rows = ("I1,JD1,1.0,kg,5.00,USD,2026-11-24", "I1,JD2,1.0,kg,5.00,USD,2026-11-24",
            "I1,JD1,1.0,kg,5.00,EUR,2026-11-24")  # fmt: skip
    assert invoice(shed, *rows) == ["done", "done"]
    assert reasons(shed) == [
        ("JD1", "matched", None),
        ("JD1", "open", "currency"),
        ("JD2", "matched", None),
    ]


@pytest.mark.parametrize(
    ("head", "row", "how"),
    [
        (HEAD, "I1,JD1,1000,g,5.00,EUR,2026-11-24", {}),
        (HEAD, "I1,JD1,2.2046,LBS,5.00,EUR,2026-11-24", {}),
        (HEAD, "I1,JD1,35.274,oz.,5.00,EUR,2026-11-24", {}),
        (HEAD, "I1,JD1,1000,,5.00,EUR,2026-11-24", {"weight_unit": "g"}),
        (HEAD, "I1,JD1,0,kg,5.00,EUR,2026-11-24", {}),
        (HEAD.replace(",", ";"), "I1;JD1;1,000;kg;5,00;EUR;24.11.2026", {}),
        (HEAD.replace(",", ";"), "I1;JD1;0,95;kg;5;EUR;24.11.2026", {}),
    ],
)
def test_a_weight_is_read_in_its_unit_and_with_its_comma(
    shed: Till, head: str, row: str, how: dict[str, Any]
) -> None:
    sent(shed, 1, ("JD1", "1.0"))
    invoice(shed, row, head=head, **how)
    assert parcels(shed) == [("JD1", "matched")]
    (kept,) = shed.acme.rows("SELECT gross FROM provider_row WHERE merchant_id = :merchant")
    assert kept.gross == -5


def test_a_number_that_two_merchants_parcels_bear_says_nothing(shed: Till) -> None:
    both, own = f"{shed.acme.code}-1", f"{shed.acme.code}-2"
    sent(shed, 1, (both, "1.0"))
    other = Till(shed.world)
    other.acme.warehouse(A=5)
    sent(other, 1, (both, "1.0"), (own, "1.0"), cost="10.00")
    carrier = f"carrier-{shed.acme.code}"
    shed.world.connect(carrier, "finance", merchant=OPERATOR)
    rows = [line(name, "-5.00", kind="carriage") for name in (both, own)]
    tree = {**report("I1", *rows, payout=None), "source": {"connection": carrier, "id": "I1"}}
    partner = shed.world.store.directory().connections[carrier]
    with shed.world.unit() as unit:
        told = Told(read("settlement_report", tree), partner, new_id(), new_id())
        assert [it.status for it in flows.take(unit, [told])] == ["done"]
    assert parcels(shed) == [(both, "open")]
    assert parcels(other) == [(both, "open"), (own, "matched")]
    other.check()
