"""Counting the rows that an encoder reads, without slowing it down."""

from collections.abc import Callable, Iterator, Sequence
from itertools import chain, islice
from typing import Any

from gridboss_assets.exports.columns import Table

PROGRESS_ROWS = 1000
"""About how many rows lie between two calls of ``progress``."""

# Rows are taken by so many at once, which costs nothing for each; few, since they may be wide.
_BATCH = 64


class Counter:
    """Counts rows over all tables of one export.

    ``progress`` hears how many there are, about every 1,000 rows. What it raises is raised where
    the rows are read.
    """

    def __init__(self, progress: Callable[[int], object] | None) -> None:
        self.rows = 0
        self._progress = progress
        self._told = 0

    def counted(self, table: Table) -> Table:
        """Return the same table, whose rows are counted as they are read."""
        return Table(table.columns, chain.from_iterable(self._batches(table.rows)))

    def tell(self) -> None:
        """Tell ``progress`` how many rows there are now."""
        self._told = self.rows
        if self._progress is not None:
            self._progress(self.rows)

    def _batches(self, rows: Iterator[Sequence[Any]]) -> Iterator[list[Sequence[Any]]]:
        while batch := list(islice(rows, _BATCH)):
            yield batch
            self.rows += len(batch)
            if self.rows - self._told >= PROGRESS_ROWS:
                self.tell()
