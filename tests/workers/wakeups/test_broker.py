"""A broker as docs/operations.md has it made ready: a user who reaches nothing but what is named
after us is enough, and nothing is declared there but the one queue.
"""

import json
import os
import re
import shlex
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import quote

import pytest
from amqp import Connection
from amqp.exceptions import AccessRefused, NotAllowed
from sqlalchemy.engine import make_url

from tests.kit.operations import BLOCKS
from tests.kit.world.processes import until
from tests.kit.world.running import RunningHub
from workers.app import QUEUE, make_app, publish

pytestmark = pytest.mark.slow

PASSWORD = "the broker password"
NAME = f"orderhub-test-{os.getpid()}"
LOCAL = ("127.0.0.1", "localhost")


def control(*words: str) -> str:
    """`rabbitmqctl`, as the administrator of this machine's broker."""
    done = subprocess.run(
        ["rabbitmqctl", "--quiet", *words], check=False, capture_output=True, text=True, timeout=60
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


@pytest.fixture(scope="module")
def place(broker_url: str | None) -> Iterator[str]:
    """The URL of a virtual host of this test's own, made by the page's commands."""
    if broker_url is None or make_url(broker_url).host not in LOCAL:
        pytest.skip("there is no RabbitMQ on this machine")
    if shutil.which("rabbitmqctl") is None or os.geteuid() != 0:
        pytest.skip("only root may use rabbitmqctl, where it is there")
    try:
        for line in BLOCKS["broker"].splitlines():
            program, verb, *words = shlex.split(line)
            assert program == "rabbitmqctl"
            control(verb, *(re.sub(r"(^|=)orderhub$", rf"\1{NAME}", word) for word in words))
        port = make_url(broker_url).port or 5672
        yield f"amqp://{NAME}:{quote(PASSWORD)}@127.0.0.1:{port}/{NAME}"
    finally:
        for remove in (("delete_vhost", NAME), ("delete_user", NAME)):
            subprocess.run(["rabbitmqctl", "--quiet", *remove], check=False, capture_output=True)


def named(kind: str, column: str = "name") -> list[str]:
    """What there is of it in our place."""
    return control(f"list_{kind}", "--vhost", NAME, "--no-table-headers", column).split()


def test_bells_go_through_it_and_nothing_is_declared_but_our_queue(
    place: str, db_url: str, tmp_path: Path
) -> None:
    given = set(named("exchanges"))
    publish(make_app(place), 1)
    until(lambda: named("queues", "messages") == ["1"], "the bell waits")
    with RunningHub(tmp_path, database_url=db_url, broker_url=place, ORDERHUB_LOG="json") as hub:
        worker = hub.start("worker")
        until(lambda: named("queues", "messages") == ["0"], "the worker takes the bell")
        until(lambda: named("consumers", "queue_name") == [QUEUE], "the worker listens")
        assert (named("queues"), set(named("exchanges")) - given) == ([QUEUE], {QUEUE})
        assert worker.stop() == 0
    said = [json.loads(line) for line in worker.log.splitlines()]
    assert [(one["level"], one["event"]) for one in said] == [("info", "ready")]


def test_the_user_reaches_nothing_that_is_not_named_after_us(place: str) -> None:
    with session(place) as line, pytest.raises(AccessRefused):
        line.channel().queue_declare("of-somebody-else")
    with pytest.raises(NotAllowed), session(place, "/"):
        pass


def session(url: str, vhost: str | None = None) -> Connection:
    where = make_url(url)
    return Connection(
        host=f"{where.host}:{where.port}",
        userid=where.username,
        password=where.password,
        virtual_host=vhost or where.database,
    )
