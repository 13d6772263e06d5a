"""What an export shows of a row: its columns, and rows as a table of them."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Literal

Align = Literal["auto", "left", "right", "center"]
Format = Literal["csv", "json", "pdf", "zip"]


@dataclass(frozen=True, slots=True)
class Column:
    """One column. ``name`` finds the value in a row, ``label`` is what a reader sees above it.

    ``align`` and ``format`` are for print: ``auto`` puts figures to the right, and ``format``
    turns a value into text (``"{:.3f}".format``, say). CSV and JSON carry the values themselves.
    """

    name: str
    label: str = ""
    align: Align = "auto"
    format: Callable[[Any], str] | None = None

    @property
    def title(self) -> str:
        """What stands above the column."""
        return self.label or self.name


@dataclass(frozen=True, slots=True)
class Table:
    """Rows that are read once: each a sequence with one value for each column, in their order."""

    columns: tuple[Column, ...]
    rows: Iterator[Sequence[Any]]
