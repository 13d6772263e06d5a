"""Bounds for qpdf while a document is inspected."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager

import pikepdf.settings

# qpdf and pikepdf take some 600 bytes for each in their tables alone.
MAX_OBJECTS = 100_000

# Object and cross-reference streams are unpacked in memory, whole, before anybody can look at them.
_MAX_STREAM = 2 * 1024 * 1024

_lock = threading.Lock()
_inspections = 0
_saved: dict[str, int | bool] = {}


@contextmanager
def qpdf_limits() -> Iterator[None]:
    """Bound what qpdf unpacks and builds.

    qpdf's limits belong to the process. They are set by the first of several inspections at once
    and go back to what they were with the last. ``doc_max_warnings`` is left alone: with it, qpdf
    reads every page when it opens a file, which takes ten times as long.
    """
    global _inspections, _saved  # noqa: PLW0603 - they stand for qpdf's own globals
    with _lock:
        if _inspections == 0:
            _saved = pikepdf.settings.set_qpdf_limits(
                parser_max_nesting=100,
                max_stream_filters=5,
                flate_max_memory=_MAX_STREAM,
                png_max_memory=_MAX_STREAM,
                run_length_max_memory=_MAX_STREAM,
                tiff_max_memory=_MAX_STREAM,
            )
        _inspections += 1
    try:
        yield
    finally:
        with _lock:
            _inspections -= 1
            if _inspections == 0:
                pikepdf.settings.set_qpdf_limits(**_saved)  # type: ignore[arg-type]
