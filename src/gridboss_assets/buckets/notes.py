"""What a person should know beside what is wanted: what a provider lacks, and what that means."""

from gridboss_assets.buckets import policies
from gridboss_assets.buckets.principals import Principals
from gridboss_assets.buckets.sides import is_plain_loopback
from gridboss_assets.changes import Note
from gridboss_assets.storage.providers import BucketFeature, Provider
from gridboss_config import Settings


def notes_on(settings: Settings, provider: Provider, principals: Principals | None) -> list[Note]:
    """Say what these settings don't get at this provider, and what they leave open."""
    notes = [Note(feature.value, text) for feature, text in provider.lacks.items()]
    if BucketFeature.POLICY not in provider.lacks:
        if is_plain_loopback(settings.s3_endpoint):
            notes.append(
                Note(
                    policies.INSECURE,
                    "S3_ENDPOINT is plain http on this machine, so what is not TLS is not "
                    "denied. That is for development alone.",
                )
            )
        elif provider.policy_gap:
            notes.append(Note(policies.INSECURE, provider.policy_gap))
        if principals is None:
            notes.append(
                Note(
                    policies.OTHERS,
                    f"A bucket policy on {provider.name} can't tell callers apart by ARN, so it "
                    "does not deny other principals. Give keys to this bucket to nobody else.",
                )
            )
    if not provider.aborts_multipart:
        notes.append(
            Note(
                "unfinished multipart uploads",
                f"{provider.name} takes no lifecycle rule for them; it removes them itself "
                "after a day, unless its administrator says otherwise.",
            )
        )
    if not settings.cors_origins and BucketFeature.CORS not in provider.lacks:
        notes.append(
            Note(
                "CORS",
                "CORS_ORIGINS is empty, so no page of another origin can upload to the bucket.",
            )
        )
    if settings.s3_kms_key_arn and "kms" not in settings.s3_iam_statements:
        without = policies.OPTIONAL_STATEMENTS["kms"].without
        notes.append(Note("kms", f"{without} Add kms to S3_IAM_STATEMENTS."))
    return notes
