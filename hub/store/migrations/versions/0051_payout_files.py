"""By which contracts a file of payouts names its accounts, so that it can be written again."""

from pathlib import Path
from typing import Any

from alembic import op

revision = "0051"
down_revision = "0050"


def upgrade() -> None:
    # straight to the driver: the text has many statements and percent signs
    driver: Any = op.get_bind().connection.driver_connection
    driver.execute(Path(__file__).with_suffix(".sql").read_text("utf-8"))
