"""The session of requests: what holds beside the contract that it shares with the pool."""

import io
from time import monotonic

import pytest
import requests
import responses

from adapters.kit.http import Transport
from adapters.kit.http.meaning import meant
from adapters.kit.http.wire_tap import recording
from adapters.kit.session import Session
from adapters.kit.testing.scripted_partner import SILENCE, Loopback, Told
from hub.model.errors import AlreadyDone, OutcomeUnknown, Rejected, TryLater

LOCAL = Transport.local()


def in_turn(*tolds):
    answers = iter(tolds)
    return lambda _: next(answers)


def test_whatever_is_written_for_requests_is_told_by_responses_what_to_hear_and_fates_hold():
    session = Session("https://api.partner.example/v1")
    with responses.RequestsMock() as partner, recording() as exchanges:
        partner.get("https://api.partner.example/v1/orders?page=2", json={"items": [1]})
        partner.post("https://api.partner.example/v1/orders", json={"error": "twice"}, status=409)
        assert session.get("/orders?page=2").json() == {"items": [1]}
        with pytest.raises(AlreadyDone, match=r'^POST answered 409: \{"error": "twice"\}$'):
            session.post("/orders", json={"a": 1}, fates={409: AlreadyDone})
    assert [(one.method, one.status, one.request_body) for one in exchanges] == [
        ("GET", 200, b""),
        ("POST", 409, b'{"a": 1}'),
    ]


def test_a_session_calls_its_own_hosts_and_no_others():
    with Loopback(lambda _: Told.json({})) as ours, Loopback(lambda _: Told.json({})) as other:
        with pytest.raises(Rejected, match="none of the hosts") as refused:
            Session(ours.url, LOCAL).get(f"{other.url}/next", headers={"Authorization": "Bearer x"})
        assert refused.value.code == "network_forbidden"
        assert other.asked == []
        assert Session(ours.url, LOCAL, also=[other.url]).get(f"{other.url}/next").json() == {}


def test_no_sdk_talks_the_session_out_of_its_promises(monkeypatch):
    """Its own adapter, proxies, redirects, unverified TLS and cookies have no effect."""
    answers = in_turn(Told(200, b"{}", {"set-cookie": "sid=1; Path=/"}), Told.json({}))
    with Loopback(answers) as partner, Loopback(lambda _: Told.json({})) as proxy:
        monkeypatch.setenv("http_proxy", proxy.url)
        session = Session(partner.url, LOCAL)
        session.mount("http://", requests.adapters.HTTPAdapter(max_retries=5))
        session.proxies = {"http": proxy.url}
        session.trust_env = True
        session.get("/a", verify=False, allow_redirects=True, proxies={"http": proxy.url})
        session.get("/b", cookies=None)
        assert ["cookie" in asked.headers for asked in partner.asked] == [False, False]
        assert (partner.connections, proxy.asked) == (1, [])


def test_a_redirect_is_refused_even_where_redirects_are_asked_for():
    with (
        Loopback(lambda _: Told.json({})) as other,
        Loopback(lambda _: Told(302, headers={"location": other.url})) as partner,
    ):
        with pytest.raises(Rejected) as refused:
            Session(partner.url, LOCAL, also=[other.url]).get("/", allow_redirects=True)
        assert (refused.value.code, other.asked) == ("redirected", [])


def test_an_sdk_that_reads_statuses_itself_gets_them():
    with Loopback(in_turn(Told(404), Told(500, b"fault"))) as partner:
        session = Session(partner.url, LOCAL, own=range(100, 600))
        assert session.get("/x").status_code == 404
        response = session.post("/x", data="<soap/>")
        assert (response.status_code, response.content) == (500, b"fault")
        assert not response.ok


def test_what_a_library_calls_inside_means_what_was_said_outside():
    with Loopback(in_turn(SILENCE, SILENCE, SILENCE, Told(500, b"fault"), SILENCE)) as partner:
        session = Session(partner.url, LOCAL)
        with meant(write=False, own={500}):
            with pytest.raises(TryLater):
                session.post("/read", data=b"1")
            assert session.post("/read", data=b"2").content == b"fault"
        with pytest.raises(OutcomeUnknown):
            session.post("/write", data=b"3")
    assert [asked.body for asked in partner.asked] == [b"1", b"1", b"1", b"2", b"3"]


