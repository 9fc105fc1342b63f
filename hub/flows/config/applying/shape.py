"""The connections file as a whole, read row by row."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from pydantic import BaseModel, ValidationError

from hub.flows.config.applying.rows import (
    Connection,
    Merchant,
    Network,
    Returns,
    Review,
    Routing,
    Safety,
    Shares,
    Stock,
)
from hub.model.errors import Problem
from hub.model.merchant import OPERATOR
from hub.model.plain import problems_of
from hub.model.product import Product


@dataclass(frozen=True, slots=True)
class Goods:
    """A product and whose it is. `given` are the fields that the file names."""

    merchant: str
    product: Product
    given: frozenset[str]


@dataclass(slots=True)
class File:
    """The file's rows by their place (`connections.2`); what could not be read is in `problems`."""

    network: Network | None = None
    merchants: dict[str, Merchant] = field(default_factory=dict)
    connections: dict[str, Connection] = field(default_factory=dict)
    products: dict[str, Goods] = field(default_factory=dict)
    stock: dict[str, Stock] = field(default_factory=dict)
    safety: dict[str, Safety] = field(default_factory=dict)
    shares: dict[str, Shares] = field(default_factory=dict)
    routing: dict[str, Routing] = field(default_factory=dict)
    review: dict[str, Review] = field(default_factory=dict)
    returns: dict[str, Returns] = field(default_factory=dict)
    problems: list[Problem] = field(default_factory=list)


_ROWS: dict[str, type[BaseModel]] = {
    "merchants": Merchant,
    "connections": Connection,
    "stock": Stock,
    "safety": Safety,
    "shares": Shares,
    "routing": Routing,
    "review": Review,
    "returns": Returns,
}
SECTIONS = (
    *("network", "merchants", "connections", "products", "stock", "safety", "shares", "routing"),
    *("review", "returns"),
)
PRODUCT_FIELDS = frozenset(Product.model_fields) - {"type", "source", "attributes"}


def parse(tree: Mapping[str, Any]) -> File:
    """The rows of a tree. Nothing is raised: whatever is wrong is noted, row by row."""
    file = File()
    for name in tree:
        if name not in SECTIONS:
            message = f"known are {', '.join(SECTIONS)}"
            file.problems.append(Problem(name, "unknown_field", message))
    if tree.get("network") is not None:
        file.network = _row(file, Network, tree["network"], "network")
    for name in SECTIONS[1:]:
        rows = tree.get(name)
        if rows is None:
            continue
        if not isinstance(rows, list):
            file.problems.append(Problem(name, "wrong_type", "a list is expected"))
            continue
        for at, row in enumerate(rows):
            path = f"{name}.{at}"
            read = (
                _goods(file, row, path)
                if name == "products"
                else _row(file, _ROWS[name], row, path)
            )
            if read is not None:
                getattr(file, name)[path] = read
    return file


def _row(file: File, model: type[Any], row: Any, path: str) -> Any:
    if not isinstance(row, dict):
        file.problems.append(Problem(path, "wrong_type", "names with values are expected"))
        return None
    try:
        return model.model_validate(row)
    except ValidationError as error:
        file.problems += [_placed(problem, path, model) for problem in problems_of(error)]
        return None


def _goods(file: File, row: Any, path: str) -> Goods | None:
    if not isinstance(row, dict):
        file.problems.append(Problem(path, "wrong_type", "names with values are expected"))
        return None
    fields = {name: value for name, value in row.items() if name != "merchant"}
    merchant = row.get("merchant", OPERATOR)
    unknown = [name for name in fields if name not in PRODUCT_FIELDS]
    for name in unknown:
        message = f"known are merchant, {', '.join(sorted(PRODUCT_FIELDS))}"
        file.problems.append(Problem(f"{path}.{name}", "unknown_field", message))
    if not isinstance(merchant, str):
        file.problems.append(Problem(f"{path}.merchant", "wrong_type", "text is expected"))
    product = _row(file, Product, {**product_tree(fields), "sku": fields.get("sku")}, path)
    if product is None or unknown or not isinstance(merchant, str):
        return None
    return Goods(merchant, product, frozenset(fields))


def product_tree(fields: Mapping[str, Any]) -> dict[str, Any]:
    """A canonical product as it comes out of the file, with the file as its source."""
    known = {name: value for name, value in fields.items() if name in PRODUCT_FIELDS}
    return {**known, "source": {"connection": "file", "id": str(fields.get("sku"))}}


def _placed(problem: Problem, path: str, model: type[BaseModel]) -> Problem:
    message = problem.message
    if problem.code == "unknown_field" and "." not in problem.path:
        message = f"known are {', '.join(model.model_fields)}"
    return Problem(f"{path}.{problem.path}".rstrip("."), problem.code, message)
