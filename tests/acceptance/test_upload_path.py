"""Sign, send to the bucket, complete, open the link: the ordinary path of both kinds."""

import hashlib
from io import BytesIO

import pytest
from PIL import Image, ImageChops, ImageOps, ImageStat
from tests.support.browser import Caller, File, done, http, open_link, send
from tests.support.files import CSV, DOCUMENTS, EVERY_TYPE, MIB, PHOTO, PICTURES
from tests.support.stage import Stage

every_type = pytest.mark.parametrize("file", EVERY_TYPE, ids=lambda file: file.content_type)
documents = pytest.mark.parametrize("file", DOCUMENTS, ids=lambda file: file.content_type)
pictures = pytest.mark.parametrize("file", PICTURES, ids=lambda file: file.content_type)


@every_type
def test_sign_says_all_that_a_browser_needs(stage: Stage, caller: Caller, file: File) -> None:
    signed = caller.sign(file)
    assert signed["method"] == stage.method.upper()
    assert signed["url"].startswith(stage.edge)
    assert bool(signed["fields"]) == (stage.method == "post")
    assert bool(signed["headers"]) == (stage.method == "put")
    assert signed["bucket"] == stage.bucket
    assert signed["contentType"] == file.content_type
    assert signed["maxSize"] == {"avatar": 2 * MIB, "export": 25 * MIB}[file.kind]
    assert signed["expiresIn"] == 3600
    prefix, owner, name = signed["objectKey"].split("/")
    assert (prefix, owner) == (f"{file.kind}s", caller.sub)
    assert len(name.partition(".")[0]) == 32


@every_type
def test_complete_says_what_is_served_and_links_to_it(caller: Caller, file: File) -> None:
    key = caller.upload(file)["objectKey"]
    answer = done(caller.complete(key))
    served = open_link(answer["url"])
    assert served.status_code == 200
    assert served.headers["Content-Type"] == answer["contentType"] == file.content_type
    assert int(served.headers["Content-Length"]) == answer["contentLength"] == len(served.content)
    assert answer["sha256"] == hashlib.sha256(served.content).hexdigest()
    assert (answer["objectKey"], answer["filename"]) == (key, file.name)
    assert answer["expiresIn"] == 3600


def test_a_photograph_comes_back_upright(caller: Caller) -> None:
    served = open_link(caller.seal(PHOTO)["url"]).content
    with Image.open(BytesIO(PHOTO.data)) as before, Image.open(BytesIO(served)) as after:
        upright = ImageOps.exif_transpose(before)
        assert after.size == upright.size != before.size
        difference = ImageStat.Stat(ImageChops.difference(upright.convert("RGB"), after))
        assert max(difference.mean) < 3


def test_a_photograph_comes_back_without_any_metadata(caller: Caller) -> None:
    with Image.open(BytesIO(PHOTO.data)) as before:
        assert before.getexif().get_ifd(0x8825), "the photograph has no GPS position to lose"
    served = open_link(caller.seal(PHOTO)["url"]).content
    with Image.open(BytesIO(served)) as after:
        assert not after.getexif()
        assert set(after.info) <= {"jfif", "jfif_version", "jfif_unit", "jfif_density"}
    for mark in (b"Exif", b"http://ns.adobe.com", b"Photoshop", b"ICC_PROFILE"):
        assert mark not in served


@pictures
def test_a_picture_keeps_its_format_and_looks(caller: Caller, file: File) -> None:
    served = open_link(caller.seal(file)["url"]).content
    with Image.open(BytesIO(file.data)) as before, Image.open(BytesIO(served)) as after:
        assert after.format == before.format
        upright = ImageOps.exif_transpose(before).convert("RGB")
        difference = ImageStat.Stat(ImageChops.difference(upright, after.convert("RGB")))
        assert max(difference.mean) < 3


@documents
def test_a_document_is_served_byte_for_byte(caller: Caller, file: File) -> None:
    assert open_link(caller.seal(file)["url"]).content == file.data


