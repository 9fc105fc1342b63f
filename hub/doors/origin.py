"""From which address a request comes: the peer's, or what a named proxy says of the one before it.

`X-Forwarded-For` is read from the right: each hop added the address it was called from. Only a hop
that the operator named is believed, so that a caller's own words never count.
"""

from collections.abc import Callable, Iterable, Sequence
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address
from typing import Any

Network = IPv4Network | IPv6Network
Wsgi = Callable[[dict[str, Any], Any], Iterable[bytes]]
_OWN_NETWORK = 64
"""Bits of an IPv6 address that one caller may vary at will."""


class Origin:
    """Finds the address behind the named hops. Without any, nobody's header is believed."""

    def __init__(self, proxies: Sequence[Network] = ()) -> None:
        self._proxies = tuple(proxies)

    def is_proxy(self, address: str) -> bool:
        """Whether an address is a named hop."""
        found = _read(address) if self._proxies else None
        return found is not None and any(found in network for network in self._proxies)

    def of(self, peer: str, forwarded: str | None) -> str:
        """The address that a request comes from. What is no address ends the search at the hop that
        told it.
        """
        address, hops = peer, forwarded.split(",") if forwarded else []
        while hops and self.is_proxy(address):
            before = _read(hops.pop())
            if before is None:
                break
            address = str(before)
        return address

    def before(self, app: Wsgi) -> Wsgi:
        """An app that finds the address in REMOTE_ADDR."""
        if not self._proxies:
            return app

        def called(environ: dict[str, Any], start: Any) -> Iterable[bytes]:
            peer, told = environ.get("REMOTE_ADDR", ""), environ.get("HTTP_X_FORWARDED_FOR")
            environ["REMOTE_ADDR"] = self.of(peer, told)
            return app(environ, start)

        return called


def neighbourhood(address: str) -> str:
    """Whom a limit per address holds: an IPv4 address, or all of an IPv6 network of 64 bits."""
    found = _read(address)
    if not isinstance(found, IPv6Address):
        return address if found is None else str(found)
    return str(IPv6Network((int(found), _OWN_NETWORK), strict=False))


def _read(text: str) -> IPv4Address | IPv6Address | None:
    """An address, also with a port behind it, as some proxies write it."""
    text = text.strip()
    if text.startswith("["):
        text = text[1:].partition("]")[0]
    elif text.count(":") == 1:
        text = text.partition(":")[0]
    try:
        address = ip_address(text)
    except ValueError:
        return None
    return getattr(address, "ipv4_mapped", None) or address
