"""Readers: bytes -> tree, with the limits of the bad-input catalogue. One reader per format, used
everywhere.

Two tempers. Without `warn` they are strict: the Open API's own contract. With it they read a
partner's delivery as well as it can be: free text is cleaned (`Cleaned`), numbers stay the text
that they are, and what is odd is warned of by its place. What is not JSON or XML, is too deep or
too large, or doubles a key is refused by both.
"""

from mappings.reading.json_text import (
    MAX_DEPTH,
    MAX_KEY,
    MAX_NODES,
    MAX_STRING,
    read_json,
    read_json_object,
)
from mappings.reading.texts import Warn, mended_text, silently, warn_of_text
from mappings.reading.xml_text import read_xml

__all__ = [
    "MAX_DEPTH",
    "MAX_KEY",
    "MAX_NODES",
    "MAX_STRING",
    "Warn",
    "mended_text",
    "read_json",
    "read_json_object",
    "read_xml",
    "silently",
    "warn_of_text",
]
