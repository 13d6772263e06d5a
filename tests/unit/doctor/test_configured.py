"""What the settings say by themselves, before anybody is asked."""

from typing import Any

import pytest

from gridboss_assets.doctor.configured import provider
from gridboss_assets.doctor.http import Http
from gridboss_assets.doctor.target import Target
from gridboss_assets.findings import Finding, Status
from gridboss_assets.storage.providers import PROVIDERS, Provider
from gridboss_config import Settings

LOCAL = "http://127.0.0.1:9000"


@pytest.fixture(autouse=True)
def _no_settings(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in Settings.model_fields:
        monkeypatch.delenv(name.upper(), raising=False)


def unsigned_headers(**changes: Any) -> Finding | None:
    """Return the finding about unsigned headers, if there is one."""
    given: dict[str, Any] = {
        "s3_enabled": True,
        "s3_bucket": "test-assets",
        "s3_region": "us-east-1",
        "s3_endpoint": LOCAL,
        "s3_access_key": "any-key",
        "s3_secret_key": "any-secret",
    }
    with Http(1) as http:
        target = Target.of(Settings(_env_file=None, **(given | changes)), http)
        found = [each for each in provider(target) if each.check == "unsigned headers"]
    assert len(found) <= 1
    return found[0] if found else None


@pytest.mark.parametrize("row", PROVIDERS, ids=lambda row: row.id)
def test_puts_pass_only_where_unsigned_headers_are_known_to_be_refused(row: Provider) -> None:
    found = unsigned_headers(s3_provider=row.id, s3_upload_method="put")
    assert found is not None
    expected = Status.PASS if row.refuses_unsigned_headers else Status.WARN
    assert (found.status, row.name in found.detail) == (expected, True)


@pytest.mark.parametrize("name", ["minio", "ceph"])
def test_a_server_that_takes_them_is_named_with_the_danger_and_the_way_out(name: str) -> None:
    found = unsigned_headers(s3_provider=name, s3_upload_method="put")
    assert found is not None
    assert "whoever holds a signed PUT can make the server copy another file" in found.detail
    assert found.remedy.startswith("Use S3_UPLOAD_METHOD=post")


@pytest.mark.parametrize("name", ["r2", "b2"])
def test_where_it_is_not_known_and_there_are_no_forms_live_is_advised(name: str) -> None:
    found = unsigned_headers(s3_provider=name)  # auto takes PUT there
    assert found is not None
    assert "It is not known" in found.detail
    assert found.remedy == "Run `gridboss-assets doctor --live`, which tries it."


def test_a_server_that_no_row_names_is_not_known_and_has_forms() -> None:
    found = unsigned_headers(s3_upload_method="put")
    assert found is not None
    assert "It is not known" in found.detail
    assert "S3_UPLOAD_METHOD=post" in found.remedy


def test_with_forms_there_is_nothing_to_say_of_it() -> None:
    assert unsigned_headers(s3_provider="ceph") is None
