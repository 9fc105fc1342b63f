"""Which topics of which partners are asked for: by the manifests at hand and what connections
say.
"""

from adapters.kit import registry
from adapters.kit.manifest import polls as polls_of
from hub.store.messages import polls
from hub.store.messages.polls import Planned
from hub.store.opened import Store
from workers.wakeups.wakeup import Bell


def plan_polls(store: Store, _: Bell) -> None:
    """Bring the rows of topics in line; what is due is rung as everything else is."""
    with store.database.begin() as db:
        entries = registry.entries()
        partners = store.directories.read(db).connections.values()
        at_hand = [partner for partner in partners if partner.adapter in entries]
        wanted = [
            Planned(partner.merchant, partner.code, topic, float(terms.every_s))
            for partner in at_hand
            for topic, terms in polls_of(entries[partner.adapter].manifest, partner.options).items()
        ]
        polls.plan(db, wanted, {partner.code for partner in at_hand})
