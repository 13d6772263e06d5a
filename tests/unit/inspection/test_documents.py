"""Documents as a whole: every fixture, the head, and what both stages promise."""

import json
import pickle
import tempfile
from io import BytesIO
from pathlib import Path

import pytest
from tests.support.documents import CSV, JSON, PDF, ZIP, archive, check, pdf

from gridboss_assets.errors import ContentMismatch, EmptyObject, Misconfigured, Rejection
from gridboss_assets.inspection import documents

FIXTURES = Path(__file__).parents[2] / "fixtures/documents"
ENTRIES = json.loads((FIXTURES / "documents.json").read_text())

# Where careful engineers differ, this is what our defaults say.
OURS: dict[str, str | tuple[str, ...]] = {
    "csv_comments_no_page": "content_mismatch",
    "csv_ctrl_chars": "invalid_document",
    "csv_empty": "empty_object",
    "csv_formula_at": ("csv_formulas",),
    "csv_formula_equals": ("csv_formulas",),
    "csv_json_declared_csv": "content_mismatch",
    "csv_latin1": "invalid_document",
    "csv_only_newlines": "empty_object",
    "csv_utf16be_bom": "content_mismatch",
    "json_duplicate_keys": (),
    "json_integer_5000_digits": (),
    "pdf_attachment_csv": ("pdf_attachments",),
    "pdf_attachment_exe": "unsafe_document",
    "pdf_javascript": "unsafe_document",
    "pdf_javascript_in_object_stream": "unsafe_document",
    "pdf_launch_action": "unsafe_document",
    "pdf_owner_password": "unsafe_document",
    "pdf_trailing_nul_300": (),
    "pdf_trailing_text": "invalid_document",
    "zip_bzip2": "unsafe_document",
    "zip_comment_fake_eocd": "invalid_document",
    "zip_comment_max": (),
    "zip_docx": ("zip_office",),
    "zip_exe_inside": "unsafe_document",
    "zip_jar": "unsafe_document",
    "zip_name_duplicate": "unsafe_document",
    "zip_nested": ("zip_nested",),
    "zip_nested_30": ("zip_nested",),
    "zip_nested_bomb": ("zip_nested",),
    "zip_password_aes": "unsafe_document",
    "zip_symlink_inside": "unsafe_document",
    "zip_xlsx": ("zip_office",),
}

GOOD = {CSV: b"driver,points\n7,25\n", JSON: b'{"driver": 7}', PDF: pdf(), ZIP: archive()}


@pytest.mark.parametrize("entry", ENTRIES, ids=[entry["name"] for entry in ENTRIES])
def test_every_fixture_gets_its_answer(entry: dict[str, str]) -> None:
    data = (FIXTURES / entry["file"]).read_bytes()
    answer: str | tuple[str, ...]
    try:
        answer = check(data, entry["content_type"])
    except Rejection as rejection:
        answer = rejection.code
    if entry["expected"] == "accept":
        assert answer == ()
    elif entry["expected"] == "reject":
        assert isinstance(answer, str)
    else:
        assert answer == OURS[entry["name"]]


@pytest.mark.parametrize("entry", ENTRIES, ids=[entry["name"] for entry in ENTRIES])
def test_the_head_refuses_nothing_that_the_whole_would_pass(entry: dict[str, str]) -> None:
    data = (FIXTURES / entry["file"]).read_bytes()
    head = data[: documents.HEAD_BYTES]
    try:
        check(data, entry["content_type"])
    except Rejection:
        return
    documents.check_head(head, entry["content_type"], is_whole=len(head) == len(data))


@pytest.mark.parametrize(
    "entry",
    [e for e in ENTRIES if e["fault"] == "mismatch" and e["needs"] == "head"],
    ids=lambda entry: entry["name"],
)
def test_another_type_is_seen_in_the_head(entry: dict[str, str]) -> None:
    head = (FIXTURES / entry["file"]).read_bytes()[: documents.HEAD_BYTES]
    if entry["name"] == "json_binary":
        head = head[:4096]  # no need of all that noise
    with pytest.raises(Rejection):
        documents.check_head(head, entry["content_type"])


@pytest.mark.parametrize("declared", GOOD)
@pytest.mark.parametrize("real", GOOD)
def test_one_type_does_not_pass_for_another(real: str, declared: str) -> None:
    if real == declared:
        assert check(GOOD[real], declared) == ()
        return
    with pytest.raises(ContentMismatch):
        documents.check_head(GOOD[real], declared)
    with pytest.raises(ContentMismatch):
        check(GOOD[real], declared)


@pytest.mark.parametrize("content_type", GOOD)
def test_nothing_at_all_is_no_document(content_type: str) -> None:
    with pytest.raises(EmptyObject):
        check(b"", content_type)


def test_a_type_without_rules_is_a_fault_of_the_deployment() -> None:
    with pytest.raises(Misconfigured):
        check(b"text", "text/plain")


@pytest.mark.parametrize("content_type", GOOD)
def test_only_the_bytes_from_the_position_count(content_type: str) -> None:
    good = GOOD[content_type]
    file = BytesIO(b"before" + good + b"\x00behind")
    file.seek(6)
    assert documents.check(file, content_type, size=len(good)) == ()


@pytest.mark.parametrize("content_type", GOOD)
def test_a_file_that_ends_early_is_refused(content_type: str) -> None:
    good = GOOD[content_type]
    with pytest.raises(Rejection):
        documents.check(BytesIO(good), content_type, size=len(good) + 1)


@pytest.mark.parametrize("content_type", GOOD)
def test_real_files_and_spooled_files_get_the_same_answer(content_type: str) -> None:
    good = GOOD[content_type]
    if content_type in {CSV, JSON}:
        good += b" " * (3 * 1024 * 1024)  # enough to be mapped
    with tempfile.TemporaryFile() as real, tempfile.SpooledTemporaryFile(2**23) as spooled:
        for file in (real, spooled):
            file.write(good)
            file.seek(0)
            assert documents.check(file, content_type, size=len(good)) == ()
        assert spooled._rolled is False  # type: ignore[attr-defined]  # noqa: SLF001 - never written to disk


@pytest.mark.parametrize("content_type", GOOD)
def test_a_refusal_tells_what_to_do_and_can_travel(content_type: str) -> None:
    with pytest.raises(Rejection) as caught:
        check(b"\x89PNG\r\n\x1a\n" + bytes(100), content_type)
    assert str(caught.value).endswith(".")
    assert type(pickle.loads(pickle.dumps(caught.value))) is type(caught.value)  # noqa: S301
