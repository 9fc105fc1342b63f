"""What would change: the hub as it is and as the file wants it, side by side in one form."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

Entries = Mapping[str, Mapping[str, Any]]
"""Name -> fields."""
Snapshot = Mapping[str, Entries]
"""Kind (those of `KINDS`) -> entries."""

KINDS = (
    *("network", "merchant", "connection", "product", "stock", "safety", "shares", "routing"),
    *("review", "returns"),
)
_LONGEST = 60


@dataclass(frozen=True, slots=True)
class Field:
    """One value that changes; None where there is none before or after."""

    path: str
    before: Any
    after: Any


@dataclass(frozen=True, slots=True)
class Change:
    """An entry that is added, or changes in some fields."""

    kind: str
    name: str
    action: str
    fields: tuple[Field, ...] = ()

    def __str__(self) -> str:
        """One line for a person."""
        if self.action == "add":
            return f"+ {self.kind} {self.name}".rstrip()
        fields = "; ".join(
            f"{field.path}: {_shown(field.before)} -> {_shown(field.after)}"
            for field in self.fields
        )
        return f"~ {self.kind} {self.name}".rstrip() + f": {fields}"

    def as_dict(self) -> dict[str, Any]:
        fields = [
            {"path": field.path, "before": field.before, "after": field.after}
            for field in self.fields
        ]
        return {"kind": self.kind, "name": self.name, "action": self.action, "fields": fields}


def plan(current: Snapshot, wanted: Snapshot) -> list[Change]:
    """What must change. What the hub has and the file does not name is left alone."""
    return [
        change
        for kind in KINDS
        for name, fields in wanted.get(kind, {}).items()
        for change in _change(kind, name, current.get(kind, {}).get(name), fields)
    ]


def untouched(current: Snapshot, wanted: Snapshot) -> list[str]:
    """Connections that the hub has and the file does not name."""
    return sorted(set(current.get("connection", {})) - set(wanted.get("connection", {})))


def _change(
    kind: str, name: str, before: Mapping[str, Any] | None, after: Mapping[str, Any]
) -> Iterator[Change]:
    if before is None:
        yield Change(kind, name, "add")
    elif kind != "stock":  # applied once
        fields = tuple(_fields("", before, after))
        if fields:
            yield Change(kind, name, "change", fields)


def _fields(path: str, before: Any, after: Any) -> Iterator[Field]:
    if isinstance(before, Mapping) and isinstance(after, Mapping):
        for name in (*before, *(name for name in after if name not in before)):
            where = f"{path}.{name}" if path else str(name)
            yield from _fields(where, before.get(name), after.get(name))
    elif before != after:
        yield Field(path, before, after)


def _shown(value: Any) -> str:
    if value is None or value in ([], ()):
        return "nothing"
    if isinstance(value, list | tuple):
        value = ", ".join(str(one) for one in value)
    text = str(value)
    return text if len(text) <= _LONGEST else text[: _LONGEST - 1] + "\N{HORIZONTAL ELLIPSIS}"
