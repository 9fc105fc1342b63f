"""Settings: each default, each wrong value with its one line, and the data keys."""

import base64
import stat
import subprocess
import sys
from ipaddress import ip_network
from pathlib import Path

import pytest

from hub.settings import SETTINGS, Settings, data_keys
from hub.settings.keys import Key
from hub.settings.values import Bind, SettingError
from tests.kit.fixtures import ROOT

KEY_A, KEY_B = bytes(range(32)), bytes(range(32, 64))
A, B = base64.b64encode(KEY_A).decode(), base64.b64encode(KEY_B).decode()


def test_with_no_settings_everything_is_embedded_and_local():
    assert Settings.read({}) == Settings(
        home=Path.cwd() / "var",
        database_url=None,
        broker_url=None,
        bind=Bind("127.0.0.1", 8080),
        console_bind=Bind("127.0.0.1", 8081),
        console_url=None,
        ops_bind=Bind("127.0.0.1", 8082),
        proxies=None,
        keys=None,
        log="json",
        archive=None,
        archive_after=30,
        keep_messages=400,
        keep_timeline=1100,
    )


def test_an_empty_value_is_an_absent_one():
    assert Settings.read({row.name: " " for row in SETTINGS}) == Settings.read({})


def test_every_setting_of_the_table_is_read(tmp_path):
    assert Settings.read(
        {
            "ORDERHUB_HOME": str(tmp_path),
            "ORDERHUB_DATABASE_URL": "postgresql://u:p%40ss@db.example:5433/hub?sslmode=require",
            "ORDERHUB_BROKER_URL": "amqps://u:p@mq.example:5671/hub",
            "ORDERHUB_BIND": "[::1]:9000",
            "ORDERHUB_CONSOLE_BIND": "console.example:9001",
            "ORDERHUB_CONSOLE_URL": "https://console.example/",
            "ORDERHUB_OPS_BIND": "10.0.0.2:9002",
            "ORDERHUB_PROXIES": "10.0.0.7, 2001:db8::/48",
            "ORDERHUB_KEYS": f"k2:{B},{A}",
            "ORDERHUB_LOG": "text",
            "ORDERHUB_ARCHIVE": str(tmp_path / "archive"),
            "ORDERHUB_ARCHIVE_AFTER": "7",
            "ORDERHUB_KEEP_MESSAGES": "0",
            "ORDERHUB_KEEP_TIMELINE": "3650",
        }
    ) == Settings(
        home=tmp_path,
        database_url="postgresql+psycopg://u:p%40ss@db.example:5433/hub?sslmode=require",
        broker_url="amqps://u:p@mq.example:5671/hub",
        bind=Bind("::1", 9000),
        console_bind=Bind("console.example", 9001),
        console_url="https://console.example",
        ops_bind=Bind("10.0.0.2", 9002),
        proxies=(ip_network("10.0.0.7"), ip_network("2001:db8::/48")),
        keys=(Key("k2", KEY_B), Key("59498661", KEY_A)),
        log="text",
        archive=tmp_path / "archive",
        archive_after=7,
        keep_messages=None,
        keep_timeline=3650,
    )


def test_a_url_of_several_servers_is_kept():
    url = "postgresql+psycopg://u:p@/hub?host=a:5432&host=b:5432&target_session_attrs=read-write"
    kept = Settings.read({"ORDERHUB_DATABASE_URL": url}).database_url
    assert kept == url.replace("a:5432", "a%3A5432").replace("b:5432", "b%3A5432")


def test_a_bind_is_written_as_it_is_read():
    assert [str(Bind("127.0.0.1", 80)), str(Bind("::1", 80))] == ["127.0.0.1:80", "[::1]:80"]


DATABASE_TAKES = "postgresql://user:password@host:port/database, also with +psycopg"
BROKER_TAKES = "amqp://user:password@host:port/vhost, or amqps://"
KEYS_TAKE = "32-byte keys in base64, comma-separated, newest first, each optionally id:key"
PROXIES_TAKE = "addresses or networks, comma-separated, as 10.0.0.7 or 10.0.0.0/24"
BIND_TAKES = "host:port, with a port from 1 to 65535, as 127.0.0.1:8080 or [::1]:8080"


