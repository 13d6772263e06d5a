"""JSON: one rule a test."""

import pytest
from tests.support.documents import JSON, check

from gridboss_assets.errors import (
    ContentMismatch,
    EmptyObject,
    InvalidDocument,
    Rejection,
    UnsafeDocument,
)
from gridboss_assets.inspection import documents
from gridboss_assets.inspection.documents import json_text
from gridboss_assets.inspection.policy import InspectionPolicy


@pytest.mark.parametrize(
    "text",
    [
        "{}",
        "[]",
        "0",
        "-0",
        "1e999",
        "-1.5E+10",
        '""',
        "true",
        "false",
        "null",
        " \t\r\n[1 , 2]\n",
        '"\\u0000\\ud83d\\ude00\\/"',
        '{"a":{"b":[{}]}}',
        '"\u2028"',
        '"\x7f"',
        '{"":0}',
        "9" * 5000,
        "-" + "9" * 5000,
        "0." + "1" * 5000,
        "1e" + "9" * 5000,
        "[" + "9" * 100_000 + "]",
    ],
)
def test_valid_json_is_accepted(text: str) -> None:
    assert check(text.encode(), JSON) == ()
    documents.check_head(text.encode()[:65536], JSON, is_whole=len(text) <= 65536)


@pytest.mark.parametrize(
    "text",
    [
        "[1,]",
        '{"a":1,}',
        "[,]",
        "{a:1}",
        "{'a':1}",
        "'a'",
        "[1 2]",
        '{"a" 1}',
        '{"a"}',
        "{1:2}",
        "01",
        "-01",
        "1.",
        ".5",
        "-",
        "+1",
        "1e",
        "0x10",
        "1_0",
        "NaN",
        "Infinity",
        "-Infinity",
        "[NaN]",
        "nul",
        "True",
        "None",
        "undefined",
        '"a',
        '"\\q"',
        '"\\u12g4"',
        '"\\x41"',
        '"\t"',
        '"a\nb"',
        '"\x01"',
        "[1",
        '{"a":1',
        "]",
        "1 2",
        "[1]x",
        "[1] // no",
        "/* no */ 1",
        "// no\n1",
        "1\x0b",
        "\x0c1",
        "\u00a01",
        "[1]\u00a0",
        "{}{}",
        "[1][2]",
        "callback({})",
        "1,2,3\n4,5,6",
    ],
)
def test_anything_else_is_refused(text: str) -> None:
    with pytest.raises(Rejection):
        check(text.encode(), JSON)


@pytest.mark.parametrize(
    "data",
    [
        b'"\xff"',
        b'{"\xff":1}',
        b'"\xed\xa0\x80"',
        b'"\xc0\x80"',
        b'["' + b"x" * 300_000 + b'\xe9"]',
    ],
)
def test_strings_are_utf8(data: bytes) -> None:
    with pytest.raises(InvalidDocument, match="UTF-8"):
        check(data, JSON)


@pytest.mark.parametrize("encoding", ["utf-16", "utf-16-le", "utf-16-be", "utf-32"])
def test_other_encodings_are_refused(encoding: str) -> None:
    data = '{"a": "b"}'.encode(encoding)
    with pytest.raises(ContentMismatch):
        check(data, JSON)
    with pytest.raises(ContentMismatch):
        documents.check_head(data, JSON)


@pytest.mark.parametrize(
    "text", [b"<html>", b"\x89PNG\r\n\x1a\n", b"driver,points\n", b"PK\x03\x04"]
)
def test_another_type_is_refused_by_its_head(text: bytes) -> None:
    with pytest.raises(ContentMismatch):
        documents.check_head(text, JSON)


def test_nothing_but_blanks_is_refused() -> None:
    with pytest.raises(EmptyObject):
        check(b" \n", JSON)
    with pytest.raises(Rejection):
        check(b" " * 1_000_000, JSON)


def test_a_byte_order_mark_is_a_matter_of_policy() -> None:
    data = b'\xef\xbb\xbf{"a":1}'
    assert check(data, JSON) == ("json_bom",)
    with pytest.raises(InvalidDocument):
        check(data, JSON, InspectionPolicy(json_bom="refuse"))
    with pytest.raises(Rejection):
        check(b"\xef\xbb\xbf\xef\xbb\xbf1", JSON)


