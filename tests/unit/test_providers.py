"""Providers are recognised by their endpoint, and the upload method follows."""

from typing import Literal

import pytest

from gridboss_assets import Credentials, S3Storage
from gridboss_assets.storage import Attributes
from gridboss_assets.storage.providers import CEPH, CLOUDFLARE_R2, provider_by_answer, provider_of

AWS_CHINA = "https://s3.cn-north-1.amazonaws.com.cn"
R2 = "https://0123456789abcdef.r2.cloudflarestorage.com"
R2_EU = "https://0123456789abcdef.eu.r2.cloudflarestorage.com"
B2 = "https://s3.us-west-004.backblazeb2.com"


@pytest.mark.parametrize(
    ("endpoint", "name", "forms", "conditional"),
    [
        (None, "AWS", True, True),
        (AWS_CHINA, "AWS", True, True),
        (R2, "Cloudflare R2", False, True),
        (R2_EU, "Cloudflare R2", False, True),
        (B2, "Backblaze B2", False, False),
        ("http://localhost:9000", "S3-compatible", True, True),
        ("https://backblazeb2.com.evil.example", "S3-compatible", True, True),
        ("https://notbackblazeb2.com", "S3-compatible", True, True),
    ],
)
def test_a_provider_is_recognised_by_its_host(
    endpoint: str | None, name: str, *, forms: bool, conditional: bool
) -> None:
    found = provider_of(endpoint)
    assert (found.name, found.form_uploads, found.conditional_writes) == (name, forms, conditional)


CEPH_ID = "tx00000863e99ebd6de55d0-006b094be5-100d-default"
SWIFT_ID = "tx00000863e99ebd6de55d0-006b094be5"


def test_ceph_is_recognised_by_the_form_of_its_request_ids() -> None:
    assert provider_by_answer({"x-amz-request-id": CEPH_ID}) is CEPH
    assert provider_by_answer({"x-amz-request-id": SWIFT_ID}) is None
    assert provider_by_answer({"x-amz-request-id": "4442587FB7D0A2F9"}) is None


def test_a_proxy_in_front_of_ceph_hides_nothing() -> None:
    assert provider_by_answer({"server": "cloudflare", "x-amz-request-id": CEPH_ID}) is CEPH
    assert provider_by_answer({"server": "cloudflare"}) is CLOUDFLARE_R2


def storage(endpoint: str | None, method: Literal["auto", "post", "put"]) -> S3Storage:
    return S3Storage(
        "test-assets", "us-east-1", Credentials("k", "s"), endpoint=endpoint, upload_method=method
    )


@pytest.mark.parametrize(
    ("endpoint", "method", "expected"),
    [
        (None, "auto", "POST"),
        (R2, "auto", "PUT"),
        (B2, "auto", "PUT"),
        (None, "put", "PUT"),
        (B2, "post", "POST"),
    ],
)
def test_auto_takes_forms_where_the_provider_has_them(
    endpoint: str | None, method: Literal["auto", "post", "put"], expected: str
) -> None:
    assert storage(endpoint, method).upload_method == expected


@pytest.mark.parametrize(("endpoint", "is_signed"), [(R2, True), (B2, False)])
def test_a_put_is_conditional_where_the_provider_has_conditions(
    endpoint: str, *, is_signed: bool
) -> None:
    ticket = storage(endpoint, "auto").sign_upload(
        "pending/a.png", Attributes("image/png"), max_size=9, size=5, expires_in=60
    )
    assert ("if-none-match" in ticket.headers) is is_signed
    assert ("if-none-match" in ticket.url) is is_signed


def test_a_put_lists_what_a_browser_may_set_and_signs_the_length() -> None:
    ticket = storage(R2, "auto").sign_upload(
        "pending/a.png",
        Attributes("image/png", {"filename": "a.png"}),
        max_size=9,
        size=5,
        expires_in=60,
    )
    assert sorted(ticket.headers) == ["content-type", "if-none-match", "x-amz-meta-filename"]
    assert "content-length%3Bcontent-type%3Bhost" in ticket.url
