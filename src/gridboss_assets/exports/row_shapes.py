"""How one row gives its values: by position, by key or by attribute."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import fields, is_dataclass
from operator import attrgetter, itemgetter
from typing import Any

from gridboss_assets.errors import InvalidRows
from gridboss_assets.exports.columns import Column

Shape = Callable[[list[Any], int], Iterable[Sequence[Any]]]
"""Takes some rows and the number of the first; gives each as a sequence of the columns' values."""

_TEXT = (str, bytes, bytearray, memoryview)


def names_of(row: Any) -> Sequence[str]:
    """Return the names that a row gives its own values; raises ``InvalidRows`` if it gives none."""
    if isinstance(row, Mapping):
        for name in row:
            if not isinstance(name, str):
                raise InvalidRows(f"Row 1 has the key {name!r}. Columns are named by text.")
        return list(row)
    own = _own_names(row)
    if own:
        return own
    raise InvalidRows(
        "The rows do not name their columns. Give `columns`, one for each value of a row."
    )


def shape_of(first: Any, columns: tuple[Column, ...], *, selects: bool) -> Shape:
    """Return how rows like the first one are read.

    ``selects``: the columns were asked for, so mappings may hold more than those.
    """
    names = [column.name for column in columns]
    if isinstance(first, Mapping):
        return _by_key(names, selects=selects)
    if not isinstance(first, Sequence) or _own_names(first):
        _no_text(first, 1)
        return _by_attribute(names)
    return by_position(None, columns)


def by_position(names: Sequence[str] | None, columns: tuple[Column, ...]) -> Shape:
    """Read sequences: all values in their order, or the ``columns`` among ``names``."""
    if names is None or [column.name for column in columns] == list(names):
        return _whole(len(columns))
    places = []
    for column in columns:
        if column.name not in names:
            raise InvalidRows(
                f"There is no column {column.name!r} in the rows. They have: {', '.join(names)}."
            )
        places.append(names.index(column.name))
    pick = _picker(itemgetter, places)

    def shape(chunk: list[Any], number: int) -> Iterable[Sequence[Any]]:
        del number
        return pick(chunk)

    return shape


def _own_names(row: Any) -> Sequence[str]:
    """Return the field names of a dataclass, a msgspec struct or a named tuple."""
    if is_dataclass(row) and not isinstance(row, type):
        return [field.name for field in fields(row)]
    own = getattr(row, "__struct_fields__", None) or getattr(row, "_fields", None)
    return own if isinstance(own, tuple) else ()


def _whole(width: int) -> Shape:
    """Read sequences of one length."""

    def shape(chunk: list[Any], number: int) -> Iterable[Sequence[Any]]:
        try:
            is_even = set(map(len, chunk)) == {width}
        except TypeError:
            is_even = False
        if not is_even or not set(map(type, chunk)) <= _SEQUENCES:
            _check(chunk, number, width)
        return chunk

    return shape


_SEQUENCES = {list, tuple}


def _check(chunk: list[Any], number: int, width: int) -> None:
    """Look for the row that does not fit."""
    for at, row in enumerate(chunk, number):
        if not isinstance(row, Sequence):
            raise InvalidRows(f"Row {at} is {a(row)}, and those before it are sequences.")
        _no_text(row, at)
        if len(row) != width:
            raise InvalidRows(f"Row {at} has {len(row)} values for {width} columns.")


def _by_key(names: list[str], *, selects: bool) -> Shape:
    pick = _picker(itemgetter, names)
    width = len(names)

    def shape(chunk: list[Any], number: int) -> Iterable[Sequence[Any]]:
        try:
            read = list(pick(chunk))
            if selects or set(map(len, chunk)) == {width}:
                return read
        except (LookupError, TypeError):
            pass
        for at, row in enumerate(chunk, number):
            if not isinstance(row, Mapping):
                raise InvalidRows(f"Row {at} is {a(row)}, and those before it are mappings.")
            missing = [name for name in names if name not in row]
            if missing:
                raise InvalidRows(f"Row {at} has no value for {missing[0]!r}.")
            unknown = [] if selects else [key for key in row if key not in names]
            if unknown:
                raise InvalidRows(
                    f"Row {at} has the key {unknown[0]!r}, which row 1 does not have. Give "
                    "`columns` to choose what is written."
                )
        return pick(chunk)

    return shape


def _by_attribute(names: list[str]) -> Shape:
    pick = _picker(attrgetter, names)

    def shape(chunk: list[Any], number: int) -> Iterable[Sequence[Any]]:
        try:
            return list(pick(chunk))
        except AttributeError:
            for at, row in enumerate(chunk, number):
                for name in names:
                    if not hasattr(row, name):
                        raise InvalidRows(f"Row {at} is {a(row)} without {name!r}.") from None
            raise

    return shape


def _picker(
    getter: Callable[..., Callable[[Any], Any]], of: Sequence[Any]
) -> Callable[[list[Any]], Iterable[Sequence[Any]]]:
    """Return what picks several values out of each row, all of it in C."""
    get = getter(*of)
    if len(of) == 1:  # the getters then give the value itself
        return lambda chunk: zip(map(get, chunk), strict=True)
    return lambda chunk: map(get, chunk)


def _no_text(row: Any, number: int) -> None:
    if row is None or isinstance(row, (*_TEXT, int, float, AbstractSet)):
        raise InvalidRows(f"Row {number} is {a(row)}. A row is a sequence or a mapping of values.")


def a(value: Any) -> str:
    """Name a value's type in a sentence; never the value, which may be private."""
    name = type(value).__name__
    return f"{'an' if name[:1] in 'aeiouAEIOU' else 'a'} {name}"
