"""Cases: what the bucket's policy denies, and whom it lets in."""

from typing import Any

from tests.unit.buckets.audit.cases import FAIL, UNAVAILABLE, UNKNOWN, WARN, case
from tests.unit.buckets.audit.evidences import judged, with_statement
from tests.unit.buckets.conftest import ACCOUNT, APPLICATION, NAME, wanted

from gridboss_assets.buckets.audit import Check
from gridboss_assets.buckets.plan import NotOffered, NotReadable
from gridboss_assets.buckets.shapes import NOTHING, Items
from gridboss_assets.findings import Finding
from gridboss_assets.storage.providers import MINIO, SEAWEEDFS, BucketFeature

ARN = f"arn:aws:s3:::{NAME}"
DISTRIBUTION = "E2QWRUHEXAMPLE"
SOURCE = f"arn:aws:cloudfront::{ACCOUNT}:distribution/{DISTRIBUTION}"


def policy(**statements: Any) -> Items:
    """Return our policy with some of its statements changed, or left out (None)."""
    ours = {name: item.value for name, item in wanted().of(BucketFeature.POLICY).items()}
    return Items({k: v for k, v in (ours | statements).items() if v is not None})


def ours(sid: str) -> dict[str, Any]:
    value: dict[str, Any] = wanted().of(BucketFeature.POLICY)[sid].value
    return value


def allow(principal: Any, *, sid: str = "Theirs", **changes: Any) -> Items:
    statement = {
        "Sid": sid,
        "Effect": "Allow",
        "Principal": principal,
        "Action": "s3:GetObject",
        "Resource": f"{ARN}/*",
    }
    return with_statement(statement | changes)


def deny(principal: Any, **changes: Any) -> Items:
    return allow(principal, **({"Effect": "Deny", "Action": "s3:*"} | changes))


# --- denials --------------------------------------------------------------------------------


@case(Check.TLS, FAIL, "Over plain http", "bucket apply")
def nothing_demands_tls() -> list[Finding]:
    return judged(policy=policy(DenyInsecureTransport=None))


@case(Check.TLS, FAIL, "s3:ListBucket")
def tls_for_objects_alone() -> list[Finding]:
    changed = ours("DenyInsecureTransport") | {"Resource": f"{ARN}/*"}
    return judged(policy=policy(DenyInsecureTransport=changed))


@case(Check.TLS, UNKNOWN, "can't be judged")
def tls_under_a_condition() -> list[Finding]:
    condition = {"Bool": {"aws:SecureTransport": "false"}, "IpAddress": {"aws:SourceIp": "0/0"}}
    changed = ours("DenyInsecureTransport") | {"Condition": condition}
    return judged(policy=policy(DenyInsecureTransport=changed))


@case(Check.TLS, WARN, "development alone")
def plain_http_on_this_machine() -> list[Finding]:
    return judged(wanted(SEAWEEDFS, None, s3_endpoint="http://127.0.0.1:9000"))


@case(Check.TLS, WARN, "POST forms", "TLS alone")
def a_server_that_asks_no_policy_about_forms() -> list[Finding]:
    return judged(wanted(SEAWEEDFS, None, s3_endpoint="https://storage.example"))


@case(Check.TLS, FAIL, "Over plain http")
def a_server_that_asks_no_policy_about_forms_and_has_none() -> list[Finding]:
    want = wanted(SEAWEEDFS, None, s3_endpoint="https://storage.example")
    return judged(want, policy=NOTHING)


@case(Check.OTHERS, FAIL, "user/somebody-else", "bucket apply")
def others_are_not_denied() -> list[Finding]:
    return judged(policy=policy(DenyOtherPrincipals=None))


@case(Check.OTHERS, FAIL, "000000000000")
def others_of_the_account_alone_are_denied() -> list[Finding]:
    changed = ours("DenyOtherPrincipals") | {"Principal": {"AWS": f"arn:aws:iam::{ACCOUNT}:root"}}
    return judged(policy=policy(DenyOtherPrincipals=changed))


@case(Check.OTHERS, FAIL, f"arn:aws:iam::{ACCOUNT}:user/somebody-else")
def others_of_other_accounts_alone_are_denied() -> list[Finding]:
    changed = ours("DenyOtherPrincipals") | {
        "Condition": {"StringNotEquals": {"aws:PrincipalAccount": ACCOUNT}}
    }
    return judged(policy=policy(DenyOtherPrincipals=changed))


