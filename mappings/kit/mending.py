"""A tree that does not fit its wire model, mended where nothing depends on it.

Rule: a field that decides something and cannot be read refuses the document; an empty text where
something may be missing is nothing. Everything else is read a second time, forgiven its shape (an
object for a list of it), or left out, with a warning that names it.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from itertools import islice
from typing import Any, TypeVar, get_args, get_origin, get_type_hints

from pydantic import BaseModel, ValidationError
from pydantic.fields import FieldInfo
from typing_extensions import is_typeddict

from hub.model.document import TEXT_LIMIT
from hub.model.errors import BadData, Problem
from hub.model.plain import MOST_PROBLEMS, bad_data, problem_of, refused
from mappings.kit.context import Context
from mappings.kit.fields import Second

M = TypeVar("M", bound=BaseModel)
_Place = tuple[int | str, ...]

_ROUNDS = 12
"""What is mended may show what is wrong inside it; no model is nested as deep."""
_LEFT_OUT = "it was left out"


@dataclass(frozen=True, slots=True)
class _Field:
    """What is known of a field: whether it decides, whether it may be missing, how it is read
    again, what is inside it.
    """

    decides: bool
    may_miss: bool
    again: Callable[[Any, Context, str], Any] | None
    many: bool
    inside: type | None


def mended(model: type[M], tree: Any, error: ValidationError, at: Context) -> M:
    """The model of a tree, which is changed. BadData where a field that decides is unreadable."""
    for _ in range(_ROUNDS):
        unmended = (
            problem
            for place, problem in _problems(error)
            if not _mend(model, tree, place, problem, at)
        )
        refusals = list(islice(unmended, MOST_PROBLEMS))
        if refusals:
            raise refused(refusals)
        try:
            _drop_gaps(tree)
            return model.model_validate(tree)
        except ValidationError as again:
            error = again
    raise bad_data(error)


def _problems(error: ValidationError) -> Iterator[tuple[_Place, Problem]]:
    """One by one: where thousands refuse, only the first are said, and only those are read."""
    for item in error.errors(include_url=False):
        yield item["loc"], problem_of(item)


class _Gap:
    """Stands in a list where an entry was left out, until all places of this round are mended."""


def _mend(model: type[BaseModel], tree: Any, place: _Place, problem: Problem, at: Context) -> bool:
    """Mend one place. False where the document is refused for it."""
    field = _field_at(model, place)
    if field is None:
        return False
    parent = _parent(tree, place)
    key: Any = place[-1]
    try:
        value = parent[key]
    except (LookupError, TypeError):
        return False  # it is missing, and needed
    if isinstance(key, int):
        return _mend_entry(field, parent, key, value, problem, at)
    if field.many:
        return _mend_list(field, parent, key, value, problem, at)
    return _mend_value(field, parent, key, value, problem, at)


def _mend_entry(
    field: _Field, parent: Any, key: int, value: Any, problem: Problem, at: Context
) -> bool:
    if value and isinstance(value, list) and len(parent) == 1:
        parent[:] = value
        at.warn(problem.code, "a list in a list was taken for that list", path=problem.path)
        return True
    if field.decides and value not in (None, {}, [], ""):
        return False
    parent[key] = _Gap
    at.warn(problem.code, f"an entry that is none; {_LEFT_OUT}", path=problem.path)
    return True


def _mend_list(
    field: _Field, parent: Any, key: str, value: Any, problem: Problem, at: Context
) -> bool:
    if value == "":
        parent[key] = []
        at.warn(problem.code, "a list is expected, nothing is there", path=problem.path)
    elif isinstance(value, dict) and all(map(str.isdecimal, value)):
        parent[key] = list(value.values())  # a list with gaps, as PHP writes it
    elif isinstance(value, dict) and field.inside is not None:
        parent[key], message = _entries(value, field.inside)
        at.warn(problem.code, message, path=problem.path)
    elif field.decides:
        return False
    else:
        parent[key] = []
        at.warn(problem.code, f"a list is expected; {_LEFT_OUT}", path=problem.path)
    return True


def _entries(value: dict[str, Any], inside: type) -> tuple[list[Any], str]:
    """The list that an object stands for: `{"item": [..]}` wraps it, anything else is an entry."""
    name, wrapped = next(iter(value.items()))
    if len(value) == 1 and isinstance(wrapped, list | dict) and name not in _fields(inside):
        entries = wrapped if isinstance(wrapped, list) else [wrapped]
        return entries, f"a list is expected: the one in {name} was taken"
    return [value], "a list is expected: what is there is taken as its only entry"


def _mend_value(
    field: _Field, parent: Any, key: str, value: Any, problem: Problem, at: Context
) -> bool:
    if field.again is not None:
        again = _again(field.again, value, at, problem.path)
        if again is not None and again != value:  # the same again would fail again
            parent[key] = again
            return True
    if field.decides:
        if not field.may_miss or not isinstance(value, str) or value.strip():
            return False
        parent[key] = None
        at.warn(problem.code, "an empty text was taken for nothing", path=problem.path)
        return True
    if isinstance(value, str) and len(value) > TEXT_LIMIT and problem.code == "too_long":
        parent[key] = value[:TEXT_LIMIT]
        message = f"more than {TEXT_LIMIT} characters: the rest was cut off"
        at.warn(problem.code, message, path=problem.path)
    else:
        parent[key] = None
        at.warn(problem.code, f"{problem.message}; {_LEFT_OUT}", path=problem.path)
    return True


def _again(read: Callable[..., Any], value: Any, at: Context, path: str) -> Any:
    try:
        return read(value, at, path)
    except BadData:
        return None


def _drop_gaps(tree: Any) -> None:
    if isinstance(tree, list) and _Gap in tree:
        tree[:] = [one for one in tree if one is not _Gap]
    if isinstance(tree, dict | list):
        for one in tree.values() if isinstance(tree, dict) else tree:
            if isinstance(one, dict | list):  # most are neither
                _drop_gaps(one)


def _parent(tree: Any, place: _Place) -> Any:
    try:
        for step in place[:-1]:
            tree = tree[step]
    except (LookupError, TypeError):
        return None
    return tree


def _field_at(model: type[BaseModel], place: _Place) -> _Field | None:
    """The last field that a place names."""
    found: _Field | None = None
    inside: type = model
    for step in place:
        if isinstance(step, int):
            continue
        found = _fields(inside).get(step)
        if found is None:
            return None
        inside = found.inside or inside
    return found


@cache
def _fields(model: type) -> Mapping[str, _Field]:
    """The fields of a model. One that must be there decides, unless its type says otherwise."""
    found = {}
    for name, info in _described(model).items():
        second = next((one for one in info.metadata if isinstance(one, Second)), None)
        found[info.alias or name] = _Field(
            decides=second.decides if second else info.is_required(),
            may_miss=not info.is_required(),
            again=None if second is None else second.read,
            many=_is_list(info.annotation),
            inside=_model_in(info.annotation),
        )
    return found


def _described(model: type) -> Mapping[str, FieldInfo]:
    if issubclass(model, BaseModel):
        return model.model_fields
    hints = get_type_hints(model, include_extras=True)  # a dictionary, in which all may be missing
    return {name: FieldInfo.from_annotated_attribute(hint, None) for name, hint in hints.items()}


def _is_list(annotation: Any) -> bool:
    return get_origin(annotation) in {tuple, list} or any(
        get_origin(one) in {tuple, list} for one in get_args(annotation)
    )


def _model_in(annotation: Any) -> type | None:
    if isinstance(annotation, type) and (
        issubclass(annotation, BaseModel) or is_typeddict(annotation)
    ):
        return annotation
    return next((found for one in get_args(annotation) if (found := _model_in(one))), None)
