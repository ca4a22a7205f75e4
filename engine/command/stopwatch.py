"""How long each step of a command took."""

from time import perf_counter

from rich.console import Console


class Stopwatch:
    """Prints how long each step took, on the error output, when somebody asked for it."""

    def __init__(self, *, wanted: bool) -> None:
        self.wanted, self.start = wanted, perf_counter()
        self.out = Console(stderr=True, highlight=False, markup=False)
        self.last = self.start

    def told(self, step: str) -> None:
        """Note that a step is done."""
        now = perf_counter()
        if self.wanted:
            self.out.print(f"{(now - self.last) * 1000:8.1f} 毫秒  {step}")
        self.last = now

    def whole(self) -> None:
        """Print how long everything took."""
        self.last = self.start
        self.told("合计")
