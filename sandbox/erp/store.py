"""The ERP's records in memory: typed, linked, indexed, and undone as a whole when a call fails."""

import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import UTC, date, datetime
from decimal import Decimal
from functools import partial
from typing import Any

from sandbox.erp.faults import UserError, WrongCall
from sandbox.erp.models import FIELDS, LABELS, NEWEST_FIRST, SELECTIONS, Field

Row = dict[str, Any]
Compute = Callable[["Store", int, Mapping[str, Any]], Any]  # store, id, context

TYPES: dict[str, tuple[type, ...]] = {
    "char": (str,), "text": (str,), "selection": (str,), "reference": (str,),
    "boolean": (bool,), "integer": (int,), "many2one": (int,), "float": (int, float),
    "numeric": (Decimal, int), "date": (date,), "datetime": (datetime,),
}  # fmt: skip


class Table:
    def __init__(self, model: str) -> None:
        self.model, self.fields = model, FIELDS[model]
        self.rows: dict[int, Row] = {}
        self.last = 0
        self.index: dict[str, dict[Any, dict[int, None]]] = {
            name: {} for name, field in self.fields.items() if field.indexed and not field.computed
        }

    def put(self, number: int, name: str, value: Any) -> None:
        row = self.rows[number]
        if name in self.index:
            if name in row:
                self.index[name].get(row[name], {}).pop(number, None)
            self.index[name].setdefault(value, {})[number] = None
        row[name] = value

    def drop(self, number: int) -> None:
        row = self.rows.pop(number)
        for name, values in self.index.items():
            values.get(row.get(name), {}).pop(number, None)


