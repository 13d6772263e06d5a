"""Seeds, mutations, and what must hold of any bytes at all; for CI and for longer runs."""

import io
import json
import random
import zipfile
from collections.abc import Callable
from functools import cache

import pikepdf
from tests.support.documents import CSV, JSON, PDF, ZIP, Member, archive, check, pdf, stream

from gridboss_assets.errors import Rejection

TYPES = (CSV, JSON, PDF, ZIP)

# What each format is made of, parted by blanks where no blank is needed.
_TOKENS = {
    CSV: [*b'" , \n \r = - \x00 \xef\xbb\xbf <html> \xc3 { ['.split(b" "), b"\r\n"],
    JSON: b'" \\ \\u \\ud800 [ ] { } : , NaN 1e -0 \n \xff'.split(b" "),
    PDF: [*b"endobj stream endstream << >> [ ( % /JS #4a null %%EOF".split(), b" 0 R"],
    ZIP: [
        b"PK\x01\x02",
        b"PK\x03\x04",
        b"PK\x05\x06",
        b"PK\x06\x06",
        b"PK\x07\x08",
        b"\xff\xff\xff\xff",
        b"../",
        b"\x00",
    ],
}


@cache
def seeds(content_type: str) -> tuple[bytes, ...]:
    """Return small valid documents of a type."""
    if content_type == CSV:
        return (
            b"driver,points,gap\r\n7,25,-1.5\r\n44,18,+2.0e1\r\n",
            '\ufeffName;Ort\n"José ""J"" K";"Köln\nDeutz"\n'.encode(),
            "日\t東\n1\t2\n".encode() * 5,
        )
    if content_type == JSON:
        return (
            b'{"driver": 7, "laps": [1.5, -2e3, true, null], "name": "Jos\\u00e9 \\"J\\""}',
            '[{"a": {"b": ["日", "\\ud83c\\udfc1"]}}, [[]], "", 0, -0.0]\n'.encode(),
            b'\xef\xbb\xbf[[[["\\\\", "}{"]]]]',
        )
    if content_type == ZIP:
        streamed = Member(b"b.csv", b"x" * 200, flags=8)
        return (
            archive([Member(), streamed]),
            archive(
                [Member(b"d/", b"", 0, mode=0o40755), Member(b"d/a", b"y" * 50, 0)], comment=b"c"
            ),
            _zip64(),
        )
    plain = pdf(
        b"<</Type /Annot /A <</S /URI /URI (http://x)>>>>",
        stream(b"\x78\x9c\x03\x00\x00\x00\x00\x01", b"/Filter /FlateDecode"),
        catalog=b"/OpenAction [12 0 R /Fit] /X 10 0 R",
    )
    packed = io.BytesIO()
    with pikepdf.open(io.BytesIO(plain)) as opened:
        opened.save(packed, object_stream_mode=pikepdf.ObjectStreamMode.generate)
    return (plain, packed.getvalue())


def _zip64() -> bytes:
    out = io.BytesIO()
    with (
        zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as opened,
        opened.open("a.csv", "w", force_zip64=True) as entry,
    ):
        entry.write(b"z" * 300)
    return out.getvalue()


def mutate(content_type: str, rng: random.Random) -> bytes:
    """Return a seed with one to four changes: bits, cuts, copies, other seeds' parts, tokens."""
    pool = seeds(content_type)
    data = bytearray(rng.choice(pool))
    for _ in range(rng.choice((1, 1, 2, 4))):
        at, length = rng.randrange(len(data) + 1), rng.randint(1, 24)
        change = rng.randrange(7)
        if change == 0 and at < len(data):
            data[at] ^= 1 << rng.randrange(8)
        elif change == 1 and at < len(data):
            data[at] = rng.randrange(256)
        elif change == 2 and rng.random() < 0.3:
            del data[at:]
        elif change == 3:
            del data[at : at + length]
        elif change == 4:
            source = rng.choice(pool)
            start = rng.randrange(len(source))
            data[at : at + rng.choice((0, length))] = source[start : start + length]
        elif change == 5:
            data[at:at] = rng.choice(_TOKENS[content_type])
        else:
            data[at : at + 4] = rng.randrange(1 << 32).to_bytes(4, "little")
    return bytes(data)


def verify(data: bytes, content_type: str) -> bool:
    """Check any bytes; returns whether they passed. Whatever is raised from here is a fault.

    An independent reader has to agree with what was accepted; for JSON, also with what was not.
    """
    try:
        check(data, content_type)
    except Rejection:
        if content_type == JSON and _is_json(data):
            raise AssertionError("valid JSON was refused") from None
        return False
    _AGREES[content_type](data)
    return True


def _is_json(data: bytes) -> bool:
    def refuse(constant: str) -> None:
        raise ValueError(constant)

    try:
        json.loads(data.decode("utf-8-sig"), parse_constant=refuse, parse_int=len)
    except (ValueError, RecursionError):
        return False
    return True


def _agree_on_csv(data: bytes) -> None:
    text = data.decode()
    assert not {*map(chr, range(32)), "\x7f"} & {*text} - {*"\t\r\n"}


def _agree_on_json(data: bytes) -> None:
    assert _is_json(data)


def _agree_on_pdf(data: bytes) -> None:
    with pikepdf.open(
        io.BytesIO(data), attempt_recovery=False, inherit_page_attributes=False
    ) as opened:
        assert len(opened.pages) > 0
        assert [w for w in map(str, opened.get_warnings()) if "Resources is missing" not in w] == []


def _agree_on_zip(data: bytes) -> None:
    with zipfile.ZipFile(io.BytesIO(data)) as opened:
        assert opened.testzip() is None
        for info in opened.infolist():
            assert len(opened.read(info)) == info.file_size


_AGREES: dict[str, Callable[[bytes], None]] = {
    CSV: _agree_on_csv,
    JSON: _agree_on_json,
    PDF: _agree_on_pdf,
    ZIP: _agree_on_zip,
}
