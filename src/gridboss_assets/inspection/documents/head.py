"""What the first bytes of a document give away: other formats, programs and markup."""

import re

from gridboss_assets.errors import ContentMismatch
from gridboss_assets.inspection.sniff import sniff

UTF8_BOM = b"\xef\xbb\xbf"
UTF16_BOMS = (b"\xff\xfe", b"\xfe\xff")
UTF32_BOMS = (b"\xff\xfe\x00\x00", b"\x00\x00\xfe\xff")

WHITE_SPACE = b" \t\r\n\x0b\x0c"

# Beyond the table of `sniff`: (offset, signature, name). None has only two bytes, since real CSV
# headers begin with `BM`, `MZ` or `PK`.
_SIGNATURES: tuple[tuple[int, bytes, str], ...] = (
    (0, b"PK\x07\x08PK", "a part of a split ZIP archive"),
    (0, b"PK00PK\x03\x04", "a part of a split ZIP archive"),
    (0, b"%FDF-", "PDF form data (FDF)"),
    (0, b"%!PS", "PostScript"),
    (0, b"{\\rtf", "a rich text document (RTF)"),
    (0, b"#!/", "a script"),
    (0, b"#! /", "a script"),
    (0, b"BEGIN:VC", "a calendar or an address card"),
    (0, b"-----BEGIN ", "a key or certificate"),
    (0, b"MIME-Version:", "a saved web page or message"),
    (257, b"ustar", "a tar archive"),
)
_BZIP2 = re.compile(rb"BZh[1-9]1AY&SY")

# SYLK, which spreadsheets open as such whatever the name says, formulas and macros included:
# an ID record, then a record of another kind.
_SYLK = re.compile(rb"ID;P\w*+(?:;[A-Z]\w*+)*+\r?\n(?:[BCFOPW]|N[NUEL]);[A-Z]")

# Tags that end in white space, `/` or `>`, from WHATWG MIME Sniffing §7.1 and what else draws or
# runs. `<DATE>` and `<TICKER>` begin the headers of real price lists, so a tag is not enough.
_PAGE_TAG = re.compile(
    rb"<(?:html|head|body|script|style|title|meta|link|base|iframe|frameset|noscript|template"
    rb"|h[1-6]|div|span|font|table|a|b|p|br|hr|ul|ol|li|img|image|svg|math|object|embed|applet"
    rb"|form|input|button|video|audio|marquee|center|pre|main|section|article|nav|header|footer"
    rb"|xml|rss|feed|kml|gpx|plist|worksheet|workbook|x:\w++)(?=[\s/>])",
    re.IGNORECASE,
)
# A comment, a doctype, a processing instruction or PHP, an end tag.
_DECLARATION = re.compile(rb"<[!?/]")
# Any other element is XML if it has attributes, closes itself, or anything is closed later on.
_ELEMENT = re.compile(rb"<[A-Za-z_][\w.:-]*+(?:\s++[\w.:-]++\s*+=|\s*+/>)")
_TAG = re.compile(rb"<[A-Za-z_][\w.:-]*+\s*+>")
_END_TAG = re.compile(rb"</[A-Za-z_]")

CONTENT = re.compile(
    rb"(?P<program>\x7fELF"
    rb"|\xfe\xed\xfa[\xce\xcf]|[\xce\xcf]\xfa\xed\xfe"  # Mach-O, in either byte order
    rb"|\xca\xfe\xba\xbe"  # a Java class, or Mach-O for several processors
    rb"|MZ[^\x00]{0,62}\x00"  # "MZ" alone begins texts; the counters of a DOS header have zeros
    rb"|dex\n0|\x00asm|#! ?/"
    rb"|L\x00\x00\x00\x01\x14\x02\x00)"  # a Windows shortcut
    rb"|(?P<archive>PK(?:\x03\x04|\x05\x06|\x07\x08)|\x1f\x8b\x08|7z\xbc\xaf\x27\x1c|Rar!\x1a\x07"
    rb"|\xfd7zXZ\x00|BZh[1-9]1AY&SY|\x28\xb5\x2f\xfd|MSCF\x00|.{257}ustar)"
    rb"|(?P<office>\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1|\{\\rtf)",
    re.DOTALL,
)
"""What stands in another document: a program, an archive, an old Office file."""

PROGRAM_NAME = re.compile(
    r"\.(?:exe|dll|scr|com|pif|cpl|sys|msi|msp|msix|appx|bat|cmd|ps1|psm1|vb|vbs|vbe|js|jse|wsf|wsh"
    r"|hta|lnk|scf|reg|inf|chm|jar|class|apk|dex|ipa|deb|rpm|app|dmg|pkg|command|sh|bash|so|dylib"
    r"|elf|docm|dotm|xlsm|xltm|xlam|xll|pptm|potm|ppam|ppsm|sldm)[. ]*$",
    re.IGNORECASE | re.MULTILINE,
)
"""Names that start a program on a double click, Office files with macros among them. One a line."""


def name_of(head: bytes) -> str | None:
    """Name the format of these first bytes, or None when no signature fits."""
    found = sniff(head)
    if found is not None:
        return found
    for offset, signature, name in _SIGNATURES:
        if head.startswith(signature, offset):
            return name
    if _BZIP2.match(head):
        return "application/x-bzip2"
    return None


def text_format(text: bytes) -> str | None:
    """Name what a text is in disguise: markup, or another format of plain characters."""
    text = text.removeprefix(UTF8_BOM).lstrip(WHITE_SPACE)
    if _SYLK.match(text):
        return "a SYLK spreadsheet"
    if _DECLARATION.match(text) or _PAGE_TAG.match(text) or _ELEMENT.match(text):
        return "a web page or XML"
    if _TAG.match(text) and _END_TAG.search(text):
        return "a web page or XML"
    return name_of(text)


def is_program(head: bytes) -> bool:
    """Tell whether these first bytes are those of a program or a script."""
    match = CONTENT.match(head)
    return match is not None and match["program"] is not None


def mismatch(found: str | None, declared: str) -> ContentMismatch:
    """Say what the file looks like and what it was declared to be."""
    what = f"The file looks like {found}" if found else "The content is something else"
    return ContentMismatch(f"{what}, but it was uploaded as {declared}. Choose another file.")
