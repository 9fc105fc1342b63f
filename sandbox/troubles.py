"""Troubles planted into the demonstration, each to be found in the console and mended there.

A trouble changes an order before the shop tells it, or how a partner answers about it. `look` is
where a person meets it, `mend` what helps.
"""

import json
from collections.abc import Callable, Mapping
from copy import deepcopy
from dataclasses import dataclass
from typing import Any

from sandbox.partner import Partner

Body = dict[str, Any]
Partners = Mapping[str, Partner]
Plant = Callable[[Partners, Body], Body | bytes]

EVERY = {"none": 0, "few": 12, "many": 3}
"""One order in so many has a trouble."""


@dataclass(frozen=True, slots=True)
class Trouble:
    """One kind of trouble. `plant` answers what the shop tells in the order's stead."""

    name: str
    look: str
    mend: str
    plant: Plant


def _other_name_for_an_article(_: Partners, body: Body) -> Body:
    told = deepcopy(body)
    told["line_items"][0]["sku"] = f"SHOP-{told['line_items'][0]['sku']}"
    return told


def _no_city(_: Partners, body: Body) -> Body:
    told = deepcopy(body)
    for name in ("shipping_address", "billing_address"):
        told[name] |= {"city": "", "zip": ""}
    return told


def _cut_off(_: Partners, body: Body) -> bytes:
    raw = json.dumps(body, ensure_ascii=False).encode()
    return raw[: len(raw) // 2]


def _refused(partners: Partners, body: Body) -> Body:
    rule = {"do": "failure", "kind": "deliveryorder.create", "times": 1, "code": "S003"}
    partners["warehouse"].misbehave([rule | {"message": "the shelf is empty"}])
    return body


def _lost(partners: Partners, body: Body) -> Body:
    partners["erp"].misbehave([{"do": "lost", "kind": "model.sale.sale.create", "times": 1}])
    return body


def _away(partners: Partners, body: Body) -> Body:
    partners["shop"].misbehave([{"do": "500_before", "times": 4}])
    return body


TROUBLES = (
    Trouble(
        "unknown_sku",
        "Orders, held: the shop calls an article by a name that nobody knows",
        "say on the order's page which article is meant",
        _other_name_for_an_article,
    ),
    Trouble(
        "bad_address",
        "Orders, held: the address has no city and no postal code",
        "correct the address on the order's page",
        _no_city,
    ),
    Trouble(
        "bad_json",
        "Messages, parked: half of a delivery arrived",
        "discard it: the shop has told the whole by now",
        _cut_off,
    ),
    Trouble(
        "refused",
        "the order: the warehouse will not ship it",
        "reroute it on the order's page",
        _refused,
    ),
    Trouble(
        "lost_answer",
        "Messages, to erp-demo: the answer to a sale was lost",
        "nothing: the ERP is asked, and has it",
        _lost,
    ),
    Trouble(
        "shop_away",
        "Messages, to shop-demo: the shop fails for a while",
        "nothing: it is tried again",
        _away,
    ),
)


def trouble_of(number: int, every: int) -> Trouble | None:
    """The trouble of the nth order, if it has one; they come one after the other."""
    if every == 0 or number % every:
        return None
    return TROUBLES[(number // every) % len(TROUBLES)]
