"""What a person corrected in a delivery address, kept while the channel goes on saying what was
wrong.

A channel tells an order again and again, and each telling has its own address in it. So what it
said when a person corrected it is kept beside the order. Each part of an address that it still says
so stays as the person left it; a part that it changes is the channel's again, the correction of
that part is over. A street, its town, and its country are one part: they say together where a
parcel goes.
"""

from hub.model.document import Address

EMPTY = Address()
PARTS = (
    ("name", "company"),
    ("lines", "district", "city", "region", "region_code", "postal_code", "country"),
    ("phone",),
    ("email",),
)


def kept(said: Address, corrected: Address | None, newer: Address | None) -> Address | None:
    """The address of a newer telling, with what a person corrected in it. `said`: what the channel
    said before.
    """
    own, says = corrected or EMPTY, newer or EMPTY
    update = {
        field: getattr(own, field)
        for part in PARTS
        if all(getattr(says, field) == getattr(said, field) for field in part)
        for field in part
    }
    address = says.model_copy(update=update)
    return newer if address == says else address


def changed(before: Address | None, after: Address) -> list[str]:
    """The fields that a correction changes, by name."""
    was = before or EMPTY
    return [name for name in Address.model_fields if getattr(was, name) != getattr(after, name)]
