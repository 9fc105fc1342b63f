"""The connections file as a tree: YAML without its traps.

Only `null`, `true`, `false` and whole numbers are more than text, so that `NO` stays Norway,
`12:30` a time of day and `007` a code. Aliases, tags, double keys and too large files are refused.
"""

import re
from typing import Any, ClassVar

import yaml

from hub.model.errors import BadData, Problem

LARGEST = 16 * 1024 * 1024
_DEEPEST = 32


class _Loader(getattr(yaml, "CSafeLoader", yaml.SafeLoader)):  # type: ignore[misc]  # chosen at run time
    yaml_implicit_resolvers: ClassVar[dict[Any, Any]] = {}


_Loader.add_implicit_resolver(
    "tag:yaml.org,2002:null", re.compile(r"^(?:~|null|)$"), ["~", "n", ""]
)
_Loader.add_implicit_resolver("tag:yaml.org,2002:bool", re.compile(r"^(?:true|false)$"), ["t", "f"])
_Loader.add_implicit_resolver(
    "tag:yaml.org,2002:int", re.compile(r"^-?(?:0|[1-9][0-9]{0,17})$"), [*"-0123456789"]
)
_SCALARS: dict[str, Any] = {
    "null": lambda _: None,
    "bool": lambda text: text == "true",
    "int": int,
    "str": str,
}


def read(text: str | bytes) -> dict[str, Any]:
    """The file's tree. BadData with every place where it is not what it must be."""
    if len(text) > LARGEST:
        raise BadData(f"the file is larger than {LARGEST // 1024 // 1024} MiB", code="too_large")
    try:
        node = yaml.compose(text, Loader=_Loader)
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark
        where = f" at line {mark.line + 1} column {mark.column + 1}" if mark else ""
        raise BadData(f"no YAML: {error.problem}{where}", code="bad_yaml") from None
    except (yaml.YAMLError, UnicodeDecodeError):
        raise BadData("no YAML: it has characters that are no text", code="bad_encoding") from None
    walk = _Walk()
    tree = walk.value(node, "", 0) if node is not None else None
    if walk.problems:
        raise all_of(walk.problems)
    if not isinstance(tree, dict):
        raise BadData("sections such as connections: are expected", code="wrong_type")
    return tree


def all_of(problems: list[Problem]) -> BadData:
    """One BadData that names them all."""
    first, *rest = problems
    return BadData(first.message, path=first.path, code=first.code, more=tuple(rest))


class _Walk:
    """Takes a tree of YAML nodes to values, noting what is refused."""

    def __init__(self) -> None:
        self.problems: list[Problem] = []
        self._seen: set[int] = set()

    def value(self, node: Any, path: str, depth: int) -> Any:
        refusal = self._refusal(node, depth)
        if refusal:
            self.problems.append(Problem(path, "bad_yaml", refusal))
            return None
        self._seen.add(id(node))
        if isinstance(node, yaml.MappingNode):
            return self._mapping(node, path, depth)
        if isinstance(node, yaml.SequenceNode):
            return [
                self.value(child, _under(path, str(at)), depth + 1)
                for at, child in enumerate(node.value)
            ]
        return _SCALARS[_tag(node)](node.value)

    def _mapping(self, node: Any, path: str, depth: int) -> dict[str, Any]:
        fields: dict[str, Any] = {}
        for key_node, value_node in node.value:
            key = str(key_node.value) if isinstance(key_node, yaml.ScalarNode) else "?"
            where = _under(path, key)
            if not isinstance(key_node, yaml.ScalarNode):
                self.problems.append(Problem(where, "bad_yaml", "a name is expected as the key"))
            elif key in fields:
                line = key_node.start_mark.line + 1
                message = f"it stands twice, again in line {line}"
                self.problems.append(Problem(where, "duplicate_key", message))
            fields[key] = self.value(value_node, where, depth + 1)
        return fields

    def _refusal(self, node: Any, depth: int) -> str | None:
        if id(node) in self._seen:
            return "aliases (*name) are not used here: write it out"
        if depth > _DEEPEST:
            return f"it is nested deeper than {_DEEPEST}"
        return (
            None
            if _tag(node) in (*_SCALARS, "map", "seq")
            else f"tags ({node.tag}) are not used here"
        )


def _tag(node: Any) -> str:
    return str(node.tag).removeprefix("tag:yaml.org,2002:")


def _under(path: str, step: str) -> str:
    return f"{path}.{step}" if path else step
