"""Who counts as somebody else: persons do, not names."""

import pytest

from hub.model.errors import Contradiction
from hub.rules.ops.four_eyes import as_key, refuse_same

ANN, BOB = "user:ann", "user:bob"
SAME = {
    "the same person": (ANN, ANN),
    "two keys of one person": (as_key("one", ANN), as_key("two", ANN)),
    "a person and a key of theirs": (ANN, as_key("one", ANN)),
    "the same key of nobody": (as_key("a", ""), as_key("a", "")),
    "a name that says another owner": (as_key("a of user:bob", ANN), ANN),
}
OTHERS = {
    "two persons": (ANN, BOB),
    "keys of two persons": (as_key("one", ANN), as_key("one", BOB)),
    "a person and another's key": (ANN, as_key("one", BOB)),
    "a connection and a key": ("connection:depot", as_key("one", BOB)),
    "a person and a key of nobody": (ANN, as_key("a", "")),
    "two keys of nobody": (as_key("a", ""), as_key("b", "")),
    "a key of nobody and a person's": (as_key("a", ""), as_key("a", BOB)),
    "a name of nobody's that says a person": (as_key("a of user:bob", ""), BOB),
    "a name that says the owner of another": (as_key("a of user:bob", ANN), BOB),
}


@pytest.mark.parametrize(("one", "other"), SAME.values(), ids=SAME)
def test_one_person_is_refused_whoever_of_both_comes_first(one: str, other: str) -> None:
    for doer, actor in ((one, other), (other, one)):
        with pytest.raises(Contradiction) as refused:
            refuse_same(actor, [None, "user:nobody", doer], "somebody else approves")
        assert refused.value.code == "four_eyes"
        assert ("are one person" in str(refused.value)) == (one != other)


@pytest.mark.parametrize(("one", "other"), OTHERS.values(), ids=OTHERS)
def test_two_persons_are_not(one: str, other: str) -> None:
    refused = []
    for doer, actor in ((one, other), (other, one)):
        try:
            refuse_same(actor, [doer], "somebody else approves")
        except Contradiction as error:
            refused.append(str(error))
    assert refused == []
