"""Asks a warehouse what stands in its shelves: inventory.query of the articles that the settings
name, since Qimen tells no levels of articles that are not named.

An answer bears no time and no number: it is kept with the time at which it was asked for. As long
as nothing changed, all is told once a day.
"""

import json
from collections.abc import Iterator, Sequence

from adapters.ports import Cursor, Delivery, Listed, Page
from adapters.qimen.calling import Caller
from hub.model.document import show_instant
from mappings.qimen import Terms
from mappings.qimen.asked import stamped
from mappings.qimen.outward import calls
from mappings.qimen.tree import fingerprint

TOPIC = "inventory.query"
_MOST = 50
"""Articles in one question."""


def levels(caller: Caller, terms: Terms, skus: Sequence[str], since: Cursor) -> Iterator[Page]:
    """The levels of all articles, in as many deliveries as there are questions."""
    now, changes, prints = caller.now(), list[Listed](), list[str]()
    for at in range(0, len(skus), _MOST):
        answer = caller.ask(TOPIC, calls.levels_query(skus[at : at + _MOST], terms))
        if not answer.ok:
            raise answer.fate(TOPIC, write=False)
        if not answer.tree.entries("items"):
            continue
        prints.append(fingerprint(*answer.tree.lists("items")))
        delivery = Delivery(TOPIC, f"levels:{prints[-1]}:{show_instant(now)}")
        raw = json.dumps({"response": stamped(answer.tree, now)}, ensure_ascii=False)
        changes.append(Listed(delivery, raw.encode()))
    token = fingerprint(*prints, f"{now:%Y-%m-%d}")
    yield Page([] if token == since.token else changes, Cursor(now, token=token))
