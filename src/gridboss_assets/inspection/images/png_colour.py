"""PNG: which colours the samples mean, from the chunks that can say so.

Third edition, §4.3: cICP counts before iCCP, that before sRGB, and that before gAMA and cHRM.
"""

import zlib

from gridboss_assets.inspection.images import limits
from gridboss_assets.inspection.images.limits import damaged
from gridboss_assets.inspection.images.made_profile import (
    SRGB_CURVE,
    SRGB_PRIMARIES,
    Curve,
    Primaries,
    make_profile,
)

# ITU-T H.273, Table 2: colour primaries, as (x, y) of white, red, green and blue.
_D65 = (0.3127, 0.3290)
_CICP_PRIMARIES: dict[int, Primaries] = {
    1: SRGB_PRIMARIES,
    5: (_D65, (0.64, 0.33), (0.29, 0.60), (0.15, 0.06)),
    6: (_D65, (0.63, 0.34), (0.31, 0.595), (0.155, 0.07)),
    9: (_D65, (0.708, 0.292), (0.170, 0.797), (0.131, 0.046)),
    12: (_D65, (0.68, 0.32), (0.265, 0.69), (0.15, 0.06)),
}
# Table 3: transfer characteristics. Those of television (1, 6, 14, 15) are shown like sRGB by
# browsers; the two of HDR (16, 18) need more than 8 bits and are not taken.
_CICP_CURVES: dict[int, Curve] = {
    1: SRGB_CURVE,
    4: 2.2,
    5: 2.8,
    6: SRGB_CURVE,
    8: 1.0,
    13: SRGB_CURVE,
    14: SRGB_CURVE,
    15: SRGB_CURVE,
}

# §11.3.2.2: gAMA is 100,000 times the encoding exponent. Writers who mean sRGB write 45455.
_GAMMA_OF_SRGB = range(45000, 46001)
_SANE_GAMMA = range(10_000, 1_000_001)


def profile(chunks: dict[bytes, bytes], *, is_grey: bool) -> bytes | None:
    """Return an ICC profile for these chunks; None means sRGB."""
    found = _from_cicp(chunks.get(b"cICP"))
    if found is not None:
        return make_profile(*found, is_grey=is_grey)
    # Looked at in any case: a bomb is one even where cICP is there.
    embedded = _inflate(chunks.get(b"iCCP"))
    if embedded is not None:
        return embedded
    if b"sRGB" in chunks:
        return None
    curve, primaries = _curve(chunks.get(b"gAMA")), _primaries(chunks.get(b"cHRM"))
    if curve is None and primaries is None:
        return None
    return make_profile(primaries or SRGB_PRIMARIES, curve or SRGB_CURVE, is_grey=is_grey)


def _from_cicp(chunk: bytes | None) -> tuple[Primaries, Curve] | None:
    """Read cICP (§11.3.2.6): primaries, curve, matrix (0: RGB), full range (1)."""
    if chunk is None or len(chunk) != 4 or chunk[2:] != b"\x00\x01":  # noqa: PLR2004
        return None
    primaries, curve = _CICP_PRIMARIES.get(chunk[0]), _CICP_CURVES.get(chunk[1])
    return None if primaries is None or curve is None else (primaries, curve)


def _inflate(chunk: bytes | None) -> bytes | None:
    """Inflate iCCP (§11.3.2.3), a name, a zero, the method 0 and a zlib stream, up to 1 MiB."""
    if chunk is None:
        return None
    _, _, rest = chunk.partition(b"\x00")
    if not rest.startswith(b"\x00"):
        return None
    try:
        found = zlib.decompressobj().decompress(rest[1:], limits.MAX_PROFILE_BYTES + 1)
    except zlib.error:
        return None  # a broken profile says nothing
    if len(found) > limits.MAX_PROFILE_BYTES:
        raise damaged("iCCP inflates to more than 1 MiB")
    return found


def _curve(chunk: bytes | None) -> Curve | None:
    if chunk is None or len(chunk) != 4:  # noqa: PLR2004
        return None
    gamma = int.from_bytes(chunk)
    if gamma not in _SANE_GAMMA or gamma in _GAMMA_OF_SRGB:
        return None
    return 100_000 / gamma


def _primaries(chunk: bytes | None) -> Primaries | None:
    """Read cHRM (§11.3.2.1): x and y of white, red, green and blue, 100,000 times each."""
    if chunk is None or len(chunk) != 32:  # noqa: PLR2004
        return None
    n = [int.from_bytes(chunk[i : i + 4]) / 100_000 for i in range(0, 32, 4)]
    return ((n[0], n[1]), (n[2], n[3]), (n[4], n[5]), (n[6], n[7]))
