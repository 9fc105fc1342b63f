"""Pieces for order lines: a kit has left once all of it has, and is begun with its first part."""

from decimal import Decimal

from hypothesis import given
from hypothesis import strategies as st

from hub.model.product import Kit, Served
from hub.rules.fulfilment import serving
from hub.rules.stock import kits

D = Decimal
SET = Kit("SET", {"SET": {"CUP": D(2), "BOX": D(1)}})
CRATE = Kit("CRATE", {"CRATE": {"SET": D(2), "LID": D(1)}, **SET.of})


def part(sku, pieces, kit=SET, line=1):
    return Served(line, sku, D(pieces), kit)


def of(**parts):
    return {sku: D(pieces) for sku, pieces in parts.items()}


def test_kits_count_whole_or_begun_and_others_piece_by_piece():
    served = [part("CUP", 5), part("BOX", 1), Served(1, "SET", D(1)), Served(2, "CUP", D(3))]
    assert serving.whole(served) == {1: 2, 2: 3}
    assert serving.begun(served) == {1: 4, 2: 3}


def test_what_begun_kits_lack():
    assert serving.completed(SET, of(CUP=3, BOX=1)) == (2, of(CUP=1, BOX=1))
    assert serving.completed(SET, of(CUP=4)) == (2, of(BOX=2))
    assert serving.completed(SET, of(CUP=2, BOX=1)) == (1, {})
    assert serving.completed(SET, {}) == (0, {})


def test_no_more_kits_are_completed_than_are_wanted():
    assert serving.completed(SET, of(CUP=8), D(3)) == (3, of(BOX=3))
    assert serving.completed(SET, of(CUP=8), D(0)) == (0, {})


def test_a_kit_in_a_kit_is_wanted_whole_unless_parts_of_it_are_there():
    assert serving.completed(CRATE, of(LID=1)) == (1, of(SET=2))
    assert serving.completed(CRATE, of(SET=1, CUP=1)) == (1, of(CUP=1, BOX=1, LID=1))


def test_what_is_no_part_of_it_begins_none():
    assert serving.completed(SET, of(PEN=3)) == (0, {})


def test_more_pieces_are_told_as_the_kits_that_they_complete():
    before = [part("CUP", 3)]
    more = [part("BOX", 2), Served(2, "A", D(1))]
    assert list(serving.now_whole(before, more)) == [Served(2, "A", D(1)), Served(1, "SET", D(1))]
    assert list(serving.now_whole([*before, *more], [part("CUP", 1)])) == [Served(1, "SET", D(1))]
    assert list(serving.now_whole([], before)) == []


@given(
    st.dictionaries(st.sampled_from(["CRATE", "SET", "CUP", "BOX", "LID"]), st.integers(0, 6)),
    st.integers(0, 12),
)
def test_with_what_they_lack_begun_kits_are_whole_and_nothing_is_wanted_twice(there, most):
    parts = of(**there)
    number, lacking = serving.completed(CRATE, parts, D(most))
    assert kits.available("CRATE", CRATE.of, parts) <= number
    whole = {sku: parts.get(sku, D(0)) + lacking.get(sku, D(0)) for sku in {*parts, *lacking}}
    assert kits.available("CRATE", CRATE.of, whole) >= number
    if number:
        assert serving.completed(CRATE, whole, number) == (
            max(number, kits.available("CRATE", CRATE.of, whole)),
            {},
        )
