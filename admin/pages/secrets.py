"""Secrets of a connection in the console: where each is kept, and a new one in its place.

A secret goes in and never comes out: a page says where it is kept and how many hold, no more.
"""

from dataclasses import dataclass

from flask import request
from flask_babel import gettext as _

from adapters.kit.registry import entries
from adapters.kit.settings import outward, rotating
from adapters.kit.settings_check import Known
from admin.request_context import store
from hub.model.errors import BadData
from hub.store.config import secrets
from hub.store.config.snapshot import Connection

_LONGEST = 8192


@dataclass(frozen=True, slots=True)
class Kept:
    """A secret. `place`: `env:NAME`, `file:/path`, or `enc:`. `holding`: how many hold at a time,
    None where it is not seen from here.
    """

    name: str
    meaning: str
    place: str
    rotates: bool
    for_calls: bool
    holding: int | None


def kept_secrets(partner: Connection) -> list[Kept]:
    """The secrets of a connection, as far as its adapter is installed here."""
    entry = entries().get(partner.adapter)
    if entry is None:
        return []
    model = entry.settings()
    calls = outward(model)
    return [
        Kept(
            name=name,
            meaning=model.model_fields[name].description or "",
            place="enc:" if str(reference).startswith("enc:") else str(reference),
            rotates=rotating(model, name),
            for_calls=name in calls,
            holding=_holding(partner, name),
        )
        for name, reference in sorted(partner.secrets.items())
        if name in model.model_fields
    ]


def submitted(partner: Connection, kept: Kept) -> tuple[str | None, tuple[str, ...] | None]:
    """What the form asks for: the secret that is to hold, and older ones beside it. None for what
    is not at hand.
    """
    current = _current(partner, kept.name)
    if request.form.get("only_new") and current:
        return current[0], ()
    secret = request.form.get("secret", "").strip()
    fits = 0 < len(secret) <= _LONGEST and secret.isprintable()
    beside: tuple[str, ...] | None = ()
    if kept.rotates and request.form.get("beside"):
        beside = current[:1] if current else None
    return (secret if fits else None), beside


def problem_with(
    partner: Connection, kept: Kept, secret: str | None, beside: tuple[str, ...] | None
) -> str | None:
    """Why a secret cannot be taken; None where it can."""
    if secret is None:
        return str(_("Type the new secret: one line."))
    if beside is None:
        return str(_("The old one cannot be read here: it cannot hold beside the new one."))
    owner = (partner.merchant, partner.code)
    reference = secrets.seal(store().vault, "\n".join([secret, *beside]), owner)
    known = Known(lambda references, whose: secrets.reveal(store().vault, references, whose))
    problems = known.problems(
        partner.adapter, partner.settings, {**partner.secrets, kept.name: reference}, {}, owner
    )
    path = f"secrets.{kept.name}"
    return next(
        (problem.message for problem in problems if problem.path.partition(path)[0] == ""), None
    )


def _holding(partner: Connection, name: str) -> int | None:
    current = _current(partner, name)
    return len(current) if current else None


def _current(partner: Connection, name: str) -> tuple[str, ...]:
    """The secrets that hold, the newest first; empty where they are not at hand here."""
    reference, owner = {name: str(partner.secrets[name])}, (partner.merchant, partner.code)
    try:
        text = secrets.reveal(store().vault, reference, owner)[name]
    except BadData:
        return ()
    return tuple(line.strip() for line in text.splitlines() if line.strip())
