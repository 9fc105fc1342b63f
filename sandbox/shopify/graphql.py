"""The shop's Admin GraphQL: recognises the root fields, checks arguments strictly, answers in full.

Accepted root fields and their arguments are the table ARGUMENTS in sandbox/shopify/inputs.py; the
usual texts are, with variables in the shape that the API documents:

    query ($id: ID!) { order(id: $id) { fulfillmentOrders(first: 50) { nodes { .. } } } }
    query ($q: String, $after: String) { orders(first: 50, after: $after, query: $q) { .. } }
    mutation ($fulfillment: FulfillmentInput!) { fulfillmentCreate(fulfillment: $fulfillment) {..} }
    mutation ($input: InventorySetQuantitiesInput!, $key: String!) {
      inventorySetQuantities(input: $input) @idempotent(key: $key) { .. } }

HTTP is 200 for all that is refused: `errors` for a wrong call, `userErrors` for a refused one.
"""

import json
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from sandbox.shopify import mutations, queries, returns
from sandbox.shopify.document import Field, Operation, SyntaxFault, Variable, filled, parse
from sandbox.shopify.inputs import ARGUMENTS, Invalid, check
from sandbox.shopify.store import Refused
from sandbox.shopify.world import World

Payload = dict[str, Any]
Resolver = Callable[[World, str, dict[str, Any]], Any]  # world, API version, arguments

QUERIES: dict[str, Resolver] = {**queries.FIELDS, **returns.QUERIES}
MUTATIONS: dict[str, Resolver] = {**mutations.FIELDS, **returns.MUTATIONS}
FIELDS: dict[str, Resolver] = {**QUERIES, **MUTATIONS}
KEYED = {"inventorySetQuantities", "refundCreate"}  # @idempotent is honoured
KEY_REQUIRED_SINCE = {"inventorySetQuantities": "2026-04"}
BUCKET = {"maximumAvailable": 2000, "restoreRate": 100}


@dataclass(slots=True)
class Fault(Exception):
    """A wrong call: nothing was done, `errors` says why."""

    message: str
    code: str
    more: dict[str, Any]
    path: list[str] | None = None

    def shown(self) -> Payload:
        extensions = {"code": self.code, **self.more}
        shown = {"message": self.message, "locations": [{"line": 1, "column": 1}]}
        return {**shown, "extensions": extensions, **({"path": self.path} if self.path else {})}


def run(world: World, version: str, text: str, given: dict[str, Any], name: str = "") -> Payload:
    """Executes one document; never raises for what the caller did wrong."""
    try:
        operation = pick(parse(text), name)
        variables = provided(operation, given)
    except SyntaxFault as fault:
        return {"errors": [{"message": f"syntax error: {fault}"}]}
    except Fault as fault:
        return {"errors": [fault.shown()]}
    data: Payload = {}
    errors: list[Payload] = []
    for field in operation.fields:
        try:
            data[field.alias] = resolve(world, version, operation, field, variables)
        except Fault as fault:
            if fault.path is None:
                return {"errors": [fault.shown()]}
            data[field.alias] = None
            errors.append(fault.shown())
    answer: Payload = {"errors": errors} if errors else {}
    return {**answer, "data": data, "extensions": {"cost": cost(operation)}}


def cost(operation: Operation) -> Payload:
    spent = 10 * len(operation.fields)
    left = {**BUCKET, "currentlyAvailable": BUCKET["maximumAvailable"] - spent}
    return {"requestedQueryCost": spent, "actualQueryCost": spent, "throttleStatus": left}


def throttled() -> Payload:
    status = {**BUCKET, "currentlyAvailable": 0}
    refused = {"message": "Throttled", "extensions": {"code": "THROTTLED"}}
    cost = {"requestedQueryCost": 10, "actualQueryCost": None, "throttleStatus": status}
    return {"errors": [refused], "extensions": {"cost": cost}}


def pick(operations: dict[str, Operation], name: str) -> Operation:
    if name:
        if name not in operations:
            raise Fault(f"No operation named {name!r}", "operationNotFound", {})
        return operations[name]
    if len(operations) > 1:
        raise Fault("An operation name is required", "operationNotFound", {})
    return next(iter(operations.values()))


