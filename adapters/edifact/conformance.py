"""EDIFACT's blanks of the conformance suite."""

from adapters.kit.conformance import Conformance

CONFORMS = Conformance(
    name="edifact",
    settings={
        "host": "127.0.0.1",
        "port": 9,
        "user": "hub",
        "host_keys": ["SHA256:none"],
        "still_s": 0,
        "sender": "4012345000009:14",
        "receiver": "4098765000008:14",
        "taken": ["read"],
        "acknowledge": "never",
    },
    secrets={"password": "open sesame"},
    url_setting="",
    files={"in": "", "read": "", "done": "", "out": "file=sh_1.edi"},
)
