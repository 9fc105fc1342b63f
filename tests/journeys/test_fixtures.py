"""Every recorded Shopify order goes in by signed webhook, three times over and shuffled, through a
hub on embedded defaults, and ends shipped, recorded, or held with reasons that a person shares.

Each file comes in through a shop and merchant of its own, since several tell of one order id. The
same files then come in through two shops that know no article, in two orders of arrival: as
tellings of the same orders.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pytest

from tests.journeys.books import broken, differences
from tests.journeys.partners import SECRETS, Partners, as_bytes, deliver
from tests.journeys.recorded import FOLDER, tellings
from tests.kit.database import open_folder
from tests.kit.world.running import RunningHub

pytestmark = pytest.mark.slow

TELLINGS = {one.name: one for one in tellings()}
ONE_SHOP = ("one-shop", "one-shop-again")
PIECES = 1000

UNPAID = ("awaiting_payment", "no_address")

# fmt: off
ENDS = {
    # the channel cancelled or shipped it itself: recorded, and told to the books
    "order-cancelled-not-refunded-202607-appjs":           ("cancelled", ()),
    "order-cancelled-refunded-202607-appjs":               ("cancelled", ()),
    "order-fulfilled-202607-appjs":                        ("completed", ()),
    # test orders of the channel, all of them cancelled there as well
    "order-goshopify":                                     ("cancelled", ()),
    "order-with-transaction-goshopify":                    ("cancelled", ()),
    "webhook-orders-cancelled-2024-10-hookdeck":           ("cancelled", ()),
    "webhook-orders-create-2023-01-hookdeck":              ("cancelled", ()),
    "webhook-orders-create-2024-10-hookdeck":              ("cancelled", ()),
    "webhook-orders-fulfilled-2024-10-hookdeck":           ("cancelled", ()),
    "webhook-orders-paid-2024-10-hookdeck":                ("cancelled", ()),
    "webhook-orders-partially-fulfilled-2024-10-hookdeck": ("cancelled", ()),
    "webhook-orders-updated-2023-01-hookdeck":             ("cancelled", ()),
    "webhook-orders-updated-2024-10-hookdeck":             ("cancelled", ()),
    # paid, with articles and an address: shipped
    "order-manual-discount-202607-appjs":                  ("completed", ()),
    "order-partially-refunded-202607-appjs":               ("completed", ()),
    # something is missing
    "order-eur-nosku-202607-appjs":                        ("held", ("no_address", "unknown_sku")),
    "order-multi-tax-202607-appjs":                        ("held", ("no_address", "unknown_sku")),
    "order-partially-paid-202607-appjs":                   ("held", ("awaiting_payment",)),
    "order-pending-202607-appjs":                          ("held", UNPAID),
    "order-pyapi":                                         ("held", ("totals_mismatch",)),
    "orders-pyapi":                                        ("held", ("unknown_sku",)),
}  # fmt: skip
"""How each file's order ends, as a person would have it."""
# fmt: on


@dataclass
class Journey:
    """The hub and its partners after everything was told and has come to rest."""

    hub: RunningHub
    partners: Partners
    statuses: list[int]
    before: dict[str, Any]
    after: dict[str, Any]
    """How everything stood before all of it was told once more, and after."""


@pytest.fixture(scope="module")
def journey() -> Iterator[Journey]:
    with open_folder() as folder, RunningHub(folder / "var", **SECRETS) as hub:
        hub.start("up")
        with Partners(hub, [*TELLINGS, *ONE_SHOP]) as partners:
            hub.wait_ready()
            skus = {name: one.skus for name, one in TELLINGS.items()}
            hub.apply(partners.connections({**skus, **dict.fromkeys(ONE_SHOP, ())}, PIECES))
            for name, one in TELLINGS.items():
                partners.shops[name].place(one.as_placed())
            posts = [
                (shop, *partners.shops[shop].webhook(one.topic, as_bytes(one.body)))
                for name, one in TELLINGS.items()
                for shop in (name, *ONE_SHOP)
            ]
            statuses = deliver(hub, posts, seed=20261124)
            hub.wait_quiet()
            before = standing(hub, partners)
            statuses += deliver(hub, posts, seed=1)
            hub.wait_quiet()
            yield Journey(hub, partners, statuses, before, standing(hub, partners))


