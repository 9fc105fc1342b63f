"""Values planted in a run and nowhere else, and the search for them in what it leaves behind."""

import base64
import html
import json
from collections.abc import Iterable, Iterator, Mapping
from copy import deepcopy
from typing import Any
from urllib.parse import quote, quote_plus

PERSONAL = {
    "first name": "Zebulon",
    "last name": "Quäckenbush",
    "street": "Thistlewick Lane 4711",
    "phone": "+31655501987",
    "e-mail": "zebulon.q@planted-mail.example",
    "note": "leave it under the marmalade gnome",
}
SECRETS = {
    "webhook secret": "whk-3f9a-planted-1",
    "access token": "shpat-77c0-planted-2",
    "app secret": "qm-b51e-planted-3",
    "password of the books": "erp-0d2f-planted-4",
    "console password": "con-9e4b-planted-5-long-enough",
}
ALL = {**PERSONAL, **SECRETS}
_TELLING = 8
"""Digits of base64 that do not come about by chance: four do, in a run's signatures and nonces."""
Path = tuple[Any, ...]
PERSONS = "; ".join(PERSONAL.values())
WORDS = "; ".join(ALL.values())
"""Everything at once, as a partner might answer with it."""


def found(text: str, planted: Mapping[str, str]) -> set[str]:
    """The names of the planted values that a text holds, however they are spelt."""
    lowered = text.lower()
    return {
        name
        for name, value in planted.items()
        if any(one.lower() in lowered for one in set(_spellings(value)))
    }


def _spellings(value: str) -> Iterator[str]:
    raw = value.encode()
    yield from (value, json.dumps(value)[1:-1], html.escape(value), quote(value, safe=""))
    yield from (quote_plus(value), raw.hex(), ascii(value)[1:-1], repr(raw)[2:-1])
    for shift in range(3):  # base64 of it, wherever it stands in what was encoded
        cut = base64.b64encode(bytes(shift) + raw).decode()[4 if shift else 0 : -4]
        if len(cut) >= _TELLING:
            yield cut
    if value.startswith("+"):
        yield from (value[1:], value[3:])


def plant(order: Mapping[str, Any]) -> dict[str, Any]:
    """A Shopify order whose buyer is the planted person, wherever a buyer can stand."""
    body = deepcopy(dict(order))
    name = f"{PERSONAL['first name']} {PERSONAL['last name']}"
    person = {
        "first_name": PERSONAL["first name"],
        "last_name": PERSONAL["last name"],
        "email": PERSONAL["e-mail"],
        "phone": PERSONAL["phone"],
    }
    address = {"name": name, "address1": PERSONAL["street"], "company": None, **person}
    for part in (body["billing_address"], body["shipping_address"]):
        part.update({key: value for key, value in address.items() if key in part})
    body["customer"].update(person)
    body["customer"]["default_address"].update(address)
    body |= {
        "email": PERSONAL["e-mail"],
        "contact_email": PERSONAL["e-mail"],
        "phone": PERSONAL["phone"],
        "note": PERSONAL["note"],
        "note_attributes": [{"name": "gift for", "value": name}],
    }
    return body


def spoilt(tree: Any, keep: Iterable[str]) -> Iterator[tuple[str, Any]]:
    """(where, the tree with the planted values at that place), for each place in it in turn but
    those whose names are in `keep`: what is of record may stand in clear.
    """
    for path in _places(tree, frozenset(keep)):
        copy = deepcopy(tree)
        node = copy
        for step in path[:-1]:
            node = node[step]
        node[path[-1]] = WORDS
        yield ".".join(str(step) for step in path), copy


def _places(tree: Any, keep: frozenset[str], path: Path = ()) -> Iterator[Path]:
    steps = tree.items() if isinstance(tree, dict) else enumerate(tree)
    for step, value in steps:
        if step in keep:
            continue
        yield (*path, step)
        if isinstance(value, dict | list):
            yield from _places(value, keep, (*path, step))
