"""The database's first start, exactly as docker-compose.yml has it: its image's initdb with these
options, then its script.
"""

import shlex

import pytest

from tests.kit.stock import COMPOSE, FIRST_START, cluster

pytestmark = pytest.mark.slow

POSTGRES = COMPOSE["services"]["postgres"]
OPTIONS = shlex.split(POSTGRES["environment"]["POSTGRES_INITDB_ARGS"])
IMAGE = int(POSTGRES["image"].removeprefix("postgres:"))
BUILTIN = 17
"""The first version with collations of its own, of which one is asked for."""


@pytest.mark.parametrize("version", [BUILTIN, IMAGE])
def test_initdb_and_the_first_start_do_what_compose_says(version: int) -> None:
    with cluster(version, OPTIONS) as server:
        server.first_start()
        made = server.sql(
            "SELECT pg_encoding_to_char(encoding), datlocprovider, datlocale, datcollate,"
            " pg_get_userbyid(datdba) FROM pg_database WHERE datname = 'orderhub'"
        )
        assert made == [("UTF8", "b", "C.UTF-8", "C", "orderhub")]
        said = server.sql("SELECT current_user, lower('Ä')", "orderhub", "orderhub")
        assert said == [("orderhub", "ä")]
        rules = server.sql(
            "SELECT DISTINCT auth_method FROM pg_hba_file_rules WHERE type = 'local'"
        )
        assert rules == [("scram-sha-256",)]


def test_a_first_start_that_goes_wrong_is_not_taken_for_one() -> None:
    with cluster(IMAGE, OPTIONS) as server:
        server.sql("CREATE ROLE orderhub")
        done = server.shell(FIRST_START)
        assert done.returncode == 3
        assert 'role "orderhub" already exists' in done.stderr
