"""Files that are not what they should be: each finding has its code, and takes the upload away."""

from io import BytesIO
from typing import NamedTuple

import pytest
from PIL import Image
from tests.support.browser import Caller, File, done, open_link, refused, send
from tests.support.files import CSV, JSON, MIB, PDF, PHOTO, PNG, WEBP, ZIP, picture
from tests.support.stage import Stage


def _many_pixels(image_format: str) -> bytes:
    """Make a small file of 36 million pixels, more than is accepted."""
    out = BytesIO()
    Image.new("1", (6000, 6000)).save(out, image_format)
    return out.getvalue()


def _wide() -> bytes:
    out = BytesIO()
    Image.new("1", (20_001, 1)).save(out, "PNG")
    return out.getvalue()


class Bad(NamedTuple):
    """Bytes that were sent as something else."""

    declared: File
    data: bytes
    code: str
    status: int = 400


PAGE = b"<!DOCTYPE html><script>alert(1)</script>"
BAD = {
    "png as jpeg": Bad(PHOTO, PNG.data, "content_mismatch"),
    "webp as png": Bad(PNG, WEBP.data, "content_mismatch"),
    "jpeg as webp": Bad(WEBP, PHOTO.data, "content_mismatch"),
    "gif as png": Bad(PNG, picture("GIF"), "content_mismatch"),
    "pdf as jpeg": Bad(PHOTO, PDF.data, "content_mismatch"),
    "text as jpeg": Bad(PHOTO, b"no picture at all", "invalid_image"),
    "page as png": Bad(PNG, PAGE, "invalid_image"),
    "jpeg cut off": Bad(PHOTO, PHOTO.data[:20_000], "invalid_image"),
    "png cut off": Bad(PNG, PNG.data[:60], "invalid_image"),
    "start of a jpeg": Bad(PHOTO, PHOTO.data[:3], "invalid_image"),
    "png of 36 megapixels": Bad(PNG, _many_pixels("PNG"), "object_too_large", 413),
    "png of 20,001 columns": Bad(PNG, _wide(), "object_too_large", 413),
    "pdf as csv": Bad(CSV, PDF.data, "content_mismatch"),
    "zip as csv": Bad(CSV, ZIP.data, "content_mismatch"),
    "page as csv": Bad(CSV, PAGE, "content_mismatch"),
    "program as csv": Bad(CSV, b"\x7fELF" + bytes(60), "content_mismatch"),
    "nul in a csv": Bad(CSV, b"a,b\x00\n", "content_mismatch"),
    "page as json": Bad(JSON, PAGE, "content_mismatch"),
    "svg as json": Bad(JSON, b"<svg onload='alert(1)'/>", "content_mismatch"),
    "words as json": Bad(JSON, b"hello", "content_mismatch"),
    "csv as pdf": Bad(PDF, CSV.data, "content_mismatch"),
    "zip as pdf": Bad(PDF, ZIP.data, "content_mismatch"),
    "page as zip": Bad(ZIP, PAGE, "content_mismatch"),
    "pdf as zip": Bad(ZIP, PDF.data, "content_mismatch"),
}
each_bad = pytest.mark.parametrize("bad", BAD.values(), ids=BAD.keys())


@each_bad
def test_a_finding_has_its_code_and_takes_the_upload_away(
    stage: Stage, caller: Caller, bad: Bad
) -> None:
    signed = caller.sign(bad.declared, size=len(bad.data))
    assert send(signed, bad.data).ok
    refused(caller.complete(signed["objectKey"]), bad.status, bad.code)
    assert stage.standing(signed["objectKey"]) == []
    refused(caller.complete(signed["objectKey"]), 404, "object_not_found")


def test_a_rejection_costs_one_get_one_head_and_one_delete(stage: Stage, caller: Caller) -> None:
    key = caller.sign(CSV)["objectKey"]
    stage.write(f"pending/{key}", CSV, PDF.data)
    refused(caller.complete(key), 400, "content_mismatch")
    assert stage.calls(key) == ["GET pending", "HEAD final 404", "DELETE pending"]


@pytest.mark.parametrize("file", [PHOTO, CSV], ids=["avatar", "export"])
def test_an_empty_file_is_refused(stage: Stage, caller: Caller, file: File) -> None:
    key = caller.sign(file)["objectKey"]
    stage.write(f"pending/{key}", file, b"")
    refused(caller.complete(key), 400, "empty_object")
    assert stage.standing(key) == []


@pytest.mark.parametrize(
    ("file", "limit"), [(PHOTO, 2 * MIB), (CSV, 25 * MIB)], ids=["avatar", "export"]
)
def test_a_file_over_the_limit_is_refused(
    stage: Stage, caller: Caller, file: File, limit: int
) -> None:
    key = caller.sign(file)["objectKey"]
    stage.write(f"pending/{key}", file, file.data.ljust(limit + 1, b"\n"))
    message = refused(caller.complete(key), 413, "object_too_large")
    assert f"{limit // MIB} MiB" in message
    assert stage.standing(key) == []


def test_a_file_at_the_limit_is_accepted(stage: Stage, caller: Caller) -> None:
    key = caller.sign(CSV)["objectKey"]
    stage.write(f"pending/{key}", CSV, CSV.data.ljust(25 * MIB, b"\n"))
    assert done(caller.complete(key))["contentLength"] == 25 * MIB


@pytest.mark.parametrize("declared", ["text/html", "image/svg+xml", "binary/octet-stream", "x"])
def test_an_object_of_another_content_type_is_refused(
    stage: Stage, caller: Caller, declared: str
) -> None:
    key = caller.sign(CSV)["objectKey"]
    stage.write(f"pending/{key}", CSV, ContentType=declared)
    refused(caller.complete(key), 400, "content_mismatch")
    assert stage.standing(key) == []


def test_a_seal_on_a_pending_object_is_not_believed(stage: Stage, caller: Caller) -> None:
    sealed = caller.seal(CSV)
    seal = stage.head(sealed["objectKey"])
    assert seal is not None
    key = caller.sign(CSV)["objectKey"]
    stage.write(f"pending/{key}", CSV, PDF.data, Metadata=seal["Metadata"])
    refused(caller.complete(key), 400, "content_mismatch")
    assert stage.standing(key) == []


def test_what_hides_behind_a_picture_is_not_served(caller: Caller) -> None:
    smuggled = File(PHOTO.kind, PHOTO.name, PHOTO.content_type, PHOTO.data + ZIP.data + PAGE)
    served = open_link(caller.seal(smuggled)["url"]).content
    assert b"standings.csv" not in served
    assert b"script" not in served


def test_the_message_says_what_was_found_and_what_to_do(stage: Stage, caller: Caller) -> None:
    key = caller.sign(CSV)["objectKey"]
    stage.write(f"pending/{key}", CSV, PDF.data)
    message = refused(caller.complete(key), 400, "content_mismatch")
    assert "application/pdf" in message
    assert "Choose another file" in message
