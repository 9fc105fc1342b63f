"""A stranger's first order on a server of the oldest and of the newest version: `orderhub up` as
the prescribed role, then the README's commands, from the signed order to the shipment.
"""

from pathlib import Path

import pytest

from tests.kit.stock import VERSIONS, Cluster, prescribed  # noqa: F401  # fixture
from tests.test_readme import COMPLETED, MISSING, walk

pytestmark = pytest.mark.slow


@pytest.mark.parametrize(
    "prescribed",
    [pytest.param(min(VERSIONS), marks=pytest.mark.long), max(VERSIONS)],
    indirect=True,
)
@pytest.mark.skipif(bool(MISSING), reason=f"the README needs {', '.join(MISSING)}")
def test_the_first_order_is_completed(prescribed: Cluster, tmp_path: Path) -> None:  # noqa: F811
    assert COMPLETED in walk(tmp_path, ORDERHUB_DATABASE_URL=prescribed.hub_url)
    asked = "SELECT pg_has_role('orderhub', 'orderhub_runtime', 'MEMBER')"
    assert prescribed.sql(asked, database="orderhub") == [(True,)]
