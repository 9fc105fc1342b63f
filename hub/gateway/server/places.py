"""How many connections each address holds: one has a share of all that there are."""

from collections import Counter

SHARES_OPEN = 4
"""One address holds at most this part of all connections."""


class Places:
    """The connections that are open, by address."""

    def __init__(self, most: int) -> None:
        self._most = most
        self._open: Counter[str] = Counter()

    def take(self, peer: str) -> None:
        """A connection comes in."""
        self._open[peer] += 1

    def leave(self, peer: str) -> None:
        """One of them is over."""
        self._open[peer] -= 1
        if self._open[peer] <= 0:
            del self._open[peer]

    def too_many(self, peer: str, *, shared: bool) -> bool:
        """Whether an address holds more than it may. `shared`: a named proxy, which stands for
        many, may hold all.
        """
        return self._open[peer] > (self._most if shared else max(1, self._most // SHARES_OPEN))
