"""Whether the console lives, for whoever watches it. Nothing of the business is in the answer."""

from flask import Blueprint

desk = Blueprint("watch", __name__)


@desk.get("/healthz")
def healthz() -> tuple[str, dict[str, str]]:
    """It answers."""
    return "ok\n", {"Content-Type": "text/plain; charset=utf-8"}
