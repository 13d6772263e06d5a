"""How a PDF is put together: where its objects are, how large they are, and its pages.

All of this is checked before qpdf reads a single object. What qpdf builds of an object takes some
75 times the object's own length, and its limits on that don't hold (10.18, qpdf 12).
"""

import itertools
import re
from collections.abc import Iterator
from dataclasses import dataclass

import pikepdf

from gridboss_assets.errors import InvalidDocument
from gridboss_assets.inspection.documents.contents import Buffer

Reference = tuple[int, int]

_PAGES_FOLLOWED = 100

_OBJECT = re.compile(rb"[\x00\t\n\f\r ]*+([0-9]+)[\x00\t\n\f\r ]++([0-9]+)[\x00\t\n\f\r ]++obj")
_END_OF_OBJECT = re.compile(rb"(?:endobj|%%EOF)[\x00\t\n\f\r ]*+\Z")

# An object without its stream; a list of 20,000 pages takes 200 KiB.
_MAX_TEXT = 256 * 1024
_LARGE = 2 * _MAX_TEXT
# ISO 32000-2 §7.2: comments, names, strings in hexadecimal, brackets, words.
_TOKEN = re.compile(
    rb"%[^\r\n]*+|/[^\x00-\x20()<>\[\]{}/%]*+|<<|>>|<[^>]*+>|[()\[\]]|[^\x00-\x20()<>\[\]{}/%]++"
)
_IN_STRING = re.compile(rb"\\.|[()]", re.DOTALL)
_OPENING, _CLOSING = (b"<<", b"["), (b">>", b"]")


def damaged(what: str) -> InvalidDocument:
    """Say in what way a document is damaged."""
    return InvalidDocument(f"The PDF is damaged: {what}. Export it again.")


@dataclass(frozen=True, slots=True)
class Structure:
    """Every object's length as far as it is known, and what holds the packed ones.

    ``lengths``: up to the next object, streams included. ``packed``: by the number of the object
    stream. ``is_tidy``: an object ends before each other begins.
    """

    lengths: dict[Reference, int]
    packed: dict[int, list[Reference]]
    is_tidy: bool

    def __len__(self) -> int:
        """Count the objects."""
        return len(self.lengths) + sum(map(len, self.packed.values()))


def read_structure(pdf: pikepdf.Pdf, data: Buffer) -> Structure:
    """Follow the table of cross-references to every object; touches none of them."""
    offsets: list[tuple[int, Reference]] = []
    packed: dict[int, list[Reference]] = {}
    for key, entry in pdf.get_xref_table().items():
        if entry.offset is not None:
            offsets.append((entry.offset, key))
        elif entry.obj_stream_number is not None:
            packed.setdefault(entry.obj_stream_number, []).append(key)
    offsets.sort()
    lengths: dict[Reference, int] = {}
    is_tidy = True
    for (offset, key), (after, _) in itertools.pairwise([*offsets, (len(data), (0, 0))]):
        # §7.5.4. Where another object stands than the table says, qpdf puts it in place of the one
        # of its own number, and frees that while it is still being read.
        match = _OBJECT.match(data, offset)
        if match is None or (int(match[1]), int(match[2])) != key:
            raise damaged("an object is not where its table says")
        lengths[key] = after - offset
        if after - offset > _LARGE:
            _check_text(data[match.end() : match.end() + _MAX_TEXT])
        if is_tidy and after < len(data) and not _END_OF_OBJECT.search(data[after - 16 : after]):
            is_tidy = False
    return Structure(lengths, packed, is_tidy)


def _check_text(text: bytes) -> None:
    """Refuse an object that doesn't come to its end, or its stream, within this text."""
    depth, at = 0, 0
    while match := _TOKEN.search(text, at):
        token, at = match[0], match.end()
        if token == b"(":
            at = _end_of_string(text, at)
        elif token in _OPENING:
            depth += 1
        elif token in _CLOSING:
            depth -= 1
        elif token in {b"stream", b"endobj"} and depth == 0:
            return
    raise InvalidDocument("The PDF holds an object that is too large. Export it again.")


def _end_of_string(text: bytes, at: int) -> int:
    """Find where a string ends whose parentheses are balanced or escaped (§7.3.4.2)."""
    depth = 1
    for match in _IN_STRING.finditer(text, at):
        depth += {b"(": 1, b")": -1}.get(match[0], 0)
        if depth == 0:
            return match.end()
    return len(text)


def check_pages(pdf: pikepdf.Pdf) -> None:
    """Follow the page tree (§7.7.3) from the catalog, through the first hundred nodes.

    qpdf would warn of the same, but reads every page for it, and writes to standard error. It also
    warns of pages without resources; all readers take those as what they are, pages of no font.
    """
    root = pdf.trailer.get("/Root")
    if not isinstance(root, pikepdf.Dictionary) or root.get("/Type") != pikepdf.Name.Catalog:
        raise damaged("its catalog is missing")
    seen, pages, limit = pikepdf.ObjectSet(), 0, _PAGES_FOLLOWED
    nodes = [(root.get("/Pages"), False)]
    while nodes and limit > 0:
        limit -= 1
        node, has_box = nodes.pop()
        if not isinstance(node, pikepdf.Dictionary) or not seen.add(node):
            raise damaged("its pages can't be found")
        box = node.get("/MediaBox")  # §7.7.3.4: required, and inherited
        has_box = has_box or (isinstance(box, pikepdf.Array) and box.is_rectangle)
        kind, kids = node.get("/Type"), node.get("/Kids")
        if kind == pikepdf.Name.Pages and isinstance(kids, pikepdf.Array):
            nodes += [(kid, has_box) for kid in itertools.islice(kids, limit)]
        elif kind == pikepdf.Name.Page and has_box:
            pages += 1
        else:
            raise damaged("a page is not what it should be")
    if pages == 0 and limit > 0:
        raise damaged("it has no pages")


def batches(
    structure: Structure, unpacked: dict[int, int], *, size: int
) -> Iterator[list[Reference]]:
    """Part all objects into lists of about ``size`` bytes, for memory's sake.

    ``unpacked``: how many bytes each object stream unpacks to.
    """
    groups = [([key], length) for key, length in structure.lengths.items()]
    groups += [(keys, unpacked.get(number, size)) for number, keys in structure.packed.items()]
    batch: list[Reference] = []
    total = 0
    for keys, length in groups:
        if batch and total + length > size:
            yield batch
            batch, total = [], 0
        batch += keys
        total += length
    if batch:
        yield batch