def test_a_read_is_asked_three_times_in_one_call_and_a_write_once():
    with Loopback(in_turn(SILENCE, Told(502), Told.json({"a": 1}))) as partner:
        assert Session(partner.url, LOCAL).get("/x").json() == {"a": 1}
        assert len(partner.asked) == 3
    with Loopback(in_turn(Told(503), Told.json({}))) as partner:
        with pytest.raises(TryLater):
            Session(partner.url, LOCAL).post("/x", json={})
        assert len(partner.asked) == 1


def test_a_partner_that_asks_to_wait_is_not_asked_again_in_the_same_call():
    with Loopback(lambda _: Told(429, headers={"retry-after": "1"})) as partner:
        with pytest.raises(TryLater) as fate:
            Session(partner.url, LOCAL).get("/x")
        assert (fate.value.retry_after, len(partner.asked)) == (1, 1)


def test_repeats_stay_within_the_time_of_one_call():
    started = monotonic()
    slow = Told(pause_s=0.25, status=503)
    with Loopback(lambda _: slow) as partner:
        with pytest.raises(TryLater):
            Session(partner.url, Transport.local(0.4)).get("/x")
        assert len(partner.asked) == 1
    assert monotonic() - started < 1


def test_a_shorter_time_that_a_library_asks_for_is_kept_and_a_longer_one_is_not():
    with Loopback(lambda _: Told(pause_s=20)) as partner:
        for timeout in (0.2, (5, 0.2)):
            started = monotonic()
            with pytest.raises(OutcomeUnknown):
                Session(partner.url, LOCAL).post("/x", timeout=timeout)
            assert monotonic() - started < 10
        started = monotonic()
        with pytest.raises(OutcomeUnknown):
            Session(partner.url, Transport.local(0.2)).post("/x", timeout=60)
        assert monotonic() - started < 10


def test_a_streamed_body_goes_in_one_piece():
    with Loopback(lambda _: Told.json({})) as partner:
        session = Session(partner.url, LOCAL)
        session.post("/x", data=io.BytesIO(b"file"))
        session.post("/x", data=(part for part in (b"a", b"b")))
        session.post("/x", data={"a": "ä b"})
        session.post("/x", files={"f": ("n.csv", b"1;2")})
        file, parts, form, multipart = partner.asked
    assert (file.body, file.headers["content-length"]) == (b"file", "4")
    assert (parts.body, parts.headers["content-length"]) == (b"ab", "2")
    assert "transfer-encoding" not in parts.headers
    assert form.body == b"a=%C3%A4+b"
    assert b"1;2" in multipart.body
    assert multipart.headers["content-type"].startswith("multipart/form-data; boundary=")


def test_the_path_is_below_the_base_and_numbers_are_read_as_they_are_written():
    with Loopback(lambda _: Told(200, b'{"total": 1.10, "id": 12345678901234567890}')) as partner:
        session = Session(f"{partner.url}/api?tenant=1", LOCAL)
        answer = session.call("GET", "/orders", query={"b": "c d"}, headers={"X-Api-Key": "k"})
        assert answer == {"total": "1.10", "id": "12345678901234567890"}
        session.call("PUT", "/orders", body={"a": "é"}, key="k:1", read="none")
        session.get("/a/b")
        read, put, plain = partner.asked
    assert (read.target, read.headers["x-api-key"]) == ("/api/orders?tenant=1&b=c+d", "k")
    assert (put.body, put.headers["idempotency-key"]) == ('{"a":"é"}'.encode(), "k:1")
    assert put.headers["content-type"] == "application/json"
    assert plain.target == "/api/a/b?tenant=1"


def test_a_connection_that_lacks_a_secret_makes_no_call():
    with Loopback(lambda _: Told.json({})) as partner:
        closed = Transport(LOCAL.policy, closed="secrets.token: not there")
        with pytest.raises(TryLater, match=r"^secrets\.token: not there$"):
            Session(partner.url, closed).post("/x")
        assert partner.asked == []
