"""What a route answers, as JSON: times, amounts and documents as the wire shows them."""

import json
from datetime import datetime
from decimal import Decimal
from typing import Any

from pydantic import BaseModel

from hub.model.document import plain, show_instant


def rendered(tree: Any) -> bytes:
    """An answer's body as JSON."""
    return json.dumps(tree, ensure_ascii=False, default=_shown).encode()


def _shown(value: Any) -> Any:
    if isinstance(value, datetime):
        return show_instant(value)
    if isinstance(value, Decimal):
        return plain(value)
    if isinstance(value, BaseModel):
        return value.model_dump(mode="json")
    return str(value)
