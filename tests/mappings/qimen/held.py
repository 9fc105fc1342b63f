"""Whatever we send is held to two readers that are not ours: the sandbox warehouse's list of what
is mandatory, and the published metadata, where it is there.
"""

import gzip
import json

from adapters.kit.conformance.contract import Contract
from adapters.kit.testing.scripted_partner import Asked
from sandbox.qimen.schema import faults
from sandbox.qimen.wire import read
from tests.kit.fixtures import SHARED

CONTRACT = Contract("top", "taobao_top/qimen.json.gz")
METADATA = SHARED / "schemas" / CONTRACT.file


def assert_keeps(method: str, body: bytes) -> None:
    """AssertionError names what does not keep to the description of a method."""
    assert faults(method, read(body, "request")) == []
    assert_described(method, body)


def assert_described(method: str, body: bytes) -> None:
    """AssertionError names what the published metadata of a method does not have so."""
    query = f"/?method=taobao.qimen.{method}"
    CONTRACT.check_all([Asked("POST", query, {}, body)], SHARED / "schemas")


def described() -> set[str]:
    """The methods that the metadata describes; empty where it is not there."""
    if not METADATA.is_file():
        return set()
    names = json.loads(gzip.decompress(METADATA.read_bytes()))
    return {name.removeprefix("taobao.qimen.") for name in names}
