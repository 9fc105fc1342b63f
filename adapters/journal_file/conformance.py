"""The blanks of the conformance suite for journal files."""

from adapters.kit.conformance import Conformance

CONFORMS = Conformance(
    name="journal_file",
    settings={
        "host": "127.0.0.1",
        "port": 9,
        "user": "hub",
        "host_keys": ["SHA256:none"],
        "folder": "books",
    },
    secrets={"password": "open sesame"},
    url_setting="",
    files={"books": ""},
)