@pytest.mark.parametrize(
    ("name", "value", "found", "accepted"),
    [
        ("DATABASE_URL", "mysql://u:S3CRET@h/d", "'mysql'://", DATABASE_TAKES),
        ("DATABASE_URL", "sqlite:///x.db", "'sqlite'://", DATABASE_TAKES),
        ("DATABASE_URL", "postgresql+asyncpg://h/d", "'postgresql+asyncpg'://", DATABASE_TAKES),
        ("DATABASE_URL", "u:S3CRET@h", "what is not a database URL", DATABASE_TAKES),
        (
            "DATABASE_URL",
            "postgresql://u:S3CRET@h:x/d",
            "what is not a database URL",
            DATABASE_TAKES,
        ),
        ("DATABASE_URL", "postgresql://u:S3CRET@h", "no database name in the URL", DATABASE_TAKES),
        ("BROKER_URL", "redis://:S3CRET@h", "'redis'://", BROKER_TAKES),
        ("BROKER_URL", "S3CRET", "what is not a URL", BROKER_TAKES),
        ("BROKER_URL", "amqp://", "a URL without a host, or with a wrong port", BROKER_TAKES),
        (
            "BROKER_URL",
            "amqp://u:S3CRET@h:99999",
            "a URL without a host, or with a wrong port",
            BROKER_TAKES,
        ),
        ("PROXIES", "10.0.0.7,proxy", "'proxy'", PROXIES_TAKE),
        ("PROXIES", "10.0.0.7/24", "'10.0.0.7/24'", PROXIES_TAKE),
        ("PROXIES", "0.0.0.0/0", "'0.0.0.0/0', which is every address", PROXIES_TAKE),
        ("BIND", "8080", "'8080'", BIND_TAKES),
        ("BIND", ":8080", "':8080'", BIND_TAKES),
        ("BIND", "127.0.0.1:0", "'127.0.0.1:0'", BIND_TAKES),
        ("BIND", "127.0.0.1:65536", "'127.0.0.1:65536'", BIND_TAKES),
        ("BIND", "127.0.0.1:٨٠", "'127.0.0.1:٨٠'", BIND_TAKES),
        ("BIND", "::1:8080", "'::1:8080'", BIND_TAKES),
        ("BIND", "http://h:80", "'http://h:80'", BIND_TAKES),
        ("CONSOLE_BIND", "h:port\nx", r"'h:port\nx'", BIND_TAKES),
        ("KEYS", "S3CRET", "key 1 is not base64", KEYS_TAKE),
        ("KEYS", f"{A},UzNDUkVU", "key 2 has 6 bytes", KEYS_TAKE),
        ("KEYS", f"{A},{A}", "the same key or key id twice", KEYS_TAKE),
        ("KEYS", f"a:{A},a:{B}", "the same key or key id twice", KEYS_TAKE),
        ("KEYS", f"a b:{A}", "key 1 has an id other than letters and digits", KEYS_TAKE),
        ("KEYS", f"{A},", "key 2 has 0 bytes", KEYS_TAKE),
        ("LOG", "yaml", "'yaml'", "json or text"),
    ],
)
def test_a_wrong_value_is_told_in_one_line_without_secrets(name, value, found, accepted):
    with pytest.raises(SettingError) as caught:
        Settings.read({f"ORDERHUB_{name}": value})
    assert str(caught.value) == f"ORDERHUB_{name}: found {found}; accepted: {accepted}"
    assert "S3CRET" not in str(caught.value)
    assert caught.value.__cause__ is None


def test_a_home_that_is_a_file_is_refused(tmp_path):
    (tmp_path / "home").write_text("")
    with pytest.raises(SettingError, match=r"^ORDERHUB_HOME: found a file at '.*/home'; accepted:"):
        Settings.read({"ORDERHUB_HOME": str(tmp_path / "home")})