@documents
def test_a_document_is_offered_for_download_under_its_name(caller: Caller, file: File) -> None:
    served = open_link(caller.seal(file)["url"])
    assert served.headers["Content-Disposition"] == (
        f"attachment; filename=\"{file.name}\"; filename*=UTF-8''{file.name}"
    )


def test_a_picture_is_shown_and_not_offered_for_download(caller: Caller) -> None:
    assert "Content-Disposition" not in open_link(caller.seal(PHOTO)["url"]).headers


@pytest.mark.parametrize(
    ("file", "policy"),
    [(PHOTO, "public, max-age=86400, immutable"), (CSV, "private, max-age=10800")],
    ids=["avatar", "export"],
)
def test_a_sealed_object_says_how_long_it_may_be_kept(
    caller: Caller, file: File, policy: str
) -> None:
    assert open_link(caller.seal(file)["url"]).headers["Cache-Control"] == policy


@every_type
def test_download_links_to_the_same_bytes(caller: Caller, file: File) -> None:
    completed = caller.seal(file)
    link = done(caller.download(completed["objectKey"]))
    assert open_link(link["url"]).content == open_link(completed["url"]).content
    assert link["expiresIn"] == 3600


def test_the_seal_names_the_digest_of_what_is_served(stage: Stage, caller: Caller) -> None:
    answer = caller.seal(CSV)
    head = stage.head(answer["objectKey"])
    assert head is not None
    assert head["Metadata"]["sha256"] == hashlib.sha256(CSV.data).hexdigest()
    assert head["Metadata"]["filename"] == CSV.name
    assert head["Metadata"]["inspector"]


def test_only_the_sealed_object_remains(stage: Stage, caller: Caller) -> None:
    assert stage.standing(caller.seal(CSV)["objectKey"]) == ["final"]


def test_nothing_can_be_read_without_a_signature(stage: Stage, caller: Caller) -> None:
    key = caller.seal(PHOTO)["objectKey"]
    pending = caller.upload(PHOTO)["objectKey"]
    for path in (key, f"pending/{pending}"):
        assert http("GET", f"{stage.edge}/{stage.bucket}/{path}").status_code == 403


@every_type
def test_complete_costs_one_get_one_put_and_one_delete(
    stage: Stage, caller: Caller, file: File
) -> None:
    key = caller.seal(file)["objectKey"]
    assert stage.calls(key) == ["GET pending", "PUT final", "DELETE pending"]
    assert stage.asked(key)[1].headers["if-none-match"] == "*"


def test_a_conflict_costs_one_head_more(stage: Stage, caller: Caller) -> None:
    signed = caller.upload(CSV)
    done(caller.complete(signed["objectKey"]))
    send(signed, CSV.data)
    stage.proxy.clear()
    done(caller.complete(signed["objectKey"]))
    assert stage.calls(signed["objectKey"]) == [
        "GET pending",
        "PUT final 412",
        "HEAD final",
        "DELETE pending",
    ]


def test_signing_and_linking_ask_nothing_of_the_bucket(stage: Stage, caller: Caller) -> None:
    key = caller.sign(CSV)["objectKey"]
    done(caller.download(key))
    assert stage.calls(key) == []


def test_the_whole_path_works_without_a_proxy_in_between(stage: Stage) -> None:
    caller = Caller(stage.anonymous.url)
    assert open_link(caller.seal(CSV)["url"]).content == CSV.data


def test_complete_names_what_was_found_and_accepted(caller: Caller) -> None:
    sheet = File("export", "links.csv", "text/csv", b"name,link\nada,=HYPERLINK(1)\n")
    key = caller.upload(sheet)["objectKey"]
    assert done(caller.complete(key))["warnings"] == ["csv_formulas"]
    assert done(caller.complete(key))["warnings"] == ["csv_formulas"]
    assert done(caller.complete(caller.upload(CSV)["objectKey"]))["warnings"] == []
