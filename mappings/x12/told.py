"""What an X12 set that is written bears beside its content."""

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True)
class Told:
    """A set to be written: its control number, the number by which the warehouse knows the order,
    and the moment that its envelope bears.
    """

    control: int
    order: str
    at: datetime
