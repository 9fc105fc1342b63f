"""A journal entry as what a file of the books grows by, and back (`mappings/journal`)."""

from dataclasses import dataclass, field

from hub.model.settlement import JournalEntry
from mappings import journal
from mappings.kit import Context, Encoders


@dataclass(frozen=True, slots=True)
class Terms:
    """`form`: the language of the books; `accounts`: account -> its name there."""

    form: str = "beancount"
    accounts: dict[str, str] = field(default_factory=dict)


def encoders(terms: Terms) -> Encoders:
    """How one set of books is told."""

    def entry(document: JournalEntry, at: Context) -> bytes:
        form = journal.FORMS[terms.form]
        return form.appended(journal.one_sided(document), journal.Terms(at.zone, terms.accounts))

    return {JournalEntry: entry}
