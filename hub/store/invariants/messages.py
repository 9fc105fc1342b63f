"""Messages: none lost, none worked or told twice, none left in a dead hand."""

from hub.store.invariants.invariant import Invariant
from hub.store.messages.message_waits import READY

_REPORT = "please report it: a message's history does not fit together"
_SEE = "see the message: orderhub messages show ID"

_REPLAYED = """replayed AS (
      SELECT substring(subject FROM 9) AS id, count(*) AS times FROM audit
      WHERE action IN ('message.replay', 'message.edit', 'message.settle')
        AND subject LIKE 'message:%' GROUP BY 1
    )"""
"""How often people had messages worked again."""

_LATE = "interval '2 min'"
"""Beyond a lease (45 s) and the time in which another worker notices."""

_OPEN_ATTEMPTS = """open_attempts AS (
      SELECT message_id, min(started_at) AS since FROM attempt WHERE finished_at IS NULL GROUP BY 1
    )"""

# fmt: off
MESSAGES = (
    Invariant("G02", "a message is unfinished or has a final status, never both or neither", """
        SELECT coalesce(message.id, work.id)::text FROM message
        FULL JOIN work ON work.id = message.id
        WHERE (message.status IS NULL) = (work.id IS NULL) OR message.id IS NULL""", _REPORT),
    Invariant("G02", "a final status is one of its direction", """
        SELECT id::text FROM message WHERE status IS NOT NULL AND status <> ALL (CASE direction
          WHEN 'in' THEN ARRAY['done', 'ignored', 'superseded', 'discarded']
          ELSE ARRAY['delivered', 'superseded', 'discarded'] END)""", _REPORT),
    Invariant("G02", "what stands in a queue has a status of its direction", """
        SELECT id::text FROM work WHERE status <> ALL (CASE direction
          WHEN 'in' THEN ARRAY['received', 'behind', 'processing', 'retry', 'waiting', 'parked']
          ELSE ARRAY['pending', 'behind', 'sending', 'retry', 'unknown', 'waiting', 'parked']
          END)""", _REPORT),
    Invariant("G02", "what is parked or waits says why", """
        SELECT work.id::text FROM work JOIN message ON message.id = work.id
        WHERE work.status = 'parked' AND coalesce(message.error ->> 'code', '') = ''
          OR work.status = 'waiting' AND coalesce(work.waits_for, '') = ''""", _SEE),
    Invariant("G02", "no message waits for what is there",
        f"""WITH {READY}
        SELECT work.id::text FROM work JOIN ready
          ON ready.fact = work.waits_for AND ready.connection = work.connection
        WHERE work.status = 'waiting'""",  # noqa: S608
        "see that a scheduler runs: orderhub doctor", at_rest=True),
    Invariant("G02", "no order waits for an article that is known", """
        SELECT DISTINCT order_id::text FROM order_wait
        JOIN product ON product.merchant_id = order_wait.merchant_id
          AND order_wait.fact = 'sku:' || product.sku
        WHERE NOT EXISTS (SELECT FROM fact_due WHERE fact_due.fact = order_wait.fact)""",
        "release it in the console", at_rest=True),
    Invariant("G02", "no open order stands without a reason, and without waiting for something", """
        SELECT o.id::text FROM sales_order AS o
        WHERE o.status = 'open' AND NOT EXISTS (
          SELECT FROM fulfilment_order AS f WHERE f.order_id = o.id
            AND f.status NOT IN ('shipped', 'short', 'rejected', 'cancelled')
        ) AND NOT EXISTS (
          SELECT FROM order_wait AS w WHERE w.order_id = o.id
            AND (o.hold_reasons <> '[]'::jsonb OR w.fact = 'again'))""",
        "reroute it in the console; please report it"),
    Invariant("G02", "nothing is left to do", """
        SELECT id::text FROM work
        WHERE status IN ('received', 'pending', 'retry', 'unknown')""",
        "wait until the queues are empty, then look again", at_rest=True),
    Invariant("G06", "an edited message has its newest version", """
        SELECT message.id::text FROM message
        LEFT JOIN message_version AS newest
          ON newest.message_id = message.id AND newest.version = message.version
        WHERE message.version > 1 AND newest.message_id IS NULL""", _REPORT),
    Invariant("G07", "a delivery has one message", """
        SELECT message_id::text FROM seen GROUP BY message_id HAVING count(*) > 1""", _REPORT),
    Invariant("G07", "a delivery is known once", """
        SELECT connection || ' ' || encode(digest, 'hex') FROM seen
        WHERE connection IN (
          SELECT connection FROM seen GROUP BY 1 HAVING min(merchant_id) <> max(merchant_id)
        ) GROUP BY connection, digest HAVING count(*) > 1""",
        "a connection changed its merchant: repeats of before were taken for new"),
    Invariant("G07", "what was worked would be recognised if it came again", f"""
        WITH {_OPEN_ATTEMPTS}
        SELECT message.id::text FROM message LEFT JOIN seen ON seen.message_id = message.id
        LEFT JOIN (SELECT DISTINCT message_id FROM attempt) AS worked
          ON worked.message_id = message.id
        WHERE seen.message_id IS NULL
          AND (worked.message_id IS NOT NULL OR message.status IS NULL)""", _REPORT),  # noqa: S608
    Invariant("G07", "a message was worked to its end once, unless somebody had it worked again",
        f"""
        WITH {_REPLAYED}, ended AS (
          SELECT message_id, count(*) AS times FROM attempt WHERE fate = 'done'
          GROUP BY 1 HAVING count(*) > 1
        )
        SELECT message_id::text FROM ended LEFT JOIN replayed ON replayed.id = message_id::text
        WHERE ended.times > 1 + coalesce(replayed.times, 0)""", _SEE),  # noqa: S608
    Invariant("G07", "a channel's order is stored once", """
        SELECT channel || ' ' || channel_order_id FROM sales_order
        GROUP BY channel, channel_order_id HAVING count(*) > 1""", "cancel one of them"),
    Invariant("G08", "an outward key has one message", """
        SELECT coalesce(outward_key, min(id::text)) FROM message WHERE direction = 'out'
        GROUP BY outward_key, CASE WHEN outward_key IS NULL THEN id END
        HAVING count(*) > 1 OR outward_key IS NULL""", _REPORT),
    Invariant("G08", "a message was delivered once, unless somebody had it told again", f"""
        WITH {_REPLAYED}, ended AS (
          SELECT message_id, count(*) AS times FROM attempt
          WHERE fate IN ('delivered', 'found', 'already_done') GROUP BY 1 HAVING count(*) > 1
        )
        SELECT message_id::text FROM ended LEFT JOIN replayed ON replayed.id = message_id::text
        WHERE ended.times > 1 + coalesce(replayed.times, 0)""",  # noqa: S608
        "look at the partner: it may have it twice"),
    Invariant("G25", "what is in hand has a holder that lives", f"""
        WITH {_OPEN_ATTEMPTS}
        SELECT work.id::text FROM work LEFT JOIN lane ON lane.id = work.lane_id
        LEFT JOIN open_attempts ON open_attempts.message_id = work.id
        WHERE work.status IN ('processing', 'sending') AND (
          lane.id IS NULL OR work.fence > lane.fence
          OR lane.holder IS NOT NULL AND lane.fence <> work.fence
          OR (lane.holder IS NULL OR lane.leased_until < now() - {_LATE})
            AND open_attempts.since < now() - {_LATE}
        )""", "see that a worker runs: orderhub doctor"),  # noqa: S608
    Invariant("G25", "an attempt is open as long as its message is in hand", f"""
        WITH {_OPEN_ATTEMPTS}
        SELECT coalesce(work.id, open_attempts.message_id)::text FROM open_attempts
        FULL JOIN (SELECT id FROM work WHERE status IN ('processing', 'sending')) AS work
          ON work.id = open_attempts.message_id
        WHERE work.id IS NULL OR open_attempts.message_id IS NULL""", _REPORT),  # noqa: S608
    Invariant("G25", "no attempt is left open", """
        SELECT message_id::text FROM attempt WHERE finished_at IS NULL""",
        "see that a worker runs: orderhub doctor", at_rest=True),
    Invariant("G25", "nothing is left in hand", """
        SELECT id::text FROM work WHERE status IN ('processing', 'sending')""",
        "see that a worker runs: orderhub doctor", at_rest=True),
)
# fmt: on
