"""A correction by hand, as a person enters it."""

from hub.model.document import Amount, Currency, Id, Text, Value


class Correcting(Value):
    """A correction in favour of the merchant; negative: of the operator."""

    merchant: Id
    currency: Currency
    amount: Amount
    reason: Text
