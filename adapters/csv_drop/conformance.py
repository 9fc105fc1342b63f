"""The blanks of the conformance suite for CSV files."""

from adapters.kit.conformance import Conformance

CONFORMS = Conformance(
    name="csv_drop",
    settings={
        "host": "127.0.0.1",
        "port": 9,
        "user": "hub",
        "host_keys": ["SHA256:none"],
        "still_s": 0,
        "layout": {kind: {"taken": ["read"]} for kind in ("orders", "cancellations", "returns")},
    },
    secrets={"password": "open sesame"},
    url_setting="",
    files={
        "in": "",
        "read": "",
        "done": "",
        "out": ("shipments=shp_1.csv stock=inv_1.csv statuses=sta_1.csv return_receipts=rcv_1.csv"),
    },
)
