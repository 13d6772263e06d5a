"""PNG: are the rows all there? Found out by inflating, in bounded memory, before any decoder."""

import zlib
from typing import TYPE_CHECKING

from gridboss_assets.inspection.images.limits import damaged

if TYPE_CHECKING:
    from gridboss_assets.inspection.images.png import Header

# Samples of one pixel, by colour type (third edition, Table 11.1).
CHANNELS = {0: 1, 2: 3, 3: 1, 4: 2, 6: 4}

# Adam7 (§8.1): first column, first row, and the distance of columns and of rows of each pass.
_PASSES = (
    (0, 0, 8, 8),
    (4, 0, 8, 8),
    (0, 4, 4, 8),
    (2, 0, 4, 4),
    (0, 2, 2, 4),
    (1, 0, 2, 2),
    (0, 1, 1, 2),
)

# zlib copies the input that is left after each call, so it gets little at a time; deflate expands
# at most 1032:1, which the output limit cuts.
_INPUT = 8 * 1024
_OUTPUT = 256 * 1024


def needed(header: "Header") -> int:
    """Return how many bytes the rows have, each with its filter byte (§7.2, §9.2)."""
    width, height = header.width, header.height
    passes = _PASSES if header.interlaced else ((0, 0, 1, 1),)
    total = 0
    for column, row, columns_apart, rows_apart in passes:
        columns = -(-(width - column) // columns_apart) if width > column else 0
        rows = -(-(height - row) // rows_apart) if height > row else 0
        if columns and rows:
            bits = columns * header.depth * CHANNELS[header.colour]
            total += rows * (1 + -(-bits // 8))
    return total


def check(header: "Header", idat: list[memoryview]) -> None:
    """Raise ``InvalidImage`` when the stream breaks or ends before the last row.

    What comes after it, in the stream or behind it, is never inflated.
    """
    missing = needed(header)
    stream = zlib.decompressobj()
    try:
        for chunk in idat:
            for at in range(0, len(chunk), _INPUT):
                pending: bytes | memoryview = chunk[at : at + _INPUT]
                while pending or stream.unconsumed_tail:
                    got = len(stream.decompress(pending, min(_OUTPUT, missing)))
                    missing -= got
                    if missing <= 0:
                        return
                    if stream.eof:
                        raise damaged("rows are missing")
                    pending = stream.unconsumed_tail
                    if not got and not pending:
                        break
    except zlib.error as error:
        raise damaged("the picture data does not inflate") from error
    raise damaged("rows are missing")
