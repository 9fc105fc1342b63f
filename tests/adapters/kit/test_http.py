"""Each way in which a call can fail has one fate, told by a real socket: by the pool itself, and by
a session of requests above it.
"""

import gc
import gzip
import socket
import threading
from datetime import UTC, datetime
from time import monotonic, sleep

import pytest

from adapters.kit.http import Http, NetworkPolicy, Transport
from adapters.kit.http.exchange import MAX_BODY
from adapters.kit.http.fates import retry_after
from adapters.kit.http.sockets import Pool, Target
from adapters.kit.http.wire_tap import recording
from adapters.kit.session import Session
from adapters.kit.testing.scripted_partner import SILENCE, Loopback, Told
from hub.model.errors import (
    AlreadyDone,
    EndpointMissing,
    NotAuthorised,
    OutcomeUnknown,
    Rejected,
    TryLater,
)

pytestmark = pytest.mark.slow

LOCAL = Transport.local()


def session(url, headers=None, transport=None, *, secrets=()):
    return Session(url, transport, headers=headers, secrets=secrets)


CLIENTS = {"pool": Http, "session": session}


@pytest.fixture(params=CLIENTS.values(), ids=CLIENTS)
def client(request):
    return request.param


def ask(client, told, method="POST", transport=LOCAL, **request):
    with Loopback(lambda _: told) as partner:
        return client(partner.url, {}, transport).call(method, "/x", **request)


def test_a_call_sends_json_with_the_key_and_reads_json_numbers_as_text(client):
    with Loopback(lambda _: Told.json({"id": 12345678901234567890})) as partner:
        http = client(partner.url + "/api?tenant=1", {"Authorization": "Bearer t0ken"}, LOCAL)
        answer = http.call("POST", "/orders", body={"a": "é"}, query={"b": "c d"}, key="k:1")
    assert answer == {"id": "12345678901234567890"}
    (asked,) = partner.asked
    assert (asked.method, asked.path, asked.query) == (
        "POST",
        "/api/orders",
        {"tenant": "1", "b": "c d"},
    )
    assert asked.body == '{"a":"é"}'.encode()
    assert asked.headers["idempotency-key"] == "k:1"
    assert asked.headers["authorization"] == "Bearer t0ken"
    assert asked.headers["content-type"] == "application/json"


def test_connections_are_kept_alive_and_a_connection_closed_while_idle_is_never_used(client):
    with Loopback(lambda _: Told.json({})) as partner:
        http = client(partner.url, {}, LOCAL)
        http.call("POST", "/1", body={})
        http.call("POST", "/2", body={})
        assert partner.connections == 1
        partner.hang_up()
        sleep(0.05)
        assert http.call("POST", "/3", body={}) == {}
        assert partner.connections == 2


@pytest.mark.parametrize(
    ("status", "written", "read"),
    [
        (301, Rejected, Rejected),
        (304, Rejected, Rejected),
        (400, Rejected, Rejected),
        (401, NotAuthorised, NotAuthorised),
        (403, NotAuthorised, NotAuthorised),
        (404, EndpointMissing, EndpointMissing),
        (408, TryLater, TryLater),
        (409, Rejected, Rejected),
        (410, EndpointMissing, EndpointMissing),
        (413, Rejected, Rejected),
        (422, Rejected, Rejected),
        (425, TryLater, TryLater),
        (429, TryLater, TryLater),
        (500, OutcomeUnknown, TryLater),
        (502, OutcomeUnknown, TryLater),
        (503, TryLater, TryLater),
        (504, OutcomeUnknown, TryLater),
        (524, OutcomeUnknown, TryLater),
        (599, OutcomeUnknown, TryLater),
    ],
)
def test_a_status_has_one_fate(client, status, written, read):
    with pytest.raises(written) as write_fate:
        ask(client, Told(status, b"no"))
    with pytest.raises(read) as read_fate:
        ask(client, Told(status, b"no"), "GET")
    assert type(write_fate.value) is written
    assert type(read_fate.value) is read
    assert str(write_fate.value).startswith(f"POST answered {status}")


def test_an_adapter_may_know_better_what_a_status_means(client):
    with pytest.raises(AlreadyDone):
        ask(client, Told(409), fates={409: AlreadyDone})
    with pytest.raises(TryLater):
        ask(client, Told(500), fates={500: TryLater})