@case(Check.OTHERS, FAIL, "spares others", "user/old-application", "S3_OPERATOR_ARNS")
def somebody_else_is_spared() -> list[Finding]:
    condition = ours("DenyOtherPrincipals")["Condition"]
    spared = condition["ArnNotEquals"]["aws:PrincipalArn"]
    old = f"arn:aws:iam::{ACCOUNT}:user/old-application"
    changed = ours("DenyOtherPrincipals") | {
        "Condition": condition | {"ArnNotEquals": {"aws:PrincipalArn": [*spared, old]}}
    }
    return judged(policy=policy(DenyOtherPrincipals=changed))


@case(Check.OTHERS, UNKNOWN, "can't be judged")
def others_are_denied_under_a_condition() -> list[Finding]:
    condition = ours("DenyOtherPrincipals")["Condition"]
    changed = ours("DenyOtherPrincipals") | {
        "Condition": condition | {"IpAddress": {"aws:SourceIp": "0.0.0.0/0"}}
    }
    return judged(policy=policy(DenyOtherPrincipals=changed))


@case(Check.OTHERS, UNAVAILABLE, "can't tell callers apart", "keys to this bucket")
def a_server_that_tells_nobody_apart() -> list[Finding]:
    return judged(wanted(SEAWEEDFS, None))


@case(Check.OTHERS, UNAVAILABLE, "On MinIO a bucket policy binds anonymous callers alone")
def a_server_whose_policies_bind_nobody() -> list[Finding]:
    return judged(wanted(MINIO, None))


@case(Check.APPLICATION, FAIL, "Theirs denies s3:PutObject to the application", "S3_PRINCIPAL_ARN")
def the_application_is_shut_out() -> list[Finding]:
    return judged(policy=deny({"AWS": APPLICATION}))


@case(Check.APPLICATION, WARN, "Theirs", "conditions")
def the_application_may_be_shut_out() -> list[Finding]:
    return judged(policy=deny("*", Condition={"NotIpAddress": {"aws:SourceIp": "10.0.0.0/8"}}))


@case(Check.APPLICATION, UNKNOWN, "s3:GetBucketPolicy")
def a_policy_that_may_not_be_read() -> list[Finding]:
    return judged(policy=NotReadable("refused"))


@case(Check.OPERATORS, FAIL, "denies s3:PutBucketPolicy to an operator", "role/team/bucket-admin")
def nobody_may_mend_the_policy() -> list[Finding]:
    return judged(policy=deny("*", Action="s3:PutBucketPolicy", Resource=ARN))


@case(Check.OPERATORS, WARN, "conditions")
def operators_may_be_shut_out() -> list[Finding]:
    condition = {"NotIpAddress": {"aws:SourceIp": "10.0.0.0/8"}}
    return judged(policy=deny("*", Resource=ARN, Condition=condition))


# --- statements -----------------------------------------------------------------------------


@case(Check.STATEMENTS, FAIL, "arn:aws:iam::999999999999:root")
def another_account_is_let_in() -> list[Finding]:
    return judged(policy=allow({"AWS": "arn:aws:iam::999999999999:root"}))


@case(Check.STATEMENTS, FAIL, "(to 999999999999)")
def another_account_is_let_in_by_its_number() -> list[Finding]:
    return judged(policy=allow({"AWS": [APPLICATION, "999999999999"]}))


@case(Check.STATEMENTS, FAIL, "everybody but some")
def all_but_one_are_let_in() -> list[Finding]:
    statement = {"Sid": "Theirs", "Effect": "Allow", "NotPrincipal": {"AWS": ACCOUNT}}
    return judged(policy=with_statement(statement | {"Action": "s3:*", "Resource": ARN}))


@case(Check.STATEMENTS, FAIL, "(to everybody)")
def everybody_is_let_in() -> list[Finding]:
    return judged(policy=allow("*"))


@case(Check.STATEMENTS, FAIL, "Federated accounts.google.com")
def others_identities_are_let_in() -> list[Finding]:
    return judged(policy=allow({"Federated": "accounts.google.com"}))


@case(Check.STATEMENTS, WARN, "everybody, under conditions on aws:SourceIp")
def a_network_is_let_in() -> list[Finding]:
    condition = {"IpAddress": {"aws:SourceIp": "192.0.2.0/24"}}
    return judged(policy=allow({"AWS": "*"}, Condition=condition))


@case(Check.STATEMENTS, WARN, "user/colleague")
def somebody_of_the_account_is_let_in() -> list[Finding]:
    return judged(policy=allow({"AWS": f"arn:aws:iam::{ACCOUNT}:user/colleague"}))


@case(Check.STATEMENTS, WARN, "the service logging.s3.amazonaws.com", "nobody needs")
def a_service_is_let_in() -> list[Finding]:
    return judged(policy=allow({"Service": "logging.s3.amazonaws.com"}))


