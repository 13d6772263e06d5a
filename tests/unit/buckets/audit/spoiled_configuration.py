"""Cases: settings, who asks, the bucket's place, the sides of the plan, and the rules of others."""

from typing import Any

from tests.unit.buckets.audit.cases import FAIL, UNAVAILABLE, UNKNOWN, WARN, case
from tests.unit.buckets.audit.evidences import judged, with_rule
from tests.unit.buckets.conftest import APPLICATION, wanted

from gridboss_assets.buckets.audit import Check, preparation
from gridboss_assets.buckets.audit.evidence import Reached
from gridboss_assets.buckets.operator import Caller
from gridboss_assets.buckets.plan import NotOffered, NotReadable
from gridboss_assets.buckets.shapes import NOTHING, Items
from gridboss_assets.errors import ConfigurationError, Misconfigured
from gridboss_assets.findings import Finding
from gridboss_assets.storage.providers import CLOUDFLARE_R2, BucketFeature
from gridboss_config import Settings


class Asking:
    """An operator who is somebody."""

    def __init__(self, arn: str | None) -> None:
        self.arn = arn

    def caller(self, _named: tuple[str, ...] = ()) -> Caller:
        if self.arn is None:
            raise ConfigurationError("Nobody knows you.")
        return Caller(self.arn, self.arn.split(":")[4])


def asked_by(arn: str | None) -> list[Finding]:
    acting: Any = Asking(arn)
    return [preparation.caller(acting, wanted(), ())]


# --- before anything is read ----------------------------------------------------------------


@case(Check.SETTINGS, FAIL, "S3_BUCKET", "environment")
def settings_that_name_no_bucket() -> list[Finding]:
    return [preparation.unusable(Misconfigured(detail="S3_BUCKET: set it."))]


@case(Check.SETTINGS, FAIL, "plain http", "https URL")
def an_endpoint_without_tls() -> list[Finding]:
    settings = Settings(_env_file=None, s3_endpoint="http://storage.example")
    return [preparation.usable(settings)]


@case(Check.OPERATOR, WARN, "application itself", "--profile")
def the_application_asks() -> list[Finding]:
    return asked_by(APPLICATION)


@case(Check.OPERATOR, WARN, "user/stranger", "S3_OPERATOR_ARNS")
def somebody_unnamed_asks() -> list[Finding]:
    return asked_by(APPLICATION.replace("gridboss-assets", "stranger"))


@case(Check.OPERATOR, WARN, "Nobody knows you")
def somebody_unknown_asks() -> list[Finding]:
    return asked_by(None)


@case(Check.OPERATOR, UNKNOWN, "no credentials", "--profile")
def nobody_asks() -> list[Finding]:
    return [preparation.nobody(ConfigurationError("There are no credentials."))]


@case(Check.NOT_TRIED, UNKNOWN, "the rest", "run the command again")
def what_was_left_out() -> list[Finding]:
    return [preparation.not_tried("the rest")]


@case(Check.BUCKET, FAIL, "no bucket test-assets", "bucket apply")
def a_missing_bucket() -> list[Finding]:
    return list(preparation.place(wanted(), Reached()))


@case(Check.BUCKET, UNKNOWN, "403", "S3_OPERATOR_ARNS")
def a_bucket_that_may_not_be_reached() -> list[Finding]:
    return list(preparation.place(wanted(), Reached(trouble="403", refused=True)))


@case(Check.BUCKET, UNKNOWN, "no answer", "S3_ENDPOINT")
def a_dead_server() -> list[Finding]:
    return list(preparation.place(wanted(), Reached(trouble="no answer")))


@case(Check.REGION, FAIL, "eu-west-1, not in us-east-1", "S3_REGION=eu-west-1")
def a_bucket_elsewhere() -> list[Finding]:
    return list(preparation.place(wanted(), Reached(exists=True, region="eu-west-1")))


# --- the sides that the plan speaks of ------------------------------------------------------


@case(BucketFeature.PUBLIC_ACCESS_BLOCK, FAIL, "no ACL and no policy", "bucket apply")
def an_open_block() -> list[Finding]:
    block = {"BlockPublicAcls": True, "IgnorePublicAcls": True, "BlockPublicPolicy": True}
    return judged(public_access_block=Items({"public access block": block}))


@case(BucketFeature.OWNERSHIP, FAIL, "ACLs are off", "bucket apply")
def acls_that_are_on() -> list[Finding]:
    return judged(ownership=Items({"object ownership": "ObjectWriter"}))


@case(BucketFeature.ENCRYPTION, FAIL, "encrypted at rest", "bucket apply")
def no_default_encryption() -> list[Finding]:
    return judged(encryption=NOTHING)


@case(BucketFeature.ENCRYPTION, WARN, "refused by KMS")
def a_key_that_the_application_may_not_use() -> list[Finding]:
    key = "arn:aws:kms:us-east-1:123456789012:key/abc"
    return judged(wanted(s3_kms_key_arn=key))


