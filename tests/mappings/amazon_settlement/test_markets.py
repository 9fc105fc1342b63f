"""Reports as sellers of other markets have them: languages, dates, spreadsheets."""

from decimal import Decimal

import pytest

from hub.model.errors import BadData
from tests.mappings.partners import PARTNERS

AMAZON = PARTNERS["amazon_settlement"]
HEADS = (
    "settlement-id", "settlement-start-date", "settlement-end-date", "deposit-date",
    "total-amount", "currency", "transaction-type", "order-id", "amount-type",
    "amount-description", "amount", "posted-date",
)  # fmt: skip
ENGLISH = (
    "date/time", "settlement id", "type", "order id", "sku", "description", "quantity",
    "marketplace", "order postal", "product sales", "product sales tax", "selling fees",
    "fba fees", "other transaction fees", "other", "total",
)  # fmt: skip
MARKETS = {
    "com": (ENGLISH, "Nov 2, 2026 1:05:31 PM PST", ("Order", "Refund", "Transfer")),
    "co.uk": (ENGLISH, "2 Nov 2026 21:05:31 UTC", ("Order", "Refund", "Transfer")),
    "de": (
        (
            "Datum/Uhrzeit", "Abrechnungsnummer", "Typ", "Bestellnummer", "SKU", "Beschreibung",
            "Menge", "Marketplace", "Postleitzahl", "Umsätze", "Produktumsatzsteuer",
            "Verkaufsgebühren", "Gebühren zu Versand durch Amazon", "Andere Transaktionsgebühren",
            "Andere", "Gesamt",
        ),
        "02.11.2026 21:05:31 UTC",
        ("Bestellung", "Erstattung", "Übertrag"),
    ),
    "fr": (
        (
            "date/heure", "numéro de versement", "type", "numéro de la commande", "sku",
            "description", "quantité", "Marketplace", "code postal de la commande",
            "ventes de produits", "Taxes sur la vente des produits", "frais de vente",
            "Frais Expédié par Amazon", "autres frais de transaction", "autre", "total",
        ),
        "2 nov. 2026 21:05:31 UTC",
        ("Commande", "Remboursement", "Transfert"),
    ),
    "it": (
        (
            "Data/Ora:", "Numero pagamento", "Tipo", "Numero ordine", "SKU", "Descrizione",
            "Quantità", "Marketplace", "CAP dell'ordine", "Vendite", "imposta sulle vendite",
            "Commissioni di vendita", "Costi del servizio Logistica di Amazon",
            "Altri costi relativi alle transazioni", "Altro", "totale",
        ),
        "2 nov 2026 21:05:31 UTC",
        ("Ordine", "Rimborso", "Trasferimento"),
    ),
    "es": (
        (
            "fecha y hora", "identificador de pago", "tipo", "número de pedido", "sku",
            "descripción", "cantidad", "web de Amazon", "código postal", "ventas de productos",
            "impuesto de ventas de productos", "tarifas de venta", "tarifas de Logística de Amazon",
            "tarifas de otras transacciones", "otro", "total",
        ),
        "2 nov 2026 21:05:31 UTC",
        ("Pedido", "Reembolso", "Transferir"),
    ),
    "nl": (
        (
            "datum/tijd", "schikkings-ID", "type", "bestelnummer", "sku", "beschrijving", "aantal",
            "marketplace", "postcode", "verkoop van producten", "omzetbelasting", "verkoopkosten",
            "fba-vergoedingen", "overige transactiekosten", "overige", "totaal",
        ),
        "2 nov. 2026 21:05:31 UTC",
        ("Bestelling", "Terugbetaling", "Overboeking"),
    ),
    "se": (
        (
            "datum/tid", "reglerings-id", "typ", "beställnings-id", "sku", "beskrivning", "antal",
            "marknadsplats", "postadress", "försäljning av produkter", "inkasserad moms",
            "försäljningsavgifter", "fba-avgifter", "övriga transaktionsavgifter", "övrigt",
            "totalt",
        ),
        "2 nov. 2026 21:05:31 UTC",
        ("Beställning", "Återbäring", "Överföring"),
    ),
    "pl": (
        (
            "data/godzina", "identyfikator rozliczenia", "typ", "identyfikator zamówienia", "sku",
            "opis", "ilość", "rynek", "przekaz pocztowy", "sprzedaż produktów", "pobrany podatek",
            "opłaty za sprzedaż", "opłaty za fba", "inne opłaty transakcyjne", "inne", "suma",
        ),
        "2 lis 2026 21:05:31 UTC",
        ("Zamówienie", "Zwrot kosztów", "Przelew"),
    ),
    "co.jp": (
        (
            "日付/時間", "決済番号", "トランザクションの種類", "注文番号", "SKU", "説明", "数量",
            "Amazon 出品サービス", "郵便番号", "商品売上", "商品の売上税", "手数料", "FBA 手数料",
            "トランザクションに関するその他の手数料", "その他", "合計",
        ),
        "2026/11/03 6:05:31 JST",
        ("注文", "返金", "振込み"),
    ),
}  # fmt: skip
CURRENCIES = {"com": "USD", "co.uk": "GBP", "se": "SEK", "pl": "PLN", "co.jp": "JPY"}
POINTED = frozenset({"com", "co.uk", "co.jp"})


