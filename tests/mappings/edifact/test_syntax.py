"""Signs, wraps, character sets and envelopes as real files have them, and what is not whole."""

import pytest

from hub.model.errors import BadData
from mappings.edifact import interchanges
from mappings.edifact.syntax import Separators, segments, separators, written
from tests.mappings.edifact.told import ADVICE, UNB, context, message, read

WHOLE = message("DESADV", *ADVICE)
BARE = message("DESADV", *ADVICE, una="")
LINES = BARE.replace("'", "\n")
OTHER = str.maketrans({":": "|", "+": "*", "'": "~"})
LEVEL_B = str.maketrans({":": "\x1f", "+": "\x1d", "'": "\x1c"})
OTHER_NOTE = "NAD+DP+++Müller"


def wrapped(width, end):
    return end.join(WHOLE[at : at + width] for at in range(0, len(WHOLE), width))


@pytest.mark.parametrize(
    "text",
    [
        WHOLE, BARE, WHOLE.replace("'", "'\r\n"), WHOLE.replace("'", "'\n\t"),
        WHOLE.replace("? '", "?'", 1), WHOLE.translate(OTHER), BARE.translate(OTHER),
        BARE.replace("UNOC", "UNOB").translate(LEVEL_B),
        LINES, LINES.replace("\n", "\r\n"), f"UNA:+.? \n{LINES}",
        wrapped(80, "\r\n"), wrapped(20, "\n"), f"\ufeff{WHOLE}", f" \r\n{WHOLE}",
        f"{WHOLE}\x00\x1a",
        WHOLE[:-1], BARE[BARE.index("UNH") : BARE.index("UNZ")], WHOLE.replace("LIN+", "lin+"),
        WHOLE.replace("UNT+11+1", "UNT+0011+0001"), WHOLE.replace("D:96A", "0:96A"),
        WHOLE.replace("D:96A:UN", "D:01B:UN:EAN007"), WHOLE.replace(":D:96A:UN", ""),
        WHOLE.replace("UNH+1", "UNG+DESADV+A+B+261124:1015+5+UN+D:96A'UNH+1").replace(
            "UNZ", "UNE+1+5'UNZ"),
    ],
)  # fmt: skip
def test_whatever_parts_it_a_whole_message_reads_alike(text):
    at = context()
    (shipment,) = read(text, at)
    assert at.warnings == []
    assert shipment.fulfilment_order_id == "F-1"
    (line,) = shipment.packages[0].lines
    assert (line.line_no, line.sku, line.item_code, line.quantity) == (1, "CUP", "4006381333931", 2)


@pytest.mark.parametrize(
    ("text", "path"),
    [
        (WHOLE[: WHOLE.index("UNZ")], "UNZ"),
        (WHOLE[: WHOLE.index("UNT")], "UNZ"),
        (WHOLE[: WHOLE.index("QTY") + 6], "UNZ"),
        (WHOLE.replace("UNT+11+1'", ""), "UNT"),
        (WHOLE.replace("UNT+11", "UNT+12"), "UNT"),
        (WHOLE.replace("UNT+11+1", "UNT+11+2"), "UNT"),
        (WHOLE.replace("UNZ+1", "UNZ+2"), "UNZ"),
        (WHOLE.replace("UNZ+1+77", "UNZ+1+78"), "UNZ"),
        (WHOLE.replace("UNZ+1+77'", "UNZ+1+77?'"), "UNZ"),
        (WHOLE.replace("UNZ", "QTY+12:5'UNZ"), "QTY"),
        (WHOLE.replace("UNZ", "UNE+1+5'UNZ"), "UNE"),
        (f"{UNB}UNZ+0+77'", "UNH"),
        (message("DESADV", "BGM+351+D-1", "RFF+ON:F-1", "QTY+12:2", "LIN+1++X:EN"), "QTY"),
    ],
)
def test_what_may_be_half_of_what_was_meant_is_refused_as_a_whole(text, path):
    with pytest.raises(BadData) as wrong:
        read(text)
    assert (wrong.value.path, wrong.value.code) == (path, "bad_envelope")


