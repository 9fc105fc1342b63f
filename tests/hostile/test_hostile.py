"""Spoilt inputs through every door, a few of them here; what once failed stays harmless."""

import sys
from pathlib import Path
from typing import Any

import pytest

from tests.hostile import described, mutate, readers, run, seeds
from tests.hostile.judge import Fault, judged
from tests.kit.database import temporary_database
from tests.kit.fixtures import SHARED

pytestmark = pytest.mark.slow

KEPT = sorted(path for path in run.CORPUS.glob("*.bin") if path.name[0] != "_")
FEW = {
    "strict": 400, "generic": 400, "shopify": 150, "qimen": 200, "samples": 300, "apply": 60,
    "decode": 25, "answers": 800, "open_api": 60, "webhooks": 60, "sockets": 60, "engine": 60,
    "described": 6,
}  # fmt: skip


@pytest.mark.parametrize("path", KEPT, ids=lambda path: path.name)
def test_G21_what_once_failed_is_refused_as_it_should(path: Path) -> None:
    name = path.name.rsplit(".", 2)[0]
    raw = path.read_bytes()
    assert judged(lambda: readers.kept(name, raw)) is None


@pytest.mark.parametrize("at", range(len(readers.catalogue())))
def test_G21_the_worst_of_each_kind_is_refused_in_bounded_time_and_memory(at: int) -> None:
    adapter, topic, raw = readers.catalogue()[at]
    name = f"{adapter}.{topic.replace('/', '.')}"
    assert judged(lambda: readers.kept(name, raw)) is None


@pytest.mark.parametrize("door", sorted(readers.DOORS))
def test_G21_readers_say_what_is_wrong_and_nothing_else(door: str) -> None:
    found = run.Run(seed=1, keep=False)
    run.at(door, FEW[door], found)
    assert found.failed == []


@pytest.mark.parametrize("door", sorted(set(FEW) - set(readers.DOORS)))
def test_G21_the_gateway_and_the_engine_take_anything(
    door: str, server_url: str, template: str, tmp_path: Path
) -> None:
    found = run.Run(seed=1, keep=False)
    with temporary_database(server_url, template) as url:
        run.at(door, FEW[door], found, (url, tmp_path))
    assert found.failed == []


def test_an_answer_that_is_not_described_is_found(
    server_url: str, template: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    whole = described._schema

    def without_404(*given: Any) -> Any:
        schema = whole(*given)
        del schema.raw_schema["paths"]["/api/v1/orders/{id}"]["get"]["responses"]["404"]
        return schema

    monkeypatch.setattr(described, "_schema", without_404)
    with temporary_database(server_url, template) as url:
        found = list(described.through(url, tmp_path, 360, 1, r"/api/v1/orders/\{id\}$"))
    faults = [one for _, _, one in found if one.kind == "status_code_conformance"]
    assert faults
    assert all("Received: 404" in one.said for one in faults)


def test_recorded_payloads_are_among_what_is_spoilt() -> None:
    orders, calls = seeds.recorded_orders(), seeds.recorded_calls()
    sys.stdout.write(f"{len(orders)} recorded orders, {len(calls)} recorded calls\n")
    least = (15, 1) if SHARED.exists() else (0, 0)
    assert len(orders) >= least[0]
    assert len(calls) >= least[1]
    raws = {one.raw for one in seeds.everything()}
    assert raws >= {raw for _, raw in (*orders, *calls)}


def test_the_same_seed_makes_the_same_inputs() -> None:
    seed = seeds.shopify()[0].raw
    first, again = (
        [mutate.json_message(run.Run(at, keep=False).chance(""), seed) for at in range(50)]
        for _ in range(2)
    )
    assert first == again
    assert len(set(first)) > 40


def test_a_reader_that_breaks_is_found_and_its_input_made_short() -> None:
    def judge(raw: bytes) -> Fault | None:
        return Fault("breaks", "") if b"!" in raw else None

    found = run.Run(seed=1, keep=False)
    run.one_by_one("x", lambda _: ("case", b"a" * 500 + b"!" + b"b" * 500, judge), 3, found)
    assert [(one["kind"], one["raw"]) for one in found.failed] == [("breaks", "b'!'")]
