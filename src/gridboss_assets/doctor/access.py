"""What the application's keys open: judged by a listing, and by two reads that should fail."""

import re
from collections.abc import Iterator

from gridboss_assets.doctor.http import Answer
from gridboss_assets.doctor.target import Target
from gridboss_assets.findings import Finding, Status
from gridboss_assets.storage.providers import BucketFeature, Provider

_REGION = re.compile(rb"<Region>([a-z0-9-]{1,64})</Region>")
_EXPECTING = re.compile(rb"expecting (?:'|&apos;|&#39;)([a-z0-9-]{1,64})(?:'|&apos;|&#39;)")
_NAME = re.compile(rb"<Name>([^<]+)</Name>")

_KEYS_ANEW = "Set S3_ACCESS_KEY and S3_SECRET_KEY to a pair of keys of this account that is active."
_SIGN_IN_ANEW = "Get new temporary keys, and set all three of them together."

# S3 API Reference, "Error responses", and what Cloudflare R2 and Backblaze B2 answer instead.
_KEYS = {
    "InvalidAccessKeyId": (
        "The server does not know S3_ACCESS_KEY",
        f"{_KEYS_ANEW} Temporary keys (AWS's begin with ASIA) need their S3_SESSION_TOKEN.",
    ),
    "SignatureDoesNotMatch": (
        "S3_SECRET_KEY does not belong to S3_ACCESS_KEY",
        "Set S3_SECRET_KEY anew. If it is right, a proxy on the way changes the Host or the path.",
    ),
    "ExpiredToken": ("The session of S3_SESSION_TOKEN has ended", _SIGN_IN_ANEW),
    "TokenRefreshRequired": ("The session of S3_SESSION_TOKEN has ended", _SIGN_IN_ANEW),
    "InvalidToken": ("The server does not accept S3_SESSION_TOKEN", _SIGN_IN_ANEW),
    "RequestTimeTooSkewed": (
        "The server finds our signature too old or too new",
        "Set this machine's clock, and keep it right with NTP.",
    ),
    "Unauthorized": ("The server does not accept these keys", _KEYS_ANEW),
    "NotSignedUp": ("The account of these keys has no S3", "Sign it up, or use another account."),
    "AccountProblem": ("The account is blocked", "Ask the provider why."),
}
_REGIONS = {
    "PermanentRedirect",
    "TemporaryRedirect",
    "AuthorizationHeaderMalformed",
    "AuthorizationQueryParametersError",
    "IllegalLocationConstraintException",
    "InvalidRegionName",
}
_MOVED = {301, 307}
_BUSY = {408, 429, 500, 502, 503, 504}


def judge(answer: Answer, *, bucket: str, region: str, provider: Provider) -> list[Finding]:
    """Say what the answer to a signed listing tells of credentials, region and bucket.

    What lies behind the first thing that is wrong is not known, and is left out.
    """
    right = right_region(answer)
    known = Finding("credentials", Status.PASS, "The server accepts the signature of these keys.")
    if answer.status in _BUSY:
        return [
            Finding(
                "credentials",
                Status.UNKNOWN,
                f"The server is in trouble: it answered {answer}.",
                "Try again in a while.",
            )
        ]
    if answer.status in _MOVED or answer.code in _REGIONS:
        return [_wrong_region(answer, region, right)]
    if answer.code in _KEYS or answer.status == 401:  # noqa: PLR2004
        detail, remedy = _KEYS.get(answer.code, _KEYS["Unauthorized"])
        return [Finding("credentials", Status.FAIL, f"{detail} ({answer}).", remedy)]
    if answer.ok and b"<ListBucketResult" in answer.body:
        if right and region not in {right, "auto"}:
            return [known, _wrong_region(answer, region, right)]
        return [
            known,
            Finding("region", Status.PASS, f"Signatures for {region} are accepted."),
            Finding("bucket", Status.PASS, f"{bucket} is there, and may be listed."),
        ]
    return [*([known] if answer.code else []), _bad_bucket(answer, bucket, provider)]