@case(Check.STATEMENTS, WARN, "(to dev)")
def somebody_of_a_server_without_accounts_is_let_in() -> list[Finding]:
    want = wanted(SEAWEEDFS, None)
    statement = {"Sid": "Theirs", "Effect": "Allow", "Principal": {"AWS": "dev"}}
    more = {"Action": "s3:GetObject", "Resource": f"{ARN}/*"}
    return judged(want, policy=with_statement(statement | more, want=want))


@case(Check.DELETED, WARN, "Theirs names AIDACKCEVSQ6C2EXAMPLE", "ARN anew")
def a_user_who_was_deleted() -> list[Finding]:
    return judged(policy=allow({"AWS": "AIDACKCEVSQ6C2EXAMPLE"}))


@case(Check.DELETED, WARN, "AROACKCEVSQ6C2EXAMPLE")
def a_role_that_was_deleted_is_denied() -> list[Finding]:
    statement = {"Sid": "Theirs", "Effect": "Deny", "Resource": ARN, "Action": "s3:*"}
    gone = {"NotPrincipal": {"AWS": ["AROACKCEVSQ6C2EXAMPLE"]}}
    return judged(policy=with_statement(statement | gone))


# --- a CDN ----------------------------------------------------------------------------------


def cdn(**changes: Any) -> Items:
    """Return the statement of a CDN, under another name than ours."""
    given: dict[str, Any] = {
        "Resource": f"{ARN}/avatars/*",
        "Condition": {"StringEquals": {"AWS:SourceArn": SOURCE}},
    }
    return allow({"Service": "cloudfront.amazonaws.com"}, sid="Edge", **(given | changes))


@case(Check.CDN, FAIL, "Edge reaches arn:aws:s3:::test-assets/*", "distribution")
def a_cdn_reads_everything() -> list[Finding]:
    return judged(policy=cdn(Resource=f"{ARN}/*"))


@case(Check.CDN, FAIL, "reaches arn:aws:s3:::test-assets/exports/*")
def a_cdn_without_signatures_reads_what_has_an_owner() -> list[Finding]:
    return judged(policy=cdn(Resource=[f"{ARN}/avatars/*", f"{ARN}/exports/*"]))


@case(Check.CDN, FAIL, "everything but some")
def a_cdn_reads_all_but_some() -> list[Finding]:
    return judged(policy=cdn(Resource=[], NotResource=f"{ARN}/pending/*"))


@case(Check.CDN, FAIL, "allows s3:*")
def a_cdn_may_write() -> list[Finding]:
    return judged(policy=cdn(Action="s3:*"))


@case(Check.CDN, FAIL, "every distribution of every account")
def any_distribution_is_let_in() -> list[Finding]:
    return judged(policy=cdn(Condition={}))


@case(Check.CDN, FAIL, "reaches")
def an_origin_access_identity_reads_everything() -> list[Finding]:
    identity = "arn:aws:iam::cloudfront:user/CloudFront Origin Access Identity EXAMPLE"
    return judged(policy=allow({"AWS": identity}))


@case(Check.CDN, WARN, "settings don't name", "CDN_DISTRIBUTION_ID")
def a_cdn_that_the_settings_do_not_name() -> list[Finding]:
    return judged(policy=cdn())


@case(Check.CDN, WARN, "Edge")
def another_distribution_than_that_of_the_settings() -> list[Finding]:
    return judged(
        wanted(cdn_distribution_id="E1ANOTHEREXAMPLE"),
        policy=cdn(),
    )


@case(Check.CDN, FAIL, "may read nothing", "bucket apply")
def the_cdn_is_not_let_in() -> list[Finding]:
    return judged(wanted(cdn_distribution_id=DISTRIBUTION), policy=policy())


# --- what the server says of it -------------------------------------------------------------


@case(Check.PUBLIC_POLICY, FAIL, "the server judges so", "principal is `*`")
def a_policy_that_is_public() -> list[Finding]:
    return judged(policy_is_public=True)


@case(Check.PUBLIC_POLICY, FAIL, "Theirs", "bucket apply")
def a_public_statement_where_the_server_does_not_judge() -> list[Finding]:
    return judged(policy_is_public=NotOffered("501"), policy=allow("*"))


@case(Check.PUBLIC_POLICY, UNKNOWN, "refused", "s3:GetBucketPolicyStatus")
def a_verdict_that_may_not_be_read() -> list[Finding]:
    return judged(policy_is_public=NotReadable("refused"))


@case(Check.PUBLIC_POLICY, UNAVAILABLE, "our own reading")
def a_server_that_does_not_judge() -> list[Finding]:
    return judged(policy_is_public=NotOffered("501"), policy=NOTHING)
