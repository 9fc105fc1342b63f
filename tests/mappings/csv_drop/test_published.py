"""An order is written as DropStream publishes it; our own sample stands in where it is not here."""

import csv
import io

from tests.kit.fixtures import SHARED
from tests.mappings.csv_drop.test_layout import ORDER, written

THEIRS = SHARED / "warehouses" / "csv_sftp" / "dropstream_order_ph_pd.csv"
OWN = b'"PH",' + b",".join([b'""'] * 24) + b'\r\n"PD","F-1","1","CUP","2","0.00"\r\n'


def test_an_order_has_the_rows_and_columns_that_dropstream_publishes():
    theirs = THEIRS.read_bytes() if THEIRS.exists() else OWN
    file = written(ORDER, "dropstream")
    ours, told = ([*csv.reader(io.StringIO(raw.decode()))] for raw in (file.raw, theirs))
    assert file.name == "ord_F-1_20260504100000.csv"
    assert [(row[0], len(row)) for row in ours] == [(row[0], len(row)) for row in told[:2]]
    assert ours[0][3:10] == ["Ada Bakker", "Keizersgracht 1", "", "Amsterdam", "", "1015 CJ", "NL"]
    assert file.raw.count(b'"') == 2 * (25 + 6)
