"""What a caller of the Open API learns of the services that the hub calls: no more than it may."""

from typing import Any

import pytest

from adapters.kit.testing.scripted_partner import Loopback, Told
from hub.store.config import snapshot
from tests.kit.world.gateway import Gateway

INSIDE = b'{"AccessKeyId": "AKIA-INSIDE", "owner": "Grace Hopper"}'
AT = {"content-type": "application/json"}
SECRET_PLACE = "https://u:pw@login.example.com/x?token=s3cret#f"
STATUSES = (301, 302, 303, 307, 308, 300, 399)


def tried(gateway: Gateway, code: str, answer: Told, *scopes: str) -> dict[str, Any]:
    """How the test of a connection goes where its service answers so."""
    key = gateway.key("connections:write", *scopes)
    with Loopback(lambda _: answer) as partner:
        field = "api_url" if code == "wh-q" else "url"
        gateway.world.sql(
            """UPDATE connection SET version = version + 1,
            settings = settings || jsonb_build_object(CAST(:f AS text), CAST(:u AS text))
            WHERE code = :c""",
            f=field,
            u=partner.url,
            c=code,
        )
        with gateway.store.database.begin() as db:
            snapshot.changed(db)
        found: dict[str, Any] = (
            Gateway(gateway.world).call("POST", f"connections/{code}/test", key).json
        )
    return found


@pytest.mark.parametrize("code", ["wh-a", "shop-a", "wh-q"])
@pytest.mark.parametrize("status", STATUSES)
def test_a_redirect_is_a_failure_that_names_the_host_and_nothing_more(
    gateway: Gateway, code: str, status: int
) -> None:
    answer = Told(status, INSIDE, {**AT, "location": SECRET_PLACE})
    for scopes in ((), ("messages:read",)):
        found = tried(gateway, code, answer, *scopes)
        assert (found["ok"], found["code"]) == (False, "redirected")
        method = "POST" if code == "wh-q" else "GET"
        where = f"{method} answered {status}: it leads to login.example.com, not followed"
        assert found["message"] == where


@pytest.mark.parametrize("place", ["", "/login", "//[", "http://Grace Hopper/", "x" * 5000])
def test_a_redirect_to_no_proper_place_names_none(gateway: Gateway, place: str) -> None:
    found = tried(gateway, "wh-a", Told(302, INSIDE, {**AT, "location": place}))
    assert found["message"] == "GET answered 302: it leads to another place, not followed"


@pytest.mark.parametrize("code", ["wh-a", "wh-q"])
@pytest.mark.parametrize("status", [200, 204, 400, 401, 403, 404, 409, 418, 422, 429, 500, 503])
def test_what_a_service_answers_is_not_passed_on_to_who_may_not_read_messages(
    gateway: Gateway, code: str, status: int
) -> None:
    found = tried(gateway, code, Told(status, INSIDE, AT))
    for word in ("AKIA", "INSIDE", "Grace", "Hopper", "AccessKeyId"):
        assert word not in str(found)


def test_who_may_read_messages_hears_what_the_service_said(gateway: Gateway) -> None:
    answer = Told(403, b'{"why": "the token has expired"}', AT)
    assert "the token has expired" in tried(gateway, "wh-a", answer, "messages:read")["message"]
    blind = tried(gateway, "wh-a", answer)
    assert blind["message"] == "it does not accept our credentials"
