"""Talking in files, the same in a folder, over SFTP and over FTPS: real servers over real bytes."""

import hashlib
import io
import os
import socket
import threading
import time
from contextlib import contextmanager

import paramiko
import pytest

from adapters.kit.files import Drop, Folder, Folders, Ftps, Sftp
from adapters.kit.http import NetworkPolicy, Transport
from adapters.kit.testing.scripted_partner import SILENCE, Loopback
from adapters.kit.testing.sftp_server import SftpServer
from hub.model.errors import (
    AlreadyDone,
    BadData,
    EndpointMissing,
    NotAuthorised,
    OutcomeUnknown,
    Rejected,
    TryLater,
)
from tests.kit.memory import from_now, peak

pytestmark = pytest.mark.slow

LOCAL = Transport.local(5)
AT_ONCE = Folders(still_s=0)


@pytest.fixture
def root(tmp_path):
    for name in ("in", "done", "out"):
        (tmp_path / name).mkdir()
    return tmp_path


@pytest.fixture
def server(root):
    with SftpServer(root) as server:
        yield server


def names(folder):
    return sorted(path.name for path in folder.iterdir())


def sftp(server, transport=LOCAL, **changed):
    account = {
        "host_keys": [server.fingerprint],
        "password": server.password,
        "port": server.port,
        **changed,
    }
    return Sftp("127.0.0.1", account.pop("user", server.user), transport=transport, **account)


@pytest.fixture(params=["folder", "sftp", "ftps"])
def way(request, root):
    if request.param == "folder":
        return Folder(str(root))
    if request.param == "sftp":
        return sftp(request.getfixturevalue("server"))
    return request.getfixturevalue("ftps")


def content(drop, name="orders.csv"):
    """The content of a file, its id and size, after two looks; it is moved away."""
    with drop.visit() as visit:
        visit.ready()
        (seen,) = [seen for seen in visit.ready() if seen.name == name]
        with visit.take(seen) as taken:
            read = taken.file.read()
        visit.finish(taken)
    return read, taken.id, taken.size


def test_a_file_is_read_whole_known_by_its_content_and_moved_away(way, root):
    raw = os.urandom(700_001)
    (root / "in/orders.csv").write_bytes(raw)
    assert content(Drop(way, AT_ONCE)) == (raw, hashlib.sha256(raw).hexdigest(), 700_001)
    assert names(root / "in") == []
    assert (root / "done/orders.csv").read_bytes() == raw


def test_the_same_file_sent_again_has_the_same_id_and_another_content_keeps_its_name(way, root):
    drop, ids = Drop(way, AT_ONCE), []
    for raw in (b"a;b\n", b"a;b\n", b"c;d\n", b""):
        (root / "in/orders.csv").write_bytes(raw)
        ids.append(content(drop)[1])
    assert ids[0] == ids[1]
    assert len(set(ids)) == 3
    assert names(root / "done") == sorted(
        ["orders.csv", *(f"orders.csv.{one[:12]}" for one in ids[1:])]
    )
    assert names(root / "in") == []


def test_one_sent_three_times_leaves_the_folder_each_time(way, root):
    drop = Drop(way, AT_ONCE)
    for _ in range(3):
        (root / "in/orders.csv").write_bytes(b"a;b\n")
        content(drop)
    assert names(root / "in") == []
    assert len(names(root / "done")) == 2


def test_a_file_is_left_alone_while_its_name_says_so_and_where_it_leads_away(way, root):
    for name in (
        "a.csv.part",
        "b.tmp",
        ".c.csv",
        "d.csv~",
        "e.filepart",
        "E.TMP",
        "g\\h",
        "ok.csv",
    ):
        (root / "in" / name).write_bytes(b"1")
    (root / "in/folder").mkdir()
    drop = Drop(way, AT_ONCE)
    with drop.visit() as visit:
        assert visit.ready() == []  # nothing is whole at first sight
        assert [seen.name for seen in visit.ready()] == ["ok.csv"]


def test_a_file_that_grows_is_left_alone_until_it_stands_still(way, root):
    path = root / "in/orders.csv"
    path.write_bytes(b"1")
    drop = Drop(way, Folders(still_s=0.2))
    with drop.visit() as visit:
        assert visit.ready() == []
        time.sleep(0.25)
        path.write_bytes(b"12")
        assert visit.ready() == []
        time.sleep(0.25)
        (seen,) = visit.ready()
        assert (seen.name, seen.size) == ("orders.csv", 2)
        path.write_bytes(b"123")
        with pytest.raises(TryLater, match="changed while it was read"), visit.take(seen):
            pytest.fail("it is not whole")
        path.write_bytes(b"1")
        with pytest.raises(TryLater, match="changed while it was read"), visit.take(seen):
            pytest.fail("it is not whole")
        path.unlink()
        with pytest.raises(EndpointMissing, match=r"^orders\.csv: not there$"), visit.take(seen):
            pytest.fail("it is not there")


