"""One delivery at the door: who is called, what is proved, and in whose form it is answered."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from adapters.kit import registry
from adapters.ports import Adapter, Answer, Call, Parts
from hub.gateway.intake import deliveries
from hub.store.config.snapshot import Connection

Form = Callable[[str | None, str], Answer]


@dataclass(slots=True)
class Knock:
    """One delivery at the door. The adapter is known once the body was read."""

    environ: Mapping[str, Any]
    partner: Connection | None
    correlation: UUID
    adapter: Parts | None = None
    proved: bool = False
    """Whether its signature held. Until then only what was asked shapes the answer."""
    reason: str | None = None
    """Why it proved nothing, which it does not hear."""
    raw: bytes = b""
    """Its body, once it was read."""

    @property
    def code(self) -> str:
        return "-" if self.partner is None else self.partner.code

    @property
    def kind(self) -> Adapter | None:
        """What kind of partner it is, where its connection can be used."""
        if self.partner is None or self.adapter is None:
            return None
        return registry.entry(self.partner.adapter).load()


def form_of(kind: Adapter | None) -> Form | None:
    """How such a partner expects to be answered; None where it has no form of its own."""
    return None if kind is None else kind.answer


def kind_of_call(knock: Knock) -> Adapter | None:
    """Whose kind of call it is, by what can be seen of it; an adapter that cannot tell answers as
    its own.
    """
    query, headers = knock.environ.get("QUERY_STRING", ""), deliveries.headers(knock.environ)
    call = Call("POST", query, headers, knock.raw)
    for kind, recognises in registry.recognising():
        if recognises(call):
            return kind
    return knock.kind if knock.kind is None or knock.kind.recognises is None else None