def test_one_message_that_is_not_whole_keeps_the_others_of_its_file_from_being_half_applied():
    second = message("DESADV", *ADVICE)
    both = WHOLE[: WHOLE.index("UNZ")] + second[second.index("UNH") :].replace("UNT+11", "UNT+9")
    with pytest.raises(BadData):
        read(both.replace("UNZ+1", "UNZ+2"))


def test_what_counts_wrongly_is_read_where_that_was_agreed():
    at = context()
    (shipment,) = read(WHOLE.replace("UNT+11+1", "UNT+99+2"), at, lenient=True)
    assert shipment.fulfilment_order_id == "F-1"
    assert [(it.code, it.path) for it in at.warnings] == [("envelope", "UNT"), ("envelope", "UNT")]
    with pytest.raises(BadData):
        read(WHOLE.replace("UNT+11+1'", ""), lenient=True)


@pytest.mark.parametrize(
    "text", ["", "<html>", "a;b;c", "ISA*00*", "UNA:+.? '", "UNB", WHOLE.lower()]
)
def test_what_is_no_edifact_is_refused_in_words(text):
    with pytest.raises(BadData) as wrong:
        read(text)
    assert (wrong.value.path, wrong.value.code) == ("UNB", "bad_data")


def test_several_interchanges_of_one_file_may_use_signs_of_their_own():
    for between in ("", "\r\n"):
        sent = list(interchanges((WHOLE + between + BARE.translate(OTHER)).encode()))
        assert [(it.faults, len(it.messages)) for it in sent] == [((), 1), ((), 1)]
    without_end = list(interchanges((WHOLE[:-1] + "\n" + WHOLE).encode()))
    assert [it.faults for it in without_end] == [(), ()]


def test_a_una_that_the_file_does_not_keep_to_is_noted():
    at = context()
    (shipment,) = read(WHOLE.replace("UNA:+.? '", "UNA|*.? ~"), at)
    assert shipment.packages[0].lines[0].quantity == 2
    assert [it.path for it in at.warnings] == ["UNA"]


@pytest.mark.parametrize(
    ("encoding", "name", "misnamed"),
    [
        ("latin-1", "UNOC", False), ("utf-8", "UNOC", True), ("utf-8-sig", "UNOC", True),
        ("utf-8", "UNOY", False), ("utf-8", "UNOA", True), ("latin-1", "UNOA", True),
        ("iso8859-2", "UNOD", False), ("utf-16", "UNOC", True), ("cp1252", "UNOY", True),
    ],
)  # fmt: skip
def test_what_the_bytes_are_counts_and_a_misnomer_is_noted(encoding, name, misnamed):
    text = message("DESADV", *ADVICE[:3], OTHER_NOTE, *ADVICE[3:]).replace("UNOC", name)
    (sent,) = interchanges(text.encode(encoding))
    (note,) = (it for it in sent.messages[0].segments if it.name == "NAD")
    assert note.at(4) == "Müller"
    assert (sent.envelope.misnamed is not None) is misnamed


def test_windows_quotes_and_euros_are_read_where_latin_1_was_named():
    text = message("DESADV", *ADVICE[:3], "FTX+AAI+++10 € “ok”", *ADVICE[3:])
    (sent,) = interchanges(text.encode("cp1252"))
    (note,) = (it for it in sent.messages[0].segments if it.name == "FTX")
    assert note.at(4) == "10 € “ok”"


def test_a_released_sign_is_text_and_so_is_a_released_line_end():
    marks = Separators()
    (told,) = segments("RFF+ON:F?+1?:x?'y??+a?\nb\n'", marks)
    assert told == (("RFF",), ("ON", "F+1:x'y?"), ("a\nb",))
    assert written([told], marks) == "RFF+ON:F?+1?:x?'y??+a\nb'\n"


def test_elements_that_repeat_count_once_from_syntax_4_on():
    four = UNB.replace("UNOC:3", "UNOC:4")
    body = [it.replace("CUP:SA", "CUP:SA*LID:SA") for it in ADVICE]
    (shipment,) = read(message("DESADV", *body, una="", unb=four))
    assert shipment.packages[0].lines[0].sku == "CUP"
    (shipment,) = read(message("DESADV", *[it.replace("CUP", "C*P") for it in ADVICE]))
    assert shipment.packages[0].lines[0].sku == "C*P"
    assert separators(message("DESADV", unb=four, una="UNA:+.?*'")).marks.repetition == "*"
