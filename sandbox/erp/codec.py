"""Tryton's JSON: decimals, dates and times travel as objects tagged with `__class__`."""

import base64
import json
from datetime import date, datetime
from decimal import Decimal, InvalidOperation
from typing import Any


def decode(body: bytes) -> Any:
    """Raises ValueError for what is no JSON or tags something wrongly."""
    return json.loads(body, object_hook=untag)


def untag(it: dict[str, Any]) -> Any:
    kind = it.get("__class__")
    if kind is None:
        return it
    try:
        match kind:
            case "Decimal":
                return Decimal(it["decimal"])
            case "date":
                return date(it["year"], it["month"], it["day"])
            case "datetime":
                clock = (it["hour"], it["minute"], it["second"], it["microsecond"])
                return datetime(it["year"], it["month"], it["day"], *clock)  # noqa: DTZ001 - Tryton's are naive UTC
            case "bytes":
                return base64.b64decode(it["base64"])
            case _:
                raise ValueError(f"unknown tag {kind!r}")
    except (KeyError, TypeError, InvalidOperation) as error:
        raise ValueError(f"a {kind} in a wrong form: {error!r}") from None


def encode(value: Any) -> bytes:
    return json.dumps(value, default=tag, ensure_ascii=False, separators=(",", ":")).encode()


def tag(value: Any) -> dict[str, Any]:
    match value:
        case Decimal():
            return {"__class__": "Decimal", "decimal": str(value)}
        case datetime():
            clock = {name: getattr(value, name) for name in ("hour", "minute", "second")}
            day = {"year": value.year, "month": value.month, "day": value.day}
            return {"__class__": "datetime", **day, **clock, "microsecond": value.microsecond}
        case date():
            return {
                "__class__": "date", "year": value.year, "month": value.month, "day": value.day
            }  # fmt: skip
        case bytes():
            return {"__class__": "bytes", "base64": base64.b64encode(value).decode()}
        case _:
            raise TypeError(f"{value!r} has no JSON form")
