"""Messages as a warehouse would write them, for whoever tests the reading of them."""

from mappings.edifact import Terms, decoders
from mappings.kit import Context, code_lists, decode, zone
from tests.mappings.partners import READ_AT

UNB = "UNB+UNOC:3+DEPOT:14+ACME:14+261124:1015+77'"
ADVICE = ("BGM+351+D-1+9", "DTM+11:202611241015:203", "RFF+ON:F-1", "CPS+1",
          "LIN+1++4006381333931:EN", "PIA+1+CUP:SA", "QTY+12:2:PCE", "RFF+ON:F-1:1",
          "CNT+2:1")  # fmt: skip
RECEIVED = ("BGM+632+R-1+9", "DTM+50:20261124:102", "RFF+ON:N-1", "LIN+1", "PIA+5+CUP:SA")
COUNTED = ("BGM+35+I-1+9", "DTM+366:20261124:102", "LIN+1", "PIA+5+CUP:SA")


def message(kind, *body, una="UNA:+.? '", unb=UNB, version="D:96A:UN"):
    """An interchange of one message."""
    segments = [f"UNH+1+{kind}:{version}", *body, f"UNT+{len(body) + 2}+1", "UNZ+1+77"]
    return una + unb + "".join(f"{it}'" for it in segments)


def context():
    return Context("wh-ber", "acme", code_lists("edifact"), zone("Europe/Berlin"))


def read(told, at=None, **terms):
    """The documents of a text or bytes."""
    raw = told if isinstance(told, bytes) else told.encode()
    table = decoders(Terms(**{"clock": lambda: READ_AT, **terms}))
    return decode(table, "file", raw, at or context())
