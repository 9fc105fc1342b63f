"""What of a corrected address survives the channel's next telling."""

from hypothesis import given
from hypothesis import strategies as st

from hub.model.document import Address
from hub.rules.orders.correcting import EMPTY, PARTS, changed, kept

TOLD = Address(name="Ada", lines=("Keizersgracht 1",), country="NL", phone="+31 20 1")
CORRECTED = TOLD.model_copy(update={"city": "Amsterdam", "postal_code": "1015 CJ"})

words = st.sampled_from([None, "one", "two"])
addresses = st.builds(
    Address,
    name=words,
    company=words,
    lines=st.sampled_from([(), ("one",), ("one", "two")]),
    city=words,
    postal_code=words,
    country=st.sampled_from([None, "NL", "DE"]),
    phone=words,
    email=words,
)


def test_what_the_channel_still_says_as_before_stays_corrected():
    assert kept(TOLD, CORRECTED, TOLD) == CORRECTED


def test_another_telephone_number_is_taken_and_the_town_stays_corrected():
    newer = TOLD.model_copy(update={"phone": "+31 20 2"})
    assert kept(TOLD, CORRECTED, newer) == CORRECTED.model_copy(update={"phone": "+31 20 2"})


def test_another_street_ends_the_correction_of_its_town():
    newer = TOLD.model_copy(update={"lines": ("Hoogstraat 2",)})
    assert kept(TOLD, CORRECTED, newer) == newer


def test_a_channel_that_gives_no_address_is_overruled_until_it_gives_one():
    assert kept(EMPTY, CORRECTED, None) == CORRECTED
    assert kept(EMPTY, CORRECTED, TOLD) == TOLD
    assert kept(TOLD, CORRECTED, None) is None


@given(addresses, addresses, addresses)
def test_each_part_is_the_persons_or_the_channels_whole(
    told: Address, corrected: Address, newer: Address
):
    found = kept(told, corrected, newer)
    assert found is not None
    for part in PARTS:
        same = all(getattr(newer, name) == getattr(told, name) for name in part)
        whose = corrected if same else newer
        assert [getattr(found, name) for name in part] == [getattr(whose, name) for name in part]


def test_every_field_of_an_address_is_in_one_part():
    assert sorted(name for part in PARTS for name in part) == sorted(Address.model_fields)


def test_what_a_correction_changes_is_named():
    assert changed(TOLD, CORRECTED) == ["city", "postal_code"]
    assert changed(None, Address(country="NL")) == ["country"]
