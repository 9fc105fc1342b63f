"""What every mapping uses: the context of a connection, types of wire fields, one reader each of
dates, numbers, words, countries and tracking numbers, and the decode and encode tables.
"""

from mappings.kit import numbers, times
from mappings.kit.context import Codes, Context, code_lists, noting, zone
from mappings.kit.tables import (
    Decoder,
    Decoders,
    Encoder,
    Encoders,
    decode,
    encode,
    shape,
    wire,
)
from mappings.kit.tracking import tracking_numbers
from mappings.kit.words import existing, laid_over, word

__all__ = [
    "Codes",
    "Context",
    "Decoder",
    "Decoders",
    "Encoder",
    "Encoders",
    "code_lists",
    "decode",
    "encode",
    "existing",
    "laid_over",
    "noting",
    "numbers",
    "shape",
    "times",
    "tracking_numbers",
    "wire",
    "word",
    "zone",
]
