"""What the answer to a signed listing tells: credentials, region and bucket are told apart."""

import pytest

from gridboss_assets.doctor.access import judge, right_region
from gridboss_assets.doctor.http import Answer
from gridboss_assets.findings import Finding, Status
from gridboss_assets.storage.providers import AWS, CLOUDFLARE_R2, Provider

LISTING = b"<ListBucketResult><Name>b</Name></ListBucketResult>"


def error(status: int, code: str, *, more: str = "", **headers: str) -> Answer:
    body = f"<Error><Code>{code}</Code><Message>signature 0123abcd</Message>{more}</Error>"
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return Answer(status, named, body.encode())


def judged(answer: Answer, region: str = "us-east-1", provider: Provider = AWS) -> list[Finding]:
    return judge(answer, bucket="my-bucket", region=region, provider=provider)


def the_fault(answer: Answer, region: str = "us-east-1", provider: Provider = AWS) -> Finding:
    """Return the last finding, before which everything has to be well."""
    *well, fault = judged(answer, region, provider)
    assert {finding.status for finding in well} <= {Status.PASS}
    assert "0123abcd" not in fault.detail + fault.remedy  # nothing of the server's own words
    assert fault.remedy
    return fault


def test_a_listing_passes_all_three() -> None:
    found = judged(Answer(200, {}, LISTING))
    assert [(each.check, each.status) for each in found] == [
        ("credentials", Status.PASS),
        ("region", Status.PASS),
        ("bucket", Status.PASS),
    ]


@pytest.mark.parametrize(
    ("answer", "words"),
    [
        (error(403, "InvalidAccessKeyId"), ["S3_ACCESS_KEY", "S3_SESSION_TOKEN"]),
        (error(403, "SignatureDoesNotMatch"), ["S3_SECRET_KEY", "Host"]),
        (error(400, "ExpiredToken"), ["S3_SESSION_TOKEN", "ended", "new temporary keys"]),
        (error(400, "TokenRefreshRequired"), ["S3_SESSION_TOKEN", "ended"]),
        (error(400, "InvalidToken"), ["S3_SESSION_TOKEN"]),
        (error(403, "RequestTimeTooSkewed"), ["clock", "NTP"]),
        (error(403, "NotSignedUp"), ["account"]),
        (error(401, "Unauthorized"), ["S3_ACCESS_KEY", "S3_SECRET_KEY"]),
        (Answer(401, {}, b""), ["S3_ACCESS_KEY", "S3_SECRET_KEY"]),
    ],
    ids=lambda value: str(value) if isinstance(value, Answer) else "",
)
def test_each_fault_of_the_credentials_has_its_own_remedy(answer: Answer, words: list[str]) -> None:
    fault = the_fault(answer)
    assert (fault.check, fault.status) == ("credentials", Status.FAIL)
    assert [word for word in words if word not in fault.detail + fault.remedy] == []


@pytest.mark.parametrize(
    "answer",
    [
        error(301, "PermanentRedirect", x_amz_bucket_region="eu-west-1"),
        error(307, "TemporaryRedirect", x_amz_bucket_region="eu-west-1"),
        error(400, "AuthorizationHeaderMalformed", more="<Region>eu-west-1</Region>"),
        error(400, "AuthorizationQueryParametersError", more="<Region>eu-west-1</Region>"),
        error(400, "AuthorizationQueryParametersError", more="; expecting &apos;eu-west-1&apos;"),
        error(400, "AuthorizationHeaderMalformed", more="; expecting 'eu-west-1'"),
        Answer(301, {"x-amz-bucket-region": "eu-west-1"}, b""),
    ],
    ids=str,
)
def test_a_wrong_region_is_named_with_the_right_one(answer: Answer) -> None:
    fault = the_fault(answer)
    assert (fault.check, fault.status) == ("region", Status.FAIL)
    assert "S3_REGION=eu-west-1" in fault.remedy


def test_a_region_is_wrong_too_where_the_server_finds_its_own_way() -> None:
    accepted = Answer(200, {"x-amz-bucket-region": "eu-west-1"}, LISTING)
    assert the_fault(accepted).check == "region"
    assert the_fault(accepted).status is Status.FAIL
    assert judged(accepted, region="auto")[-1].status is Status.PASS


@pytest.mark.parametrize("code", ["IllegalLocationConstraintException", "InvalidRegionName"])
def test_a_refused_region_says_what_to_check_where_the_right_one_is_not_named(code: str) -> None:
    fault = the_fault(error(400, code))
    assert (fault.check, fault.status) == ("region", Status.FAIL)
    assert "S3_ENDPOINT" in fault.remedy


def test_a_region_is_taken_from_no_other_text() -> None:
    assert right_region(error(403, "X", x_amz_bucket_region="<b>")) is None
    assert right_region(Answer(200, {}, b"<Region>eu-west-1</Region>")) is None


def test_a_missing_bucket_is_told_from_one_that_may_not_be_listed() -> None:
    missing, denied = error(404, "NoSuchBucket"), error(403, "AccessDenied")
    assert the_fault(missing).detail == "There is no bucket my-bucket."
    assert "S3_BUCKET" in the_fault(missing).remedy
    assert "s3:ListBucket" in the_fault(denied).remedy
    assert "gridboss-assets iam policy" in the_fault(denied).remedy
    assert {the_fault(missing).check, the_fault(denied).check} == {"bucket"}


def test_permissions_are_explained_in_the_providers_own_terms() -> None:
    assert "token" in the_fault(error(403, "AccessDenied"), provider=CLOUDFLARE_R2).remedy


@pytest.mark.parametrize(
    "answer",
    [Answer(200, {}, b"<html>"), Answer(404, {}, b"<html>"), Answer(400, {}, b"")],
    ids=str,
)
def test_what_is_no_s3_server_is_said_to_be_none(answer: Answer) -> None:
    (fault,) = judged(answer)
    assert "no S3 server" in fault.detail
    assert "S3_ENDPOINT" in fault.remedy


@pytest.mark.parametrize("status", [429, 500, 503])
def test_a_server_in_trouble_says_nothing_about_the_keys(status: int) -> None:
    fault = the_fault(error(status, "SlowDown"))
    assert (fault.check, fault.status) == ("credentials", Status.UNKNOWN)


def test_an_error_that_nobody_foresaw_is_shown_by_its_code() -> None:
    fault = the_fault(error(400, "SomethingNew"))
    assert (fault.check, fault.status) == ("bucket", Status.FAIL)
    assert "400 SomethingNew" in fault.detail
