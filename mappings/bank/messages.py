"""Messages of SWIFT's older form, and their fields."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field

_FIELD = re.compile(r":(\d{2}[A-Z]?|NS):(.*)")


@dataclass(slots=True)
class Message:
    """One statement: its fields in their order, each with the lines that continue it."""

    fields: list[tuple[str, str]] = field(default_factory=list)

    def first(self, *names: str) -> str | None:
        """The first field of any of these names."""
        return next((told for name, told in self.fields if name in names), None)


def messages(text: str) -> Iterator[Message]:
    """Each begins with its own number (20), with or without an envelope around it."""
    message: Message | None = None
    for row in re.sub(r"\{[1235]:[^{}]*\}|\{4:", "", text).splitlines():
        found = _FIELD.match(row)
        if found is not None and found[1] == "20":
            if message is not None:
                yield message
            message = Message()
        if message is None:
            continue
        if found is not None:
            message.fields.append((found[1], found[2]))
        elif row.rstrip() in {"-", "-}", "}"}:
            yield message
            message = None
        elif message.fields:
            name, before = message.fields[-1]
            message.fields[-1] = name, f"{before}\n{row}"
    if message is not None:
        yield message
