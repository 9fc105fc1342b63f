"""The gateway: the intake path in front, behind it the Open API and health."""

import json
from collections.abc import Callable, Iterable, Mapping
from functools import cache
from typing import Any

from flask import Flask, Response, request
from werkzeug.exceptions import HTTPException
from werkzeug.routing import Map, Rule

from adapters.kit.partners import Adapters
from hub.doors.cursors import Cursors
from hub.doors.ops import method_label
from hub.doors.watch import Watch
from hub.gateway.api import ROUTES
from hub.gateway.description import api_page, openapi
from hub.gateway.http import body as bodies
from hub.gateway.http import problems
from hub.gateway.http.body import Refused
from hub.gateway.http.correlation import HEADER, correlation_id
from hub.gateway.http.faults import where
from hub.gateway.http.problems import Trouble, trouble
from hub.gateway.intake.directory_cache import Phonebook
from hub.gateway.intake.replies import Start
from hub.gateway.intake.tally import Tally
from hub.gateway.intake.webhooks import PREFIX as INTAKE
from hub.gateway.intake.webhooks import Intake, Ring
from hub.gateway.metrics.gateway import Metrics
from hub.gateway.routes import Route
from hub.gateway.server.request_deadline import Patience
from hub.gateway.serving import JSON, Api, Call, refused
from hub.logs import get
from hub.memory import collect_seldom
from hub.settings import data_keys
from hub.store.opened import Store
from hub.store.people.idempotency import Answer

_CALL = "orderhub.call"
INTAKE_S, API_S, SERVICE_S = 8.0, 35.0, 4.0
"""How long each waits for the database: the Open API longer than any statement may take."""


class Gateway:
    """The WSGI app: deliveries go straight to the intake, the rest through Flask."""

    def __init__(
        self,
        intake: Intake,
        web: Flask,
        patience: Patience,
        tally: Tally,
        *,
        watch: Watch,
        metrics: Metrics,
    ) -> None:
        self.intake, self.web, self._patience, self._tally = intake, web, patience, tally
        self.watch, self.metrics = watch, metrics

    def __call__(self, environ: dict[str, Any], start: Start) -> Iterable[bytes]:
        path = environ.get("PATH_INFO", "")
        if path.startswith(INTAKE):
            with self._patience.within(INTAKE_S):
                return self.intake(environ, start)
        environ[_CALL] = _read(environ)
        with self._patience.within(API_S if path.startswith(openapi.PREFIX) else SERVICE_S):
            return self.web(environ, start)  # type: ignore[arg-type]  # Flask's start_response is wider

    def close(self) -> None:
        """End its threads."""
        self._tally.close()
        self._patience.close()


def make_app(
    store: Store, adapters: Adapters, ring: Ring, *, together: str | None = None
) -> Gateway:
    """The gateway. `ring` is called after a commit with the lanes that have something new.
    `together` is the folder in which all processes of a server count as one.
    """
    phonebook, watch, metrics = Phonebook(store), Watch(store), Metrics(store, together)
    cursors = Cursors([key.secret for key in data_keys(store.settings)])
    tally = Tally(store).start()
    intake = Intake(
        store, adapters, ring, phonebook=phonebook, watch=watch, metrics=metrics, tally=tally
    )
    web = _web(Api(store, adapters, ring, phonebook, cursors), watch, metrics)
    collect_seldom()
    patience = Patience(store.database, store.doors)
    return Gateway(intake, web, patience, tally, watch=watch, metrics=metrics)


def _read(environ: Mapping[str, Any]) -> Call | Refused:
    """The body is read before Flask: an error of the line itself is the server's to handle."""
    correlation = correlation_id(environ.get("HTTP_X_CORRELATION_ID"))
    try:
        return Call(environ, bodies.read(environ), correlation)
    except Refused as error:
        return error


