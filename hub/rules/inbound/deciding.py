"""What a person decides about a difference, and what that moves.

`accept`: it is as the warehouse says. `adjust`: the warehouse was wrong, the stock is put right.
`return_to_supplier`: the goods go back; those of a transfer to where they came from.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Literal

Decision = Literal["accept", "adjust", "return_to_supplier"]
DECISIONS: tuple[Decision, ...] = ("accept", "adjust", "return_to_supplier")
CODES = ("over", "short", "damaged", "wrong_sku", "unknown_sku", "unannounced", "not_booked")
"""Every kind of difference. `unannounced`: booked without a notice. `not_booked`: it came for a
notice that is a draft, closed or cancelled.
"""
IN_TRANSIT = "in_transit"
"""The quality of pieces that left one warehouse and have not reached the other: a level of the
warehouse they go to, never sold.
"""

Shelf = Literal["own", "good", "transit", "origin"]
"""Where pieces move: the level of the difference's own quality, the good one, what is in transit,
the good level of the warehouse that a transfer left.
"""


@dataclass(frozen=True, slots=True)
class Move:
    """Pieces onto a shelf (sign 1) or off it (sign -1)."""

    shelf: Shelf
    sign: int


_ON, _OFF = Move("own", 1), Move("own", -1)
_ARRIVED = (Move("transit", -1), _ON)

# fmt: off
_MOVES: Mapping[tuple[str, Decision], tuple[Move, ...]] = {
    ("over",        "accept"):             (),
    ("over",        "adjust"):             (_OFF,),
    ("over",        "return_to_supplier"): (_OFF,),
    ("short",       "accept"):             (),
    ("short",       "adjust"):             (_ON,),
    ("damaged",     "accept"):             (),
    ("damaged",     "adjust"):             (_OFF, Move("good", 1)),
    ("damaged",     "return_to_supplier"): (_OFF,),
    ("wrong_sku",   "accept"):             (),
    ("wrong_sku",   "adjust"):             (_OFF,),
    ("wrong_sku",   "return_to_supplier"): (_OFF,),
    ("unknown_sku", "accept"):             (),
    ("unknown_sku", "adjust"):             (_ON,),
    ("unknown_sku", "return_to_supplier"): (),
    ("unannounced", "accept"):             (),
    ("unannounced", "adjust"):             (_OFF,),
    ("unannounced", "return_to_supplier"): (_OFF,),
    ("not_booked",  "accept"):             (_ON,),
    ("not_booked",  "return_to_supplier"): (),
}
_OF_TRANSFERS: Mapping[tuple[str, Decision], tuple[Move, ...]] = {
    ("short",       "accept"):             (Move("transit", -1),),
    ("short",       "adjust"):             _ARRIVED,
    ("short",       "return_to_supplier"): (Move("transit", -1), Move("origin", 1)),
}
# fmt: on
REASONS: Mapping[Decision, str] = {
    "accept": "receipt_accepted",
    "adjust": "receipt_adjusted",
    "return_to_supplier": "returned_to_supplier",
}
"""Decision -> the reason of its lines in the ledger."""


def moves(code: str, decision: Decision, *, is_transfer: bool) -> Sequence[Move] | None:
    """What a decision moves; None where it cannot be decided so."""
    if is_transfer and (code, decision) in _OF_TRANSFERS:
        return _OF_TRANSFERS[code, decision]
    return _MOVES.get((code, decision))


def possible(code: str, *, is_transfer: bool) -> list[Decision]:
    """How a difference can be decided, for the console's buttons and the API's answer."""
    return [it for it in DECISIONS if moves(code, it, is_transfer=is_transfer) is not None]


def undecided(quantity: Decimal, decided: Decimal) -> Decimal:
    """The pieces that are still to be decided: what came later is decided anew."""
    return max(quantity - decided, Decimal(0))
