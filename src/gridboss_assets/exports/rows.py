"""Rows from wherever an application has them, as a table: read once, in pieces, never all at once.

::

    table_of(lap_times(), ["driver", "lap", "seconds"])           # any iterable of sequences
    table_of([{"driver": "Ana", "points": 25}])                   # mappings name their columns
    table_of(connection.execute(select(results)))                 # a SQLAlchemy result
    table_of(pyarrow.table({"driver": ["Ana"], "points": [25]}))  # Arrow, polars, pandas

What names its values (mappings, dataclasses, named tuples, msgspec structs, database rows, Arrow)
is read by name: ``columns`` then selects and orders, and may be left out. Sequences are read by
position and need ``columns``. No row is skipped, cut or filled up: one that does not fit raises
``InvalidRows`` with its number, counted from 1.
"""

from asyncio import AbstractEventLoop
from collections.abc import AsyncIterable, Iterable, Iterator, Sequence
from itertools import chain
from typing import Any

from gridboss_assets.errors import InvalidRows
from gridboss_assets.exports import row_shapes, row_sources
from gridboss_assets.exports.columns import Column, Table


def table_of(
    rows: Iterable[Any] | AsyncIterable[Any],
    columns: Sequence[Column | str] | None = None,
    *,
    loop: AbstractEventLoop | None = None,
) -> Table:
    """Make a table of rows; the first few are read at once where they name the columns.

    Asynchronous rows are read in this thread by an event loop of their own, or by ``loop``, which
    then runs in another thread. No rows and no ``columns`` are a table without columns.
    Raises ``InvalidRows``, also while the table's rows are read.
    """
    chosen = None if columns is None else _columns(columns)
    source = row_sources.source_of(rows, loop)
    if source.names is not None:
        shown = chosen or _columns(source.names)
        shape = row_shapes.by_position(source.names, shown)
        return Table(shown, _read(source.chunks, shape))
    first = next(source.chunks, None)
    if first is None:
        return Table(chosen or (), iter(()))
    shown = chosen or _columns(row_shapes.names_of(first[0]))
    shape = row_shapes.shape_of(first[0], shown, selects=chosen is not None)
    return Table(shown, _read(_begun(first, source.chunks), shape))


def _columns(columns: Sequence[Column | str]) -> tuple[Column, ...]:
    if isinstance(columns, str) or not columns:
        raise InvalidRows("Give the columns as a list of names, one at least.")
    return tuple(each if isinstance(each, Column) else Column(each) for each in columns)


def _begun(first: list[Any], rest: Iterator[list[Any]]) -> Iterator[list[Any]]:
    """Put the first chunk back before the others, so that closing this closes them."""
    yield first
    yield from rest


def _read(chunks: Iterator[list[Any]], shape: row_shapes.Shape) -> Iterator[Sequence[Any]]:
    # A chain runs in C: what is done for each row is not slowed down by a generator for each.
    return chain.from_iterable(_shaped(chunks, shape))


def _shaped(
    chunks: Iterator[list[Any]], shape: row_shapes.Shape
) -> Iterator[Iterable[Sequence[Any]]]:
    number = 1
    for chunk in chunks:
        yield shape(chunk, number)
        number += len(chunk)
