"""What initials and dots leave of a person."""

import pytest

from admin.shown import masking


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("ada@example.co.uk", "a•••@•••.uk"),
        ("ada@localhost", "a•••"),
        ("", "\N{EN DASH}"),
        (None, "\N{EN DASH}"),
    ],
)
def test_an_address_of_mail_shows_its_first_letter_and_its_end(text: str | None, shown: str):
    assert masking.email(text) == shown
