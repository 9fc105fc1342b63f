"""What an invariant is: a guarantee's number, what must hold, and the query that finds what breaks
it.
"""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Invariant:
    """`query` gives one text column, one row for each thing that breaks it; none where it holds.

    An invariant holds in every committed state, while the hub is busy as well; one that is
    `at_rest` holds when nothing is left to do. `do` says what a person does where it is broken.
    """

    number: str
    title: str
    query: str
    do: str
    at_rest: bool = False
