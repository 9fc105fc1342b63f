"""The ERP's methods as they are called: `model.<model>.<method>` and `wizard.<name>.<method>`.

The last parameter of every call is the context.
"""

import itertools
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import Any

from sandbox.erp import domain, invoices, sales, shipments
from sandbox.erp.desk import Desk, party_note, sale_note
from sandbox.erp.faults import Concurrent, Forbidden, UserError, WrongCall
from sandbox.erp.models import LABELS
from sandbox.erp.shipments import Button
from sandbox.erp.wizards import WIZARDS

Context = Mapping[str, Any]

BUTTONS: dict[str, dict[str, Button]] = {
    **shipments.BUTTONS,
    sales.SALE: {
        "quote": sales.quote, "confirm": sales.confirm, "process": sales.process,
        "cancel": sales.cancel, "draft": sales.back_to_draft,
    },
    invoices.INVOICE: {
        "post": invoices.post, "validate_invoice": invoices.validate, "cancel": invoices.cancel,
    },
}  # fmt: skip
Check = Callable[[Desk, list[int]], None]
BEFORE_WRITE: dict[str, Check] = {invoices.INVOICE: invoices.check_write}
BEFORE_DELETE: dict[str, Check] = {sales.SALE: sales.check_delete}


class Rpc:
    """`grow`, where given, makes an article known by its code when it is asked for."""

    def __init__(
        self, desk: Desk, preferences: Mapping[str, Any], grow: Callable[[str], int] | None
    ) -> None:
        self._desk, self._preferences, self._grow = desk, dict(preferences), grow
        self._wizards: dict[int, str] = {}
        self._wizard_ids = itertools.count(1)

    def call(self, method: str, params: Sequence[Any]) -> Any:
        """Raises Fault for what the answer's `error` is to tell, Forbidden for HTTP 403."""
        if not params or not isinstance(params[-1], dict):
            raise WrongCall("the last parameter must be the context")
        *given, context = params
        kind, _, rest = method.partition(".")
        name, _, verb = rest.rpartition(".")
        if kind == "wizard":
            return self._wizard(name, verb, given, context)
        if kind != "model" or name not in LABELS:
            raise WrongCall(f"'{name or method}'")
        try:
            return self._model(name, verb, given, context)
        except TypeError as error:
            raise WrongCall(str(error)) from None

    def _model(self, model: str, verb: str, given: list[Any], context: Context) -> Any:
        special = SPECIAL.get((model, verb))
        if special is not None:
            return special(self, context, *given)
        button = BUTTONS.get(model, {}).get(verb)
        if button is not None:
            (ids,) = given
            return button(self._desk, ids_of(ids))
        if verb not in VERBS:
            raise Forbidden(f"{model}.{verb}")
        return VERBS[verb](self, model, context, *given)

    # --- what every model has

    def create(self, model: str, _context: Context, rows: list[dict[str, Any]]) -> list[int]:
        made = [self._desk.store.create(model, values) for values in rows]
        for number in made:
            self._note_created(model, number)
        return made

    def _note_created(self, model: str, number: int) -> None:
        desk = self._desk
        if model == sales.SALE:
            note = sale_note(desk, number)
            desk.note("sale", note["reference"] or str(number), note)
        elif model == "party.party":
            note = party_note(desk.store, number)
            desk.note("party", note["code"] or str(number), note)

    def read(
        self, model: str, context: Context, ids: list[int], fields: list[str]
    ) -> list[dict[str, Any]]:
        found = self._desk.store.existing(model, ids_of(ids))
        tree = nested(fields)
        return [self._record(model, number, tree, context) for number in found]

    def _record(
        self, model: str, number: int, tree: Mapping[str, Any], context: Context
    ) -> dict[str, Any]:
        store = self._desk.store
        record: dict[str, Any] = {"id": number}
        for name, below in tree.items():
            if not name.endswith("."):
                record[name] = store.value(model, number, name, context)
                continue
            field = store.field(model, name[:-1])
            value = store.value(model, number, name[:-1], context)
            target = field.target
            if isinstance(value, str):  # a reference names its model itself
                target, _, ident = value.partition(",")
                value = int(ident)
            if isinstance(value, list):
                record[name] = [self._record(target, it, below, context) for it in value]
            else:
                record[name] = value and self._record(target, value, below, context)
        return record

    def search(self, model: str, context: Context, domains: Any, *window: Any) -> list[int]:
        """`window`: offset, limit, order."""
        offset, limit, order = [*window, None, None, None][:3]
        if self._grow and model == "product.product":
            self._learn(domains)
        rows = domain.search(self._desk.store, model, domains, context)
        for name, direction in reversed(order or []):
            downwards = str(direction).upper().startswith("DESC")
            rows.sort(key=partial(self._sort_key, model, name), reverse=downwards)
        start = offset or 0
        return rows[start : None if limit is None else start + limit]

    def _sort_key(self, model: str, name: str, number: int) -> tuple[bool, Any]:
        value = self._desk.store.value(model, number, name, {})
        return (value is None, value if value is not None else 0)

    def _learn(self, domains: Any) -> None:
        """An open catalogue knows every code that somebody looks for."""
        for clause in domains or []:
            if domain.is_clause(clause) and clause[0] == "code" and clause[1] in {"=", "in"}:
                codes = clause[2] if clause[1] == "in" else [clause[2]]
                for code in codes:
                    known = self._desk.store.by("product.product", "code", code)
                    if code and self._grow and not known:
                        self._grow(code)

    def search_read(
        self, model: str, context: Context, domains: Any, *window: Any
    ) -> list[dict[str, Any]]:
        """`window`: offset, limit, order, fields."""
        *window_, fields = [*window, *[None] * 4][:4]
        found = self.search(model, context, domains, *window_)
        return self.read(model, context, found, fields or ["id"])

    def search_count(self, model: str, context: Context, domains: Any, *_rest: Any) -> int:
        return len(self.search(model, context, domains))

    def write(self, model: str, context: Context, *pairs: Any) -> None:
        """`ids, values` once or several times; refused where a record has moved on meanwhile."""
        for ids, values in zip(pairs[::2], pairs[1::2], strict=True):
            listed = ids_of(ids)
            self._unchanged(model, listed, context)
            if model in BEFORE_WRITE:
                BEFORE_WRITE[model](self._desk, listed)
            self._desk.store.write(model, listed, values)

    def _unchanged(self, model: str, ids: list[int], context: Context) -> None:
        stamps = context.get("_timestamp") or {}
        for number in self._desk.store.existing(model, ids):
            expected = stamps.get(f"{model},{number}")
            if expected and expected != self._desk.store.row(model, number)["_timestamp"]:
                raise Concurrent

    def delete(self, model: str, _context: Context, ids: list[int]) -> None:
        listed = ids_of(ids)
        if model in BEFORE_DELETE:
            BEFORE_DELETE[model](self._desk, listed)
        self._desk.store.delete(model, listed)

    def fields_get(
        self, model: str, _context: Context, names: list[str] | None = None, *_rest: Any
    ) -> dict[str, Any]:
        fields = self._desk.store.tables[model].fields
        for name in names or []:
            self._desk.store.field(model, name)
        return {name: it.shown(model) for name, it in fields.items() if not names or name in names}

    # --- what one model has

    def preferences(self, _context: Context, *_only: Any) -> dict[str, Any]:
        return self._preferences

    def skip_warning(self, _context: Context, name: str, always: bool = False) -> None:  # noqa: FBT001, FBT002 - Tryton's own signature
        self._desk.accepted[str(name)] = bool(always)

    def create_warning(self, context: Context, rows: list[dict[str, Any]]) -> list[int]:
        for row in rows:
            self._desk.accepted[str(row["name"])] = bool(row.get("always"))
        return self.create("res.user.warning", context, rows)

    # --- wizards

    def _wizard(self, name: str, verb: str, given: list[Any], context: Context) -> Any:
        wizard = WIZARDS.get(name)
        if wizard is None:
            raise WrongCall(f"'{name}'")
        if verb == "create":
            session = next(self._wizard_ids)
            self._wizards[session] = name
            return [session, wizard.start, "end"]
        session = int(given[0]) if given else 0
        if self._wizards.get(session) != name:
            raise UserError("The wizard session is not known.")
        if verb == "delete":
            del self._wizards[session]
            return None
        if verb != "execute" or len(given) != 3:
            raise Forbidden(f"wizard.{name}.{verb}")
        ids = self._desk.store.existing(sales.SALE, ids_of(context.get("active_ids") or []))
        answer, made = wizard.execute(self._desk, ids, given[1], given[2])
        for number in made:
            self._note_created(sales.SALE, number)
        return answer


def ids_of(value: Any) -> list[int]:
    if not isinstance(value, list) or not all(isinstance(it, int) for it in value):
        raise WrongCall(f"{value!r} is no list of ids")
    return value


def nested(fields: Sequence[str]) -> dict[str, Any]:
    """`a`, `b.c` as {"a": {}, "b.": {"c": {}}}: the shape in which they are answered."""
    tree: dict[str, Any] = {}
    for path in fields:
        place = tree
        *above, last = path.split(".")
        for name in above:
            place = place.setdefault(f"{name}.", {})
        if last != "id":
            place[last] = {}
    return tree


VERBS: dict[str, Callable[..., Any]] = {
    "create": Rpc.create,
    "read": Rpc.read,
    "search": Rpc.search,
    "search_read": Rpc.search_read,
    "search_count": Rpc.search_count,
    "write": Rpc.write,
    "delete": Rpc.delete,
    "fields_get": Rpc.fields_get,
}
SPECIAL: dict[tuple[str, str], Callable[..., Any]] = {
    ("res.user", "get_preferences"): Rpc.preferences,
    ("res.user.warning", "skip"): Rpc.skip_warning,
    ("res.user.warning", "create"): Rpc.create_warning,
}
