"""Whether a parcel can be addressed: what is missing, without repeating any of it."""

from collections.abc import Iterator

from hub.model.document import Address
from hub.model.errors import Problem

_WITHOUT_POSTAL_CODE = (
    "AE AG AN AO AW BF BI BJ BO BQ BS BW BZ CD CF CG CI CK CM CW DJ DM ER FJ GA GD GH GM GN GQ GY "
    "HK IE JM KI KM KN KP LC LY ML MO MR MS MW NR NU PA QA RW SB SC SL SO SR SS ST SX SY TD TG TK "
    "TL TO TT TV TZ UG VU WS YE ZM ZW"
)
NO_POSTAL_CODE = frozenset(_WITHOUT_POSTAL_CODE.split())
"""Countries without postal codes, or where most addresses do without."""
NO_CITY = frozenset({"GI", "HK", "MC", "MO", "SG", "VA"})
"""City states: the country says it all."""


def flaws(address: Address, path: str = "ship_to", *, named: bool = False) -> Iterator[Problem]:
    """What keeps an address from being shipped to. `named`: the order names who it is for."""
    country = address.country
    if not (named or address.name or address.company):
        yield _missing(path, "name", "who it is for")
    if not address.lines:
        yield _missing(path, "lines", "street and house number")
    if not address.city and country not in NO_CITY:
        yield _missing(path, "city", "the city")
    if not country:
        yield _missing(path, "country", "the country")
    elif not address.postal_code and country not in NO_POSTAL_CODE:
        yield _missing(path, "postal_code", f"the postal code, which {country} needs")


def _missing(path: str, field: str, what: str) -> Problem:
    return Problem(f"{path}.{field}", "bad_address", f"the delivery address lacks {what}")
