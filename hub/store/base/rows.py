"""Many rows in one statement: each column goes as one array, and PostgreSQL unnests them."""

from collections.abc import Iterable
from typing import Any


class Rows:
    """Columns by name and type, in their order. Each is a parameter of the same name."""

    def __init__(self, **types: str) -> None:
        self._types = types

    @property
    def arrays(self) -> str:
        """`unnest(...)` of all columns."""
        casts = (f"CAST(:{name} AS {type_}[])" for name, type_ in self._types.items())
        return f"unnest({', '.join(casts)})"

    @property
    def names(self) -> str:
        """The columns as a list of names."""
        return ", ".join(self._types)

    def named(self, alias: str) -> str:
        """The unnested rows under an alias, each column under its own name."""
        return f"{self.arrays} AS {alias} ({self.names})"

    def of(self, rows: Iterable[tuple[Any, ...]]) -> dict[str, list[Any]]:
        """Rows, each in the order of the columns, as parameters."""
        columns: list[list[Any]] = [list(column) for column in zip(*rows, strict=True)]
        return dict(zip(self._types, columns or [[] for _ in self._types], strict=True))