def test_the_oldest_comes_first(way, root):
    for name, at in (("b", 1_700_000_000), ("a", 1_700_000_100), ("c", 1_600_000_000)):
        (root / "in" / name).write_bytes(b"1")
        os.utime(root / "in" / name, (at, at))
    with Drop(way, AT_ONCE).visit() as visit:
        visit.ready()
        assert [seen.name for seen in visit.ready()] == ["c", "b", "a"]


def test_a_file_that_is_too_large_is_not_read(way, root):
    (root / "in/orders.csv").write_bytes(b"12345")
    drop = Drop(way, Folders(still_s=0, most_bytes=4))
    with drop.visit() as visit:
        visit.ready()
        (seen,) = visit.ready()
        with pytest.raises(BadData) as bad, visit.take(seen):
            pytest.fail("it is too large")
        assert (bad.value.code, bad.value.path) == ("too_large", "orders.csv")


def test_what_we_write_appears_under_its_name_when_it_is_whole(way, root):
    def parts():
        yield b"first;"
        assert names(root / "out") in (["o-1.csv.part"], [])
        yield b"second"

    with Drop(way, AT_ONCE).visit() as visit:
        assert not visit.has("o-1.csv")
        visit.put("o-1.csv", parts())
        assert visit.has("o-1.csv")
    assert names(root / "out") == ["o-1.csv"]
    assert (root / "out/o-1.csv").read_bytes() == b"first;second"


def test_written_again_it_is_already_done_and_another_content_never_takes_its_place(way, root):
    with Drop(way, AT_ONCE).visit() as visit:
        visit.put("o-1.csv", [b"a"])
        with pytest.raises(AlreadyDone):
            visit.put("o-1.csv", [b"a"])
        with pytest.raises(Rejected) as refused:
            visit.put("o-1.csv", [b"b"])
        assert (refused.value.code, refused.value.path) == ("conflict", "o-1.csv")
        for name in ("../o.csv", "a/b", "", "..", "a\nb"):
            with pytest.raises(Rejected, match="a file name without folders"):
                visit.put(name, [b"x"])
    assert names(root / "out") == ["o-1.csv"]
    assert (root / "out/o-1.csv").read_bytes() == b"a"


def test_what_a_cut_upload_left_is_written_over(way, root):
    (root / "out/o-1.csv.part").write_bytes(b"half of a longer one")
    with Drop(way, AT_ONCE).visit() as visit:
        visit.put("o-1.csv", [b"whole"])
    assert (root / "out/o-1.csv").read_bytes() == b"whole"
    assert names(root / "out") == ["o-1.csv"]


def test_a_folder_that_is_not_there_is_named(way, root):
    (root / "in").rmdir()
    with (
        Drop(way, AT_ONCE).visit() as visit,
        pytest.raises(EndpointMissing, match=r"^in: not there$"),
    ):
        visit.ready()


def test_large_files_go_both_ways_in_bounded_memory(way, root):
    """64 MB each way, within 24 MB more than before."""
    block = os.urandom(1024 * 1024)
    whole = hashlib.sha256(block * 64).hexdigest()
    drop = Drop(way, AT_ONCE)
    with drop.visit() as visit:
        visit.put("warm.csv", [block])
        before = from_now()
        visit.put("large.csv", (block for _ in range(64)))
        (root / "out/large.csv").rename(root / "in/large.csv")
        visit.ready()
        (seen,) = visit.ready()
        with visit.take(seen) as taken:
            assert (taken.id, taken.size) == (whole, 64 * 1024 * 1024)
    assert peak() - before < 24 * 1024


def test_links_lead_nowhere(root, tmp_path):
    secret = tmp_path / "secret"
    secret.write_bytes(b"s")
    (root / "in/link.csv").symlink_to(secret)
    place = Folder(str(root))
    assert list(place.list("in")) == []
    with pytest.raises(OSError, match="symbolic"):
        list(place.read("in/link.csv"))
    with pytest.raises(PermissionError):
        list(place.read("../secret"))


@contextmanager
def visited(way):
    with Drop(way, AT_ONCE).visit() as visit:
        yield visit


def test_sftp_by_key_and_under_two_host_keys_while_one_replaces_the_other(root):
    key = paramiko.ECDSAKey.generate()
    text = io.StringIO()
    key.write_private_key(text)
    with SftpServer(root, key=key) as server:
        account = {"password": None, "private_key": text.getvalue()}
        with visited(
            sftp(server, host_keys=["SHA256:new", server.fingerprint], **account)
        ) as visit:
            visit.put("a.csv", [b"1"])
    with pytest.raises(BadData) as bad:
        Sftp("h", "u", host_keys=["x"], private_key="no key")
    assert bad.value.path == "private_key"
    assert "no key" not in str(bad.value)


