"""What we take for a bank's message is one: our cases keep to the published schemas."""

import pytest
from lxml import etree

from tests.kit.fixtures import SHARED
from tests.mappings.partners import PARTNERS

FOLDER = SHARED / "schemas" / "iso20022"
BANK = PARTNERS["bank"]
BROKEN = (
    "half_a_file",
    "another_message",
    "neither_side",
    "without_a_side",
    "in_an_envelope",
    "windows_1252",
)
CASES = [
    path
    for path in BANK.cases
    if path.suffix == ".xml" and not any(word in path.name for word in BROKEN)
]


@pytest.mark.collection
@pytest.mark.skipif(not FOLDER.exists(), reason="the published schemas are not here")
@pytest.mark.parametrize("path", CASES, ids=lambda path: path.name)
def test_a_case_keeps_to_the_schema_of_its_version(path):
    tree = etree.parse(path)
    version = etree.QName(tree.getroot()).namespace.rpartition(":")[2]
    if not (FOLDER / f"{version}.xsd").is_file():
        pytest.skip(f"the published schema of {version} is not here")
    schema = etree.XMLSchema(etree.parse(FOLDER / f"{version}.xsd"))
    assert schema.validate(tree), schema.error_log
