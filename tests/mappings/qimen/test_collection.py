"""Every real Qimen message of the collection is read: requests, confirmations, the values of three
confirmations, and an answer of the gateway itself.
"""

from typing import Any

import pytest

from adapters.qimen.answers import read_answer
from mappings.reading.shipped import read_texts
from sandbox.qimen.wire import write
from tests.kit.fixtures import SHARED
from tests.mappings.partners import PARTNERS

FOLDER = SHARED / "warehouses" / "qimen"
QIMEN = PARTNERS["qimen"]
FAMILIES = {"deliveryorder": "delivery", "returnorder": "refund", "stockout": "outStock"}
pytestmark = pytest.mark.skipif(not FOLDER.exists(), reason="the collection is not here")


def test_every_file_is_of_a_kind_that_is_read_here_or_as_recorded() -> None:
    names = [path.name for path in FOLDER.iterdir() if path.is_file()]
    requests = [name for name in names if ".req." in name]
    assert {".".join(name.split(".")[:2]) for name in requests} <= set(QIMEN.decoders)
    others = {name for name in names if name not in requests}
    assert len(requests) == 10
    assert others == {
        "SOURCES.md",
        "signature_known_answers.json",
        "error.resp.qimen_TOP60_no_authorisation.xml",
        *(f"confirm_parameters.{family}.yaml" for family in FAMILIES),
    }


@pytest.mark.parametrize(
    ("family", "kind", "pieces", "warned"),
    [
        ("deliveryorder", "shipment", [2], {"batches_differ"}),
        ("returnorder", "return_receipt", [1], {"missing_time"}),
        ("stockout", "shipment", [30, 30, 30], {"batches_differ"}),
    ],
)
def test_the_values_of_a_confirmation_are_read(family, kind, pieces, warned) -> None:
    """They become a body in which numbered entries are elements; a quantity that is a word there
    stands for one that its sender fills in.
    """
    text = (FOLDER / f"confirm_parameters.{family}.yaml").read_text("utf-8")
    tree = read_texts(text)[FAMILIES[family]]["0"]
    at = QIMEN.context()
    (document,) = QIMEN.read(f"{family}.confirm", write("request", entries(tree)), at)
    lines = getattr(document, "lines", None) or [
        line for package in document.packages for line in package.lines
    ]
    assert document.type == kind
    assert [line.quantity for line in lines] == pieces
    assert {one.code for one in at.warnings} == warned


def entries(tree: Any) -> Any:
    if not isinstance(tree, dict):
        return tree
    if "0" in tree:
        return [entries(one) for one in tree.values() if one.get("quantity") != "muti_goods"]
    return {name: entries(one) for name, one in tree.items()}


def test_the_gateways_own_refusal_is_one_of_authorisation() -> None:
    raw = (FOLDER / "error.resp.qimen_TOP60_no_authorisation.xml").read_bytes()
    answer = read_answer(raw)
    assert (answer.ok, answer.code, answer.meaning) == (False, "TOP60", "unauthorised")
