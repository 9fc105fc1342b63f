"""The ids in Shopify's payloads."""

import re
from typing import Any

_GID = re.compile(r"gid://shopify/[A-Za-z]+/([0-9]{1,30})", re.ASCII)


def identity(plain: str | None, gid: Any) -> str | None:
    """The true id: the one inside the gid where there is one, since numbers may have been
    rounded on their way.
    """
    found = _GID.fullmatch(gid) if isinstance(gid, str) else None
    return found[1] if found else plain
