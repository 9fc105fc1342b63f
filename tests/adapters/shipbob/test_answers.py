"""What ShipBob's answers mean, by a table of exchanges."""

from pathlib import Path

import pytest

from adapters.kit.conformance.transcript import Exchange, Player
from adapters.kit.samples import sample
from adapters.shipbob.conformance import CONFORMS
from hub.model.errors import Rejected
from hub.model.fulfilment import FulfilmentLine
from mappings.reading.shipped import read_table

ROWS = read_table(Path(__file__).with_name("answers.yaml").read_bytes())
TWO = [FulfilmentLine(line_no=at, sku=sku, quantity=at) for at, sku in ((2, "CUP"), (1, "TEA"))]


def meaning(parts, row):
    """What comes of it, and the words that come along."""
    kind = row.get("send") or row["find"]
    document = sample("fulfilment_order", lines=TWO) if kind == "two_lines" else sample(kind)
    try:
        receipt = parts.send(document, "key-1") if "send" in row else parts.find(document)
    except Rejected as refusal:
        return {"refused": refusal.code}, str(refusal)
    if receipt is None:
        return {}, ""
    if not receipt.documents:
        return {"reference": receipt.reference}, ""
    (word,) = receipt.documents
    return {"reference": receipt.reference, "word": word.status}, word.message or ""


@pytest.mark.parametrize("name", ROWS)
def test_an_answer_means_what_the_table_says(name):
    row = ROWS[name]
    player = Player([Exchange(**exchange) for exchange in row["exchanges"]])
    with CONFORMS.partner(player) as (_, parts):
        means, words = meaning(parts, row)
    expected = {**row["means"]}
    assert expected.pop("words", "") in words
    assert (means, player.unknown) == (expected, [])
