"""The formats by name: who writes one, with which options, and what its files are called."""

import importlib
from collections.abc import Iterator
from typing import Any

from gridboss_assets.errors import UnsupportedFormat
from gridboss_assets.exports.columns import Format, Table
from gridboss_assets.exports.encode_json import JsonOptions
from gridboss_assets.kinds import EXPORT, NDJSON, ContentType


def encode(table: Table, format: Format, options: Any = None) -> Iterator[bytes]:  # noqa: A002 - the field's word
    """Write a table in a format, with the options of that format or its defaults.

    Raises ``TypeError`` for the options of another format, and what the format's ``encode`` does.
    """
    # Only what is asked for is imported: a PDF takes a fifth of a second to begin with.
    module = importlib.import_module(f"gridboss_assets.exports.encode_{format}")
    expected = getattr(module, f"{format.capitalize()}Options")
    if options is not None and not isinstance(options, expected):
        msg = f"{format} takes {expected.__name__}, and no {type(options).__name__}"
        raise TypeError(msg)
    chunks: Iterator[bytes] = module.encode(table, options)
    return chunks


def content_type(format: Format, options: Any = None) -> ContentType:  # noqa: A002 - the field's word
    """Return the content type of a format's files, with the extensions they may have.

    Raises ``UnsupportedFormat``.
    """
    if format == "json" and isinstance(options, JsonOptions) and options.lines:
        return NDJSON
    found = EXPORT.by_extension(format)
    if found is None:
        raise UnsupportedFormat(f"There is no export format {format!r}. Use csv, json, pdf or zip.")
    return found


def format_of(filename: str) -> Format | None:
    """Tell by a file's name in which format its rows are to be written."""
    extension = filename.rpartition(".")[2].lower()
    if extension in NDJSON.extensions:
        return "json"
    formats: tuple[Format, ...] = ("csv", "json", "pdf", "zip")
    return next((each for each in formats if each == extension), None)
