"""An FTPS server of this machine (pyftpdlib), over the folder of the test."""

import threading
import warnings

import pytest

from adapters.kit.files import Ftps
from adapters.kit.http import Transport

USER, PASSWORD = "partner", "open sesame"


@pytest.fixture
def ftp_server(root, certificate):
    """The server: `address` says where it is."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # it stands on modules that Python gives up
        from pyftpdlib.authorizers import DummyAuthorizer  # noqa: PLC0415
        from pyftpdlib.handlers import TLS_FTPHandler  # noqa: PLC0415
        from pyftpdlib.servers import FTPServer  # noqa: PLC0415

        known = DummyAuthorizer()
        known.add_user(USER, PASSWORD, str(root), perm="elradfmwMT")
        settings = {
            "certfile": str(certificate),
            "tls_control_required": True,
            "tls_data_required": True,
            "authorizer": known,
            "ssl_context": None,
        }
        handler = type("Handler", (TLS_FTPHandler,), settings)
        server = FTPServer(("127.0.0.1", 0), handler)
        stop = threading.Event()

        def serve():
            while not stop.is_set():
                server.serve_forever(timeout=0.05, blocking=False, handle_exit=False)

        thread = threading.Thread(target=serve, daemon=True)
        thread.start()
        yield server
        stop.set()
        thread.join(2)
        server.close_all()


@pytest.fixture
def ftps(ftp_server, certificate):
    """An account on the server."""
    local = Transport.local(5)
    transport = Transport(local.policy, timeout_s=5, ca_file=str(certificate))
    return Ftps("localhost", USER, PASSWORD, port=ftp_server.address[1], transport=transport)