def provided(operation: Operation, given: dict[str, Any]) -> dict[str, Any]:
    variables = {**operation.defaults, **given}
    for name, written in operation.types.items():
        if written.endswith("!") and variables.get(name) is None:
            raise invalid_variable(operation, name, Invalid((), "Expected value to not be null"))
    return variables


def invalid_variable(operation: Operation, name: str, fault: Invalid, value: Any = None) -> Fault:
    written = operation.types[name]
    where = ".".join(map(str, fault.path))
    place = f" for {where} ({fault.why})" if where else ""
    message = f"Variable ${name} of type {written} was provided invalid value{place}"
    problems = [{"path": list(fault.path), "explanation": fault.why}]
    return Fault(message, "INVALID_VARIABLE", {"value": value, "problems": problems})


def resolve(
    world: World, version: str, operation: Operation, field: Field, variables: dict[str, Any]
) -> Any:
    kind = "Mutation" if operation.kind == "mutation" else "QueryRoot"
    known = MUTATIONS if kind == "Mutation" else QUERIES
    if field.name not in known:
        message = f"Field '{field.name}' doesn't exist on type '{kind}'"
        raise Fault(message, "undefinedField", {"typeName": kind, "fieldName": field.name})
    check_arguments(version, operation, field, variables)
    arguments = filled(field.arguments, variables)
    if field.name not in KEYED:
        return FIELDS[field.name](world, version, arguments)
    if field.name == "inventorySetQuantities" and version >= "2026-04":
        insist_on_compare(field, arguments["input"]["quantities"])
    return once(world, version, operation, field, variables)


def check_arguments(
    version: str, operation: Operation, field: Field, variables: dict[str, Any]
) -> None:
    expected = ARGUMENTS[field.name]
    for name in field.arguments:
        if name not in expected:
            message = f"Field '{field.name}' doesn't accept argument '{name}'"
            raise Fault(message, "argumentNotAccepted", {"argumentName": name})
    for name, written in expected.items():
        given = field.arguments.get(name)
        if isinstance(given, Variable) and given.name not in operation.types:
            raise Fault(f"Variable ${given.name} is not declared", "variableNotDefined", {})
        value = filled(given, variables)
        try:
            check(written, value, version)
        except Invalid as fault:
            if isinstance(given, Variable):
                raise invalid_variable(operation, given.name, fault, value) from None
            where = ".".join(map(str, (name, *fault.path)))
            message = f"Argument '{where}' on Field '{field.name}' is invalid: {fault.why}"
            raise Fault(message, "argumentLiteralsIncompatible", {}) from None


def insist_on_compare(field: Field, rows: list[Payload]) -> None:
    """Null says "do not compare" and is fine; leaving the field out is not."""
    if any("changeFromQuantity" not in row for row in rows):
        message = "InventoryQuantityInput must include the following argument: changeFromQuantity."
        raise Fault(message, "INVALID_FIELD_ARGUMENTS", {}, [field.alias])


def once(
    world: World, version: str, operation: Operation, field: Field, variables: dict[str, Any]
) -> Any:
    """A mutation under an idempotency key: the same key and parameters, the same answer."""
    directive = {**operation.directives, **field.directives}.get("idempotent")
    if directive is None:
        if version >= KEY_REQUIRED_SINCE.get(field.name, "never"):
            message = (
                "The @idempotent directive is required for this mutation but was not provided."
            )
            raise Fault(message, "BAD_REQUEST", {}, [field.alias])
        return FIELDS[field.name](world, version, filled(field.arguments, variables))
    key = filled(directive, variables).get("key")
    if not isinstance(key, str) or not key:
        raise Fault("The idempotency key must not be blank.", "BAD_REQUEST", {}, [field.alias])
    arguments = filled(field.arguments, variables)
    call = json.dumps([field.name, arguments], sort_keys=True)
    with world.store.lock:
        earlier = world.store.keys.get(key)
        if earlier is None:
            answer = FIELDS[field.name](world, version, arguments)
            world.store.keys[key] = (call, answer)
            return answer
    if earlier[0] != call:
        message = "The same idempotency key cannot be used with different operation parameters."
        refused = Refused(message, [], "IDEMPOTENCY_KEY_PARAMETER_MISMATCH")
        return mutations.refusal(field.name, refused)
    return earlier[1]