def test_no_secret_shows_in_what_settings_print(tmp_path):
    settings = Settings.read(
        {
            "ORDERHUB_DATABASE_URL": "postgresql://u:S3CRET@h/d",
            "ORDERHUB_BROKER_URL": "amqp://u:S3CRET@h",
            "ORDERHUB_KEYS": f"k:{A}",
        }
    )
    assert "S3CRET" not in repr(settings)
    assert A not in repr(settings)
    assert repr(settings.keys) == "(Key(id='k'),)"


def test_a_data_key_is_made_once_and_closed_to_others(tmp_path):
    settings = Settings.read({"ORDERHUB_HOME": str(tmp_path / "new" / "home")})
    made = data_keys(settings)
    assert [len(key.secret) for key in made] == [32]
    assert data_keys(settings) == made
    assert stat.S_IMODE((settings.home / "keys").stat().st_mode) == 0o600
    assert stat.S_IMODE(settings.home.stat().st_mode) == 0o700
    assert [path.name for path in settings.home.iterdir()] == ["keys"]


def test_two_homes_have_different_keys(tmp_path):
    one, two = (Settings.read({"ORDERHUB_HOME": str(tmp_path / name)}) for name in "ab")
    assert data_keys(one) != data_keys(two)


def test_keys_of_the_environment_leave_no_file(tmp_path):
    settings = Settings.read({"ORDERHUB_HOME": str(tmp_path), "ORDERHUB_KEYS": f"k:{A}"})
    assert data_keys(settings) == (Key("k", KEY_A),)
    assert list(tmp_path.iterdir()) == []


def test_a_key_file_may_hold_older_keys_below(tmp_path):
    (tmp_path / "keys").write_text(f"n:{B}\n{A}\n")
    (tmp_path / "keys").chmod(0o600)
    held = data_keys(Settings.read({"ORDERHUB_HOME": str(tmp_path)}))
    assert held == (Key("n", KEY_B), Key("59498661", KEY_A))


@pytest.mark.parametrize(
    ("content", "mode", "found"),
    [
        (A, 0o644, "file mode 644"),
        ("rubbish!", 0o600, "key 1 is not base64"),
        ("", 0o600, "key 1 has 0 bytes"),
        ("ключ", 0o600, "what is not text"),
    ],
)
def test_a_key_file_that_is_open_or_broken_is_refused(tmp_path, content, mode, found):
    (tmp_path / "keys").write_text(content)
    (tmp_path / "keys").chmod(mode)
    with pytest.raises(SettingError) as caught:
        data_keys(Settings.read({"ORDERHUB_HOME": str(tmp_path)}))
    assert str(caught.value).startswith(f"{tmp_path}/keys: found {found}; accepted: ")
    assert (tmp_path / "keys").read_text() == content


def test_processes_that_start_at_once_agree_on_one_key(tmp_path):
    code = (
        "from hub.settings import *; import os;"
        "print(data_keys(Settings.read(os.environ))[0].secret.hex())"
    )
    started = [
        subprocess.Popen(
            [sys.executable, "-c", code],
            cwd=ROOT,
            env={"ORDERHUB_HOME": str(tmp_path)},
            stdout=subprocess.PIPE,
        )
        for _ in range(4)
    ]
    said = {process.communicate()[0] for process in started}
    assert len(said) == 1
    assert len(said.pop().strip()) == 64


def test_nothing_else_reads_the_environment():
    reading = [
        str(path.relative_to(ROOT))
        for folder in ("hub", "adapters", "mappings", "workers", "admin")
        for path in (ROOT / folder).rglob("*.py")
        if any(word in path.read_text() for word in ("os.environ", "getenv", "environb"))
    ]
    # a connection's own secrets may be written as env:NAME
    allowed = ("hub/cli/", "hub/store/config/secrets.py")
    assert [name for name in reading if not name.startswith(allowed)] == []
