"""Published reports of payment providers, and what the lines of each come to."""

TOLD = {
    "adyen/payments_accounting_report_nyce.csv": [("10.02", None)],
    "adyen/settlement_detail_report_donation.csv": [("0.76", "0.76")],
    "adyen/settlement_detail_report_invoice_deduction.csv": [("-0.03", None)],
    "paypal/stl_currency_convert.csv": [("0.00", None), ("3.27", None)],
    "paypal/stl_dr_payment.csv": [("363.00", None)],
    "paypal/trr_dr_payment.csv": [("-154.99", None)],
    "paypal/trr_express_checkout_donation.csv": [("107", None)],
    "paypal/trr_express_checkout_recurring_donation.csv": [("107", None)],
    "paypal/trr_express_checkout_refund.csv": [("-107", None)],
    "paypal/trr_grant.csv": [("500.00", None)],
    "shopify_payments/payout.json": [("41.90", "41.90")],
    "shopify_payments/payouts.json": [("41.90", "41.90"), ("41.90", "41.90")],
}
"""File -> what is left by the lines of each report, the payout aside, and what was paid out."""
LYING = {
    "adyen/settlement_detail_report_refund.csv": r"says 4\.03, its lines come to -2\.80",
    "other_psp/checkoutcom_payouts.csv": r"says 79\.51, its lines come to 79\.45",
    "other_psp/trustly_recon_P11KREC.csv": r"says 71, its lines come to 2",
    "paypal/stl.csv": r"says 1\.34, its lines come to 2\.34",
    "shopify_payments/payouts_transactions.json": r"says 41\.90, its lines come to 81\.38",
}
"""File -> the figure that it says, which is not what its rows come to."""
SILENT = (
    "paypal/sar_classic_subscr_signup.csv",
    "shopify_payments/balance.json",
    "shopify_payments/refund.json",
    "shopify_payments/tender_transactions.json",
    "shopify_payments/transactions.json",
)
BY_FILE = {"checkoutcom_payouts.csv": "checkout", "trustly_recon_P11KREC.csv": "trustly"}
"""Whose a file is that lies with those of others."""


def partner_of(name: str) -> str:
    """Whose adapter reads a file."""
    folder, _, file = name.partition("/")
    return BY_FILE.get(file, folder)


PUBLISHED = frozenset(map(partner_of, (*TOLD, *LYING, *SILENT)))
"""Whose reports these are."""
