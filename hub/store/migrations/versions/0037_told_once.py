"""Which payout a report accounts for, and in which form: one is not booked in two forms."""

from pathlib import Path
from typing import Any

from alembic import op

revision = "0037"
down_revision = "0036"


def upgrade() -> None:
    # straight to the driver: the text has many statements
    driver: Any = op.get_bind().connection.driver_connection
    driver.execute(Path(__file__).with_suffix(".sql").read_text("utf-8"))
