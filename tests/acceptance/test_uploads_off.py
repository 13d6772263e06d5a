"""A service whose environment has uploads switched off: S3_ENABLED is not set."""

from collections.abc import Iterator

import pytest
from tests.support import tokens
from tests.support.browser import Caller, done, http, refused
from tests.support.files import CSV
from tests.support.service import Service


@pytest.fixture(scope="module")
def service(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Service]:
    """Start one that knows nothing of S3."""
    with Service(tmp_path_factory.mktemp("off"), {"JWT_SECRET": tokens.SECRET}) as service:
        yield service


@pytest.mark.parametrize("action", ["complete", "download", "delete"])
def test_what_needs_the_bucket_says_that_uploads_are_off(service: Service, action: str) -> None:
    answer = getattr(Caller(service.url), action)("avatars/a.png")
    assert "S3_ENABLED" in refused(answer, 400, "s3_not_enabled")


def test_signing_says_that_uploads_are_off(service: Service) -> None:
    refused(Caller(service.url).ask_to_sign(CSV), 400, "s3_not_enabled")


def test_strangers_are_still_kept_out(service: Service) -> None:
    answer = Caller(service.url, authorization="").ask_to_sign(CSV)
    refused(answer, 401, "unauthenticated")


def test_the_limits_can_still_be_read(service: Service) -> None:
    answer = done(http("GET", f"{service.url}/uploads/kinds"))
    assert answer["method"] is None
    assert [kind["name"] for kind in answer["kinds"]] == ["avatar", "export"]


def test_the_process_is_healthy(service: Service) -> None:
    assert http("GET", f"{service.url}/healthz").ok


def test_the_service_is_ready_to_say_so(service: Service) -> None:
    answer = done(http("GET", f"{service.url}/readyz"))
    assert answer["checks"] == {"settings": "ok", "storage": "s3_not_enabled"}
