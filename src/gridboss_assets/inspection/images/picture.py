"""What a header walk tells about a picture, whatever its format."""

from typing import Protocol

from PIL import Image


class Picture(Protocol):
    """A picture whose structure was found sound, and none of whose pixels was decoded yet."""

    @property
    def orientation(self) -> int:
        """How to turn it upright: 1 to 8, from its EXIF."""

    @property
    def is_lossless(self) -> bool:
        """Whether its pixels are exact, and should stay so."""

    @property
    def memory(self) -> int:
        """About so many bytes are in use at once while it is decoded, turned and encoded."""

    def profile(self) -> bytes | None:
        """Return the ICC profile that its colours are meant in; None means sRGB."""

    def decode(self) -> Image.Image:
        """Decode its first frame: mode ``L``, ``LA``, ``RGB``, ``RGBA`` or ``CMYK``.

        What it raises for broken pixels is up to the decoder.
        """