@case(BucketFeature.VERSIONING, FAIL, "brought back", "bucket apply")
def versions_that_are_off() -> list[Finding]:
    return judged(wanted(s3_versioning=True), versioning=NOTHING)


@case(BucketFeature.VERSIONING, WARN, "nothing expires", "S3_VERSIONING=true")
def versions_that_nobody_asked_for() -> list[Finding]:
    return judged(versioning=Items({"versioning": "Enabled"}))


@case(BucketFeature.LIFECYCLE, FAIL, "add gridboss-pending", "bucket apply")
def no_lifecycle() -> list[Finding]:
    return judged(lifecycle=NOTHING)


@case(BucketFeature.CORS, FAIL, "add gridboss-uploads", "bucket apply")
def no_cors() -> list[Finding]:
    return judged(cors=NOTHING)


@case(BucketFeature.TAGS, FAIL, "change app", "bucket apply")
def a_wrong_tag() -> list[Finding]:
    return judged(wanted(s3_tags={"app": "gridboss"}), tags=Items({"app": "x"}))


@case(BucketFeature.POLICY, FAIL, "add DenyOtherPrincipals", "bucket apply")
def no_policy() -> list[Finding]:
    return judged(policy=NOTHING)


@case(BucketFeature.POLICY, UNKNOWN, "may not call GetBucketPolicy", "s3:GetBucketPolicy")
def a_policy_that_may_not_be_read() -> list[Finding]:
    return judged(policy=NotReadable("these credentials may not call GetBucketPolicy."))


@case(BucketFeature.POLICY, UNAVAILABLE, "R2 has no bucket policies", "API tokens")
def a_provider_without_policies() -> list[Finding]:
    return judged(wanted(CLOUDFLARE_R2, None))


@case(BucketFeature.ENCRYPTION, UNAVAILABLE, "501", "Nothing else there", "encrypted at rest")
def a_server_without_encryption() -> list[Finding]:
    return judged(encryption=NotOffered("The server does not have it (501)."))


# --- rules of others ------------------------------------------------------------------------


def cors_rule(**changes: Any) -> Items:
    rule = {"ID": "theirs", "AllowedOrigins": ["*"], "AllowedMethods": ["GET"]} | changes
    return with_rule(BucketFeature.CORS, rule)


@case(Check.CORS_RULES, WARN, "theirs lets pages of every origin use PUT, POST", "signature")
def every_origin() -> list[Finding]:
    return judged(cors=cors_rule(AllowedMethods=["PUT", "POST"]))


@case(Check.CORS_RULES, WARN, "pages of https://b.example use DELETE")
def a_page_that_may_delete() -> list[Finding]:
    return judged(cors=cors_rule(AllowedOrigins=["https://b.example"], AllowedMethods=["DELETE"]))


@case(Check.CORS_RULES, UNKNOWN, "s3:GetBucketCORS")
def cors_that_may_not_be_read() -> list[Finding]:
    return judged(cors=NotReadable("refused"))


def lifecycle_rule(prefix: str = "", **changes: Any) -> Items:
    rule = {"ID": "theirs", "Status": "Enabled", "Filter": {"Prefix": prefix}} | changes
    return with_rule(BucketFeature.LIFECYCLE, rule)


@case(Check.LIFECYCLE_RULES, FAIL, "theirs deletes objects after 30 days under avatars/, exports/")
def a_rule_that_deletes_everything() -> list[Finding]:
    return judged(lifecycle=lifecycle_rule(Expiration={"Days": 30}))


@case(Check.LIFECYCLE_RULES, FAIL, "deletes objects on a day under exports/")
def a_rule_that_deletes_some_exports() -> list[Finding]:
    return judged(lifecycle=lifecycle_rule("exports/2024/", Expiration={"Date": "2030-01-01"}))


@case(Check.LIFECYCLE_RULES, FAIL, "403 InvalidObjectState", "exports/")
def a_rule_that_archives() -> list[Finding]:
    transitions = [{"Days": 90, "StorageClass": "DEEP_ARCHIVE"}]
    return judged(lifecycle=lifecycle_rule("exports/", Transitions=transitions))


@case(Check.LIFECYCLE_RULES, FAIL, "where a size fits")
def a_rule_for_large_files() -> list[Finding]:
    large = {"And": {"Prefix": "avatars/", "ObjectSizeGreaterThan": 1000}}
    return judged(lifecycle=lifecycle_rule(Filter=large, Expiration={"Days": 30}))


@case(Check.LIFECYCLE_RULES, WARN, "where a tag fits")
def a_rule_for_what_is_tagged() -> list[Finding]:
    tagged = {"Tag": {"Key": "temporary", "Value": "yes"}}
    return judged(lifecycle=lifecycle_rule(Filter=tagged, Expiration={"Days": 30}))


@case(Check.LIFECYCLE_RULES, WARN, "moves objects to STANDARD_IA under pending/, avatars/")
def a_rule_that_makes_cheaper() -> list[Finding]:
    transitions = [{"Days": 30, "StorageClass": "STANDARD_IA"}]
    return judged(lifecycle=lifecycle_rule(Transitions=transitions))
