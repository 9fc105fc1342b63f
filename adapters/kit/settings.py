"""Field types that the settings of many adapters share."""

from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from typing import Annotated, Any

from pydantic import BaseModel, BeforeValidator, Field, SecretStr


def _several(value: Any) -> Any:
    if isinstance(value, SecretStr):
        value = value.get_secret_value()
    if isinstance(value, str):
        return [line.strip() for line in value.splitlines() if line.strip()]
    return value


RotatingSecret = Annotated[tuple[SecretStr, ...], BeforeValidator(_several), Field(min_length=1)]
"""One secret, or several while one replaces the other: one a line, the newest first."""


@dataclass(frozen=True, slots=True)
class _Outward:
    """Marks a secret that nothing but a call to the partner needs."""


OutwardSecret = Annotated[SecretStr, _Outward()]
"""A secret for calling the partner: what the partner delivers is proved and read without it."""
OptOutwardSecret = Annotated[SecretStr | None, _Outward()]
"""Likewise, where calls can be done without: `OutwardSecret | None` would lose its mark."""


def outward(model: type[BaseModel]) -> AbstractSet[str]:
    """The secrets that only calls need."""
    return {
        name
        for name, field in model.model_fields.items()
        if any(isinstance(mark, _Outward) for mark in field.metadata)
    }


def rotating(model: type[BaseModel], name: str) -> bool:
    """Whether several may hold at a time, while one replaces the other."""
    field = model.model_fields.get(name)
    return field is not None and field.annotation == tuple[SecretStr, ...]


def revealed(secret: tuple[SecretStr, ...]) -> tuple[str, ...]:
    """All current secrets, the newest first: the first signs, each may have signed."""
    return tuple(one.get_secret_value() for one in secret)
