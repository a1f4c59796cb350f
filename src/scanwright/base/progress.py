"""How long work says how far it is: three methods, silent by default."""

from typing import Protocol


class Progress(Protocol):
    """Told how far a piece of work is."""

    def begin(self, stage: str, total: float, unit: str = "") -> None:
        """Open a stage of `total` units."""

    def step(self, amount: float = 1, note: str = "") -> None:
        """Advance the open stage by `amount`; `note` is a short current figure."""

    def end(self) -> None:
        """Close the open stage."""


class Silent:
    """Progress that nobody watches."""

    def begin(self, stage: str, total: float, unit: str = "") -> None:
        """Do nothing."""

    def step(self, amount: float = 1, note: str = "") -> None:
        """Do nothing."""

    def end(self) -> None:
        """Do nothing."""


SILENT = Silent()
