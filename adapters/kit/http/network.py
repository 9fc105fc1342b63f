"""Where an adapter may connect to: public addresses over https, and what the operator named.

The list of refused networks is our own (IANA special-purpose registries, RFC 6890): the standard
library counts several translation and multicast ranges as public.
"""

from dataclasses import dataclass
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network
from typing import Self
from urllib.parse import SplitResult, urlsplit

Network = IPv4Network | IPv6Network
Address = IPv4Address | IPv6Address

_NOT_PUBLIC = """
0.0.0.0/8 10.0.0.0/8 100.64.0.0/10 127.0.0.0/8 169.254.0.0/16 172.16.0.0/12 192.0.0.0/24
192.0.2.0/24 192.88.99.0/24 192.168.0.0/16 198.18.0.0/15 198.51.100.0/24 203.0.113.0/24 224.0.0.0/4
240.0.0.0/4
::/96 64:ff9b::/96 64:ff9b:1::/48 100::/64 2001::/23 2001:db8::/32 2002::/16 3fff::/20 5f00::/16
fc00::/7 fe80::/10 fec0::/10 ff00::/8
"""
NOT_PUBLIC: tuple[Network, ...] = tuple(ip_network(text) for text in _NOT_PUBLIC.split())
_METADATA = """
169.254.169.254 169.254.170.2 169.254.170.23 169.254.0.23 169.254.42.42 100.100.100.200
168.63.129.16 192.0.0.192 fd00:ec2::254 fd00:ec2::23 fd20:ce::254 fd00:42::42
"""
METADATA = frozenset(ip_address(text) for text in _METADATA.split())
"""Addresses at which clouds hand out credentials (AWS and its container services, Azure, Google,
Alibaba, Oracle, Tencent, Scaleway): refused even inside a network that was named.
"""
_TRANSLATED = (ip_network("64:ff9b::/96"), ip_network("64:ff9b:1::/48"), ip_network("::/96"))
_ISATAP = 0x5EFE


@dataclass(frozen=True, slots=True)
class NetworkPolicy:
    """The operator's word: which private networks partners may live in, and whether http does."""

    private: tuple[Network, ...] = ()
    http: bool = False

    @classmethod
    def named(cls, private: list[str], *, http: bool = False) -> Self:
        """A policy from the text of the connections file. ValueError where a network is none."""
        return cls(tuple(ip_network(text) for text in private), http)

    def allows(self, address: str) -> bool:
        """Whether a numeric address may be connected to."""
        given = ip_address(address.partition("%")[0])
        if not METADATA.isdisjoint(_meant(given)):
            return False
        ip = _unwrapped(given)
        if any(ip in network for network in self.private):
            return True
        return not any(ip in network for network in NOT_PUBLIC)

    def refusal(self, url: str) -> str | None:
        """Why a URL may not be called whatever its name resolves to, None where it may."""
        try:
            parts = urlsplit(url)
            parts.port  # noqa: B018  # reading it validates it
        except ValueError:
            return "it is no URL"
        return self._refusal(parts)

    def _refusal(self, parts: SplitResult) -> str | None:
        if parts.scheme not in ({"https", "http"} if self.http else {"https"}):
            return "https is expected" if not self.http else "http or https is expected"
        if not parts.hostname:
            return "it names no host"
        if parts.username is not None or parts.password is not None:
            return "credentials do not belong into a URL"
        return None


def _meant(ip: Address) -> set[Address]:
    """The address, and the IPv4 addresses that it may stand for on the way."""
    if isinstance(ip, IPv4Address):
        return {ip}
    low = IPv4Address(int(ip) & 0xFFFFFFFF)
    inside = {ip.ipv4_mapped, ip.sixtofour, *(ip.teredo or ())}
    if any(ip in network for network in _TRANSLATED) or int(ip) >> 32 & 0xFFFF == _ISATAP:
        inside.add(low)
    return {ip, *(address for address in inside if address is not None)}


def _unwrapped(ip: Address) -> Address:
    """An IPv4 address that is written as IPv6 is judged as what it is."""
    mapped = ip.ipv4_mapped if isinstance(ip, IPv6Address) else None
    return mapped or ip
