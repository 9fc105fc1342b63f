"""UBL 2.1 by EN 16931 and Peppol BIS Billing 3 <-> invoices and credit notes; these as PDF too.

Source: OASIS UBL 2.1 (Invoice, CreditNote), Peppol BIS Billing 3.0, EN 16931-1.
"""

from mappings.ubl.files import FORMS, export
from mappings.ubl.reading import read
from mappings.ubl.writing import write

__all__ = ["FORMS", "export", "read", "write"]
