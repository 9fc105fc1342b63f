"""A key's counter: how many of its messages stand in a queue. Whoever queues one raises it, whoever
takes one out lowers it, in the same statement or transaction.
"""

Which = tuple[str, str]
"""Whose counters are meant: what is the same for all of them, and what differs, by rows named k."""
OF_LANE: Which = (
    "message_key.connection = :connection AND message_key.direction = :direction",
    "message_key.key = k.key",
)
OF_TOLD: Which = (
    "message_key.direction = 'out'",
    """message_key.connection = k.connection AND message_key.key = k.key
          AND message_key.merchant_id = k.merchant""",
)


def raised(rows: str) -> str:
    """Raise counters by `rows`: a SELECT or VALUES of merchant, connection, direction, key and how
    many. It locks them too.
    """
    return f"""INSERT INTO message_key AS counter (merchant_id, connection, direction, key, open)
    {rows}
    ON CONFLICT (connection, direction, key,
      merchant_id) DO UPDATE SET open = counter.open + excluded.open"""


def of(rows: str, which: Which, only: str = "true") -> str:
    """A condition: it is one of the counters of `rows`, named k. They are looked up one by one,
    whatever PostgreSQL believes of the table: what it knows of one that was just filled, or of what
    comes out of a CTE, makes it read every counter there is. They are locked, so none moves.
    """
    same, each = which
    return f"""message_key.ctid = ANY (ARRAY(
      SELECT held.place FROM {rows} CROSS JOIN LATERAL (
        SELECT ctid AS place, open FROM message_key WHERE {same}
          AND {each} OFFSET 0
      ) AS held WHERE {only}))"""  # noqa: S608  # ours


def lowered(rows: str, which: Which) -> str:
    """Lower counters by `rows`, named k, of which each has a count. What is the same for all is not
    said again: it would lead to every counter of the connection.
    """
    return f"""UPDATE message_key SET open = open - k.count
    FROM {rows}
    WHERE {of(rows, which)} AND {which[1]}"""  # noqa: S608  # ours
