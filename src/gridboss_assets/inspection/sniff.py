"""What the first bytes say: our own table, so that no decoder is asked what it could decode."""

# Signatures from the formats' own specifications. Those of two bytes are left out on purpose:
# real CSV headers begin with `BM` or `MZ`.
_SIGNATURES: tuple[tuple[bytes, str], ...] = (
    (b"\xff\xd8\xff", "image/jpeg"),
    (b"\x89PNG\r\n\x1a\n", "image/png"),
    (b"GIF87a", "image/gif"),
    (b"GIF89a", "image/gif"),
    (b"II*\x00", "image/tiff"),
    (b"MM\x00*", "image/tiff"),
    (b"II+\x00", "image/tiff"),  # BigTIFF
    (b"MM\x00+", "image/tiff"),
    (b"\x00\x00\x00\x0cJXL \r\n\x87\n", "image/jxl"),
    (b"\x00\x00\x00\x0cjP  \r\n\x87\n", "image/jp2"),
    (b"\xff\x4f\xff\x51", "image/j2c"),
    (b"8BPS\x00", "image/vnd.adobe.photoshop"),
    (b"\x00\x00\x01\x00", "image/vnd.microsoft.icon"),
    (b"%!PS-Adobe-", "application/postscript"),
    (b"%PDF-", "application/pdf"),
    (b"PK\x03\x04", "application/zip"),
    (b"PK\x05\x06", "application/zip"),
    (b"\x1f\x8b\x08", "application/gzip"),
    (b"7z\xbc\xaf\x27\x1c", "application/x-7z-compressed"),
    (b"Rar!\x1a\x07", "application/vnd.rar"),
    (b"\xfd7zXZ\x00", "application/x-xz"),
    (b"\x28\xb5\x2f\xfd", "application/zstd"),
    (b"\x7fELF", "an executable"),
    (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "an old Office document"),
    (b"SQLite format 3\x00", "a database"),
)

# What stands behind `ftyp` in an ISO base media file (ISO/IEC 14496-12 §4.3).
_BRANDS: tuple[tuple[bytes, str], ...] = (
    (b"avi", "image/avif"),
    (b"hei", "image/heic"),
    (b"hev", "image/heic"),
    (b"mif1", "image/heic"),
    (b"msf1", "image/heic"),
)


def sniff(head: bytes) -> str | None:
    """Name the type of these first bytes, or None when no signature fits."""
    for signature, name in _SIGNATURES:
        if head.startswith(signature):
            return name
    if head.startswith(b"RIFF") and head[8:12] == b"WEBP":
        return "image/webp"
    # The size of the first box is small, so its upper byte is 0, which no text begins with.
    if head.startswith(b"\x00") and head[4:8] == b"ftyp":
        return next((name for brand, name in _BRANDS if head.startswith(brand, 8)), "video/mp4")
    return _by_more_than_two_bytes(head)


def _by_more_than_two_bytes(head: bytes) -> str | None:
    # Four reserved bytes, and a header of 12 to 124 bytes behind the first 14.
    if head.startswith(b"BM") and head[6:10] == bytes(4) and head[15:18] == bytes(3):
        return "image/bmp"
    # A program has a PE header where offset 0x3C points.
    if head.startswith(b"MZ") and len(head) > 0x40:  # noqa: PLR2004
        at = int.from_bytes(head[0x3C:0x40], "little")
        if head.startswith(b"PE\x00\x00", at):
            return "an executable"
    return None
