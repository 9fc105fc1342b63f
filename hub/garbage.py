"""How often a long-lived process looks for garbage cycles."""

import gc

SELDOM = (400_000, 10, 10)


def collect_seldom() -> None:
    """What is loaded by now is never garbage, and what a request or a batch makes goes by itself
    when it ends: looking for cycles after every 700 objects took workers a tenth of their time, and
    a look at all that is loaded holds up every request of a gateway for as long as it takes.
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(*SELDOM)
