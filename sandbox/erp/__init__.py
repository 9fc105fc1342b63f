"""An ERP that speaks Tryton 8.2 JSON-RPC."""

from sandbox.erp.server import Erp

__all__ = ["Erp"]
