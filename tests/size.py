"""How large a test is: in every run as its promise says, in `benchmarks/soak` ten times as large and more."""

import os

SOAK = bool(os.environ.get("ZHUNSHENG_SOAK"))


def sized(usual: int, soak: int) -> int:
    """Return how many: in every run, or in the soak."""
    return soak if SOAK else usual
