"""PNG: from the picture data to pixels of 8 bits, with Pillow's decoder for rows.

That decoder is called by itself: Pillow's reader of chunks, which would inflate text and follow
animations, never sees the file.
"""

from typing import TYPE_CHECKING

from PIL import Image, ImageChops

if TYPE_CHECKING:
    from gridboss_assets.inspection.images.png import Header

# (colour type, depth) -> Pillow's mode and raw mode. 16 bits come out as their upper 8.
_RAW_MODES = {
    (0, 1): ("1", "1"),
    (0, 2): ("L", "L;2"),
    (0, 4): ("L", "L;4"),
    (0, 8): ("L", "L"),
    (0, 16): ("L", "L;16B"),
    (2, 8): ("RGB", "RGB"),
    (2, 16): ("RGB", "RGB;16B"),
    (3, 1): ("P", "P;1"),
    (3, 2): ("P", "P;2"),
    (3, 4): ("P", "P;4"),
    (3, 8): ("P", "P"),
    (4, 8): ("LA", "LA"),
    (4, 16): ("RGBA", "LA;16B"),
    (6, 8): ("RGBA", "RGBA"),
    (6, 16): ("RGBA", "RGBA;16B"),
}
# The same samples taken for little-endian: their lower 8 bits.
_LOWER_HALVES = {"L;16B": "L;16", "RGB;16B": "RGB;16L"}
_GREY, _PALETTE, _DEEP = 0, 3, 16


def bytes_per_pixel(header: "Header", chunks: dict[bytes, bytes]) -> int:
    """Return about how much memory :func:`decode` takes at once."""
    if header.colour == _PALETTE:
        return 5
    if b"tRNS" not in chunks:
        return {0: 2, 4: 8 if header.depth == _DEEP else 4}.get(header.colour, 4)
    masks = 4 if header.depth == _DEEP else 3
    return (6 if header.colour == _GREY else 4 + masks) + masks


def decode(header: "Header", chunks: dict[bytes, bytes], stream: bytes) -> Image.Image:
    """Decode to mode ``L``, ``LA``, ``RGB`` or ``RGBA``."""
    mode, rawmode = _RAW_MODES[header.colour, header.depth]
    image = _rows(header, stream, mode, rawmode)
    transparency = chunks.get(b"tRNS")
    if header.colour == _PALETTE:
        return _with_palette(image, chunks[b"PLTE"], transparency or b"")
    if mode == "1":
        image = image.convert("L")
    elif rawmode == "LA;16B":
        image = image.convert("LA")  # exact: its three channels are equal
    if transparency is not None:
        values = [int.from_bytes(transparency[i : i + 2]) for i in range(0, len(transparency), 2)]
        mask = _mask(image, [_upper_half(value, header.depth) for value in values])
        if rawmode in _LOWER_HALVES:
            lower = _rows(header, stream, mode, _LOWER_HALVES[rawmode])
            mask = ImageChops.lighter(mask, _mask(lower, [value & 0xFF for value in values]))
            del lower
        image.putalpha(mask)
    return image


def _rows(header: "Header", stream: bytes, mode: str, rawmode: str) -> Image.Image:
    size = (header.width, header.height)
    return Image.frombytes(mode, size, stream, "zip", rawmode, int(header.interlaced))


def _upper_half(value: int, depth: int) -> int:
    """Scale a sample to the 8 bits that the decoder made of it."""
    if depth == _DEEP:
        return value >> 8
    most = (1 << depth) - 1
    return (value & most) * 255 // most


def _mask(image: Image.Image, values: list[int]) -> Image.Image:
    """Return an alpha channel that is 0 where all channels have these values, and else 255."""
    mask: Image.Image | None = None
    for channel, value in zip(image.getbands(), values, strict=True):
        table = [255] * 256
        table[value] = 0
        differs = image.getchannel(channel).point(table)
        mask = differs if mask is None else ImageChops.lighter(mask, differs)
    if mask is None:  # pragma: no cover - every mode has a channel
        raise ValueError(image.mode)
    return mask


def _with_palette(image: Image.Image, palette: bytes, alphas: bytes) -> Image.Image:
    """Look the colours up. What is in no pixel's entry is lost here, and an index past it black."""
    palette = palette.ljust(3 * 256, b"\x00")
    if not alphas.strip(b"\xff"):
        image.putpalette(palette, "RGB")
        return image.convert("RGB")
    alphas = alphas.ljust(256, b"\xff")
    entries = [palette[3 * i : 3 * i + 3] + alphas[i : i + 1] for i in range(256)]
    image.putpalette(b"".join(entries), "RGBA")
    return image.convert("RGBA")
