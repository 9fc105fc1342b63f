"""PayPal's settlement and transaction detail reports, posted by whoever fetches them."""

from pydantic import Field

from adapters.kit.files.posted import Posted, described
from mappings.kit import Decoders
from mappings.paypal import Hundredths, decoders


class Settings(Posted):
    """Settings and secrets of a PayPal connection."""

    hundredths: Hundredths = Field(
        "always", description="amounts of yen and the like: in hundredths too, or by_currency"
    )


def _decoders(settings: Settings) -> Decoders:
    return decoders(settings.hundredths)


ADAPTER = described(Settings, _decoders)