class Store:
    """`compute` gives what is not stored, `names` how a record is called (rec_name)."""

    def __init__(self, compute: Mapping[tuple[str, str], Compute]) -> None:
        self.tables = {model: Table(model) for model in FIELDS}
        self._compute = compute
        self._undo: list[Callable[[], object]] = []

    @contextmanager
    def call(self) -> Iterator[None]:
        """All that is done inside, or nothing."""
        self._undo = []
        try:
            yield
        except BaseException:
            for undo in reversed(self._undo):
                undo()
            raise
        finally:
            self._undo = []

    # --- reading

    def row(self, model: str, number: int) -> Row:
        return self.tables[model].rows[number]

    def field(self, model: str, name: str) -> Field:
        found = self.tables[model].fields.get(name)
        if found is None:
            raise WrongCall(f"'{name}'")
        return found

    def value(self, model: str, number: int, name: str, context: Mapping[str, Any]) -> Any:
        field = self.field(model, name)
        if name == "id":
            return number
        compute = self._compute.get((model, name)) or self._compute.get(("*", name))
        if compute is not None:
            return compute(self, number, {**context, "model": model})
        if field.kind == "one2many":
            return self.led_back(field, model, number)
        row = self.row(model, number)
        return list(row[name] or []) if field.kind == "many2many" else row.get(name)

    def led_back(self, field: Field, model: str, number: int) -> list[int]:
        """The ids of a one2many: the records whose inverse field names this one."""
        inverse = self.tables[field.target].fields[field.inverse]
        key: Any = f"{model},{number}" if inverse.kind == "reference" else number
        return sorted(self.tables[field.target].index[field.inverse].get(key, ()))

    def by(self, model: str, name: str, value: Any) -> list[int]:
        """Ids by an indexed field's value."""
        return sorted(self.tables[model].index[name].get(value, ()))

    def existing(self, model: str, ids: Iterable[int]) -> list[int]:
        listed = list(ids)
        rows = self.tables[model].rows
        missing = [number for number in listed if number not in rows]
        if missing:
            named = ", ".join(map(str, missing))
            raise UserError(
                f'You are trying to read records "{named}" of "{LABELS[model]}" that don\'t exist.'
            )
        return listed

    def name(self, model: str, number: int) -> str:
        return str(self.value(model, number, "rec_name", {}))

    def in_order(self, model: str, ids: Iterable[int]) -> list[int]:
        return sorted(ids, reverse=model in NEWEST_FIRST)

    # --- writing

    def create(self, model: str, values: Mapping[str, Any]) -> int:
        table = self.tables[model]
        for name in values:
            self.field(model, name)
        table.last += 1
        number = table.last
        table.rows[number] = {}
        self._undo.append(lambda: table.drop(number))
        stored = [it for it in table.fields.values() if it.kind != "one2many" and not it.computed]
        for field in stored:
            value = values.get(field.name, field.default)
            table.put(number, field.name, self._stored(model, field, value, ()))
        self.stamp(model, number, created=True)
        self._lines(model, number, values)
        for field in stored:
            if field.required and table.rows[number][field.name] is None:
                label = field.name.replace("_", " ").title()
                raise UserError(
                    f'A value is required for field "{label}" in "{self.name(model, number)}" of '
                    f'"{LABELS[model]}".'
                )
        return number

    def write(self, model: str, ids: Iterable[int], values: Mapping[str, Any]) -> None:
        table = self.tables[model]
        for number in self.existing(model, ids):
            for name, value in values.items():
                field = self.field(model, name)
                if field.kind != "one2many" and not field.computed:
                    before = table.rows[number].get(name)
                    self.put(model, number, name, self._stored(model, field, value, before))
            self.stamp(model, number)
            self._lines(model, number, values)

    def put(self, model: str, number: int, name: str, value: Any) -> None:
        """One stored value, unchecked; undone with the call."""
        table = self.tables[model]
        before = table.rows[number].get(name)
        self._undo.append(lambda: table.put(number, name, before))
        table.put(number, name, value)

    def stamp(self, model: str, number: int, *, created: bool = False) -> None:
        row, now = self.row(model, number), time.time()
        at = datetime.fromtimestamp(now, UTC).replace(tzinfo=None)
        if created:
            row["create_date"], row["write_date"] = at, None
        else:
            before = (row["write_date"], row["_timestamp"])
            self._undo.append(lambda: row.update(write_date=before[0], _timestamp=before[1]))
            row["write_date"] = at
        row["_timestamp"] = f"{now:.6f}"

    def delete(self, model: str, ids: Iterable[int]) -> None:
        table = self.tables[model]
        for number in self.existing(model, ids):
            row = table.rows[number]
            table.drop(number)
            self._undo.append(partial(self._restore, table, number, row))

    def _restore(self, table: Table, number: int, row: Row) -> None:
        table.rows[number] = {}
        for name, value in row.items():
            table.put(number, name, value)

    def _stored(self, model: str, field: Field, value: Any, before: Any) -> Any:
        """The value as it is kept; raises WrongCall where its type is another."""
        if field.kind == "many2many":
            return self._linked(field, value, before)
        if value is None:
            return None
        if not isinstance(value, TYPES[field.kind]) or misplaced(field.kind, value):
            raise WrongCall(f"{field.name}: {value!r} is no {field.kind}")
        if field.kind == "many2one" and value not in self.tables[field.target].rows:
            raise UserError(
                f'The value "{value}" for field "{field.name}" in "{LABELS[model]}" does not exist.'
            )
        allowed = SELECTIONS.get((model, field.name))
        if allowed is not None and value not in allowed:
            raise UserError(
                f'The value "{value}" for field "{field.name}" in "{LABELS[model]}" is not one of '
                "the allowed options."
            )
        return Decimal(str(value)) if field.kind == "numeric" else value

    def _linked(self, field: Field, commands: Any, before: Sequence[int]) -> list[int]:
        ids = list(before or ())
        for command in commands or ():
            match command:
                case ["add", list(added)]:
                    ids += [it for it in self.existing(field.target, added) if it not in ids]
                case ["remove" | "delete", list(removed)]:
                    ids = [it for it in ids if it not in removed]
                case ["create", list(made)]:
                    ids += [self.create(field.target, it) for it in made]
                case _:
                    raise WrongCall(f"{field.name}: {command!r} is no command")
        return ids

    def _lines(self, model: str, number: int, values: Mapping[str, Any]) -> None:
        """Carries out the commands for one2many fields."""
        for name, commands in values.items():
            field = self.tables[model].fields[name]
            if field.kind != "one2many":
                continue
            inverse = self.tables[field.target].fields[field.inverse]
            key: Any = f"{model},{number}" if inverse.kind == "reference" else number
            for command in commands or ():
                self._line_command(field, key, command)

    def _line_command(self, field: Field, key: Any, command: Any) -> None:
        match command:
            case ["create", list(made)]:
                for values in made:
                    self.create(field.target, {**values, field.inverse: key})
            case ["write", list(ids), dict(values)]:
                self.write(field.target, ids, values)
            case ["add", list(ids)]:
                self.write(field.target, ids, {field.inverse: key})
            case ["remove", list(ids)]:
                self.write(field.target, ids, {field.inverse: None})
            case ["delete", list(ids)]:
                self.delete(field.target, ids)
            case _:
                raise WrongCall(f"{field.name}: {command!r} is no command")


def misplaced(kind: str, value: Any) -> bool:
    """Python's own kinships: true is an int, a datetime is a date, but not here."""
    if isinstance(value, bool):
        return kind != "boolean"
    return isinstance(value, datetime) and kind == "date"
