"""What every sandbox partner has: a server, its own record, a plan of misbehaviour, a control door.

The control door is HTTP under `/_sandbox/`, so that a partner running as its own process can be
asked and told as well:

    GET  /_sandbox/health                         {"status": "ok", "partner": .., "record": n, ..}
    GET  /_sandbox/record?kind=&key=&from=n       what took effect here, in order
    GET  /_sandbox/calls?kind=&from=n             every call: kind, status, fault
    GET  /_sandbox/sent?kind=&key=&from=n         what this partner told the hub, and the answers
    GET  /_sandbox/history?connection=            the record as JSON lines for `orderhub audit`
    POST /_sandbox/misbehave {"rules": [..], "seed": n}    replaces the plan; an empty list ends it
    POST /_sandbox/reset                          forgets everything but the settings
"""

import json
from collections.abc import Iterable, Mapping
from pathlib import Path
from types import TracebackType
from typing import Any, ClassVar, Self

from sandbox.effects import history
from sandbox.http import Answer, Request, Server, json_answer
from sandbox.misbehaviour import Act, Call, Plan
from sandbox.record import Journal


class Partner:
    """Subclasses give `kind` (a name for a call, for the plan) and `respond`."""

    name: ClassVar[str]
    marks: ClassVar[Iterable[str]] = ()  # rules that change what it does on its own

    def __init__(self, host: str, port: int, record_path: Path | None) -> None:
        self._server = Server(self._exchange, host, port)
        self._plan = Plan(self.acts(), self.marks)
        self._record = Journal(f"{self.name}.record", record_path)
        self._calls = Journal(f"{self.name}.calls")
        self._sent = Journal(f"{self.name}.sent", record_path)

    def kind(self, request: Request) -> str:
        raise NotImplementedError

    def respond(self, request: Request) -> Answer:
        raise NotImplementedError

    def acts(self) -> Mapping[str, Act]:
        """Faults of its own, beside those that every partner can show."""
        return {}

    def forget(self) -> None:
        """Drops what the partner knows beyond its settings."""

    @property
    def url(self) -> str:
        return self._server.url

    @property
    def record(self) -> list[dict[str, Any]]:
        """What took effect here, in order; a repeat that changed nothing is only in `calls`."""
        return self._record.entries

    @property
    def calls(self) -> list[dict[str, Any]]:
        return self._calls.entries

    @property
    def sent(self) -> list[dict[str, Any]]:
        return self._sent.entries

    def history(self, connection: str) -> list[dict[str, Any]]:
        """The record as lines of a history, under the hub's name for this partner."""
        return history(self.name, connection, list(self.record))

    def start(self) -> str:
        return self._server.start()

    def stop(self) -> None:
        """Refuses connections from here on; what it knows stays, and start() goes on with it."""
        self._server.stop()

    def close(self) -> None:
        self.stop()
        for journal in (self._record, self._calls, self._sent):
            journal.close()

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        at: TracebackType | None,
    ) -> None:
        self.close()

    def misbehave(self, plan: Iterable[Mapping[str, Any]], seed: int = 0) -> None:
        """Replaces the plan; `[]` ends it. The form of a rule: sandbox/misbehaviour.py."""
        self._plan.replace(plan, seed)

    def reset(self) -> None:
        self.misbehave([])
        self.forget()
        for journal in (self._record, self._calls, self._sent):
            journal.clear()

    def _exchange(self, request: Request) -> Answer:
        if request.path.startswith("/_sandbox/"):
            return self._control(request)
        kind = self.kind(request)
        struck = self._plan.hits(kind)
        answer = (
            self._plan.play(struck, Call(request, self.respond))
            if struck
            else self.respond(request)
        )
        fault = "+".join(rule.do for rule in struck)
        self._calls.add(kind, "", None, status=answer.status, fault=fault)
        return answer

    def _control(self, request: Request) -> Answer:
        match request.method, request.path.removeprefix("/_sandbox/"):
            case "GET", "health":
                counts = {"record": len(self.record), "calls": len(self.calls)}
                return json_answer({"status": "ok", "partner": self.name, **counts})
            case "GET", ("record" | "calls" | "sent") as which:
                return json_answer(chosen(getattr(self, which), request.query))
            case "GET", "history":
                lines = self.history(request.query.get("connection", self.name))
                text = "".join(json.dumps(line, ensure_ascii=False) + "\n" for line in lines)
                return Answer(200, text.encode(), "application/jsonl; charset=utf-8")
            case "POST", "misbehave":
                return self._told_to_misbehave(request)
            case "POST", "reset":
                self.reset()
                return json_answer({"status": "ok"})
            case _:
                return self.control(request)

    def control(self, request: Request) -> Answer:
        """The partner's own controls under `/_sandbox/`."""
        return json_answer({"error": f"no such control: {request.path}"}, 404)

    def _told_to_misbehave(self, request: Request) -> Answer:
        try:
            told = request.json
            self.misbehave(told["rules"], int(told.get("seed", 0)))
        except (ValueError, TypeError, KeyError) as error:
            return json_answer({"error": str(error)}, 422)
        return json_answer({"status": "ok"})


def chosen(entries: list[dict[str, Any]], query: Mapping[str, str]) -> dict[str, Any]:
    start = int(query.get("from", "0"))
    wanted = {name: query[name] for name in ("kind", "key") if name in query}
    items = [
        entry
        for entry in entries[start:]
        if all(entry[name] == value for name, value in wanted.items())
    ]
    return {"items": items, "next": max(start, len(entries))}
