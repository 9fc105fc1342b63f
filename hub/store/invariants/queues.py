"""Order by key: one head a key, its first; of levels the newest, and none after a newer one."""

from hub.store.invariants.invariant import Invariant

_REPORT = "please report it; orderhub messages list shows the key's messages"

# fmt: off
QUEUES = (
    Invariant("G13", "of each key the first unfinished message stands alone at the head", """
        SELECT concat_ws(' ', connection, direction, key) FROM work
        GROUP BY connection, direction, key
        HAVING count(*) FILTER (WHERE status <> 'behind') <> 1
          OR min(seq) FILTER (WHERE status <> 'behind') <> min(seq)""", _REPORT),
    Invariant("G13", "the counter of a key is the number of its unfinished messages", """
        SELECT concat_ws(' ', connection, direction, key) FROM (
          SELECT connection, direction, key, sum(open) AS open FROM message_key GROUP BY 1, 2, 3
        ) AS counter FULL JOIN (
          SELECT connection, direction, key, count(*) AS there FROM work GROUP BY 1, 2, 3
        ) AS counted USING (connection, direction, key)
        WHERE coalesce(open, 0) <> coalesce(there, 0)""", _REPORT),
    Invariant("G13", "no two messages of a key were in hand at once", """
        SELECT id::text FROM (
          SELECT message.id, attempt.started_at,
            lag(message.id) OVER each AS before,
            lag(coalesce(attempt.finished_at, 'infinity')) OVER each AS until
          FROM attempt JOIN message ON message.id = attempt.message_id
          WHERE attempt.started_at > now() - interval '7 days'
            AND message.received_at > now() - interval '8 days'
            AND message.key NOT LIKE 'alone:%'
          WINDOW each AS (PARTITION BY message.connection, message.direction, message.key
            ORDER BY attempt.started_at, attempt.id)
        ) AS each_after_another
        WHERE before <> id AND until > started_at""", _REPORT),
    Invariant("G01", "no cursor of a poll stands ahead of what was kept", """
        SELECT concat_ws(' ', connection, topic) FROM poll
        WHERE reached_at IS NOT NULL AND NOT EXISTS (SELECT FROM seen
          WHERE seen.digest = poll.newest AND seen.connection = poll.connection
            AND seen.merchant_id = poll.merchant_id)""",
        "orderhub connections poll CODE --since asks once more; please report it"),
    Invariant("G17", "of a level at most the newest waits behind what is under way", """
        SELECT concat_ws(' ', connection, key) FROM work
        WHERE direction = 'out' AND topic = 'stock_level' GROUP BY connection, key
        HAVING count(*) > 2 OR count(*) FILTER (WHERE status = 'behind') > 1""", _REPORT),
    Invariant("G17", "no level was told after a newer one", """
        WITH replayed AS (
          SELECT substring(subject FROM 9) AS id FROM audit WHERE subject LIKE 'message:%'
        ), told AS (
          SELECT id::text, connection, key, finished_at,
            substring(outward_key FROM ':([0-9]+):[^:]*$')::bigint AS version
          FROM message WHERE topic = 'stock_level' AND status = 'delivered' AND direction = 'out'
            AND id::text NOT IN (SELECT id FROM replayed WHERE id IS NOT NULL)
        )
        SELECT id FROM (
          SELECT id, version, max(version) OVER (PARTITION BY connection, key ORDER BY finished_at
            RANGE BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW EXCLUDE GROUP) AS newest FROM told
        ) AS in_order WHERE version < newest""",
        "the channel has an old level until the next change: touch the stock of this SKU"),
)
# fmt: on
