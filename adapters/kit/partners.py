"""Adapters of configured connections, made once and kept until the connection changes."""

import ipaddress
import threading
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, Protocol

from adapters.kit import registry
from adapters.kit.http import Transport
from adapters.kit.http.network import NetworkPolicy
from adapters.kit.http.numbering import NumbersOf, in_process
from adapters.kit.settings import outward
from adapters.kit.tokens import IN_PROCESS, InFolder, Seal, TokenStore
from adapters.ports import Parts
from hub.model.errors import BadData
from mappings.kit import Context, code_lists, laid_over, zone


class Configured(Protocol):
    """A connection as the directory holds it."""

    @property
    def code(self) -> str: ...
    @property
    def merchant(self) -> str: ...
    @property
    def adapter(self) -> str: ...
    @property
    def version(self) -> int: ...
    @property
    def settings(self) -> Mapping[str, Any]: ...
    @property
    def secrets(self) -> Mapping[str, Any]: ...
    @property
    def limits(self) -> Mapping[str, Any]: ...
    @property
    def options(self) -> Mapping[str, Any]: ...
    @property
    def codes(self) -> Mapping[str, Mapping[str, str]]: ...


Reveal = Callable[[Mapping[str, str], tuple[str, str]], dict[str, str]]
"""Of (merchant, connection): references -> secrets."""
_Stamp = tuple[int, int]
_AGAIN_S = 2.0
"""So long after a connection could not be used its secrets are looked for again."""
_NOT_HERE = "not-here"
"""Stands for a secret that only calls need, in an adapter that makes none."""


class Adapters:
    """One adapter a connection, shared by the threads of a process."""

    def __init__(
        self,
        reveal: Reveal,
        tokens: TokenStore = IN_PROCESS,
        kept: Path | None = None,
        numbers: NumbersOf = in_process,
    ) -> None:
        """`tokens`, `kept` and `numbers`: see `Transport`."""
        self._reveal, self._tokens, self._kept, self._numbers = reveal, tokens, kept, numbers
        self._made: dict[tuple[str, bool], tuple[_Stamp, Parts]] = {}
        self._failed: dict[tuple[str, bool], tuple[_Stamp, float, BadData]] = {}
        self._lock = threading.Lock()

    def of(self, partner: Configured, network: Mapping[str, Any], directory_version: int) -> Parts:
        """The adapter of a connection. BadData where its settings do not fit, or a secret is not
        there.
        """
        return self._held(partner, network, directory_version, inward=False)

    def inward(
        self, partner: Configured, network: Mapping[str, Any], directory_version: int
    ) -> Parts:
        """One for what the partner delivers. Where only secrets are missing that calls need it
        makes no calls: they are `TryLater`.
        """
        try:
            return self.of(partner, network, directory_version)
        except BadData:
            return self._held(partner, network, directory_version, inward=True)

    def _held(
        self, partner: Configured, network: Mapping[str, Any], version: int, *, inward: bool
    ) -> Parts:
        at, stamp = (partner.code, inward), (partner.version, version)
        held = self._made.get(at)
        if held is not None and held[0] == stamp:
            return held[1]
        with self._lock:
            return self._make(at, stamp, partner, network)

    def _make(
        self,
        at: tuple[str, bool],
        stamp: _Stamp,
        partner: Configured,
        network: Mapping[str, Any],
    ) -> Parts:
        held = self._made.get(at)
        if held is not None and held[0] == stamp:  # another thread made it meanwhile
            return held[1]
        failed = self._failed.get(at)
        if failed is not None and failed[0] == stamp and time.monotonic() < failed[1]:
            raise failed[2].with_traceback(None)
        try:
            adapter = build(
                partner,
                network,
                self._reveal,
                inward=at[1],
                tokens=self._tokens,
                kept=self._kept,
                numbers=self._numbers,
            )
        except BadData as error:
            self._failed[at] = (stamp, time.monotonic() + _AGAIN_S, error)
            raise
        self._failed.pop(at, None)
        self._made[at] = (stamp, adapter)
        return adapter


def at_home(
    reveal: Reveal, home: Path, sealing: tuple[Seal, Seal], numbers: NumbersOf = in_process
) -> Adapters:
    """The adapters of an installation that keeps tokens, sealed, and documents in its home, and
    numbers wherever it says.
    """
    return Adapters(reveal, InFolder(home / "tokens", *sealing), home / "documents", numbers)


def build(
    partner: Configured,
    network: Mapping[str, Any],
    reveal: Reveal,
    *,
    inward: bool = False,
    tokens: TokenStore = IN_PROCESS,
    kept: Path | None = None,
    numbers: NumbersOf = in_process,
) -> Parts:
    """A fresh adapter of a connection. `inward`: secrets that only calls need may be missing."""
    secrets, closed = _secrets(partner, reveal, inward=inward)
    return registry.make(
        partner.adapter,
        partner.settings,
        secrets,
        context(partner),
        Transport(
            policy=policy(network),
            timeout_s=float(partner.limits.get("timeout_s", 15)),
            concurrency=int(partner.limits.get("concurrency", 4)),
            closed=closed,
            tokens=tokens,
            kept=kept,
            numbers=numbers(partner.merchant, partner.code),
        ),
    )


def _secrets(
    partner: Configured, reveal: Reveal, *, inward: bool
) -> tuple[dict[str, str], str | None]:
    """The secrets, and why no call can be made without those that are missing."""
    entry, secrets, closed = registry.entry(partner.adapter), dict[str, str](), None
    spared = outward(entry.settings()) if inward else frozenset()
    for name, reference in partner.secrets.items():
        try:
            secrets |= reveal({name: reference}, (partner.merchant, partner.code))
        except BadData as error:
            if name not in spared:
                raise
            secrets[name], closed = _NOT_HERE, f"{error.path}: {error}"
    return secrets, closed


def context(partner: Configured) -> Context:
    """What mappings may know of a connection: its overrides lie over the built-in lists."""
    codes = {name: dict(entries) for name, entries in code_lists(partner.adapter).items()}
    for name, entries in partner.codes.items():
        codes[name] = laid_over(entries, codes.get(name, {}))
    return Context(
        connection=partner.code,
        merchant=partner.merchant,
        codes=codes,
        zone=zone(str(partner.options.get("time_zone", "UTC"))),
    )


def policy(network: Mapping[str, Any]) -> NetworkPolicy:
    """The operator's word on networks."""
    return NetworkPolicy(
        private=tuple(ipaddress.ip_network(net) for net in network.get("private", ())),
        http=bool(network.get("http", False)),
    )
