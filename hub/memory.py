"""How a long-lived process keeps its memory: few arenas, and garbage cycles looked for seldom."""

import ctypes
import gc

SELDOM = (400_000, 10, 10)
_ARENAS, _M_ARENA_MAX = 2, -8
"""`mallopt`'s parameter by its number in glibc's malloc.h."""


def few_arenas() -> None:
    """glibc gives each thread an arena of its own, up to eight for each core, and what is freed in
    one serves no other: a worker of many threads would grow for days. Two are enough where one
    thread at a time runs Python. To be called before there are threads; other C libraries have no
    such knob.
    """
    mallopt = getattr(ctypes.CDLL(None), "mallopt", None)
    if mallopt is not None:
        mallopt(_M_ARENA_MAX, _ARENAS)


def collect_seldom() -> None:
    """What is loaded by now is never garbage, and what a request or a batch makes goes by itself
    when it ends: looking for cycles after every 700 objects took workers a tenth of their time, and
    a look at all that is loaded holds up every request of a gateway for as long as it takes.
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(*SELDOM)
