"""How partners go wrong on request: a plan of rules, counted and seeded, each naming one fault.

A rule is a plain dict, so that it travels over HTTP as well:

    {"do": "lost", "kind": "deliveryorder.create", "times": 2, "skip": 1, "share": 0.5}

`kind` is the call it concerns (a pattern, default every call), `times` how many calls it hits
(default: all, until the plan is replaced), `skip` how many it lets pass first, `share` which part
of the rest it hits, by a seeded die. Further fields belong to the fault (`ms`, `retry_after`,
`done` ...). The first rule that hits decides; `slow` only adds its delay and lets the next speak.
"""

import random
import threading
import time
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from fnmatch import fnmatchcase
from typing import Any

from sandbox.http import Answer, Request

LOGIN_PAGE = b"<!doctype html><html><body><h1>Sign in to the network</h1></body></html>"


@dataclass(slots=True)
class Rule:
    do: str
    kind: str = "*"
    times: int | None = None
    skip: int = 0
    share: float = 1.0
    more: dict[str, Any] = field(default_factory=dict)


@dataclass(slots=True)
class Call:
    """A call that a rule has struck: what was asked, and how to do it after all."""

    request: Request
    respond: Callable[[Request], Answer]

    def __call__(self) -> Answer:
        return self.respond(self.request)


Act = Callable[[Rule, Call], Answer]


def too_many(rule: Rule, _call: Call) -> Answer:
    after = rule.more.get("retry_after")
    headers = {} if after is None else {"Retry-After": str(after)}
    return Answer(429, b'{"errors":"Too many requests"}', headers=headers)


def unauthorised(_rule: Rule, _call: Call) -> Answer:
    return Answer(401, b'{"errors":"Unauthorised"}')


def fail_before(_rule: Rule, _call: Call) -> Answer:
    return Answer(500, b"Internal Server Error", "text/plain")


def fail_after(_rule: Rule, call: Call) -> Answer:
    call()
    return Answer(500, b"Internal Server Error", "text/plain")


def lost(_rule: Rule, call: Call) -> Answer:
    call()
    return Answer(fault="close")


def down(_rule: Rule, _call: Call) -> Answer:
    return Answer(fault="close")


def html(rule: Rule, call: Call) -> Answer:
    if rule.more.get("done"):
        call()
    return Answer(200, LOGIN_PAGE, "text/html; charset=utf-8")


def cut(_rule: Rule, call: Call) -> Answer:
    answer = call()
    answer.fault = "cut"
    return answer


def content_type(rule: Rule, call: Call) -> Answer:
    answer = call()
    answer.content_type = str(rule.more.get("type", "text/html; charset=utf-8"))
    return answer


ACTS: dict[str, Act] = {
    "429": too_many,
    "401": unauthorised,
    "500_before": fail_before,  # nothing happened
    "500_after": fail_after,  # it happened, and then it failed
    "lost": lost,  # it happened, and nobody was told
    "down": down,
    "html": html,
    "cut": cut,
    "content_type": content_type,
}


class Plan:
    """The rules in force. `acts` are the partner's own faults beside those that all can do."""

    def __init__(self, acts: Mapping[str, Act], marks: Iterable[str] = ()) -> None:
        self._acts = {**ACTS, **acts}
        self._names = {*self._acts, *marks, "slow"}
        self._rules: list[Rule] = []
        self._die = random.Random(0)  # noqa: S311 - a die to repeat, not a secret
        self._lock = threading.Lock()

    def replace(self, rules: Iterable[Mapping[str, Any]], seed: int = 0) -> None:
        """Raises ValueError for a rule that names no known fault or has a wrong number."""
        made = [self._rule(dict(raw)) for raw in rules]
        with self._lock:
            self._rules = made
            self._die.seed(seed)

    def _rule(self, raw: dict[str, Any]) -> Rule:
        times = raw.pop("times", None)
        rule = Rule(
            do=str(raw.pop("do", "")),
            kind=str(raw.pop("kind", "*")),
            times=None if times is None else int(times),
            skip=int(raw.pop("skip", 0)),
            share=float(raw.pop("share", 1.0)),
            more=raw,
        )
        if rule.do not in self._names:
            raise ValueError(f"unknown fault {rule.do!r}, known: {', '.join(sorted(self._names))}")
        if rule.times is not None and rule.times < 1:
            raise ValueError(f"times must be a whole number above 0, got {rule.times!r}")
        return rule

    def hits(self, kind: str) -> list[Rule]:
        """The rules that strike this call: any number of `slow`, then at most one other."""
        if not self._rules:
            return []
        struck = []
        with self._lock:
            for rule in self._rules:
                if fnmatchcase(kind, rule.kind) and self._strikes(rule):
                    struck.append(rule)
                    if rule.do != "slow":
                        break
            self._rules = [rule for rule in self._rules if rule.times != 0]
        return struck

    def _strikes(self, rule: Rule) -> bool:
        if rule.skip > 0:
            rule.skip -= 1
            return False
        if rule.share < 1.0 and self._die.random() >= rule.share:
            return False
        if rule.times is not None:
            rule.times -= 1
        return True

    def play(self, struck: list[Rule], call: Call) -> Answer:
        for rule in struck:
            if rule.do == "slow":
                time.sleep(float(rule.more.get("ms", 100)) / 1000)
            else:
                return self._acts[rule.do](rule, call)
        return call()
