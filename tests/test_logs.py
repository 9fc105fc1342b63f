"""The log: one line, masked, whoever wrote it."""

import json
import logging
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal
from types import SimpleNamespace

import pytest
import structlog

from hub import logs
from hub.logs_gunicorn import GunicornLogger
from hub.settings import Settings

HOSTILE = "a\nb\rc\x1b[2Jd\u2028e\x85f\u202eg\x00h\ud800i"


@pytest.fixture(autouse=True)
def as_it_was():
    root = logging.getLogger()
    level = root.level
    yield
    root.setLevel(level)
    for ours in [handler for handler in root.handlers if isinstance(handler, logs._OneLine)]:
        root.removeHandler(ours)
    structlog.reset_defaults()
    structlog.contextvars.clear_contextvars()


@pytest.fixture(params=["json", "text"])
def form(request):
    logs.configure(Settings.read({"ORDERHUB_LOG": request.param}))
    return request.param


@pytest.fixture
def as_json():
    logs.configure(Settings.read({"ORDERHUB_LOG": "json"}))


def written(capsys) -> str:
    out, err = capsys.readouterr()
    assert out == ""
    return err


def event(capsys) -> dict[str, object]:
    line = json.loads(written(capsys))
    assert line.pop("timestamp").endswith("Z")
    return line


def test_an_event_is_its_name_and_fields(as_json, capsys):
    structlog.contextvars.bind_contextvars(correlation_id="c-1")
    logs.get("hub.x").warning("parked", message=7, reason="bad_json", amount=Decimal("1.10"))
    assert event(capsys) == {
        "level": "warning",
        "logger": "hub.x",
        "event": "parked",
        "correlation_id": "c-1",
        "message": 7,
        "reason": "bad_json",
        "amount": "1.10",
    }


def test_text_is_read_by_people(capsys):
    logs.configure(Settings.read({"ORDERHUB_LOG": "text"}))
    logs.get("hub.x").info("parked", message=7, reason="bad_json", words="two words", none=None)
    said = written(capsys).partition(" ")[2]
    assert said == 'info hub.x parked message=7 reason=bad_json words="two words" none=null\n'


def test_hostile_text_stays_one_printable_line(form, capsys):
    logs.get("x").info(HOSTILE, field=HOSTILE, deep=[{"k": HOSTILE}])
    logging.getLogger("other").error("%s", HOSTILE)
    lines = written(capsys)
    assert lines.count("\n") == 2
    assert lines.endswith("\n")
    assert [c for c in lines.replace("\n", "") if not c.isprintable()] == []


def test_json_gives_hostile_text_back_unchanged(as_json, capsys):
    logs.get("x").info("e", field=HOSTILE)
    assert event(capsys)["field"] == HOSTILE


def test_a_traceback_is_one_line_and_masked(form, capsys):
    def fail():
        raise ValueError("postgresql://u:S3CRET@h/d says Bearer S3CRET")

    try:
        fail()
    except ValueError:
        logs.get("x").exception("broke")
    lines = written(capsys)
    assert lines.count("\n") == 1
    assert "ValueError: postgresql://u:***@h/d says Bearer ***" in lines
    assert "S3CRET" not in lines


@pytest.mark.parametrize(
    "name",
    [
        *("password", "PASSWORD", "db_password", "passwd", "secret", "app_secret", "client-secret"),
        *("webhook_secret", "token", "access_token", "accessToken", "X-Shopify-Access-Token"),
        *("Authorization", "authorization", "signature", "X-Shopify-Signature", "sign", "api_key"),
        *("API-Key", "X-Api-Key", "Set-Cookie", "cookie", "private_key", "totp", "tokens"),
        *("session_id", "credentials", "passphrase"),
    ],
)
@pytest.mark.parametrize("wrap", [lambda f: f, lambda f: {"headers": [{"deep": f}]}])
def test_a_field_named_like_a_secret_is_masked(as_json, capsys, name, wrap):
    logs.get("x").info("e", **wrap({name: "S3CRET"}))
    said = written(capsys)
    assert "S3CRET" not in said
    assert f'"{name}": "***"' in said


@pytest.mark.parametrize(
    "name", ["key", "design", "signed", "message", "assigned", "cookies_accepted", "signer"]
)
def test_a_field_that_only_sounds_like_one_is_kept(as_json, capsys, name):
    logs.get("x").info("e", at={name: "seen"})
    assert event(capsys)["at"] == {name: "seen"}


def test_whether_a_secret_is_there_may_be_told(as_json, capsys):
    logs.get("x").info("e", webhook_secret=None, token=True)
    assert {"webhook_secret": None, "token": True}.items() <= event(capsys).items()


@pytest.mark.parametrize(
    ("text", "masked"),
    [
        ("Bearer S3CRET", "Bearer ***"),
        ("authorization: bearer S3CRET, x", "authorization: *** ***, x"),
        ("Basic UzNDUkVU", "Basic ***"),
        ("amqp://u:S3CRET@h:5672//", "amqp://u:***@h:5672//"),
        ("GET /a?x=1&access_token=S3CRET&y=2", "GET /a?x=1&access_token=***&y=2"),
        ("POST /?method=m&sign=S3CRET", "POST /?method=m&sign=***"),
        ("{'password': 'S3CRET', 'a': 1}", "{'password': '***', 'a': 1}"),
        ("whsec_S3CRET+/=", "whsec_***"),
        ("nothing to hide: design=1", "nothing to hide: design=1"),
    ],
)
def test_a_text_that_looks_like_a_secret_is_masked(as_json, capsys, text, masked):
    logs.get("x").info("e", text=text)
    assert event(capsys)["text"] == masked


def test_bytes_and_foreign_objects_show_no_content(as_json, capsys):
    @dataclass
    class Customer:
        mail: str = "x@y.z"

    logs.get("x").info("e", body=b"S3CRET", who=Customer(), at=datetime(2026, 1, 2, tzinfo=UTC))
    assert event(capsys) == {
        "level": "info",
        "logger": "x",
        "event": "e",
        "body": "<6 bytes>",
        "who": "<Customer>",
        "at": "2026-01-02 00:00:00+00:00",
    }


def test_other_libraries_log_through_ours(as_json, capsys):
    logging.getLogger("celery.worker").warning(
        "lost %s", "amqp://u:S3CRET@h", extra={"token": "S3"}
    )
    assert event(capsys) == {
        "level": "warning",
        "logger": "celery.worker",
        "event": "lost amqp://u:***@h",
        "token": "***",
    }


def test_debug_and_the_chatter_of_drivers_are_left_out(as_json, capsys):
    logs.get("x").debug("no")
    logging.getLogger("urllib3.connectionpool").info("no")
    assert written(capsys) == ""


def test_gunicorn_logs_through_ours(as_json, capsys):
    GunicornLogger(SimpleNamespace(loglevel="info")).info("Listening at: %s", "http://x")
    assert event(capsys) == {
        "level": "info",
        "logger": "gunicorn.error",
        "event": "Listening at: http://x",
    }


def test_configuring_twice_writes_once(as_json, capsys):
    logs.configure(Settings.read({}))
    logs.get("x").info("e")
    assert written(capsys).count("\n") == 1
