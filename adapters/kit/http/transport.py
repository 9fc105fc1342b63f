"""How one connection may use the network: the operator's word and the limits of the connection."""

from dataclasses import dataclass, field
from ipaddress import ip_network
from pathlib import Path
from typing import Self

from adapters.kit.http.network import NetworkPolicy
from adapters.kit.http.numbering import InProcess, Numbers
from adapters.kit.tokens import IN_PROCESS, TokenStore

PUBLIC_ONLY = NetworkPolicy()


@dataclass(frozen=True, slots=True)
class Transport:
    """How a connection may use the network, from its `network` and `limits`."""

    policy: NetworkPolicy = PUBLIC_ONLY
    timeout_s: float = 15.0
    """The budget of one call, with the repeats and renewals inside it."""
    connect_s: float = 5.0
    concurrency: int = 4
    ca_file: str | None = None
    closed: str | None = None
    """Why no call can be made here, where that is so."""
    numbers: Numbers = field(default_factory=InProcess)
    """Control numbers that are given once each."""
    tokens: TokenStore = IN_PROCESS
    """Where tokens are kept that several threads or processes share."""
    kept: Path | None = None
    """A folder for what partners publish and we need again, say a WSDL. None: nothing is kept."""

    @classmethod
    def local(cls, timeout_s: float = 15.0) -> Self:
        """For partners on this machine: loopback, plain http."""
        loopback = (ip_network("127.0.0.0/8"), ip_network("::1/128"))
        return cls(NetworkPolicy(loopback, http=True), timeout_s)
