"""X12's blanks of the conformance suite."""

from adapters.kit.conformance import Conformance

CONFORMS = Conformance(
    name="x12",
    settings={
        "host": "127.0.0.1",
        "port": 9,
        "user": "hub",
        "host_keys": ["SHA256:none"],
        "still_s": 0,
        "sender": "ZZ:ACME",
        "receiver": "ZZ:DEPOT",
        "taken": ["read"],
        "acknowledge": False,
    },
    secrets={"password": "open sesame"},
    url_setting="",
    files={"in": "", "read": "", "done": "", "out": "file=sh_1.x12"},
)
