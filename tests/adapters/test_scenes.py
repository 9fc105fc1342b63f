"""What partners are told and asked, scene by scene, beside what their transcripts play:
`tests/adapters/<name>/scenes.yaml`. Every request is held to the partner's contract, where one is.

A scene has a sentence for its name. What is done in it: `tell` a document of the kit, `find` it, or
`list` a topic; `with` other fields, or `settings` of the connection; `plug_in`, where it is asked
for what the contract does not know. Then the `exchanges`, as in a
transcript, all of them and in this order; and what `comes` of it: the reference of a receipt, the
name of an error, or the topic and key of each change.
"""

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from adapters.kit.conformance import conformance_of
from adapters.kit.conformance.transcript import Exchange, Player
from adapters.kit.samples import sample
from adapters.ports import Cursor, Parts
from hub.model.errors import NeedsPerson, OutcomeUnknown, TryLater
from mappings.reading.shipped import read_table
from tests.kit.fixtures import SHARED

SCENES = [
    pytest.param(file.parent.name, scene, id=f"{file.parent.name}: {sentence}")
    for file in sorted(Path(__file__).parent.glob("*/scenes.yaml"))
    for sentence, scene in read_table(file.read_bytes()).items()
]


@pytest.mark.parametrize(("name", "scene"), SCENES)
def test_a_scene_goes_as_it_is_written(name: str, scene: dict[str, Any]) -> None:
    blanks = conformance_of(name, SHARED / "schemas")
    assert blanks is not None
    exchanges = [Exchange(**it) for it in scene["exchanges"]]
    player = Player(exchanges)
    settings = {**blanks.settings, **scene.get("settings", {})}
    contract = None if scene.get("plug_in") else blanks.contract
    staged = replace(blanks, settings=settings, contract=contract)
    with staged.partner(player) as (partner, parts):
        assert outcome(scene, parts) == scene["comes"]
        asked = [f"{it.method} {it.path}" for it in partner.asked]
    assert player.unknown == []
    assert asked[: len(exchanges)] == [it.ask for it in exchanges]


def outcome(scene: dict[str, Any], parts: Parts) -> Any:
    if "list" in scene:
        assert parts.list is not None
        changes = [it for page in parts.list(scene["list"], Cursor()) for it in page.changes]
        return [[it.delivery.topic, it.delivery.key] for it in changes]
    document = sample(scene.get("tell") or scene["find"], **scene.get("with", {}))
    try:
        receipt = parts.send(document, "k") if "tell" in scene else parts.find(document)
    except (NeedsPerson, OutcomeUnknown, TryLater) as error:
        return type(error).__name__
    return receipt and receipt.reference
