"""Names inside a ZIP: where an entry would be written, and what would run on a double click."""

import codecs
import re
import stat

from gridboss_assets.errors import InvalidDocument, UnsafeDocument
from gridboss_assets.inspection.documents.findings import Findings
from gridboss_assets.inspection.documents.head import PROGRAM_NAME
from gridboss_assets.inspection.documents.zip_records import IS_UTF8, Entry

# APPNOTE 6.3.10 §4.4.17 and appendix D: names are code page 437, or UTF-8 by flag. Found now,
# because a confined process can't load it later.
_CP437 = codecs.lookup("cp437")

# NUL ends the name for some readers; other controls rewrite what a terminal shows, and characters
# that turn the direction of text (Unicode 16 §23.2) show another extension than there is.
_INVISIBLE = re.compile("[\x00-\x1f\x7f\u202a-\u202e\u2066-\u2069]")
_DRIVE = re.compile(r"[A-Za-z]:")
# Most names: nothing of what is looked for below can stand in one. No part begins with a dot.
_ORDINARY = re.compile(rb"(?:[A-Za-z0-9_-][A-Za-z0-9_. -]*+/)*+(?:[A-Za-z0-9_-][A-Za-z0-9_. -]*+)?")
# Windows drops blanks and dots at the end, so `.. ` is its parent folder too.
_PARENT = re.compile(r" *\.\.[. ]*")


def check_name(entry: Entry, findings: Findings) -> str:
    """Check all versions of an entry's name; returns the one that readers show.

    Raises ``UnsafeDocument`` for a name that leads out of the folder it is unpacked to, and for
    what is no file or folder. APPNOTE §4.4.17.1: no drive, no leading slash, forward slashes only.
    """
    first = entry.names[0]
    if first and len(entry.names) == 1 and _ORDINARY.fullmatch(first):
        names = [first.decode("ascii")]
    else:
        names = [_decode(first, is_utf8=bool(entry.flags & IS_UTF8))]
        names += [_decode(name, is_utf8=True) for name in entry.names[1:]]
        for name in names:
            _check_path(name, findings)
    kind = stat.S_IFMT(entry.mode)
    if kind == stat.S_IFLNK:
        raise UnsafeDocument(
            "The archive holds a symbolic link. Put the file itself into it and try again."
        )
    if kind not in (0, stat.S_IFREG, stat.S_IFDIR):
        raise UnsafeDocument("The archive holds a device or pipe. Leave it out and try again.")
    return names[-1].replace("\\", "/")


def _decode(name: bytes, *, is_utf8: bool) -> str:
    if not is_utf8:
        return _CP437.decode(name)[0]
    try:
        return name.decode()
    except UnicodeDecodeError:
        raise InvalidDocument(
            "A name in the archive is not the UTF-8 that it claims to be. Create it again."
        ) from None


def _check_path(name: str, findings: Findings) -> None:
    if not name or _INVISIBLE.search(name):
        raise UnsafeDocument("A name in the archive is empty or holds invisible characters.")
    path = name
    if "\\" in name:
        findings.add(
            "zip_backslashes",
            "Names in the archive hold backslashes. Create it again with another program.",
        )
        path = name.replace("\\", "/")
    parts = path.split("/")
    if path.startswith("/") or _DRIVE.match(path) or any(map(_PARENT.fullmatch, parts)):
        raise UnsafeDocument(
            "A name in the archive leads out of the folder it is unpacked to. "
            "Create the archive again from inside the folder."
        )


def check_kind(names: set[str], findings: Findings) -> None:
    """Tell by its names whether an archive is a program or an Office file as a whole."""
    is_android = "AndroidManifest.xml" in names
    has_macros = any(
        n.rpartition("/")[2].lower() == "vbaproject.bin" for n in names if n[-4:].lower() == ".bin"
    )
    if is_android or has_macros or PROGRAM_NAME.search("\n".join(names)):
        found_program(findings)
    # ECMA-376 part 2 §10.1.2: every Office Open XML package has this part.
    if "[Content_Types].xml" in names:
        found_office(findings)


def found_program(findings: Findings) -> None:
    """Note a program inside the archive."""
    findings.add(
        "zip_executables",
        "The archive holds a program, a script or Office macros. Leave them out and try again.",
    )


def found_office(findings: Findings) -> None:
    """Note an Office file: the archive itself, or one inside it."""
    findings.add(
        "zip_office",
        "The archive is or holds an Office file. Save its content as CSV or PDF and try again.",
    )
