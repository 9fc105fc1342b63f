"""What is asked of the console, counted for Prometheus. Pages by name, nobody's words."""

from flask import Flask, Response, request
from prometheus_client import CollectorRegistry, Counter

from hub.doors.ops import method_label

NAME = "orderhub counts"


def install(app: Flask) -> None:
    """Count every answer. The registry is among the app's extensions."""
    registry = app.extensions[NAME] = CollectorRegistry()
    requests = Counter(
        "orderhub_console_requests",
        "Requests to the console by page and status.",
        ["method", "page", "status"],
        registry=registry,
    )

    @app.after_request
    def count(response: Response) -> Response:
        page = request.endpoint or "-"
        requests.labels(method_label(request.method), page, response.status_code).inc()
        return response
