"""``gridboss-assets sweep`` on a mocked bucket: what it prints, asks, and ends with."""

import json
from collections.abc import Iterator
from dataclasses import replace
from io import BytesIO
from typing import Any

import boto3
import pytest
from moto import mock_aws

from gridboss_assets import S3Storage
from gridboss_assets.cli import main as cli
from gridboss_assets.errors import StorageDenied
from gridboss_assets.storage import Attributes, ListedObject
from gridboss_config import Settings, get_settings

BUCKET = "test-assets"
OLD, YOUNG, SEALED = "pending/exports/a/old.csv", "pending/exports/a/young.csv", "exports/a.csv"


@pytest.fixture
def storage(monkeypatch: pytest.MonkeyPatch, tmp_path: Any) -> Iterator[S3Storage]:
    """Give a bucket in which what is called old was written three hours ago."""
    listed = S3Storage.list_objects

    def aged(self: S3Storage, prefix: str) -> Iterator[ListedObject]:
        for each in listed(self, prefix):
            hours = 3 if "old" in each.key else 0
            yield replace(each, listed_at=each.listed_at + hours * 3600)

    monkeypatch.setattr(S3Storage, "list_objects", aged)
    monkeypatch.chdir(tmp_path)
    for name in Settings.model_fields:
        monkeypatch.delenv(name.upper(), raising=False)
    given = {"ENABLED": "true", "REGION": "us-east-1", "BUCKET": BUCKET, "ACCESS_KEY": "k"}
    for name, value in (given | {"SECRET_KEY": "s"}).items():
        monkeypatch.setenv(f"S3_{name}", value)
    monkeypatch.setenv("APP_ENV", "test")
    get_settings.cache_clear()
    with mock_aws():
        boto3.client(
            "s3", region_name="us-east-1", aws_access_key_id="k", aws_secret_access_key="s"
        ).create_bucket(Bucket=BUCKET)
        made = S3Storage.from_settings(get_settings())
        for key in (OLD, YOUNG, SEALED):
            made.put(key, BytesIO(b"a,b\n"), Attributes("text/csv"))
        yield made
        made.close()
    get_settings.cache_clear()


def run(monkeypatch: pytest.MonkeyPatch, capsys: Any, *arguments: str) -> tuple[int, str, str]:
    monkeypatch.setattr("sys.argv", ["gridboss-assets", "sweep", *arguments])
    with pytest.raises(SystemExit) as ended:
        cli.main()
    out, err = capsys.readouterr()
    return int(ended.value.code or 0), out, err


def test_keys_are_on_standard_output_and_the_sum_on_standard_error(
    storage: S3Storage, monkeypatch: pytest.MonkeyPatch, capsys: Any
) -> None:
    done = run(monkeypatch, capsys)
    assert done == (0, f"{OLD}\n", "Removed 1 upload of 4 bytes; kept 1.\n")
    assert storage.list_keys("") == [SEALED, YOUNG]


def test_a_dry_run_removes_nothing(
    storage: S3Storage, monkeypatch: pytest.MonkeyPatch, capsys: Any
) -> None:
    done = run(monkeypatch, capsys, "--dry-run")
    assert done == (0, f"{OLD}\n", "Would remove 1 upload of 4 bytes; kept 1.\n")
    assert storage.list_keys("") == [SEALED, OLD, YOUNG]


@pytest.mark.usefixtures("storage")
def test_json_tells_the_same_to_a_machine(monkeypatch: pytest.MonkeyPatch, capsys: Any) -> None:
    code, out, err = run(monkeypatch, capsys, "--json", "--dry-run")
    found = json.loads(out)
    assert (code, err) == (0, "")
    assert [each["key"] for each in found["removed"]] == [OLD]
    assert (found["status"], found["dry_run"], found["kept"], found["failed"]) == (0, True, 1, 0)
    assert found["older_than"] == 7200


# What is called old is three hours old.
@pytest.mark.parametrize(("text", "left"), [("2h", 2), ("179m", 2), ("10700", 2), ("1d", 3)])
def test_an_age_has_a_unit_and_without_one_it_is_seconds(
    storage: S3Storage, monkeypatch: pytest.MonkeyPatch, capsys: Any, text: str, left: int
) -> None:
    assert run(monkeypatch, capsys, "--older-than", text)[0] == 0
    assert len(storage.list_keys("")) == left


@pytest.mark.parametrize("text", ["", "-1h", "soon", "1.5h", "2 weeks", "9999999999s"])
@pytest.mark.usefixtures("storage")
def test_an_age_that_is_none_is_refused_in_one_message(
    monkeypatch: pytest.MonkeyPatch, capsys: Any, text: str
) -> None:
    code, out, err = run(monkeypatch, capsys, f"--older-than={text}")
    assert (code, out) == (2, "")
    assert err == ("gridboss-assets: --older-than: give a number with s, m, h or d, such as 2h.\n")


def test_below_the_life_of_a_form_it_asks_and_nobody_answers(
    storage: S3Storage, monkeypatch: pytest.MonkeyPatch, capsys: Any
) -> None:
    code, _, err = run(monkeypatch, capsys, "--older-than", "59m")
    assert code == 2
    assert "Say --yes" in err
    assert len(storage.list_keys("")) == 3


def test_below_the_life_of_a_form_yes_is_taken_for_an_answer(
    storage: S3Storage, monkeypatch: pytest.MonkeyPatch, capsys: Any
) -> None:
    assert run(monkeypatch, capsys, "--older-than", "59m", "--yes")[0] == 0
    assert storage.list_keys("") == [SEALED, YOUNG]


@pytest.mark.usefixtures("storage")
def test_what_cannot_be_removed_ends_with_1_and_one_message(
    monkeypatch: pytest.MonkeyPatch, capsys: Any
) -> None:
    def denied(*_: Any, **__: Any) -> None:
        raise StorageDenied(detail="DeleteObject answered 403 AccessDenied")

    monkeypatch.setattr(S3Storage, "delete", denied)
    code, out, err = run(monkeypatch, capsys)
    assert (code, out) == (1, "")
    assert err.splitlines()[-1] == (
        "1 upload could not be removed: DeleteObject answered 403 AccessDenied."
    )


@pytest.mark.usefixtures("storage")
def test_without_a_bucket_it_says_so(monkeypatch: pytest.MonkeyPatch, capsys: Any) -> None:
    monkeypatch.setenv("S3_ENABLED", "false")
    get_settings.cache_clear()
    code, out, err = run(monkeypatch, capsys)
    assert (code, out) == (2, "")
    assert "S3_ENABLED=true" in err


def test_every_page_of_a_long_listing_is_read(
    storage: S3Storage, monkeypatch: pytest.MonkeyPatch, capsys: Any
) -> None:
    monkeypatch.setenv("MOTO_S3_DEFAULT_MAX_KEYS", "2")
    for number in range(5):
        storage.put(f"pending/old-{number}", BytesIO(b"x"), Attributes("text/csv"))
    code, out, _ = run(monkeypatch, capsys)
    assert (code, len(out.splitlines())) == (0, 6)