def shown(market, amount):
    return f"{amount:,.2f}" if market in POINTED else f"{amount:.2f}".replace(".", ",")


def row(market, moment, word, order, *amounts):
    texts = [shown(market, Decimal(amount)) for amount in amounts]
    return [moment, "9005", word, order, "CUP", "A cup", "1", f"amazon.{market}", "", *texts]


def written(market, said="", mark=",", paid=-1000):
    heads, moment, (order, refund, transfer) = MARKETS[market]
    table = [
        heads,
        row(market, moment, order, "305-1", 1200, 0, -100, -50, 0, 0, 1050),
        row(market, moment, refund, "305-2", -60, 0, 10, 0, 0, 0, -50),
        row(market, moment, transfer, "", 0, 0, 0, 0, 0, -1000, paid),
    ]
    lines = ['"' + f'"{mark}"'.join(cells) + '"' for cells in table]
    words = f"All amounts in {said}" if said else "More"
    return "\n".join(["Words of a seller's page", words, *lines])


@pytest.mark.parametrize("market", MARKETS)
@pytest.mark.parametrize("mark", [",", ";"])
def test_transactions_are_read_in_the_language_of_their_market(market, mark):
    (told,) = AMAZON.read("report", written(market, mark=mark).encode("utf-8-sig"))
    assert [(it.kind, it.gross, it.fee, it.net) for it in told.lines] == [
        ("sale", 1200, 150, 1050),
        ("refund", -60, -10, -50),
        ("payout", -1000, 0, -1000),
    ]
    assert {f"{it.at:%Y-%m-%dT%H:%M:%S}" for it in told.lines} == {"2026-11-02T21:05:31"}
    assert [it.channel_order_id for it in told.lines] == ["305-1", "305-2", None]
    assert (told.currency, told.payout.amount) == (CURRENCIES.get(market, "EUR"), 1000)


def test_the_words_before_the_table_say_the_currency():
    (told,) = AMAZON.read("report", written("de", "CHF").encode())
    assert told.currency == "CHF"


def test_a_row_that_does_not_come_to_its_total_is_refused():
    with pytest.raises(BadData) as wrong:
        AMAZON.read("report", written("de", paid=-995).encode())
    assert (wrong.value.code, wrong.value.path) == ("totals_differ", "line 6.gesamt")


def flat(days, mark="\t", before=""):
    start, end, posted = days
    head = ["9004", start, end, end, "25.50", "EUR", *[""] * 6]
    parts = (("Principal", "30.00"), ("Commission", "-4.50"))
    rows = [
        ["9004", "", "", "", "", "", "Order", "305-1", "ItemPrice", said, amount, posted]
        for said, amount in parts
    ]
    return (before + "\n".join(mark.join(cells) for cells in (HEADS, head, *rows))).encode()


@pytest.mark.parametrize(
    "days",
    [
        ("2026-11-01 00:00:00 UTC", "2026-11-15 00:00:00 UTC", "2026-11-03"),
        ("01.11.2026 00:00:00 UTC", "15.11.2026 00:00:00 UTC", "03.11.2026"),
        ("01/11/2026 00:00:00 UTC", "15/11/2026 00:00:00 UTC", "03/11/2026"),
        ("11/01/2026 00:00:00 UTC", "11/15/2026 00:00:00 UTC", "11/03/2026"),
        ("01/11/2026 00:00:00 UTC", "12/11/2026 00:00:00 UTC", "03/11/2026"),
        ("11/01/2026 00:00:00 UTC", "11/12/2026 00:00:00 UTC", "11/03/2026"),
    ],
)
@pytest.mark.parametrize("mark", ["\t", ";", ","])
@pytest.mark.parametrize("before", ["", "Settlement of November\n\n"])
def test_all_days_of_a_file_tell_which_part_of_them_is_the_month(days, mark, before):
    (told,) = AMAZON.read("report", flat(days, mark, before))
    assert f"{told.period.start:%Y-%m-%d}" == "2026-11-01"
    assert {f"{it.at:%Y-%m-%d}" for it in told.lines} == {"2026-11-03"}
    assert told.payout.amount == Decimal("25.50")


def test_days_that_could_be_either_are_refused():
    with pytest.raises(BadData) as wrong:
        AMAZON.read("report", flat(("03/04/2026", "03/04/2026", "03/04/2026")))
    assert wrong.value.code == "bad_time"
