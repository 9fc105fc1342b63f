"""Adapters of configured connections, made once and kept until the connection changes."""

import ipaddress
import threading
from collections.abc import Callable, Mapping
from typing import Any, Protocol

from adapters.kit import registry
from adapters.kit.http import Transport
from adapters.kit.network import NetworkPolicy
from adapters.ports import Adapter
from mappings.kit import Context, code_lists, zone


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


Reveal = Callable[[Mapping[str, str]], dict[str, str]]


class Adapters:
    """One adapter a connection, shared by the threads of a process."""

    def __init__(self, reveal: Reveal) -> None:
        self._reveal = reveal
        self._made: dict[str, tuple[tuple[int, int], Adapter]] = {}
        self._lock = threading.Lock()

    def of(
        self, partner: Configured, network: Mapping[str, Any], directory_version: int
    ) -> Adapter:
        """The adapter of a connection. BadData where its settings do not fit."""
        stamp = (partner.version, directory_version)
        held = self._made.get(partner.code)
        if held is not None and held[0] == stamp:
            return held[1]
        with self._lock:
            held = self._made.get(partner.code)
            if held is not None and held[0] == stamp:  # another thread made it meanwhile
                return held[1]
            adapter = build(partner, network, self._reveal)
            self._made[partner.code] = (stamp, adapter)
            return adapter


def build(partner: Configured, network: Mapping[str, Any], reveal: Reveal) -> Adapter:
    """A fresh adapter of a connection."""
    return registry.make(
        partner.adapter,
        partner.settings,
        reveal(partner.secrets),
        context(partner),
        Transport(
            policy=policy(network),
            timeout_s=float(partner.limits.get("timeout_s", 15)),
            concurrency=int(partner.limits.get("concurrency", 4)),
        ),
    )


def context(partner: Configured) -> Context:
    """What mappings may know of a connection: its overrides lie over the built-in lists."""
    codes = {name: dict(entries) for name, entries in code_lists(partner.adapter).items()}
    for name, entries in partner.codes.items():
        codes[name] = {
            **entries,
            **{k: v for k, v in codes.get(name, {}).items() if k not in entries},
        }
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
