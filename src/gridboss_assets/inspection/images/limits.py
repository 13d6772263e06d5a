"""What a picture may cost, and the two ways to say no."""

from gridboss_assets.errors import InvalidImage, ObjectTooLarge

MAX_SIDE = 20_000
MAX_PIXELS = 30_000_000
# libwebp keeps two canvases of 4 bytes a pixel beside the picture, so that a WebP of 78 KiB and
# 30 megapixels takes 746 MiB to decode.
MAX_PIXELS_WEBP = 12_000_000
# The sides of a frame have 14 bits (RFC 6386 §9.1). An animation's canvas could be larger.
MAX_SIDE_WEBP = 16_383

# Ten are usual in a progressive JPEG (libjpeg's jpeg_simple_progression). Each costs a pass over
# the whole picture, however few bytes it has.
MAX_SCANS = 64
# 64 scans of 9 megapixels or 20 of 30: 30 ms each on 30 megapixels.
MAX_SCANNED_PIXELS = 600_000_000

# Chunks or segments: a file of 2 MiB could have half a million empty ones, and each costs the walk
# about a microsecond.
MAX_PARTS = 10_000

# Profiles of displays and cameras have 0.5 to 700 KiB; deflate packs zeros 1000:1.
MAX_PROFILE_BYTES = 1024 * 1024


def check_dimensions(
    width: int, height: int, *, max_pixels: int = MAX_PIXELS, max_side: int = MAX_SIDE
) -> None:
    """Raise ``InvalidImage`` for no pixels at all and ``ObjectTooLarge`` for too many."""
    if width < 1 or height < 1:
        raise damaged("no pixels")
    if max(width, height) > max_side or width * height > max_pixels:
        raise ObjectTooLarge(
            f"The picture has {width:,} by {height:,} pixels. At most "
            f"{max_pixels // 1_000_000} megapixels and {max_side:,} pixels a side are accepted. "
            "Make it smaller and upload it again."
        )


def damaged(detail: str) -> InvalidImage:
    """Return the error for a file that is not well formed; ``detail`` is for the log."""
    return InvalidImage(
        "The picture is damaged and can't be read. Save it anew and upload it again.",
        detail=detail,
    )


def unsupported(what: str) -> InvalidImage:
    """Return the error for a variant that browsers don't show, or that nobody needs."""
    return InvalidImage(
        f"{what} is not accepted. Save the picture as an ordinary JPEG or PNG and upload it again.",
        detail=what,
    )
