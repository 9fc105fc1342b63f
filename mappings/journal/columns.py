"""The columns of a DATEV booking batch, format version 9 of interface version 700."""

from itertools import chain

_KINDS = ("Beleginfo", 8), ("Zusatzinformation", 20)
_BELEG, _MORE = (
    [f"{kind} - {what} {n}" for n in range(1, count + 1) for what in ("Art", "Inhalt")]
    for kind, count in _KINDS
)

TEXTS = frozenset(
    {
        "Soll/Haben-Kennzeichen", "WKZ Umsatz", "WKZ Basisumsatz", "BU-Schlüssel", "Belegfeld 1",
        "Belegfeld 2", "Buchungstext", "Diverse Adressnummer", "Beleglink", *_BELEG, *_MORE,
        "KOST1 - Kostenstelle", "KOST2 - Kostenstelle", "EU-Land u. USt-IdNr.",
        "Abw. Versteuerungsart", "Forderungsart", "Auftragsnummer", "Buchungstyp",
        "EU-Mitgliedstaat (Anzahlungen)", "Herkunft-Kz", "Leerfeld", "SEPA-Mandatsreferenz",
        "Gesellschaftername", "Identifikationsnummer", "Zeichnernummer",
        "Bezeichnung SoBil-Sachverhalt",
    }
)  # fmt: skip
"""Columns whose values stand in quotation marks, also where they are empty."""

COLUMNS = tuple(
    chain(
        ("Umsatz (ohne Soll/Haben-Kz)", "Soll/Haben-Kennzeichen", "WKZ Umsatz", "Kurs"),
        ("Basisumsatz", "WKZ Basisumsatz", "Konto", "Gegenkonto (ohne BU-Schlüssel)"),
        ("BU-Schlüssel", "Belegdatum", "Belegfeld 1", "Belegfeld 2", "Skonto", "Buchungstext"),
        ("Postensperre", "Diverse Adressnummer", "Geschäftspartnerbank", "Sachverhalt"),
        ("Zinssperre", "Beleglink", *_BELEG, "KOST1 - Kostenstelle", "KOST2 - Kostenstelle"),
        ("Kost-Menge", "EU-Land u. USt-IdNr.", "EU-Steuersatz", "Abw. Versteuerungsart"),
        ("Sachverhalt L+L", "Funktionsergänzung L+L", "BU 49 Hauptfunktionstyp"),
        ("BU 49 Hauptfunktionsnummer", "BU 49 Funktionsergänzung", *_MORE, "Stück", "Gewicht"),
        ("Zahlweise", "Forderungsart", "Veranlagungsjahr", "Zugeordnete Fälligkeit", "Skontotyp"),
        ("Auftragsnummer", "Buchungstyp", "USt-Schlüssel (Anzahlungen)"),
        ("EU-Mitgliedstaat (Anzahlungen)", "Sachverhalt L+L (Anzahlungen)"),
        ("EU-Steuersatz (Anzahlungen)", "Erlöskonto (Anzahlungen)", "Herkunft-Kz", "Leerfeld"),
        ("KOST-Datum", "SEPA-Mandatsreferenz", "Skontosperre", "Gesellschaftername"),
        ("Beteiligtennummer", "Identifikationsnummer", "Zeichnernummer", "Postensperre bis"),
        ("Bezeichnung SoBil-Sachverhalt", "Kennzeichen SoBil-Buchung", "Festschreibung"),
        ("Leistungsdatum", "Datum Zuord. Steuerperiode"),
    )
)
