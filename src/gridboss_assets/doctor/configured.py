"""What the settings say by themselves: whose storage it is, how uploads go, who may call."""

from collections.abc import Iterator

from pydantic import ValidationError

from gridboss_assets.doctor.target import Target
from gridboss_assets.findings import Finding, Status
from gridboss_assets.storage.providers import Provider
from gridboss_config import Settings, describe


def switched_off() -> Finding:
    """Report that uploads are off, and what else would be missing if they were on."""
    missing = ""
    try:
        Settings(s3_enabled=True)
    except ValidationError as error:
        missing = "\n" + describe(error)
    return Finding(
        "settings",
        Status.FAIL,
        f"Uploads are switched off in this environment.{missing}",
        "Set S3_ENABLED=true" + (" and the settings above." if missing else "."),
    )


def unusable(description: str) -> Finding:
    """Report settings that can't be used; ``description`` names each with what to do."""
    return Finding("settings", Status.FAIL, description, "Mend them and run the command again.")


def settings(target: Target) -> Finding:
    """Say which bucket is examined, without a word of the keys."""
    return Finding(
        "settings",
        Status.PASS,
        f"Bucket {target.inner.bucket}, region {target.inner.region}, at "
        + " and ".join(f"{place.base_url}{place.path}" for place in target.locations.values()),
    )


def provider(target: Target) -> Iterator[Finding]:
    """Say how uploads go at this provider, and what it lacks."""
    row, method = target.provider, target.storage.upload_method
    yield Finding("upload method", Status.PASS, f"{row.name}: uploads go by {_HOW[method]}.")
    if method == "POST" and not row.form_uploads:
        yield Finding(
            "upload method",
            Status.FAIL,
            f"{row.name} refuses POST forms (501), so no upload can work.",
            "Leave S3_UPLOAD_METHOD empty, or set it to put.",
        )
    if method == "PUT":
        yield from _unsigned_headers(row)
    if not row.conditional_writes:
        yield Finding(
            "conditional writes",
            Status.UNAVAILABLE,
            f"{row.name} has no If-None-Match. A HEAD comes first instead: of two `complete` "
            "calls for one key in the same moment both may write (docs/providers.md names the "
            "window). Nothing that was not inspected is ever served.",
        )
    if row.always_versioned:
        yield Finding(
            "versions",
            Status.UNAVAILABLE,
            f"{row.name} keeps old versions whatever anybody sets: what is deleted is gone only "
            "when the bucket's lifecycle rules remove the old version.",
        )


_HOW = {
    "POST": "POST form, which pins the key, the type and a range of sizes",
    "PUT": "signed PUT, which pins one exact length: `size` is required when signing",
}


def _unsigned_headers(row: Provider) -> Iterator[Finding]:
    """Warn unless the provider holds a signed PUT to the ``x-amz-*`` headers that were signed."""
    check, alternative = "unsigned headers", ""
    if row.form_uploads:
        alternative = "Use S3_UPLOAD_METHOD=post: a form pins everything. "
    danger = (
        "whoever holds a signed PUT can make the server copy another file of the bucket to their "
        "key, and add metadata, tags or an ACL"
    )
    if row.refuses_unsigned_headers is None:
        yield Finding(
            check,
            Status.WARN,
            f"It is not known whether {row.name} refuses x-amz-* headers that a PUT did not sign. "
            f"Where it takes them, {danger}.",
            f"{alternative}Run `gridboss-assets doctor --live`, which tries it.",
        )
    elif not row.refuses_unsigned_headers:
        yield Finding(
            check,
            Status.WARN,
            f"{row.name} takes x-amz-* headers that a PUT did not sign: {danger}.",
            f"{alternative}`gridboss-assets doctor --live` tries whether this release does.",
        )
    else:
        yield Finding(
            check, Status.PASS, f"{row.name} refuses x-amz-* headers that a PUT did not sign."
        )


def sign_in(target: Target) -> Iterator[Finding]:
    """Warn where the service itself would not start for want of a sign-in."""
    config = target.settings
    if not (config.is_development or config.jwt_secret or config.jwt_jwks_url):
        yield Finding(
            "sign-in",
            Status.WARN,
            "Neither JWT_SECRET nor JWT_JWKS_URL is set: `gridboss-assets serve` will not start.",
            "Set one of them, unless your application brings a sign-in of its own.",
        )
