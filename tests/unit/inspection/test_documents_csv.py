"""CSV: one rule a test."""

import random

import pytest
from tests.support.documents import CSV, check

from gridboss_assets.errors import ContentMismatch, EmptyObject, InvalidDocument, UnsafeDocument
from gridboss_assets.inspection import documents
from gridboss_assets.inspection.documents import csv_cells, csv_text
from gridboss_assets.inspection.documents.findings import Findings
from gridboss_assets.inspection.policy import InspectionPolicy

STRICT = InspectionPolicy(csv_formulas="refuse")


@pytest.mark.parametrize(
    "text",
    [
        "a,b\r\n1,2\r\n",
        "a,b\r1,2\r",
        "a\tb\n1\t2\n",
        "a\t\tb\n\t\t2\n",
        "a|b\n1|2",
        "\ufeffName;Ort\nJosé;Köln\n",
        'a,"b\nc",d\n1,"2\r\n\r\n3",4\n',
        'a,"he said ""no"""\n',
        '1,5" pipe\n',
        "x",
        "BM,size\n1,2\n",
        "MZ,intensity\n1,2\n",
        "PK,name\n1,Ada\n",
        "ID;PRICE;NAME\n1;2;3\n",
        "GIF,count\n",
        "%,share\n",
        "#id,name\n",
        "[id],[name]\n1,2\n",
        "{id},name\n1,2\n",
        "<5,count\n1,2\n",
        "<DATE>,<TIME>,<OPEN>\n20260101,1200,1.5\n",
        "<TICKER>\t<PER>\nX\tD\n",
        "id,html\n1,<b>bold</b>\n",
        "日本,東京\n",
        "\U0001f3c1,flag\n",
        '"a"\t"b"\n"c"\t"d"\n',
        "-----,-----\n",
    ],
)
def test_any_text_is_accepted(text: str) -> None:
    assert check(text.encode(), CSV, STRICT) == ()


@pytest.mark.parametrize(
    "text",
    [
        "<!DOCTYPE html><title>x</title>",
        "\ufeff \r\n<HTML>",
        "<?xml version='1.0'?><a/>",
        "<?php system($_GET[0]);",
        "<!-- a --><p>x",
        "<svg onload=alert(1)>",
        "<script>alert(1)</script>",
        "</p>",
        "<note><to>x</to></note>",
        "<note to='x'>",
        "<note/>",
        '{"a": 1}',
        '\n {\n "a\\"b" : 1',
        '[{"a": 1}, {"a": 2}]',
        '{"a":1}\n{"a":2}\n',
        "[1,2,3]",
        "[1,2]\n[3,4]\n",
        "{}",
        "{\\rtf1 text}",
        "%!PS-Adobe-3.0",
        "%PDF-1.7",
        "#!/bin/sh\necho",
        'ID;PWXL;N;E\nC;Y1;X1;K"=1"',
        "BEGIN:VCARD\n",
        "-----BEGIN RSA PRIVATE KEY-----",
        "MIME-Version: 1.0\n",
    ],
)
def test_another_format_in_disguise_is_refused(text: str) -> None:
    with pytest.raises(ContentMismatch):
        check(text.encode(), CSV)
    with pytest.raises(ContentMismatch):
        documents.check_head(text.encode(), CSV, is_whole=True)


@pytest.mark.parametrize("start", ["<html>", '{"a": 1}', "[1]"])
def test_blanks_before_another_format_hide_nothing(start: str) -> None:
    with pytest.raises(ContentMismatch):
        check(b" " * 300_000 + start.encode(), CSV)


@pytest.mark.parametrize(
    "data",
    [
        "é".encode("latin-1"),
        b"a\xc0\x80",
        b"a\xed\xa0\x80",
        b"a\xf4\x90\x80\x80",
        b"a,\xe2\x82",
    ],
)
def test_what_is_not_utf8_text_is_refused(data: bytes) -> None:
    for at in (0, 200_000):
        with pytest.raises(InvalidDocument):
            check(b"x" * at + data, CSV, InspectionPolicy(csv_control_characters="accept"))


@pytest.mark.parametrize("data", [b"a\x00b", b"\x00", "a,b\n".encode("utf-16-le")])
def test_what_holds_nul_is_no_text(data: bytes) -> None:
    for at in (0, 200_000):
        with pytest.raises(ContentMismatch):
            check(b"x" * at + data, CSV, InspectionPolicy(csv_control_characters="accept"))


@pytest.mark.parametrize("control", [*range(1, 9), 11, 12, *range(14, 32), 127])
def test_control_characters_are_refused(control: int) -> None:
    with pytest.raises(InvalidDocument):
        check(b"a,b" + bytes([control]) + b"\n", CSV)


def test_control_characters_can_be_allowed() -> None:
    data = b"a,\x1b[31mb\n"
    assert check(data, CSV, InspectionPolicy(csv_control_characters="warn")) == (
        "csv_control_characters",
    )
    assert check(data, CSV, InspectionPolicy(csv_control_characters="accept")) == ()


@pytest.mark.parametrize("blank", ["\n", "\r\n\r\n", "\ufeff", "  \t \n" * 100_000])
def test_nothing_but_blanks_is_refused(blank: str) -> None:
    with pytest.raises(EmptyObject):
        check(blank.encode(), CSV)