@pytest.mark.parametrize(
    "text", ['"\\ud800"', '"\\uDfFf\\ud800"', '["\\\\ud800", "\\ud83dx"]', '{"\\udc00":1}']
)
def test_lone_surrogates_are_a_matter_of_policy(text: str) -> None:
    assert check(text.encode(), JSON) == ("json_lone_surrogates",)
    with pytest.raises(InvalidDocument):
        check(text.encode(), JSON, InspectionPolicy(json_lone_surrogates="refuse"))
    with pytest.raises(InvalidDocument):
        check(text.encode() + b"]", JSON)


def test_lone_surrogates_are_found_at_every_border(monkeypatch: pytest.MonkeyPatch) -> None:
    for size in range(1, 12):
        monkeypatch.setattr(json_text, "_CHUNK", size)
        assert check(b'["\\ud83d", "\\uD83dx"]', JSON) == ("json_lone_surrogates",)


def test_a_document_a_line_is_a_matter_of_policy() -> None:
    data = b'{"a":1}\n\n{"a":2}\r\n'
    with pytest.raises(InvalidDocument, match="NDJSON"):
        check(data, JSON)
    assert check(data, JSON, InspectionPolicy(json_lines="warn")) == ("json_lines",)
    for wrong in (b'{"a":1}\n{"a":}', b'{"a":1} {"a":2}', b'{"a":\n1}\n2'):
        with pytest.raises(InvalidDocument):
            check(wrong, JSON, InspectionPolicy(json_lines="accept"))


@pytest.mark.parametrize("limit", [1, 2, 7, 64, 512])
@pytest.mark.parametrize("chunk", [1, 3, 50, 256 * 1024])
def test_depth_is_measured_exactly(limit: int, chunk: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(json_text, "_CHUNK", chunk)
    policy = InspectionPolicy(json_depth=limit)
    for opening, closing in (("[", "]"), ('{"[":', "}"), ('{"\\"[{": ', "}"), ('["}\\\\",', "]")):
        for depth, fits in ((limit, True), (limit + 1, False)):
            text = (opening * depth + "0" + closing * depth).encode()
            wide = b"[" + b",".join([text] * 3) + b"]" if limit > 1 else text
            assert _accepts(text, policy) is fits
            assert _accepts(wide, InspectionPolicy(json_depth=limit + (limit > 1))) is fits


def _accepts(text: bytes, policy: InspectionPolicy) -> bool:
    try:
        check(text, JSON, policy)
    except UnsafeDocument:
        return False
    return True


def test_brackets_in_strings_are_no_depth() -> None:
    text = b'["' + b"[{" * 5000 + b'", "' + b'\\"[' * 5000 + b'", "' + b"\\\\" * 5000 + b'"]'
    assert check(text, JSON, InspectionPolicy(json_depth=1)) == ()


@pytest.mark.parametrize(
    "text", [b"[" * 100_000, b"[" * 100_000 + b"]" * 100_000, b'{"a":' * 100_000]
)
def test_a_document_that_would_exhaust_the_stack_is_refused(text: bytes) -> None:
    with pytest.raises(UnsafeDocument, match="deep"):
        check(text, JSON, InspectionPolicy(json_depth=10**6))


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ('{"a":1,"a":2}', True),
        ('{"a":1,"\\u0061":2}', True),
        ('[{"b":{"x":1, "y":2, "x" :3}}]', True),
        ('{"a":{"a":1},"b":[{"a":1},{"a":2}]}', False),
        ('{"a":"a","b":"a"}', False),
        ('{"a\\"":1,"a":2,"A":3}', False),
        ('{"\\ud800":1,"\\ud800":2}', True),
    ],
)
def test_names_that_stand_twice_are_a_matter_of_policy(text: str, found: bool) -> None:  # noqa: FBT001
    policy = InspectionPolicy(json_duplicate_keys="warn", json_lone_surrogates="accept")
    assert check(text.encode(), JSON, policy) == (("json_duplicate_keys",) if found else ())
    if found:
        with pytest.raises(InvalidDocument):
            check(
                text.encode(),
                JSON,
                InspectionPolicy(json_duplicate_keys="refuse", json_lone_surrogates="accept"),
            )


def test_a_refusal_says_where_the_fault_is() -> None:
    with pytest.raises(InvalidDocument, match=r"byte 3"):
        check(b"[1,]", JSON)
