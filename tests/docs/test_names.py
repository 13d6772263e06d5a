"""What the documents name exists: files, headings, settings, error codes, parts of the code."""

import json
import re
import tomllib
from functools import cache
from itertools import chain
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from tests.docs.documents import ROOT, anchors, documents, inline_code, links, prose

from gridboss_assets import errors
from gridboss_assets.web.errors import status_of
from gridboss_config import Settings

DOCUMENTS = pytest.mark.parametrize(
    "path", documents(), ids=[str(path.relative_to(ROOT)) for path in documents()]
)

# Settings are written like this, and so are the parts of a key and one of FastAPI's variables.
SETTING = re.compile(r"\b(?:APP|CORS|EXPORT|JWT|LOG|RATE|REDIS|S3|CDN)_[A-Z_]+\b")
NAME = re.compile(r"[a-z]+(?:_[a-z]+)+")

# Names of other libraries.
FOREIGN = {"dependency_overrides", "include_router"}


def statuses() -> dict[str, int]:
    """Map each code to its status."""
    found = {"not_found": 404, "method_not_allowed": 405}
    classes = [e for e in vars(errors).values() if isinstance(e, type)]
    for error in classes:
        if issubclass(error, errors.AssetsError):
            found.setdefault(error.code, status_of(error))
    return found


@DOCUMENTS
def test_links_lead_somewhere(path: Path) -> None:
    for link in links(path):
        parts = urlsplit(link)
        if parts.scheme:
            assert parts.scheme == "https"
            continue
        target = (path.parent / parts.path).resolve() if parts.path else path
        assert target.exists(), f"{link} leads nowhere"
        assert target.is_relative_to(ROOT)
        assert not parts.fragment or parts.fragment in anchors(target), f"no heading for {link}"


@DOCUMENTS
def test_settings_exist(path: Path) -> None:
    known = {name.upper() for name in Settings.model_fields}
    assert set(SETTING.findall(path.read_text(encoding="utf-8"))) - known == set()


@DOCUMENTS
def test_names_in_the_running_text_exist_in_the_code(path: Path) -> None:
    """Among them all error codes: a code that does not exist is a word that the code lacks."""
    named = {name for code in inline_code(path) for name in NAME.findall(code)}
    assert named - names_of_the_code() - FOREIGN == set()


@cache
def names_of_the_code() -> set[str]:
    found = set[str]()
    for folder in ("src", "scripts", "benchmarks", "tests", "client/src"):
        for file in filter(is_text, (ROOT / folder).rglob("*")):
            found |= {file.stem, *NAME.findall(file.read_text(encoding="utf-8"))}
    return found


def is_text(file: Path) -> bool:
    here = Path(__file__).parent
    return (
        file.suffix in {"", ".py", ".ts", ".tsx"}
        and file.is_file()
        and not file.is_relative_to(here)
    )


@DOCUMENTS
def test_files_of_the_code_exist(path: Path) -> None:
    named = re.findall(r"`((?:src|tests|scripts|docs)/[\w/.-]+)`", prose(path))
    assert [name for name in named if not (ROOT / name).exists()] == []


@DOCUMENTS
def test_codes_in_tables_have_their_status(path: Path) -> None:
    rows = re.findall(r"^\| (\d{3}) \| `(\w+)` \|", prose(path), re.MULTILINE)
    assert {code: int(status) for status, code in rows}.items() <= statuses().items()


def test_every_code_that_a_client_may_meet_is_explained() -> None:
    openapi = json.loads((ROOT / "docs/reference/openapi.json").read_text(encoding="utf-8"))
    paths = [operation for path in openapi["paths"].values() for operation in path.values()]
    answers = [item for operation in paths for item in operation["responses"].items()]
    refusals = [answer["description"] for status, answer in answers if int(status) >= 400]
    met = {code for description in refusals for code in re.findall(r"`(\w+)`", description)}
    tables = [prose(ROOT / "docs" / name) for name in ("upload-from-a-browser.md", "exports.md")]
    rows = [re.findall(r"^\| \d{3} \| `(\w+)` \|", table, re.MULTILINE) for table in tables]
    assert sorted(chain.from_iterable(rows)) == sorted(met)  # each in one place


def test_the_diagram_shows_every_layer() -> None:
    config = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    layers = config["tool"]["importlinter"]["contracts"][0]["layers"]
    names = [name.rpartition(".")[2] for layer in layers for name in layer.split(" | ")]
    text = (ROOT / "docs" / "architecture.md").read_text(encoding="utf-8")
    diagram = text.partition("```text\n")[2].partition("```")[0]
    rooms = re.findall(
        r"^  (\w+)|(?<=  )(access|delivery|errors|filenames|invalidation)\b", diagram, re.MULTILINE
    )
    assert {first or second for first, second in rooms} == set(names)


def test_the_browser_client_documents_each_of_its_own_codes() -> None:
    source = (ROOT / "client/src/errors.ts").read_text(encoding="utf-8")
    declared = re.findall(r'^  \| "(\w+)"', source, re.MULTILINE)
    table = (ROOT / "docs/browser-client.md").read_text(encoding="utf-8")
    assert sorted(re.findall(r"^\| `(\w+)` \|", table, re.MULTILINE)) == sorted(declared)