@pytest.mark.parametrize("encoding", ["utf-16-le", "utf-16-be"])
def test_utf16_is_a_matter_of_policy(encoding: str) -> None:
    data = "\ufeffName,Ort\nJosé,=1+1\n".encode(encoding)
    with pytest.raises(ContentMismatch):
        check(data, CSV)
    policy = InspectionPolicy(csv_utf16="warn")
    assert check(data, CSV, policy) == ("csv_formulas", "csv_utf16")
    with pytest.raises(ContentMismatch):
        check("\ufeff<html>".encode(encoding), CSV, policy)
    with pytest.raises(ContentMismatch):
        check("\ufeffa\x00b".encode(encoding), CSV, policy)
    with pytest.raises(InvalidDocument):
        check(data + b"x", CSV, policy)


def test_utf32_is_refused() -> None:
    with pytest.raises(ContentMismatch):
        check("\ufeffa".encode("utf-32-le"), CSV, InspectionPolicy(csv_utf16="accept"))


@pytest.mark.parametrize(
    "cell",
    [
        "=1+1",
        "@SUM(1)",
        "+SUM(A1)",
        "-cmd",
        "-2+3+cmd|' /C calc'!A0",
        "+1a",
        "-e5",
        "--a",
        '"=HYPERLINK(""http://x"")"',
        '"@x"',
        '"-1 or so"',
        '"\t=1"',
        '"\r=1"',
        '"\r\n=1"',
        '"+a,b"',
    ],
)
@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
def test_formulas_are_found(cell: str, delimiter: str) -> None:
    rows = [f"{cell}{delimiter}b\n", f"a{delimiter}{cell}", f"a{delimiter}b\r\n{cell}\r\n"]
    for text in [*rows, f"\ufeff{cell}\n", f'"x"{delimiter}{cell}\n', f"a\r{cell}\r"]:
        assert check(text.encode(), CSV) == ("csv_formulas",), text
        with pytest.raises(UnsafeDocument):
            check(text.encode(), CSV, STRICT)


@pytest.mark.parametrize(
    "cell",
    [
        "-1",
        "+1",
        "-1.5",
        "-.5",
        "-1e5",
        "-1.5E-10",
        "+1e+5",
        "-",
        "--",
        "---",
        "-12%",
        "+49 170 12",
        "+02:00",
        "-1'000",
        "-(5)",
        "-$5",
        '"-1,234.50"',
        '"-1;5"',
        '"-1"',
        "-1\u00a0000",
        "-5\u00a0€",
        "2026-11-02",
        "a=b",
        "me@example.com",
        "a-b",
        "1+1",
        '"a,=b"',
        '"x\n=y"',
        '"x;-y"',
        '"a ""=b"""',
        "a'=b",
        " -x",
    ],
)
def test_numbers_and_ordinary_text_are_no_formulas(cell: str) -> None:
    for text in (f"{cell},b\n", f"a,{cell}\nc", f"a;{cell}", f"a\r\n{cell}\r\n"):
        assert check(text.encode(), CSV, STRICT) == (), text


def test_a_formula_is_found_wherever_it_stands_in_a_large_file() -> None:
    rows = b'7,"note, -x","a\nb",-2.5\r\n' * 30_000
    for at in range(0, len(rows), len(rows) // 7):
        cut = rows.rfind(b"\r\n", 0, at + 40) + 2
        assert check(rows[:cut] + b"1,=A1\n" + rows[cut:], CSV) == ("csv_formulas",)
    assert check(rows, CSV, STRICT) == ()


def test_a_line_without_end_is_checked_in_bounded_memory() -> None:
    assert check(b"x" * 3_000_000, CSV, STRICT) == ()
    assert check(b"-1," * 1_000_000, CSV, STRICT) == ()
    assert check(b"-1," * 1_000_000 + b"=x", CSV) == ("csv_formulas",)


@pytest.mark.parametrize("size", [*range(1, 24), 31, 64])
def test_pieces_of_any_size_give_the_same_answer(
    size: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(csv_text, "_CHUNK", size)
    whole = '\ufeffé,"a, -x\n=y",-1.5e-3\r\n"-1,234.00",日本,\U0001f3c1\r\n'
    assert check(whole.encode(), CSV, STRICT) == ()
    assert check(whole.encode() + b'a,"\t=1"', CSV) == ("csv_formulas",)
    assert check(whole.encode() + b"a,+x", CSV) == ("csv_formulas",)
    with pytest.raises(InvalidDocument):
        check(whole.encode() + "日本".encode()[:-1], CSV)
    with pytest.raises(InvalidDocument):
        check(whole.encode() + b"\x1b", CSV)
    if size > 3:
        text = whole.encode("utf-16")
        assert check(text, CSV, InspectionPolicy(csv_utf16="accept", csv_formulas="refuse")) == ()


def test_the_quick_look_misses_nothing_that_the_exact_one_finds() -> None:
    rng = random.Random(7)  # noqa: S311 - the same in every run
    for _ in range(20_000):
        text = "".join(rng.choices('=+-@,;|\t\r\n"1.e xE', k=12)).encode()
        scanner = csv_cells.Scanner(findings := Findings(InspectionPolicy()))
        scanner.feed(text, is_last=True)
        window = b"\n" + text + b"\n"
        exact = any(
            window.count(b'"', 0, found.start()) % 2 == 0
            for at in range(len(window))
            if (found := csv_cells._FORMULA.match(window, at))  # noqa: SLF001
        )
        assert bool(findings.warnings) == exact, text
