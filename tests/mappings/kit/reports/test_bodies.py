"""Archives of reports: opened, or refused, whatever bytes of them were lost."""

import gzip
import io
import random
import zipfile

import pytest

from hub.model.errors import BadData, Ignored
from mappings.kit.reports.bodies import bodies


def archive():
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as zipped:
        zipped.writestr("one.csv", "a,b\n1,2\n" * 50)
        zipped.writestr("two.csv", "c,d\n3,4\n" * 50)
    return file.getvalue()


def damaged(seed):
    chance, whole = random.Random(seed), archive()  # noqa: S311
    start, length = chance.randrange(4, len(whole) - 30), chance.randrange(1, 30)
    put = bytes(chance.randrange(256) for _ in range(chance.choice([0, length])))
    return whole[:start] + put + whole[start + length :]


def test_each_file_of_an_archive_is_a_report():
    assert [(body.name, len(body.raw)) for body in bodies(archive())] == [
        ("one.csv", 400),
        ("two.csv", 400),
    ]


@pytest.mark.parametrize("seed", range(300))
def test_a_damaged_archive_is_refused_as_such_or_read(seed):
    try:
        assert all(isinstance(body.raw, bytes) for body in bodies(damaged(seed)))
    except (BadData, Ignored) as refused:
        assert refused.code in {"bad_archive", "no_consequence"}


def test_bytes_that_were_lost_are_told_as_damage():
    whole = archive()
    with pytest.raises(BadData) as wrong:
        bodies(whole[:40] + whole[60:])
    assert (wrong.value.path, wrong.value.code) == ("archive", "bad_archive")


def test_a_compressed_file_is_opened():
    (body,) = bodies(gzip.compress(b"a,b\n1,2\n"))
    assert body.raw == b"a,b\n1,2\n"


@pytest.mark.parametrize("length", [12, 60, 90])
def test_half_of_a_compressed_file_is_refused(length):
    whole = gzip.compress(b"a,b\n1,2\n" + random.Random(1).randbytes(100))  # noqa: S311
    with pytest.raises(BadData) as wrong:
        bodies(whole[:length])
    assert wrong.value.code == "bad_archive"


def test_a_compressed_file_that_grows_without_end_is_refused():
    with pytest.raises(BadData, match="at most"):
        bodies(gzip.compress(bytes(65 * 1024 * 1024)))
