"""A warehouse that speaks Qimen: signed XML both ways."""

from sandbox.qimen.arrivals import Arrival
from sandbox.qimen.warehouse import Warehouse
from sandbox.qimen.wire import Account
from sandbox.qimen.work import Way

__all__ = ["Account", "Arrival", "Warehouse", "Way"]
