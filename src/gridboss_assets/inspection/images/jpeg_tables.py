"""JPEG: what a frame, its tables and its scans must be like (ITU T.81, B.2.2 to B.2.4)."""

from dataclasses import dataclass, field

from gridboss_assets.inspection.images.limits import check_dimensions, damaged, unsupported

_PROGRESSIVE = 0xC2
_DQT, _DHT, _DRI = 0xDB, 0xC4, 0xDD
_BLOCK_BYTES = 64 * 2  # 64 coefficients of 16 bits (libjpeg's JBLOCK)


@dataclass(slots=True)
class Tables:
    """Which tables were defined so far, by their numbers."""

    quantization: set[int] = field(default_factory=set)
    # By class: 0 is for DC, 1 for AC.
    huffman: tuple[set[int], set[int]] = field(default_factory=lambda: (set(), set()))

    def read(self, marker: int, body: bytes) -> None:
        """Take one segment DQT, DHT or DRI."""
        if marker == _DRI:
            if len(body) != 2:  # noqa: PLR2004 - one number of 16 bits (B.2.4.4)
                raise damaged("DRI of a wrong length")
        elif marker == _DQT:
            self._read_quantization(body)
        else:
            self._read_huffman(body)

    def _read_quantization(self, body: bytes) -> None:
        at = 0
        while at < len(body):
            precision, number = divmod(body[at], 16)
            at += 1 + 64 * (precision + 1)
            if precision > 1 or number > 3 or at > len(body):  # noqa: PLR2004 - B.2.4.1
                raise damaged("DQT is not well formed")
            self.quantization.add(number)

    def _read_huffman(self, body: bytes) -> None:
        at = 0
        while at < len(body):
            kind, number = divmod(body[at], 16)
            symbols = sum(body[at + 1 : at + 17])
            at += 17 + symbols
            if kind > 1 or number > 3 or symbols > 256 or at > len(body):  # noqa: PLR2004 - B.2.4.2
                raise damaged("DHT is not well formed")
            self.huffman[kind].add(number)


@dataclass(frozen=True, slots=True)
class _Component:
    horizontal: int
    vertical: int
    table: int


@dataclass(slots=True)
class Frame:
    """A frame header. ``begun`` are the components that some scan has begun to fill."""

    width: int
    height: int
    is_progressive: bool
    components: dict[int, _Component]
    begun: set[int] = field(default_factory=set)

    @property
    def count(self) -> int:
        """The number of components: 1 grey, 3 colour, 4 print."""
        return len(self.components)

    @property
    def coefficient_bytes(self) -> int:
        """About so many bytes does libjpeg keep between the scans of one picture."""
        components = self.components.values()
        widest = max(c.horizontal for c in components)
        highest = max(c.vertical for c in components)
        blocks = sum(
            -(-self.width * c.horizontal // (8 * widest))
            * -(-self.height * c.vertical // (8 * highest))
            for c in components
        )
        return blocks * _BLOCK_BYTES

    def check_scan(self, header: bytes, tables: Tables) -> None:
        """Check a scan header (B.2.3): its components exist, and so do the tables they need."""
        count = header[0] if header else 0
        if not 1 <= count <= 4 or len(header) != 4 + 2 * count:  # noqa: PLR2004
            raise damaged("SOS is not well formed")
        first, _, approximation = header[-3:]
        is_first_of_dc = first == 0 and approximation < 16  # noqa: PLR2004 - Ah, the upper half
        seen = set()
        for at in range(1, 1 + 2 * count, 2):
            number, (dc, ac) = header[at], divmod(header[at + 1], 16)
            component = self.components.get(number)
            if component is None or number in seen:
                raise damaged("a scan of a component that is not there")
            seen.add(number)
            # libjpeg would make do with the tables of Motion JPEG; browsers don't agree on that.
            needs_dc = is_first_of_dc or not self.is_progressive
            needs_ac = first > 0 or not self.is_progressive
            if (
                component.table not in tables.quantization
                or (needs_dc and dc not in tables.huffman[0])
                or (needs_ac and ac not in tables.huffman[1])
            ):
                raise damaged("a table is missing")
            if needs_dc:
                self.begun.add(number)

    def check_complete(self) -> None:
        """Refuse a frame of which whole components are missing: they would come out grey."""
        if self.begun != set(self.components):
            raise damaged("a component is missing")


def read_frame(marker: int, body: bytes) -> Frame:
    """Read a frame header (B.2.2), and refuse what is too large or rare before all else."""
    if len(body) < 6 or len(body) != 6 + 3 * body[5]:  # noqa: PLR2004
        raise damaged("SOF is not well formed")
    if body[0] != 8:  # noqa: PLR2004 - bits
        raise unsupported(f"A JPEG of {body[0]} bits")
    height, width, count = int.from_bytes(body[1:3]), int.from_bytes(body[3:5]), body[5]
    if count not in {1, 3, 4}:
        raise unsupported(f"A JPEG of {count} components")
    check_dimensions(width, height)
    components = {}
    for at in range(6, len(body), 3):
        component = _Component(*divmod(body[at + 1], 16), body[at + 2])
        if not (1 <= component.horizontal <= 4 and 1 <= component.vertical <= 4):  # noqa: PLR2004
            raise damaged("impossible sampling factors")
        components[body[at]] = component
    if len(components) != count:
        raise damaged("two components of one number")
    return Frame(width, height, marker == _PROGRESSIVE, components)
