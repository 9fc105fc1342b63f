"""Which adapters there are: by entry point (`orderhub.adapters`), so any package may bring one.

Manifests are found beside the adapter's module, which is imported only when a connection uses it.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cache
from importlib import import_module
from importlib.metadata import entry_points
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ValidationError

from adapters.kit.http import Transport
from adapters.kit.manifest import Manifest, read_level, read_manifest
from adapters.ports import Adapter, Clock, Parts, Recognises, now_utc
from hub.model.errors import BadData, Problem
from hub.model.plain import problems_of
from mappings.kit import Context

GROUP = "orderhub.adapters"


@dataclass(frozen=True, slots=True)
class Entry:
    """One adapter: its manifest, and itself once asked for. `target` is `module:NAME`."""

    name: str
    target: str
    manifest: Manifest

    def load(self) -> Adapter:
        """How it is connected."""
        return _load(self.target)

    def settings(self) -> type[BaseModel]:
        """The model of its settings and secrets together."""
        return self.load().settings

    def folder(self) -> Path:
        """Where its manifest, README and samples lie."""
        return _folder(self.target)


@cache
def entries() -> dict[str, Entry]:
    """All adapters by name."""
    known = {}
    for name, target in sorted(_targets().items()):
        manifest = _manifest(target)
        if manifest is not None:
            known[name] = Entry(name, target, manifest)
    return known


@cache
def recognising() -> tuple[tuple[Adapter, Recognises], ...]:
    """The adapters whose partners' calls are known by their outside, and how."""
    loaded = [one.load() for one in entries().values()]
    return tuple((one, one.recognises) for one in loaded if one.recognises is not None)


def entry(name: str) -> Entry:
    """One adapter. BadData says what is wrong with its manifest, or with the list of known ones
    that there is none of that name.
    """
    chosen = entries().get(name)
    if chosen is None:
        if (target := _targets().get(name)) is not None:
            _read(target)
        known = f"one of {', '.join(entries())} is expected, got {name!r}"
        raise BadData(known, path="adapter", code="unknown_code")
    return chosen


def make(
    name: str,
    settings: Mapping[str, Any],
    secrets: Mapping[str, Any],
    at: Context,
    transport: Transport,
    clock: Clock = now_utc,
) -> Parts:
    """One connection's parts. BadData names the setting that is wrong, never its value."""
    chosen = entry(name)
    model = chosen.settings()
    double = sorted(set(settings) & set(secrets))
    if double:
        raise BadData("it is given as setting and as secret", path=f"settings.{double[0]}")
    try:
        read = model.model_validate({**settings, **secrets})
    except ValidationError as error:
        first, *rest = [_explained(problem, model, secrets) for problem in problems_of(error)]
        raise BadData(first.message, path=first.path, code=first.code, more=tuple(rest)) from None
    return chosen.load().connect(read, at, transport, clock)


def _explained(problem: Problem, model: type[BaseModel], secrets: Mapping[str, Any]) -> Problem:
    """The problem with the place in the connections file and what the setting is for."""
    name = problem.path.partition(".")[0]
    field = model.model_fields.get(name)
    secret = name in secrets or (field is not None and "Secret" in str(field.annotation))
    meaning = f" ({field.description})" if field is not None and field.description else ""
    known = f"; known are {', '.join(model.model_fields)}" if field is None else ""
    path = f"{'secrets' if secret else 'settings'}.{problem.path}"
    return Problem(path, problem.code, f"{problem.message}{meaning}{known}")


def _targets() -> dict[str, str]:
    return {**{point.name: point.value for point in entry_points(group=GROUP)}, **_own()}


def _own() -> dict[str, str]:
    """The project's own adapters, as they stand here: nobody takes their names."""
    root = Path(__file__).resolve().parents[1]
    return {
        path.parent.name: f"adapters.{path.parent.name}:ADAPTER"
        for path in root.glob("*/manifest.toml")
    }


@cache
def _load(target: str) -> Adapter:
    module, _, name = target.partition(":")
    adapter = getattr(import_module(module), name)
    if not isinstance(adapter, Adapter):
        message = f"an Adapter of adapters.ports is expected, got {type(adapter).__name__}"
        raise BadData(message, path=target)
    return adapter


def _folder(target: str) -> Path:
    spec = find_spec(target.partition(":")[0])
    if spec is None or spec.origin is None:
        raise BadData("its module is not there", path=target, code="missing_field")
    return Path(spec.origin).parent


def _manifest(target: str) -> Manifest | None:
    """None where the entry point leads to nothing that is there: such a package is not offered."""
    try:
        return _read(target)
    except (BadData, OSError, ModuleNotFoundError):
        return None


def _read(target: str) -> Manifest:
    """A manifest with the level that was kept beside it."""
    folder = _folder(target)
    manifest = read_manifest((folder / "manifest.toml").read_text("utf-8"))
    shown = folder / "level.toml"
    return (
        replace(manifest, level=read_level(shown.read_text("utf-8")))
        if shown.is_file()
        else manifest
    )