def test_sftp_shows_no_password_to_a_server_with_another_key(server):
    said = []
    server.before = lambda *told: said.append(told)
    stranger = sftp(server, host_keys=["SHA256:AAAA"])
    with pytest.raises(NotAuthorised) as fate, visited(stranger):
        pytest.fail("it is another server")
    shown = f"127.0.0.1 shows the key {server.fingerprint}, which is not the known one"
    assert str(fate.value) == shown
    assert (said, server.visits) == ([], 0)


@pytest.mark.parametrize("changed", [{"password": "wrong"}, {"user": "other"}])
def test_sftp_that_does_not_let_us_in_is_not_authorised(server, changed):
    with pytest.raises(NotAuthorised) as fate, visited(sftp(server, **changed)):
        pytest.fail("it let us in")
    assert str(fate.value) == "127.0.0.1: user or key is not accepted"


def test_S08_sftp_keeps_the_network_policy_and_no_byte_is_sent(server):
    public = Transport(NetworkPolicy(http=True))
    with pytest.raises(Rejected) as fate, visited(sftp(server, public)):
        pytest.fail("it is private")
    assert fate.value.code == "network_forbidden"
    assert server._lines == []


def test_sftp_where_nobody_listens_or_nobody_speaks_ssh_nothing_happened(server):
    with socket.create_server(("127.0.0.1", 0)) as gone:
        port = gone.getsockname()[1]
    with pytest.raises(TryLater), visited(sftp(server, port=port)):
        pytest.fail("nobody is there")
    with Loopback(lambda _: SILENCE) as other:
        mute = sftp(server, Transport.local(0.5), port=other.port)
        with pytest.raises(TryLater), visited(mute):
            pytest.fail("it speaks no SSH")


def test_sftp_that_breaks_before_the_rename_did_nothing_and_in_the_rename_it_is_unknown(
    server, root
):
    def broken(operation, _path):
        if operation == breaks["at"]:
            server.hang_up()

    server.before, breaks = broken, {}
    for at, fate, there in (
        ("write", TryLater, []),
        ("stat", TryLater, []),
        ("rename", OutcomeUnknown, ["o-1.csv"]),  # it happened, and nobody said so
    ):
        breaks["at"] = at
        with visited(sftp(server)) as visit, pytest.raises(fate):
            visit.put("o-1.csv", [b"a"])
        until = time.monotonic() + 60  # the server ends what it began
        while there and "o-1.csv" not in names(root / "out") and time.monotonic() < until:
            time.sleep(0.01)
        assert [name for name in names(root / "out") if name == "o-1.csv"] == there


def test_sftp_that_answers_in_no_time_of_ours_is_tried_later(server):
    over = threading.Event()
    server.before = lambda operation, _path: operation == "list" and over.wait(60)
    with visited(sftp(server, Transport.local(3))) as visit, pytest.raises(TryLater):
        visit.ready()
    over.set()


def test_sftp_without_permission_is_not_authorised(server, root):
    def closed(operation, path):
        if operation in {"list", "write"}:
            raise PermissionError(13, "no")

    server.before = closed
    with visited(sftp(server)) as visit:
        with pytest.raises(NotAuthorised, match=r"^in: no permission$"):
            visit.ready()
        with pytest.raises(NotAuthorised, match=r"^out: no permission$"):
            visit.put("o.csv", [b"1"])


def test_ftps_shows_no_password_under_a_certificate_that_nobody_knows(ftp_server):
    stranger = Ftps("localhost", "partner", "pw", port=ftp_server.address[1], transport=LOCAL)
    with pytest.raises(NotAuthorised, match=r"^certificate of localhost: "), visited(stranger):
        pytest.fail("nobody knows it")


def test_ftps_that_does_not_let_us_in_is_not_authorised(ftp_server, certificate):
    known = Transport(LOCAL.policy, timeout_s=5, ca_file=str(certificate))
    wrong = Ftps("localhost", "partner", "wrong", port=ftp_server.address[1], transport=known)
    with pytest.raises(NotAuthorised), visited(wrong):
        pytest.fail("it let us in")


def test_S08_ftps_keeps_the_network_policy(ftp_server):
    public = Transport(NetworkPolicy(http=True))
    far = Ftps("localhost", "partner", "pw", port=ftp_server.address[1], transport=public)
    with pytest.raises(Rejected) as fate, visited(far):
        pytest.fail("it is private")
    assert fate.value.code == "network_forbidden"
