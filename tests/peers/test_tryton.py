"""The real Tryton that other tests talk to: ready, fresh each time, gone afterwards."""

import pytest

from adapters.kit.http import Transport
from adapters.tryton.server.rpc import Rpc
from hub.model.errors import TryLater
from tests.peers.tryton import TrytonServer, tryton

pytestmark = pytest.mark.peer("tryton")


def session(server: TrytonServer) -> Rpc:
    credentials = (server.user, server.password)
    return Rpc(server.url, server.database, credentials, (), Transport.local(60))


def parties(server: TrytonServer, code: str) -> list[dict[str, object]]:
    domain = [["code", "=", code]]
    return session(server).call("party.party", "search_read", domain, 0, None, None, ["name"])


def test_it_is_configured_fresh_each_time_and_stopped() -> None:
    with tryton() as first:
        rpc = session(first)
        (company,) = rpc.call("company.company", "search_read", [], 0, None, None, ["rec_name"])
        assert company["rec_name"] == "Acme Books"
        domain = [["code", "in", ["SKU-0000", "SHIPPING", "GENERIC"]]]
        found = rpc.call("product.product", "search_read", domain, 0, None, None, ["type"])
        assert sorted(row["type"] for row in found) == ["goods", "goods", "service"]
        rpc.call("party.party", "create", [{"name": "Left behind", "code": "FIRST"}])
        assert len(parties(first, "FIRST")) == 1
    with pytest.raises(TryLater):
        session(first).call("party.party", "search_read", [], 0, 1, None, ["name"])
    with tryton() as second:
        assert parties(second, "FIRST") == []
