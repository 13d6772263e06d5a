"""Asked before a bucket policy is written: whom would it shut out?"""

from gridboss_assets.buckets.desired import DesiredBucket
from gridboss_assets.buckets.evaluation import Request, Verdict, denials
from gridboss_assets.buckets.plan import Plan
from gridboss_assets.buckets.policies import bucket_arn
from gridboss_assets.buckets.shapes import to_document
from gridboss_assets.errors import ConfigurationError
from gridboss_assets.storage.providers import BucketFeature

# What an operator must be able to do after the policy stands: read it and mend it.
OPERATING = ("s3:GetBucketPolicy", "s3:PutBucketPolicy", "s3:DeleteBucketPolicy")
SERVING = ("s3:PutObject", "s3:GetObject", "s3:DeleteObject")


def refuse_lockout(
    planned: Plan, wanted: DesiredBucket, *, caller: str | None, secure: bool
) -> None:
    """Raise ConfigurationError where the plan's policy denies its own caller or the application.

    ``caller`` is the ARN of who runs the command, None where the provider knows no ARNs;
    ``secure`` tells whether this connection uses TLS.
    """
    step = next((s for s in planned.steps if s.feature is BucketFeature.POLICY), None)
    if step is None:
        return
    policy = to_document(BucketFeature.POLICY, step.target) or {}
    partition = wanted.principals.partition if wanted.principals else "aws"
    bucket = bucket_arn(wanted.bucket, partition)
    # Where no ARNs are known everybody is anybody: only a denial of the connection can hit.
    who = caller or f"arn:{partition}:iam::000000000000:user/operator"
    for action in OPERATING:
        _refuse(policy, Request(who, action, bucket, secure), f"you ({who})", caller)
    if wanted.principals is not None:
        application = wanted.principals.application
        for action in SERVING:
            for kind in wanted.kinds.values():
                request = Request(application, action, f"{bucket}/{kind.prefix}x")
                _refuse(policy, request, f"the application ({application})", caller)


def _refuse(policy: dict[str, object], request: Request, who: str, caller: str | None) -> None:
    certain = [sid for sid, verdict in denials(policy, request) if verdict is Verdict.YES]
    if not certain:
        return
    if not request.secure:
        advice = "Reach the bucket over https: give S3_ENDPOINT as an https URL."
    elif caller is not None and request.principal == caller:
        advice = (
            "Add your role's own ARN with --operator-arn or in S3_OPERATOR_ARNS, or run the "
            "command as one of those who are named."
        )
    else:
        advice = "Remove that statement from the bucket's policy first."
    raise ConfigurationError(
        f"Nothing was changed: the new bucket policy would deny {request.action} to {who} by its "
        f"statement {', '.join(certain)}. {advice}"
    )
