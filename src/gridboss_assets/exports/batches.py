"""Rows in batches that make about as many bytes each, however wide they are."""

from collections.abc import Iterator, Sequence
from itertools import islice
from typing import Any

# Fits into the processor's cache together with what is made of it.
TARGET_BYTES = 64 * 1024
_MOST_ROWS = 1024


class Batches:
    """Takes rows in batches; ``wrote`` says how many bytes the last one made."""

    def __init__(self, rows: Iterator[Sequence[Any]]) -> None:
        self._rows = rows
        self._size = 16
        self.first = 1
        """The number of the first row of the batch at hand, from 1."""

    def __iter__(self) -> Iterator[list[Sequence[Any]]]:
        """Go through the batches, none of them empty."""
        while batch := list(islice(self._rows, self._size)):
            yield batch
            self.first += len(batch)

    def wrote(self, rows: int, size: int) -> None:
        """Choose the size of the next batch by what this one made."""
        self._size = max(1, min(_MOST_ROWS, TARGET_BYTES * rows // max(size, 1)))
