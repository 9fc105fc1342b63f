"""Real payloads, as recorded: each of the collection reads, adds up, and means what stands in it.

Our own cases, which are held to their pairs, stand in where the collection is not there.
"""

from pathlib import Path

import pytest

from hub.model.catalogue import freeze, thaw
from hub.model.order import SalesOrder
from tests.kit.fixtures import SHARED
from tests.mappings.equations import assert_adds_up
from tests.mappings.recorded import RECORDED, Recorded

FILES = [
    pytest.param(recorded, path, id=f"{recorded.partner}:{path.name}")
    for recorded in RECORDED
    for path in recorded.paths
]


@pytest.mark.parametrize(("recorded", "path"), FILES)
def test_G19_a_recorded_payload_is_read_as_it_says(recorded: Recorded, path: Path) -> None:
    documents, warned = recorded.read(path)
    for document in documents:
        assert thaw(document.type, freeze(document)) == document
        if isinstance(document, SalesOrder):
            assert_adds_up(document)
    said = recorded.says(path) if SHARED.exists() else None
    if said is None:
        assert documents
    else:
        assert [recorded.facts(document) for document in documents] == said
    assert warned == recorded.warned(path) or not SHARED.exists()


@pytest.mark.skipif(not SHARED.exists(), reason="the collection is not here")
@pytest.mark.parametrize(
    ("partner", "count"),
    [
        ("amazon_mcf", 3),
        ("csv_drop", 1),
        ("magento", 7),
        ("qimen", 10),
        ("shipbob", 6),
        ("shopify", 24),
        ("vendure", 5),
        ("woocommerce", 29),
    ],
)
def test_the_collection_is_read_whole(partner: str, count: int) -> None:
    assert sum(it.values[0].partner == partner for it in FILES) == count
