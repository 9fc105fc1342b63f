"""TLS is verified, and what is wrong with a certificate is a matter of authority."""

import socket
import ssl
import threading

import pytest

from adapters.kit.http import Http, Transport
from hub.model.errors import NotAuthorised, OutcomeUnknown

ANSWER = b"HTTP/1.1 200 OK\r\nContent-Length: 11\r\n\r\n" + b'{"ok":true}'
LOCAL = Transport.local()


@pytest.fixture
def partner(certificate):
    """Answers every request on a TLS socket; with a path `/slow`, never to the end."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate)
    listener = socket.create_server(("127.0.0.1", 0))
    seen = []

    def serve():
        while True:
            try:
                plain, _ = listener.accept()
            except OSError:
                return
            with plain:
                try:
                    with context.wrap_socket(plain, server_side=True) as secure:
                        while request := secure.recv(65536):
                            seen.append(request)
                            slow = b"/slow" in request
                            secure.sendall(ANSWER[:40] if slow else ANSWER)
                except OSError:
                    continue

    thread = threading.Thread(target=serve, daemon=True)
    thread.start()
    yield listener.getsockname()[1], seen
    listener.shutdown(socket.SHUT_RDWR)
    listener.close()
    thread.join(2)


def test_a_trusted_partner_is_spoken_to_and_its_connection_kept(partner, certificate):
    port, seen = partner
    trusted = Transport(LOCAL.policy, ca_file=str(certificate))
    http = Http(f"https://localhost:{port}", {}, trusted)
    assert http.call("POST", "/a") == {"ok": True}
    assert http.call("GET", "/b") == {"ok": True}
    assert [one.split(b" ")[1] for one in seen] == [b"/a", b"/b"]


def test_the_deadline_holds_under_tls_too(partner, certificate):
    port, _ = partner
    trusted = Transport(LOCAL.policy, timeout_s=2, ca_file=str(certificate))
    with pytest.raises(OutcomeUnknown, match="no answer within"):
        Http(f"https://localhost:{port}", {}, trusted).call("POST", "/slow")


def test_S33_an_unknown_certificate_is_refused_before_a_byte_is_sent(partner):
    port, seen = partner
    with pytest.raises(NotAuthorised, match="certificate of localhost"):
        Http(f"https://localhost:{port}", {}, LOCAL).call("POST", "/a")
    assert seen == []


def test_S33_a_certificate_of_another_host_is_refused(partner, certificate):
    port, seen = partner
    trusted = Transport(LOCAL.policy, ca_file=str(certificate))
    with pytest.raises(NotAuthorised, match=r"certificate of 127\.0\.0\.1"):
        Http(f"https://127.0.0.1:{port}", {}, trusted).call("POST", "/a")
    assert seen == []
