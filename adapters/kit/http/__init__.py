"""HTTP to partners: what a connection may use, the pool underneath, and the fate of each answer."""

from adapters.kit.http.client import Http
from adapters.kit.http.exchange import Reply
from adapters.kit.http.fates import FATES, Fates
from adapters.kit.http.network import NetworkPolicy
from adapters.kit.http.transport import Transport

__all__ = ["FATES", "Fates", "Http", "NetworkPolicy", "Reply", "Transport"]
