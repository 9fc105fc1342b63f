"""What we told is known as ours by the end of its words, and by nothing else."""

import pytest

from adapters.kit.samples import sample
from mappings.kit.marks import mark, marked, unmarked


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        (None, (None, None)),
        ("broken", ("broken", None)),
        ("broken (Order Hub no. H-1)", ("broken", "H-1")),
        ("(Order Hub no. R(1))", (None, "R(1)")),
        ("broken (Order Hub no. H-1), the shop added", ("broken", "H-1")),
        ("Order Hub no. H-1", ("Order Hub no. H-1", None)),
    ],
)
def test_words_are_taken_apart(words, expected):
    assert unmarked(words) == expected


@pytest.mark.parametrize("kind", ["refund", "order_cancellation", "shipment"])
def test_what_was_marked_is_known_again(kind):
    document = sample(kind)
    words, number = unmarked(marked("broken", document))
    assert words == "broken"
    assert f"(Order Hub no. {number})" == mark(document) == marked(None, document)


def test_the_mark_of_one_is_not_found_in_that_of_another():
    first, tenth = (sample("refund", refund_id=number) for number in ("1", "10"))
    assert mark(first) not in mark(tenth)