def right_region(answer: Answer) -> str | None:
    """Return the region that an answer names as the bucket's own, if it names one."""
    header = answer.headers.get("x-amz-bucket-region", "")
    if re.fullmatch(r"[a-z0-9-]{1,64}", header):
        return header
    found = None if answer.ok else _REGION.search(answer.body) or _EXPECTING.search(answer.body)
    return found[1].decode("ascii") if found else None


def _wrong_region(answer: Answer, region: str, right: str | None) -> Finding:
    if right and right != region:
        return Finding(
            "region",
            Status.FAIL,
            f"The bucket is in {right}, not in {region} ({answer}). The service may find its way, "
            "but links and forms that are signed for the wrong region don't work.",
            f"Set S3_REGION={right}; with S3_ENDPOINT set, give that region's.",
        )
    return Finding(
        "region",
        Status.FAIL,
        f"The server refuses signatures for {region}, or keeps the bucket elsewhere ({answer}).",
        "Set S3_REGION to the bucket's region, and S3_ENDPOINT to that region's address.",
    )


def _bad_bucket(answer: Answer, bucket: str, provider: Provider) -> Finding:
    if answer.code == "NoSuchBucket":
        return Finding(
            "bucket",
            Status.FAIL,
            f"There is no bucket {bucket}.",
            "Correct S3_BUCKET, or make the bucket.",
        )
    if answer.status == 403 and answer.code:  # noqa: PLR2004
        return Finding(
            "bucket",
            Status.FAIL,
            f"The keys may not list {bucket} ({answer}). Without that a missing object looks like "
            "a refusal, and uploads that never arrived like a storage error.",
            f"Allow s3:ListBucket on the bucket. {allowing(provider)} A bucket policy may also "
            "deny it, and the bucket may be somebody else's.",
        )
    if answer.code:
        return Finding(
            "bucket",
            Status.FAIL,
            f"The server answered {answer} about {bucket}.",
            "Check S3_BUCKET and S3_ENDPOINT.",
        )
    return Finding(
        "bucket",
        Status.FAIL,
        f"What answers there is no S3 server: {answer}, without an error of S3.",
        "Give S3_ENDPOINT the address of the S3 API, not that of a console or a website.",
    )


def allowing(provider: Provider) -> str:
    """Say where it is decided what the application's keys may do."""
    lack = provider.lacks.get(BucketFeature.POLICY)
    return lack or "`gridboss-assets iam policy` prints what the application needs."


def reading(target: Target, missing: str) -> Finding:
    """See by an object that is not there whether objects may be read."""
    answer = target.ask("GET", missing)
    if answer.status == 404:  # noqa: PLR2004
        return Finding(
            "reading", Status.PASS, "Objects may be read. What may be written, --live tries."
        )
    if answer.status == 403:  # noqa: PLR2004
        return Finding(
            "reading",
            Status.FAIL,
            f"The keys may not read objects ({answer}).",
            f"Allow s3:GetObject on the bucket's objects. {allowing(target.provider)}",
        )
    return Finding("reading", Status.UNKNOWN, f"A missing object was answered with {answer}.")


def excess(target: Target) -> Iterator[Finding]:
    """Try two reads that the application has no need for."""
    can = []
    others = _other_buckets(target)
    if others is not None:
        can.append(f"list the account's buckets ({others} besides this one)")
    policy = target.ask("GET", query={"policy": ""})
    if policy.ok or policy.code == "NoSuchBucketPolicy":
        can.append("read the bucket's policy")
    if can:
        yield Finding(
            "least privilege",
            Status.WARN,
            f"The keys may do more than the application needs: {' and '.join(can)}. Whoever got "
            "hold of them could, too.",
            f"Give the application keys of its own. {allowing(target.provider)}",
        )
    else:
        yield Finding(
            "least privilege",
            Status.PASS,
            "The keys may neither list the account's buckets nor read the bucket's policy.",
        )


def _other_buckets(target: Target) -> int | None:
    """Count the other buckets; None where none are shown, or the call is refused.

    AWS shows all buckets or refuses. Other servers show those that the keys open: a list of this
    bucket alone is then no permission too many.
    """
    answer = target.list_buckets()
    if not answer.ok or b"<ListAllMyBucketsResult" not in answer.body:
        return None
    names = [name for name in _NAME.findall(answer.body) if name.decode() != target.inner.bucket]
    return len(names) if names or target.provider.iam else None
