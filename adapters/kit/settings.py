"""Field types that the settings of many adapters share."""

from typing import Annotated, Any

from pydantic import BeforeValidator, Field, SecretStr


def _several(value: Any) -> Any:
    if isinstance(value, SecretStr):
        value = value.get_secret_value()
    if isinstance(value, str):
        return [line.strip() for line in value.splitlines() if line.strip()]
    return value


RotatingSecret = Annotated[tuple[SecretStr, ...], BeforeValidator(_several), Field(min_length=1)]
"""One secret, or several while one replaces the other: one a line, the newest first."""


def revealed(secret: tuple[SecretStr, ...]) -> tuple[str, ...]:
    """All current secrets, the newest first: the first signs, each may have signed."""
    return tuple(one.get_secret_value() for one in secret)