def standing(hub: RunningHub, partners: Partners) -> dict[str, Any]:
    """Everything that a repeat must not change."""
    counted = {
        table: hub.one(f"SELECT count(*) FROM {table}")  # noqa: S608  # names of ours
        for table in ("message", "attempt", "timeline", "ledger", "reservation", "incident")
    }
    noted = {name: len(shop.record) for name, shop in partners.shops.items()}
    return {
        **counted,
        "orders": hub.sql(
            "SELECT channel, channel_order_id, status, digest FROM sales_order ORDER BY 1, 2"
        ),
        "stock": hub.sql("SELECT * FROM stock_level ORDER BY merchant_id, sku"),
        "shops": noted,
        "warehouse": len(partners.warehouse.record),
        "erp": len(partners.erp.record),
    }


def test_every_order_ends_as_a_person_would_have_it(journey: Journey) -> None:
    rows = journey.hub.sql("SELECT channel, status, hold_reasons FROM sales_order ORDER BY channel")
    ends = {
        row.channel: (row.status, tuple(sorted({reason["code"] for reason in row.hold_reasons})))
        for row in rows
        if row.channel in TELLINGS
    }
    for name, (status, _) in ends.items():
        (reasons,) = (row.hold_reasons for row in rows if row.channel == name)
        print(f"{name:<52} {status:<10}", "; ".join(reason["message"] for reason in reasons))
    if not FOLDER.exists():
        print("the shared collection is not there: these are our own samples")
        assert set(ends) == set(TELLINGS)
        assert {status for status, _ in ends.values()} <= {"completed", "cancelled", "held"}
        return
    assert ends == ENDS


def test_G07_every_telling_was_answered_and_none_is_lost_or_doubled(journey: Journey) -> None:
    assert journey.statuses == [200] * (6 * 3 * len(TELLINGS))
    kept = journey.hub.sql(
        """SELECT message.connection, count(*) AS messages, sum(repeats) AS repeats FROM seen
        JOIN message ON message.id = seen.message_id AND direction = 'in'
        JOIN connection ON code = message.connection AND kind = 'channel' GROUP BY 1"""
    )
    assert {row.connection: (row.messages, row.repeats) for row in kept} == {
        **dict.fromkeys(TELLINGS, (1, 5)),
        **{shop: (len(TELLINGS), 5 * len(TELLINGS)) for shop in ONE_SHOP},
    }
    assert journey.hub.one("SELECT count(*) FROM sales_order") == len(TELLINGS) + 2 * len(
        {one.order_id for one in TELLINGS.values()}
    )


def test_nothing_is_left_to_do_and_the_books_add_up(journey: Journey) -> None:
    assert broken(journey.hub) == {}
    assert journey.hub.sql("SELECT connection, topic, status, waits_for FROM work") == []


def test_the_partners_records_are_those_of_the_hub(journey: Journey) -> None:
    assert differences(journey.hub, journey.partners) == []


def test_posting_everything_again_changes_nothing(journey: Journey) -> None:
    assert journey.after == journey.before


def test_G15_the_order_of_arrival_makes_no_difference(journey: Journey) -> None:
    first, second = (
        journey.hub.sql(
            """SELECT channel_order_id, status, hold_reasons, revision, digest
            FROM sales_order WHERE channel = :shop ORDER BY 1""",
            shop=shop,
        )
        for shop in ONE_SHOP
    )
    assert first == second
    assert len(first) == len({one.order_id for one in TELLINGS.values()})
