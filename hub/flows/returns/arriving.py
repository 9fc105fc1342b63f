"""A receipt that is stored arrives at its return: the stock, the lines, the state."""

from hub.flows.returns import desk as desks
from hub.flows.returns.desk import Desk, Moved
from hub.flows.unit import Unit
from hub.model.errors import IllegalTransition
from hub.rules.returns.receiving import UNINSPECTED
from hub.states.returns import OVER, Event
from hub.store.ops.incidents import Incident
from hub.store.returns import receipts
from hub.store.returns.receipts import ReceiptRow
from hub.store.returns.returns import ReturnRow


def arrive(unit: Unit, desk: Desk, owner: ReturnRow, row: ReceiptRow) -> None:
    """A receipt that is stored moves its return, and the stock. What contradicts goes to a person:
    the goods are there all the same.
    """
    desks.book(desk, row)
    follow(unit, desk, Moved(owner, actor=row.warehouse, cause=row.message_id), row)


def follow(unit: Unit, desk: Desk, moved: Moved, row: ReceiptRow) -> None:
    """What is in the stock already moves its return."""
    owner = moved.row
    desks.count(owner, receipts.came(unit.db, [owner.id]).get(owner.id, {}))
    desk.touched[owner.id] = owner
    unseen = any(it.quality == UNINSPECTED for it in row.pieces)
    was = owner.status
    if was in OVER:
        _strange(desk, moved, f"it is {was}, and goods came in for it")
    else:
        if not unseen and owner.inspected_by is None:
            owner.inspected_by = row.actor
        try:
            desks.move(unit, desk, Event.RECEIVE if unseen else Event.INSPECT, moved)
        except IllegalTransition as error:
            _strange(desk, moved, str(error))
    if any(it.line_no is None for it in row.pieces):
        _strange(desk, moved, "pieces came in that it does not name")
    desks.note(desk, moved, {"receipt": row.number})


def _strange(desk: Desk, moved: Moved, why: str) -> None:
    row = moved.row
    subject, sentence = f"return:{row.number}", f"return {row.number}: {why}"
    of = (row.order_id, moved.cause)
    desk.incidents.append(Incident(row.merchant, "return_differs", subject, sentence, *of))
