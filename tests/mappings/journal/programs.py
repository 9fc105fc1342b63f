"""Books in plain text, checked and added up by the programs that keep them."""

import shutil
import subprocess
import sys
from decimal import Decimal
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path

PROGRAMS = ("beancount", "hledger")


def is_there(program: str) -> bool:
    """Whether it is installed."""
    if program == "beancount":
        return find_spec(program) is not None
    return shutil.which(program) is not None


def balances(program: str, file: Path, currency: str = "EUR") -> dict[str, Decimal]:
    """Account -> money of a currency, as the program says once it has found the file right. An
    error where it does not.
    """
    return {"beancount": _beancount, "hledger": _hledger}[program](file, currency)


def _beancount(file: Path, currency: str) -> dict[str, Decimal]:
    subprocess.run([Path(sys.executable).with_name("bean-check"), file], check=True)
    loader, realization = map(import_module, ("beancount.loader", "beancount.core.realization"))
    booked, errors, _ = loader.load_file(str(file))
    assert not errors
    leaves = realization.iter_children(realization.realize(booked), leaf_only=True)
    return {it.account: it.balance.get_currency_units(currency).number for it in leaves}


def _hledger(file: Path, currency: str) -> dict[str, Decimal]:
    asked = ["hledger", "-f", file]
    subprocess.run([*asked, "check"], check=True, capture_output=True)
    out = subprocess.run(
        [*asked, "bal", "-E", "-N", "--flat", "-O", "csv", f"cur:{currency}"],
        check=True,
        capture_output=True,
        text=True,
    ).stdout
    rows = (line.strip('"').split('","') for line in out.splitlines()[1:])
    return {account: Decimal(worth.removesuffix(f" {currency}")) for account, worth in rows}
