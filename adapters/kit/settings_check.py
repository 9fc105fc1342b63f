"""What the connections file is checked against: manifests, and each adapter's settings model."""

from collections.abc import Callable, Iterator, Mapping
from typing import Any
from urllib.parse import urlsplit

from pydantic import BaseModel, ValidationError

from adapters.kit import registry
from adapters.kit.http.network import NetworkPolicy
from adapters.kit.manifest import Manifest, polls
from adapters.kit.partners import policy
from hub.model.errors import BadData, Problem
from hub.model.plain import problems_of

Reveal = Callable[[Mapping[str, str], tuple[str, str]], dict[str, str]]


class Known:
    """All installed adapters. `reveal` turns references into secrets where they are at hand."""

    def __init__(self, reveal: Reveal) -> None:
        self._reveal = reveal

    def facts(self, name: str) -> Manifest:
        """An adapter's manifest. BadData with the known ones where there is none of that name."""
        return registry.entry(name).manifest

    def polled(self, name: str, options: Mapping[str, Any]) -> Mapping[str, float]:
        """Of a connection with such options: topic -> how many seconds apart it is asked for."""
        terms = polls(self.facts(name), options)
        return {topic: float(poll.every_s) for topic, poll in terms.items()}

    def problems(
        self,
        name: str,
        settings: Mapping[str, Any],
        secrets: Mapping[str, str],
        network: Mapping[str, Any],
        owner: tuple[str, str],
    ) -> list[Problem]:
        """Everything that is wrong with a connection's settings; `secrets` are references, `owner`
        is merchant and connection.
        """
        model = registry.entry(name).settings()
        wrong = list(_misplaced(model, settings, secrets))
        values, hidden = self._revealed(secrets, owner)
        try:
            model.model_validate({**settings, **values})
        except ValidationError as error:
            named = {problem.path for problem in wrong}
            for problem in problems_of(error):
                explained = _explained(problem, model, secrets)
                field = problem.path.partition(".")[0]
                if field not in hidden and explained.path not in named:
                    wrong.append(explained)
        return [*wrong, *_unreachable(settings, network)]

    def _revealed(
        self, references: Mapping[str, str], owner: tuple[str, str]
    ) -> tuple[dict[str, str], set[str]]:
        """Secrets as far as they are at hand; of the others, which could not be looked at."""
        values: dict[str, str] = {}
        hidden: set[str] = set()
        for name, reference in references.items():
            try:
                values |= self._reveal({name: reference}, owner)
            except BadData:
                values[name] = reference
                hidden.add(name)
        return values, hidden


def is_secret(model: type[BaseModel], name: str) -> bool:
    """Whether a setting is one that must not be written out."""
    field = model.model_fields.get(name)
    return field is not None and "Secret" in str(field.annotation)


def _misplaced(
    model: type[BaseModel], settings: Mapping[str, Any], secrets: Mapping[str, str]
) -> Iterator[Problem]:
    for name in settings:
        if is_secret(model, name):
            message = "a secret belongs under secrets, as env:NAME, file:/path or enc:…"
            yield Problem(f"settings.{name}", "plain_secret", message)
        elif name in secrets:
            yield Problem(f"settings.{name}", "duplicate_key", "it stands under secrets as well")


def _explained(problem: Problem, model: type[BaseModel], secrets: Mapping[str, str]) -> Problem:
    """The problem with its place in the file and what the setting is for."""
    name = problem.path.partition(".")[0]
    field = model.model_fields.get(name)
    place = "secrets" if name in secrets or is_secret(model, name) else "settings"
    message = problem.message
    if problem.code == "unknown_field":
        message = f"known are {', '.join(model.model_fields)}"
    elif field is not None and field.description:
        message = f"{message} ({field.description})"
    return Problem(f"{place}.{problem.path}".rstrip("."), problem.code, message)


def _unreachable(settings: Mapping[str, Any], network: Mapping[str, Any]) -> Iterator[Problem]:
    """Addresses that no call could go to, as far as their text says."""
    try:
        allowed = policy(network)
    except ValueError:  # the networks themselves are wrong, which is said elsewhere
        return
    for name, value in settings.items():
        if isinstance(value, str) and value.startswith(("http:", "https:")):
            refusal = allowed.refusal(value) or _address_refusal(value, allowed)
            if refusal:
                message = f"{refusal}; network: says where partners may live"
                yield Problem(f"settings.{name}", "network_refused", message)


def _address_refusal(url: str, allowed: NetworkPolicy) -> str | None:
    host = urlsplit(url).hostname or ""
    try:
        return None if allowed.allows(host) else f"{host} is in no network that is allowed"
    except ValueError:  # a name: where it leads is seen when it is called
        return None
