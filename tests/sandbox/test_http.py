"""The little server: keep-alive, strictness about framing, many connections, a second life."""

import http.client
import socket
import threading
import time
from contextlib import closing

import pytest

from sandbox.http import Answer, Request, Server


def echo(request: Request) -> Answer:
    return Answer(200, request.body + request.path.encode(), "text/plain")


@pytest.fixture
def server():
    made = Server(echo)
    made.start()
    yield made
    made.stop()


def raw(server: Server, sent: bytes) -> bytes:
    with socket.create_connection((server.host, server.port), timeout=60) as connection:
        connection.sendall(sent)
        connection.shutdown(socket.SHUT_WR)
        return b"".join(iter(lambda: connection.recv(65536), b""))


def test_one_connection_carries_many_requests(server):
    with closing(http.client.HTTPConnection(server.host, server.port)) as connection:
        bodies = []
        for n in range(3):
            connection.request("POST", f"/{n}", b"x" * n)
            bodies.append(connection.getresponse().read())
            opened = connection.sock
        assert bodies == [b"/0", b"x/1", b"xx/2"]
        assert connection.sock is opened


def test_connection_close_is_honoured(server):
    answer = raw(server, b"GET /a HTTP/1.1\r\nConnection: close\r\n\r\n")
    assert answer.startswith(b"HTTP/1.1 200 OK\r\n")
    assert answer.endswith(b"Connection: close\r\n\r\n/a")


@pytest.mark.parametrize(
    ("sent", "status"),
    [
        (b"nonsense\r\n\r\n", b"400"),
        (b"GET / HTTP/1.1\r\nno colon\r\n\r\n", b"400"),
        (b"POST / HTTP/1.1\r\nContent-Length: +5\r\n\r\nhello", b"400"),
        (b"POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n", b"411"),
        (b"POST / HTTP/1.1\r\nContent-Length: 99999999999\r\n\r\n", b"413"),
    ],
)
def test_wrong_framing_is_refused_and_the_connection_closed(server, sent, status):
    assert raw(server, sent).split()[1] == status


def test_a_body_that_ends_early_gets_no_answer(server):
    assert raw(server, b"POST / HTTP/1.1\r\nContent-Length: 9\r\n\r\nhalf") == b""


def test_sixteen_connections_are_served_at_once():
    gate = threading.Barrier(16, timeout=60)

    def all_together(_request: Request) -> Answer:
        gate.wait()
        return Answer(200, b"ok", "text/plain")

    server = Server(all_together)
    server.start()
    answers: list[int] = []

    def ask() -> None:
        with closing(http.client.HTTPConnection(server.host, server.port, timeout=60)) as one:
            one.request("GET", "/")
            answers.append(one.getresponse().status)

    threads = [threading.Thread(target=ask) for _ in range(16)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    server.stop()
    assert answers == [200] * 16


def test_a_stopped_server_refuses_and_starts_again_on_its_port(server):
    port = server.port
    server.stop()
    with pytest.raises(ConnectionRefusedError):
        raw(server, b"GET / HTTP/1.1\r\n\r\n")
    server.start()
    assert server.port == port
    assert raw(server, b"GET /back HTTP/1.1\r\n\r\n").endswith(b"/back")


def test_stopping_ends_connections_that_wait(server):
    with socket.create_connection((server.host, server.port), timeout=60) as connection:
        connection.sendall(b"GET / HTTP/1.1\r\n\r\n")
        connection.recv(65536)
        server.stop()
        assert connection.recv(1) == b""


def test_a_bug_in_a_partner_is_a_500_and_not_a_dead_connection(capsys):
    def broken(_request: Request) -> Answer:
        raise KeyError("oops")

    server = Server(broken)
    server.start()
    answer = raw(server, b"GET / HTTP/1.1\r\n\r\n")
    server.stop()
    assert answer.split()[1] == b"500"
    assert "KeyError: 'oops'" in capsys.readouterr().err


def test_an_answer_costs_well_under_a_millisecond(server):
    with closing(http.client.HTTPConnection(server.host, server.port)) as connection:

        def spent() -> float:
            before = time.process_time()
            for _ in range(40):
                connection.request("GET", "/")
                connection.getresponse().read()
            return (time.process_time() - before) / 40  # the client's share is in it as well

        # The least of some rounds: whoever shares the processor makes the others dearer.
        assert min(spent() for _ in range(10)) < 0.001
