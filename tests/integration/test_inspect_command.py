"""``gridboss-assets inspect`` on local files, without a bucket."""

import hashlib
import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PHOTO = ROOT / "tests/fixtures/photos/portrait-gps-rotated.jpg"
COMMAND = str(Path(sys.executable).parent / "gridboss-assets")


def inspect(*arguments: object, **environment: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(  # noqa: S603 - our own command
        [COMMAND, "inspect", *map(str, arguments)],
        env={"PATH": os.environ["PATH"], **environment},
        cwd="/",
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.fixture
def formulas(tmp_path: Path) -> Path:
    path = tmp_path / "sheet.csv"
    path.write_text('name,link\nada,"=HYPERLINK(1)"\n')
    return path


def test_a_good_file_is_accepted_with_exit_status_0() -> None:
    done = inspect(PHOTO)
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.startswith(f"accepted  {PHOTO}: image/jpeg, ")


def test_one_refused_file_among_good_ones_sets_exit_status_1(tmp_path: Path) -> None:
    (tmp_path / "page.png").write_text("<html>")
    done = inspect(PHOTO, tmp_path / "page.png")
    assert done.returncode == 1
    assert [line.split()[0] for line in done.stdout.splitlines()] == ["accepted", "refused"]
    assert "invalid_image" in done.stdout


def test_json_tells_what_would_be_stored_and_out_writes_it(tmp_path: Path) -> None:
    done = inspect(PHOTO, "--json", "--out", tmp_path / "clean")
    (verdict,) = json.loads(done.stdout)
    stored = (tmp_path / "clean" / PHOTO.name).read_bytes()
    assert verdict["accepted"]
    assert (verdict["kind"], verdict["content_type"]) == ("avatar", "image/jpeg")
    assert verdict["size"] == len(stored)
    assert verdict["sha256"] == hashlib.sha256(stored).hexdigest()
    assert b"Exif" not in stored


def test_warnings_are_named(formulas: Path) -> None:
    done = inspect(formulas)
    assert done.returncode == 0
    assert "csv_formulas" in done.stdout


def test_the_policy_of_the_settings_counts(formulas: Path) -> None:
    done = inspect(formulas, INSPECTION_POLICY="csv_formulas=refuse")
    assert done.returncode == 1
    assert "unsafe_document" in done.stdout


@pytest.mark.parametrize("where", ["sandbox", "in_process"])
def test_both_places_of_inspection_agree(formulas: Path, where: str) -> None:
    done = inspect(formulas, PHOTO, "--json", INSPECTION=where)
    assert done.returncode == 0, done.stderr
    assert [verdict["accepted"] for verdict in json.loads(done.stdout)] == [True, True]


def test_the_type_and_the_kind_can_be_given(tmp_path: Path) -> None:
    nameless = tmp_path / "download"
    nameless.write_bytes(PHOTO.read_bytes())
    assert "unsupported_content_type" in inspect(nameless).stdout
    assert inspect(nameless, "--type", "image/jpeg").returncode == 0
    assert "unsupported_kind" in inspect(nameless, "--kind", "livery").stdout


def test_a_file_that_is_not_there_is_refused_and_not_a_crash(tmp_path: Path) -> None:
    done = inspect(tmp_path / "none.png")
    assert (done.returncode, done.stderr) == (1, "")
    assert "unreadable" in done.stdout


@pytest.mark.parametrize(
    ("policy", "advice"),
    [
        ("csv_formulas", "name=value"),
        ("csv_formulae=refuse", "there are csv_formulas"),
        ("csv_formulas=forbid", "refuse, warn, accept"),
    ],
)
def test_an_unusable_policy_is_one_message(policy: str, advice: str) -> None:
    done = inspect(PHOTO, INSPECTION_POLICY=policy)
    assert (done.returncode, done.stdout) == (2, "")
    assert "INSPECTION_POLICY" in done.stderr
    assert advice in done.stderr
    assert "Traceback" not in done.stderr
