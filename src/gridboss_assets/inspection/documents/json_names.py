"""Names that stand twice in one JSON object (RFC 8259 §4: they SHOULD be unique)."""

import re

import msgspec

from gridboss_assets.inspection.documents.contents import Buffer

# In valid JSON, a string followed by a colon is a name.
_TOKEN = re.compile(rb'"((?:[^"\\]++|\\.)*+)"[ \t\r\n]*+(:?)|([\[\]{}])', re.DOTALL)

# A document with more names in the objects around one place counts as having some twice: to know
# better would take more memory than an inspection may use.
_MAX_NAMES = 250_000


def has_duplicates(data: Buffer) -> bool:
    """Tell whether any object of a valid document holds a name twice, however it is escaped.

    Of each name only its hash is kept, 64 bits made with this process's own secret.
    """
    open_objects: list[set[int]] = []
    held = 0
    for match in _TOKEN.finditer(data):
        bracket = match[3]
        if bracket is not None:
            if bracket in b"[{":
                open_objects.append(set())
            else:
                held -= len(open_objects.pop())
        elif match[2]:
            names = open_objects[-1]
            name = hash(_plain(match[1]))
            if name in names or held >= _MAX_NAMES:
                return True
            names.add(name)
            held += 1
    return False


def _plain(name: bytes) -> bytes:
    if b"\\" not in name:
        return name
    try:
        return msgspec.json.decode(b'"' + name + b'"', type=str).encode()
    except msgspec.DecodeError:  # half a surrogate pair
        return name
