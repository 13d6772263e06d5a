"""The page of `gridboss-assets dev`, and an upload through it as a browser makes it."""

import re
from collections.abc import Iterator
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
import requests
from PIL import Image
from tests.integration.test_dev_command import DevCommand

PHOTO = Path(__file__).parents[1] / "fixtures" / "photos" / "portrait-gps-rotated.jpg"
GPS_INFO = 0x8825  # the EXIF tag that points to the position (CIPA DC-008, "GPS Info IFD Pointer")


@pytest.fixture(scope="module")
def dev(tmp_path_factory: pytest.TempPathFactory) -> Iterator[DevCommand]:
    """Run the command once for this module."""
    with DevCommand(tmp_path_factory.mktemp("dev")) as command:
        yield command


def upload(  # noqa: PLR0913 - a file is a name, a type and bytes
    dev: DevCommand, kind: str, name: str, content_type: str, body: bytes, *, complete: bool = True
) -> dict[str, Any]:
    """Do what the page does in a browser; return the last answer of the API."""
    origin = {"Origin": dev.url}
    wanted = {"kind": kind, "filename": name, "contentType": content_type, "size": len(body)}
    signed = requests.post(f"{dev.url}/uploads/sign", json=wanted, headers=origin, timeout=30)
    signed.raise_for_status()
    form = signed.json()
    sent = requests.post(
        form["url"], data=form["fields"], files={"file": (name, body)}, headers=origin, timeout=30
    )
    sent.raise_for_status()
    if not complete:
        return dict(form)
    done = requests.post(
        f"{dev.url}/uploads/complete",
        json={"objectKey": form["objectKey"]},
        headers=origin,
        timeout=30,
    )
    done.raise_for_status()
    return dict(done.json())


def named_files(dev: DevCommand) -> list[str]:
    """Find what the page's own text names: its script, its styles and its icon."""
    return re.findall(r'(?:src|href)="(/[^"]*)"', requests.get(dev.url, timeout=30).text)


def preflight(dev: DevCommand, origin: str) -> requests.Response:
    """Ask the bucket whether a page of an origin may upload to it."""
    return requests.options(
        f"{dev.s3}/{dev.bucket}/",
        headers={"Origin": origin, "Access-Control-Request-Method": "POST"},
        timeout=30,
    )


def test_a_photograph_comes_back_upright_and_without_its_position(dev: DevCommand) -> None:
    with Image.open(PHOTO) as original:
        assert original.getexif().get_ifd(GPS_INFO)
        width, height = original.size
    done = upload(dev, "avatar", PHOTO.name, "image/jpeg", PHOTO.read_bytes())
    body = requests.get(done["url"], timeout=30).content
    assert len(body) == done["contentLength"]
    with Image.open(BytesIO(body)) as sealed:
        assert not sealed.getexif()
        assert sealed.size == (height, width)


def test_the_page_loads_nothing_that_its_policy_refuses(dev: DevCommand) -> None:
    page = requests.get(dev.url, timeout=30).text
    assert re.findall(r"<script\b[^>]*>[^<]", page) == []
    assert re.findall(r"<style\b|\sstyle=|\son[a-z]+=|javascript:", page) == []


def test_every_file_that_the_page_names_is_served(dev: DevCommand) -> None:
    names = named_files(dev)
    assert {name.rpartition(".")[2] for name in names} == {"css", "js", "svg"}
    assert [requests.get(dev.url + name, timeout=30).status_code for name in names] == [200] * len(
        names
    )


def test_no_file_but_the_built_ones_is_served(dev: DevCommand) -> None:
    for name in (
        "nothing.js",
        "assets/",
        "../__init__.py",
        "%2e%2e/__init__.py",
        "assets/../index",
    ):
        request = requests.Request("GET", dev.url).prepare()
        request.url = f"{dev.url}/page/{name}"  # as it stands: requests would tidy it up
        with requests.Session() as session:
            assert session.send(request, timeout=30).status_code == 404


def test_assets_stay_in_the_browser_and_the_page_is_asked_for_again(dev: DevCommand) -> None:
    for name in ["/", *named_files(dev)]:
        answer = requests.get(dev.url + name, timeout=30)
        lasting = name.startswith("/page/assets/")
        assert ("immutable" in answer.headers["Cache-Control"]) == lasting
        known = {"If-None-Match": answer.headers["ETag"]}
        again = requests.get(dev.url + name, headers=known, timeout=30)
        assert (again.status_code, again.content) == (304, b"")
        head = requests.head(dev.url + name, timeout=30)
        assert (head.status_code, head.content) == (200, b"")


def test_the_licences_of_what_the_page_holds_can_be_read(dev: DevCommand) -> None:
    answer = requests.get(f"{dev.url}/page/licenses.md", timeout=30)
    assert answer.headers["Content-Type"] == "text/plain; charset=utf-8"
    for name in ("react", "@uppy/dashboard", "preact", "cropperjs"):
        assert f"## {name} - " in answer.text


def test_the_page_and_its_files_come_with_a_strict_policy(dev: DevCommand) -> None:
    for name in ["/", *named_files(dev)]:
        headers = requests.get(dev.url + name, timeout=30).headers
        policy = dict(
            directive.split(" ", 1) for directive in headers["Content-Security-Policy"].split("; ")
        )
        assert policy == {
            "default-src": "'none'",
            "script-src": "'self'",
            "style-src": "'self'",
            "img-src": f"'self' blob: data: {dev.s3}",
            "connect-src": f"'self' {dev.s3}",
            "form-action": "'none'",
            "base-uri": "'none'",
            "frame-ancestors": "'none'",
        }
        assert headers["X-Content-Type-Options"] == "nosniff"


def test_the_bucket_lets_the_page_upload(dev: DevCommand) -> None:
    for origin in (dev.url, dev.url.replace("127.0.0.1", "localhost")):
        answer = preflight(dev, origin)
        assert answer.status_code == 200
        assert answer.headers["Access-Control-Allow-Origin"] == origin


def test_the_bucket_refuses_a_page_from_elsewhere(dev: DevCommand) -> None:
    answer = preflight(dev, "https://elsewhere.example")
    assert answer.status_code == 403
    assert "Access-Control-Allow-Origin" not in answer.headers


def test_the_api_itself_lets_no_page_from_elsewhere_read_its_answers(dev: DevCommand) -> None:
    answer = requests.get(
        f"{dev.url}/uploads/kinds", headers={"Origin": "https://elsewhere.example"}, timeout=30
    )
    assert "Access-Control-Allow-Origin" not in answer.headers


def test_it_says_loudly_that_there_is_no_sign_in(dev: DevCommand) -> None:
    assert "RUNNING WITHOUT SIGN-IN" in dev.errors()
    assert requests.get(f"{dev.url}/page/config.json", timeout=30).json()["signIn"] is False
