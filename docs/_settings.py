"""docs/settings.md, from the settings table."""

from docs._markdown import code, table
from hub.settings import SETTINGS

_INTRODUCTION = """# Settings

Settings are environment variables, read once when a process starts. With none at all the hub runs
by itself: its own PostgreSQL, its own keys, everything under `./var`. An empty value is the same
as none.

A wrong value stops the start with exit code 78 and one line that names the variable, what was
found and what is accepted. Passwords in URLs never appear in it.
"""

_REMARKS = """
`ORDERHUB_KEYS` holds what everything personal is sealed with. Whoever loses the keys loses the
payloads: keep a copy apart from the backups. To make one: `openssl rand -base64 32`. How to
replace one: [operations](operations.md#data-keys).

Everything about partners is not a setting but stands in the [connections file](connections.md).
"""


def page() -> str:
    """The page."""
    rows = [
        (code(row.name), code(row.default or ""), row.meaning, row.accepted) for row in SETTINGS
    ]
    head = ("variable", "default", "meaning", "accepted")
    return f"{_INTRODUCTION}\n{table(head, rows)}\n{_REMARKS}"
