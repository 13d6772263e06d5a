"""What stands in a PDF's objects: actions, scripts, attachments, media (ISO 32000-2 §12.6, §7.11).

Every object counts, whether a page leads to it or not: readers repair and rewrite. Names are the
only way to say any of this, so names are what is searched for: in the bytes of a file, which may
hold them by chance, and in parsed objects, which decide.
"""

import re
import zlib
from collections.abc import Iterable

import pikepdf

from gridboss_assets.inspection.documents.contents import Buffer
from gridboss_assets.inspection.documents.findings import Findings
from gridboss_assets.inspection.documents.head import PROGRAM_NAME, is_program
from gridboss_assets.inspection.documents.pdf_structure import Reference, damaged

# ISO 32000-2 §7.3.5: a name ends at white space or a delimiter; any of its bytes may be written as
# `#` and two digits. Only hiding a word needs that for letters.
_END_OF_NAME = rb"(?![^\x00\t\n\f\r ()<>\[\]{}/%])"
_SCRIPTS = rb"JavaScript|JS|Launch|XFA"
_ACTIONS = rb"SubmitForm|ImportData|GoToR|GoToE"
_ATTACHMENTS = rb"EmbeddedFiles?|EF|FileAttachment"
_MULTIMEDIA = rb"RichMedia|Rendition|Movie|Sound|3D"
_ANY = rb"|".join((_SCRIPTS, _ACTIONS, _ATTACHMENTS, _MULTIMEDIA))
_ESCAPED_LETTER = rb"#(?:4[1-9A-Fa-f]|5[0-9Aa]|6[1-9A-Fa-f]|7[0-9Aa])"
_SUSPECT = re.compile(
    rb"/(?:(?:" + _ANY + rb")" + _END_OF_NAME
    + rb"|[^\x00-\x20()<>\[\]{}/%#]*+(?:#[0-9A-Fa-f]{2}[^\x00-\x20()<>\[\]{}/%#]*+)++)"
)  # fmt: skip
_ESCAPE = re.compile(rb"#([0-9A-Fa-f]{2})")
_WORDS = frozenset(_ANY.replace(b"EmbeddedFiles?", b"EmbeddedFile|EmbeddedFiles").split(b"|"))

# In what qpdf writes of a parsed object, names are as short as can be and strings are escaped.
_STRING = re.compile(rb"\((?:[^()\\]++|\\.)*+\)", re.DOTALL)
_FINDINGS = tuple(
    (field, re.compile(rb"/(?:" + words + rb")" + _END_OF_NAME), message)
    for field, words, message in (
        ("pdf_scripts", _SCRIPTS, "The PDF holds scripts or starts programs."),
        ("pdf_actions", _ACTIONS, "The PDF sends data or opens other files by itself."),
        ("pdf_attachments", _ATTACHMENTS, "The PDF has files attached to it."),
        ("pdf_multimedia", _MULTIMEDIA, "The PDF holds films, sounds or 3D models."),
    )
)
_FILE_NAME = re.compile(rb"/U?F \(((?:[^()\\]++|\\.)*+)\)", re.DOTALL)

# So many names with escapes are nobody's fonts; they are not looked at one by one.
_MANY_ESCAPES = 1000

_PIECE = 1024 * 1024
_BEGINNING = 512


def has_suspect(data: Buffer) -> bool:
    """Tell whether a name of interest could stand anywhere in these bytes."""
    for number, match in enumerate(_SUSPECT.finditer(data)):
        name = match[0][1:]
        if b"#" not in name or number > _MANY_ESCAPES:
            return True
        if _ESCAPE.sub(_unescaped, name) in _WORDS:
            return True
    return False


def _unescaped(match: re.Match[bytes]) -> bytes:
    return bytes([int(match[1], 16)])


def check_names(pdf: pikepdf.Pdf, keys: Iterable[Reference], findings: Findings) -> bool:
    """Parse objects and check their names; tells whether any has to do with attachments."""
    # All are read before any is looked into, which may make qpdf read, and replace, others.
    objects = [pdf.get_object(key) for key in keys]
    if pdf.get_warnings():
        raise damaged("it could only be opened by repairing it")
    has_attachments = False
    for found in objects:
        # Numbers, booleans and the null object come as Python's own, and hold no name.
        if isinstance(found, pikepdf.Stream):
            has_attachments |= _check_text(found.stream_dict.unparse(), findings)
        elif isinstance(found, pikepdf.Object):
            has_attachments |= _check_text(found.unparse(resolved=True), findings)
    return has_attachments


def check_streams(
    pdf: pikepdf.Pdf, keys: Iterable[Reference], findings: Findings, *, inflate: bool
) -> None:
    """See how streams begin, for programs among them; ``inflate``: and that they come to an end."""
    for key in keys:
        found = pdf.get_object(key)
        if isinstance(found, pikepdf.Stream) and is_program(_inflated(found, whole=inflate)):
            _found_program(findings)


def _check_text(text: bytes, findings: Findings) -> bool:
    """Check an object as qpdf writes it; tells whether it has to do with attachments."""
    if not _SUSPECT.search(text):
        return False
    names = _STRING.sub(b"()", text)
    has_attachments = False
    for field, words, message in _FINDINGS:
        if words.search(names):
            has_attachments |= field == "pdf_attachments"
            findings.add(field, f"{message} Remove them or print it to a new PDF, and try again.")
    if has_attachments and any(map(_is_program_name, _FILE_NAME.findall(text))):
        _found_program(findings)
    return has_attachments


def _is_program_name(name: bytes) -> bool:
    return PROGRAM_NAME.search(name.decode("latin-1")) is not None


def _found_program(findings: Findings) -> None:
    findings.add("pdf_executables", "A program is attached to the PDF. Remove it and try again.")


def _inflated(stream: pikepdf.Stream, *, whole: bool) -> bytes:
    """Return how a stream's content begins; ``whole``: raises if it can't be inflated to its end.

    Other filters than none and Deflate are for pictures, and are left alone.
    """
    raw = stream.read_raw_bytes()
    filters = stream.stream_dict.get("/Filter")
    if filters is None:
        return raw[:_BEGINNING]
    if filters not in (pikepdf.Name.FlateDecode, pikepdf.Array([pikepdf.Name.FlateDecode])):
        return b""
    inflater = zlib.decompressobj()
    try:
        out = beginning = inflater.decompress(raw, _BEGINNING)
        while whole and not inflater.eof and (out or inflater.unconsumed_tail):
            out = inflater.decompress(inflater.unconsumed_tail, _PIECE)
    except zlib.error:
        raise damaged("a part of it can't be unpacked") from None
    if whole and not inflater.eof:
        raise damaged("a part of it is missing")
    return beginning
