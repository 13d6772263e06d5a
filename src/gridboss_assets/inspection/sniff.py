"""What the first bytes say: our own table, so that no decoder is asked what it could decode."""

# Signatures from the formats' own specifications. Those of two bytes are left out on purpose:
# real CSV headers begin with `BM` or `MZ`.
_SIGNATURES: tuple[tuple[int, bytes, str], ...] = (
    (0, b"\xff\xd8\xff", "image/jpeg"),
    (0, b"\x89PNG\r\n\x1a\n", "image/png"),
    (8, b"WEBP", "image/webp"),
    (0, b"GIF87a", "image/gif"),
    (0, b"GIF89a", "image/gif"),
    (0, b"II*\x00", "image/tiff"),
    (0, b"MM\x00*", "image/tiff"),
    (4, b"ftypavif", "image/avif"),
    (4, b"ftyphei", "image/heic"),
    (4, b"ftypmif1", "image/heic"),
    (0, b"%PDF-", "application/pdf"),
    (0, b"PK\x03\x04", "application/zip"),
    (0, b"PK\x05\x06", "application/zip"),
    (0, b"\x1f\x8b\x08", "application/gzip"),
    (0, b"7z\xbc\xaf\x27\x1c", "application/x-7z-compressed"),
    (0, b"Rar!\x1a\x07", "application/vnd.rar"),
    (0, b"\xfd7zXZ\x00", "application/x-xz"),
    (0, b"\x28\xb5\x2f\xfd", "application/zstd"),
    (0, b"\x7fELF", "an executable"),
    (0, b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "an old Office document"),
    (0, b"SQLite format 3\x00", "a database"),
)


def sniff(head: bytes) -> str | None:
    """Name the type of these first bytes, or None when no signature fits."""
    for offset, signature, name in _SIGNATURES:
        if head.startswith(signature, offset) and (offset != 8 or head.startswith(b"RIFF")):  # noqa: PLR2004
            return name
    # "MZ" alone proves nothing; a program also has a PE header where offset 0x3C points.
    if head.startswith(b"MZ") and len(head) > 0x40:  # noqa: PLR2004
        at = int.from_bytes(head[0x3C:0x40], "little")
        if head.startswith(b"PE\x00\x00", at):
            return "an executable"
    return None
