"""Make an ICC profile from primaries and a curve, for files that have numbers instead of one.

ICC.1:2022: §7.2 (header), §7.3 (tag table), §8.3.3 and §8.3.4 (matrix and grey profiles), §10.18
(parametricCurveType), §10.31 (XYZType). Annex E.2 has the adaptation to D50.
"""

import struct

Chromaticity = tuple[float, float]
Primaries = tuple[Chromaticity, Chromaticity, Chromaticity, Chromaticity]
"""(x, y) of white, red, green and blue."""

Curve = float | tuple[float, ...]
"""An exponent, or the five parameters of ICC's function type 3."""

SRGB_PRIMARIES: Primaries = ((0.3127, 0.3290), (0.64, 0.33), (0.30, 0.60), (0.15, 0.06))
SRGB_CURVE: Curve = (2.4, 1 / 1.055, 0.055 / 1.055, 1 / 12.92, 0.04045)  # IEC 61966-2-1

_Row = tuple[float, float, float]
_Matrix = tuple[_Row, _Row, _Row]

_D50: _Row = (0.9642, 1.0, 0.8249)
_BRADFORD: _Matrix = (
    (0.8951, 0.2664, -0.1614),
    (-0.7502, 1.7135, 0.0367),
    (0.0389, -0.0685, 1.0296),
)
_SMALLEST = 1e-4


def make_profile(primaries: Primaries, curve: Curve, *, is_grey: bool = False) -> bytes | None:
    """Return a display profile; None when these primaries span no colours.

    One for grey has the curve alone (§8.3.4).
    """
    columns = _colorants(primaries)
    if columns is None:
        return None
    tags = [(b"wtpt", _xyz(_D50))]
    if is_grey:
        tags.append((b"kTRC", _curve(curve)))
    else:
        names = (b"rXYZ", b"gXYZ", b"bXYZ")
        tags += [(name, _xyz(column)) for name, column in zip(names, columns, strict=True)]
        tags += [(name, _curve(curve)) for name in (b"rTRC", b"gTRC", b"bTRC")]
    table, content = struct.pack(">I", len(tags)), b""
    start = 128 + 4 + 12 * len(tags)
    for name, value in tags:
        table += name + struct.pack(">II", start + len(content), len(value))
        content += value.ljust(-(-len(value) // 4) * 4, b"\x00")
    return _header(start + len(content), b"GRAY" if is_grey else b"RGB ") + table + content


def _header(size: int, space: bytes) -> bytes:
    head = struct.pack(">I4sI4s4s4s", size, b"", 0x04300000, b"mntr", space, b"XYZ ")
    illuminant = b"".join(map(_fixed, _D50))
    return (head.ljust(36, b"\x00") + b"acsp").ljust(68, b"\x00") + illuminant.ljust(60, b"\x00")


def _xyz(value: _Row) -> bytes:
    return b"XYZ \x00\x00\x00\x00" + b"".join(map(_fixed, value))


def _fixed(value: float) -> bytes:
    """Encode as s15Fixed16Number (§4.6)."""
    return struct.pack(">i", round(value * 65536))


def _curve(curve: Curve) -> bytes:
    function, values = (0, (curve,)) if isinstance(curve, float) else (3, curve)
    return b"para\x00\x00\x00\x00" + struct.pack(">HH", function, 0) + b"".join(map(_fixed, values))


def _colorants(primaries: Primaries) -> tuple[_Row, _Row, _Row] | None:
    """Return XYZ of red, green and blue under D50, or None."""
    if any(not (_SMALLEST < y <= 1 and 0 <= x <= 1) for x, y in primaries):
        return None
    white, *rgb = ((x / y, 1.0, (1 - x - y) / y) for x, y in primaries)
    inverse = _inverse(_transposed(rgb[0], rgb[1], rgb[2]))
    to_cone_back = _inverse(_BRADFORD)
    if inverse is None or to_cone_back is None:
        return None
    strengths = _times(inverse, white)
    cone_white, cone_d50 = _times(_BRADFORD, white), _times(_BRADFORD, _D50)
    if min(map(abs, cone_white)) < _SMALLEST:
        return None

    def under_d50(xyz: _Row, strength: float) -> _Row:
        a, b, c = _times(_BRADFORD, xyz)
        r, g, v = (d / w * strength for d, w in zip(cone_d50, cone_white, strict=True))
        return _times(to_cone_back, (a * r, b * g, c * v))

    found = tuple(under_d50(xyz, s) for xyz, s in zip(rgb, strengths, strict=True))
    if any(abs(value) > 4 for column in found for value in column):  # noqa: PLR2004
        return None  # no display, and more than an ICC number may hold
    return found[0], found[1], found[2]


def _transposed(a: _Row, b: _Row, c: _Row) -> _Matrix:
    return (a[0], b[0], c[0]), (a[1], b[1], c[1]), (a[2], b[2], c[2])


def _times(m: _Matrix, v: _Row) -> _Row:
    a, b, c = (sum(x * y for x, y in zip(row, v, strict=True)) for row in m)
    return a, b, c


def _inverse(m: _Matrix) -> _Matrix | None:
    (a, b, c), (d, e, f), (g, h, i) = m
    p, q, r = e * i - f * h, f * g - d * i, d * h - e * g
    determinant = a * p + b * q + c * r
    if abs(determinant) < _SMALLEST:
        return None
    s = 1 / determinant
    return (
        (p * s, (c * h - b * i) * s, (b * f - c * e) * s),
        (q * s, (a * i - c * g) * s, (c * d - a * f) * s),
        (r * s, (b * g - a * h) * s, (a * e - b * d) * s),
    )
