"""Ten thousand damaged documents of each type: a verdict every time, never a crash or a hang."""

import faulthandler
import json
import random
import zlib

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.support.document_fuzz import TYPES, mutate, seeds, verify
from tests.support.documents import CSV, JSON, PDF, ZIP, Member, archive, check, deflate

from gridboss_assets.inspection.documents import pdf as pdf_module

ROUNDS = 10_000
# Not a speed that is asserted: what takes this long hangs, and the process is ended where it does.
HANGS_AFTER = 60.0


@pytest.mark.parametrize("content_type", TYPES)
def test_seeds_are_valid(content_type: str) -> None:
    assert all(verify(data, content_type) for data in seeds(content_type))


@pytest.mark.parametrize("content_type", TYPES)
def test_damaged_documents_get_a_verdict_that_others_agree_with(content_type: str) -> None:
    rng = random.Random(f"gridboss {content_type}")  # noqa: S311 - the same in every run
    passed = 0
    try:
        for number in range(ROUNDS):
            if number % 100 == 0:
                faulthandler.dump_traceback_later(HANGS_AFTER, exit=True, file=2)
            passed += verify(mutate(content_type, rng), content_type)
    finally:
        faulthandler.cancel_dump_traceback_later()
    assert 0 < passed < ROUNDS  # both verdicts were put to the test


def test_large_pdf_rules_give_a_verdict_too(monkeypatch: pytest.MonkeyPatch) -> None:
    """A large file is searched and not parsed, so a reader may still complain about it."""
    monkeypatch.setattr(pdf_module, "_PARSED_AT_ONCE", 0)
    monkeypatch.setattr("tests.support.document_fuzz._AGREES", {PDF: lambda _: None})
    rng = random.Random("gridboss large PDF")  # noqa: S311 - the same in every run
    assert any(verify(mutate(PDF, rng), PDF) for _ in range(2000))


SCALARS = (
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False)
)
DOCUMENTS = st.recursive(
    SCALARS | st.text(), lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner)
)


@given(DOCUMENTS, st.sampled_from([False, True]), st.sampled_from([None, 1, "\t"]))
def test_whatever_json_writes_is_accepted(
    document: object,
    ascii_only: bool,  # noqa: FBT001 - Hypothesis gives it
    indent: int | str | None,
) -> None:
    text = json.dumps(document, ensure_ascii=ascii_only, indent=indent)
    assert check(text.encode(), JSON) == ()


@given(st.text(alphabet='{}[]",:\\ud8f0-.eE+tNn\n ', max_size=12))
def test_short_texts_are_json_when_the_standard_library_says_so(text: str) -> None:
    verify(text.encode(), JSON)


@given(st.binary(max_size=40), st.sampled_from(TYPES))
def test_any_bytes_get_a_verdict(data: bytes, content_type: str) -> None:
    verify(data, content_type)


@given(
    st.lists(st.binary(max_size=300), max_size=5), st.sampled_from([0, 8]), st.sampled_from([0, 8])
)
def test_archives_of_anything_open_elsewhere(
    contents: list[bytes], method: int, flags: int
) -> None:
    members = [
        Member(b"%d.csv" % number, data, method, flags) for number, data in enumerate(contents)
    ]
    verify(archive(members), ZIP)


@given(st.binary(min_size=1, max_size=200), st.integers(-5, 5).filter(bool))
def test_an_entry_whose_size_is_not_true_never_passes(data: bytes, by: int) -> None:
    member = Member(b"a.csv", data, packed=deflate(data), size=max(0, len(data) + by))
    assert not verify(archive([member]), ZIP)


@given(st.binary(min_size=1, max_size=200), st.integers(1, 2**32 - 1), st.sampled_from([0, 8]))
def test_an_entry_whose_checksum_is_not_true_never_passes(
    data: bytes, by: int, method: int
) -> None:
    member = Member(b"a.csv", data, method, crc=zlib.crc32(data) ^ by)
    assert not verify(archive([member]), ZIP)


@given(st.lists(st.lists(st.text(), min_size=1, max_size=4), max_size=5))
def test_whatever_text_is_in_the_cells_what_passes_is_utf8(rows: list[list[str]]) -> None:
    text = "\r\n".join(",".join(f'"{cell}"' for cell in row) for row in rows)
    verify(text.encode(), CSV)