def test_a_post_that_changes_nothing_is_a_read(client):
    with pytest.raises(TryLater):
        ask(client, Told(500), write=False)
    with pytest.raises(TryLater):
        ask(client, SILENCE, write=False)


def test_a_partner_that_asks_to_wait_is_heard(client):
    with pytest.raises(TryLater) as fate:
        ask(client, Told(429, headers={"retry-after": "7"}))
    assert fate.value.retry_after == 7


@pytest.mark.parametrize(
    ("value", "seconds"),
    [
        (None, None),
        ("", None),
        ("soon", None),
        ("-5", None),
        ("0", 1),
        ("2.0", 2),
        ("999999", 86400),
        ("Tue, 24 Nov 2026 10:00:30 GMT", 30),
        ("Tue, 24 Nov 2026 09:00:00 GMT", 1),
    ],
)
def test_retry_after_is_read_as_seconds_or_date_within_bounds(value, seconds):
    assert retry_after(value, datetime(2026, 11, 24, 10, tzinfo=UTC)) == seconds


@pytest.mark.parametrize(
    "told",
    [
        SILENCE,
        Told(raw=b"HTTP/1.1 200 OK\r\nContent-Length: 50\r\n\r\n{", close=True),
        Told(raw=b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\n{", close=True),
        Told(raw=b"SSH-2.0-OpenSSH_9\r\n", close=True),
        Told(raw=b"HTTP/1.1 200 OK\r\n" + b"a: b\r\n" * 60 + b"\r\n{}", close=True),
        Told(raw=b"HTTP/1.1 200 OK\r\n" + b"a: b\r\n" * 500 + b"\r\n{}", close=True),
        Told(200, b"<html>Welcome</html>", {"content-type": "text/html"}),
        Told(200, b"{}", {"content-type": "image/png"}),
        Told(200, b""),
        Told(200, b"{" + b" " * MAX_BODY + b"}"),
        Told(200, gzip.compress(b" " * (MAX_BODY + 1) + b"1"), {"content-encoding": "gzip"}),
        Told(200, b"not gzip", {"content-encoding": "gzip"}),
    ],
    ids=[
        "answer lost",
        "cut body",
        "cut chunk",
        "no HTTP",
        "60 headers",
        "500 headers",
        "HTML",
        "picture",
        "empty",
        "too large",
        "bomb",
        "broken gzip",
    ],
)
def test_an_answer_that_is_missing_or_unreadable_is_unknown_after_a_write(client, told):
    with pytest.raises(OutcomeUnknown):
        ask(client, told, "POST", body={})
    with pytest.raises(TryLater):
        ask(client, told, "GET")


def test_a_refusal_counts_even_when_its_body_is_cut_short(client):
    with pytest.raises(Rejected):
        ask(client, Told(raw=b"HTTP/1.1 422 No\r\nContent-Length: 50\r\n\r\nbad", close=True))


@pytest.mark.parametrize("trickled", [b"HTTP/1.1 200 OK\r\nx: " + b"y" * 99, b"H" * 99])
def test_the_deadline_is_for_the_whole_call_however_slowly_bytes_arrive(client, trickled):
    started = monotonic()
    with pytest.raises(OutcomeUnknown, match=r"within 1 s"):
        ask(client, Told(raw=trickled, pause_s=0.05), transport=Transport.local(1.0))
    assert 0.9 < monotonic() - started < 4  # all of it takes five


def test_a_body_that_trickles_meets_the_deadline_too(client):
    head = b"HTTP/1.1 200 OK\r\nContent-Length: 5000\r\n\r\n"
    trickle = Told(raw=head + b"1" * 99, pause_s=0.01)
    with (
        Loopback(lambda _: trickle) as partner,
        pytest.raises(TryLater, match=r"within 0\.8 s"),
    ):
        client(partner.url, {}, Transport.local(0.8)).call("GET")


def test_nothing_happened_where_nobody_listens_or_no_name_is_known(client):
    with socket.create_server(("127.0.0.1", 0)) as gone:
        port = gone.getsockname()[1]
    with pytest.raises(TryLater):
        client(f"http://127.0.0.1:{port}", {}, LOCAL).call("POST", body={})
    with pytest.raises(TryLater):
        client("http://no-such-name.invalid", {}, LOCAL).call("POST", body={})


def test_tls_that_fails_before_the_request_is_written_may_be_tried_again(client):
    impatient = Transport(LOCAL.policy, connect_s=0.2)
    with Loopback(lambda _: SILENCE) as partner, pytest.raises(TryLater):
        client(partner.url.replace("http:", "https:"), {}, impatient).call("POST", body={})
    assert "POST" not in [one.method for one in partner.asked]


@pytest.mark.parametrize(
    "host", ["127.0.0.1", "127.1", "0x7f.1", "2130706433", "[::ffff:127.0.0.1]", "localhost"]
)
def test_S08_a_private_address_is_refused_however_it_is_spelt_and_no_byte_is_sent(client, host):
    public = Transport(NetworkPolicy(http=True))
    with Loopback(lambda _: Told.json({})) as partner:
        with pytest.raises(Rejected) as fate:
            client(f"http://{host}:{partner.port}", {}, public).call("POST", body={})
        assert fate.value.code == "network_forbidden"
        assert (partner.asked, partner.connections) == ([], 0)


def test_S08_plain_http_and_credentials_in_the_url_are_refused_unless_the_operator_allows(client):
    for url in ("http://example.invalid", "https://u:p@example.invalid", "ftp://example.invalid"):
        with pytest.raises(Rejected) as fate:
            client(url, {}, Transport()).call("GET")
        assert fate.value.code == "network_forbidden"
        assert "u:p" not in str(fate.value)


def test_redirects_are_not_followed_and_environment_proxies_not_used(client, monkeypatch):
    with Loopback(lambda _: Told.json({})) as other:
        monkeypatch.setenv("http_proxy", other.url)
        with pytest.raises(Rejected) as refused:
            ask(client, Told(302, headers={"location": other.url}), "GET")
        assert refused.value.code == "redirected"
        assert other.asked == []


def test_several_threads_share_one_client(client):
    with Loopback(lambda asked: Told.json({"path": asked.path})) as partner:
        http = client(partner.url, {}, LOCAL)
        found = []

        def work(number):
            found.append((number, http.call("GET", f"/{number}")["path"]))

        threads = [threading.Thread(target=work, args=(n,)) for n in range(12)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    assert sorted(found) == [(n, f"/{n}") for n in range(12)]


def test_S11_secrets_are_in_no_error_and_no_recording(client):
    def script(_):
        return Told(400, b"bad token s3cret-token and pass%2Fword", {"set-cookie": "sid=1"})

    with Loopback(script) as partner, recording() as exchanges:
        http = client(partner.url, {"X-Access-Token": "s3cret-token"}, LOCAL, secrets=["pass/word"])
        with pytest.raises(Rejected) as fate:
            http.call("POST", "/x", body={"pw": "pass/word"}, query={"sign": "ABC", "a": "1"})
    shown = f"{fate.value} {http!r} {exchanges}"
    assert "s3cret-token" not in shown
    assert "pass/word" not in shown
    assert "pass%2Fword" not in shown
    assert "sid=1" not in shown
    (exchange,) = exchanges
    assert exchange.url == f"{partner.url}/x?sign=***&a=1"
    assert (exchange.status, exchange.request_body) == (400, b'{"pw":"***"}')


def test_a_lost_answer_is_recorded_with_what_was_sent(client):
    with (
        Loopback(lambda _: SILENCE) as partner,
        recording() as exchanges,
        pytest.raises(OutcomeUnknown),
    ):
        client(partner.url, {}, LOCAL).call("POST", "/x", body={"a": 1})
    (exchange,) = exchanges
    assert (exchange.status, exchange.request_body) == (None, b'{"a":1}')
    assert exchange.error is not None
    assert exchange.error.startswith("the connection broke")


def test_a_socket_that_goes_with_a_cycle_is_closed_whoever_goes_first() -> None:
    """Nothing says in which order what refers to itself is finalised: its pool may come later."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        here = NetworkPolicy.named(["127.0.0.0/8"], http=True)
        target = Target("http", "127.0.0.1", server.getsockname()[1], here, 5.0)
        pool = Pool(target, 1)
        connection = pool.take(monotonic() + 5)
        peer, _ = server.accept()
        cycle: list[object] = [connection.sock]
        cycle.append(cycle)
        connection.sock = None
        with peer:
            peer.settimeout(5)
            del cycle
            gc.collect()
            assert peer.recv(1) == b""
        pool.close()