def _web(api: Api, watch: Watch, metrics: Metrics) -> Flask:
    web = Flask(__name__, static_folder=None)
    web.url_map = _addresses()
    web.view_functions = {
        **_service(watch),
        **{route.name: _view(api, route) for route in ROUTES},
    }
    web.register_error_handler(HTTPException, _not_served)
    web.register_error_handler(Exception, _broken)
    web.after_request(_protected)

    @web.after_request
    def count(response: Response) -> Response:
        route = request.url_rule.rule if request.url_rule else "-"
        metrics.api.labels(method_label(request.method), route, response.status_code).inc()
        return response

    return web


@cache
def _addresses() -> Map:
    """Where what is: to work it out takes long, and it is the same whoever serves it."""
    places = {"{sku}": "<path:sku>", "{": "<", "}": ">"}
    rules = [Rule(place, endpoint=place, methods=["GET"]) for place in _SERVICE]
    for route in ROUTES:
        path = openapi.PREFIX + route.path
        for ours, theirs in places.items():
            path = path.replace(ours, theirs)
        rules.append(Rule(path, endpoint=route.name, methods=[route.method]))
    return Map(rules, merge_slashes=False)


@cache
def _described() -> tuple[str, str]:
    """What the Open API is, for programs and for people."""
    description = openapi.build(ROUTES)
    return json.dumps(description, ensure_ascii=False), api_page.page(description)


def _view(api: Api, route: Route) -> Callable[..., Response]:
    def view(**ids: str) -> Response:
        call = request.environ[_CALL]
        if isinstance(call, Refused):
            raise call
        return _response(api.serve(route, ids, call))

    return view


_SERVICE = ("/healthz", "/readyz", "/api/v1/openapi.json", "/api/v1/docs")


def _service(watch: Watch) -> dict[str, Callable[[], Response]]:
    described, shown = _described()

    def healthz() -> Response:
        return Response(json.dumps({"status": "ok"}), content_type=JSON)

    def readyz() -> Response:
        health = watch.health()
        body = {"status": "ready" if health.ready else "not ready"}
        return Response(json.dumps(body), 200 if health.ready else 503, content_type=JSON)

    def described_() -> Response:
        return Response(described, content_type=JSON)

    def page() -> Response:
        headers = {"Content-Security-Policy": api_page.POLICY}
        return Response(shown, headers=headers, content_type="text/html; charset=utf-8")

    return dict(zip(_SERVICE, (healthz, readyz, described_, page), strict=True))


def _not_served(error: HTTPException) -> Response:
    told = _HTTP.get(error.code or 500, problems.BROKEN)
    allowed = getattr(error, "valid_methods", None)
    headers = {"Allow": ", ".join(sorted(allowed))} if allowed else {}
    return _refusal(Trouble(told.status, told.errors, headers))


def _broken(error: Exception) -> Response:
    told = problems.of(error)
    if told.status == problems.BROKEN.status:
        get(__name__).error("request_failed", **where(error))
    return _refusal(told)


def _refusal(told: Trouble) -> Response:
    call = request.environ.get(_CALL)
    known = call.correlation_id if isinstance(call, Call) else correlation_id(None)
    return _response(refused(told, known), {HEADER: str(known)})


def _response(answer: Answer, more: Mapping[str, str] | None = None) -> Response:
    return Response(answer.body, answer.status, {**answer.headers, **(more or {})})


def _protected(response: Response) -> Response:
    call = request.environ.get(_CALL)
    if isinstance(call, Call):
        response.headers[HEADER] = str(call.correlation_id)
    response.headers.setdefault("X-Content-Type-Options", "nosniff")
    response.headers.setdefault("Cache-Control", "no-store")
    response.headers.setdefault("Referrer-Policy", "no-referrer")
    return response


_HTTP = {
    400: trouble(400, "bad_request", "the request cannot be read"),
    404: trouble(404, "not_found", "there is nothing at that address"),
    405: trouble(405, "method_not_allowed", "that is not possible at this address"),
}
