"""What S3-compatible providers offer, as data: one row each.

The rows come from the providers' own documentation and issue trackers, and for SeaweedFS and Ceph
from the tests of this repository. An endpoint that no row names is taken to be a full S3 server:
those keep POST policies and conditional writes.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Literal
from urllib.parse import urlsplit


class BucketFeature(StrEnum):
    """A side of a bucket that can be set up, in the S3 API's own terms."""

    PUBLIC_ACCESS_BLOCK = "public access block"
    OWNERSHIP = "object ownership"
    ENCRYPTION = "encryption"
    VERSIONING = "versioning"
    LIFECYCLE = "lifecycle"
    CORS = "CORS"
    TAGS = "tags"
    POLICY = "bucket policy"


ACCESS_SWITCHES = (
    "BlockPublicAcls",
    "IgnorePublicAcls",
    "BlockPublicPolicy",
    "RestrictPublicBuckets",
)
"""The public access block (S3 API Reference, "PublicAccessBlockConfiguration")."""

_Lacks = Mapping[BucketFeature, str]


@dataclass(frozen=True, slots=True)
class Provider:
    """One provider. It is recognised by its endpoint's host name, or by its answers."""

    id: str
    """The value of ``S3_PROVIDER``."""
    name: str
    form_uploads: bool
    """Whether the browser's POST form is taken (S3 API Reference, "POST Object")."""
    conditional_writes: bool
    """Whether a PUT with ``If-None-Match: *`` is honoured (S3 User Guide, "Conditional writes")."""
    checksums: bool
    """Whether the SDK's default checksums may be sent and expected."""
    refuses_unsigned_headers: bool | None
    """Whether a signed PUT is refused that brings an ``x-amz-*`` header which it did not sign.

    SigV4 wants every one of them signed (S3 API Reference, "Create a canonical request"). None
    where it is not known.
    """
    conditional_completion: bool = False
    """Whether CompleteMultipartUpload is known to hold a write's condition, racing others too.

    Elsewhere a conditional write of a large body is one PUT, as far as S3 takes one.
    """
    quoted_etags: bool = True
    """Whether If-Match on a PUT is taken as RFC 9110 §8.8.3 writes an ETag, in quotes."""
    judges_policies: bool = True
    """Whether GetBucketPolicyStatus tells a public policy from one that lets named callers in."""
    host_suffixes: tuple[str, ...] = ()
    server: str | None = None
    """How the ``Server`` header of its answers begins, where it tells."""
    request_id: re.Pattern[str] | None = None
    """What the header ``x-amz-request-id`` of its answers matches, where that tells."""
    lacks: _Lacks = field(default_factory=dict)
    """What can't be set up through the S3 API there: what that means, and what to do instead."""
    iam: bool = False
    """Whether AWS's IAM and STS stand beside it: users, roles, ARNs."""
    principals_in_policies: bool = False
    """Whether a bucket policy can tell callers apart by ``aws:PrincipalArn``."""
    access_switches: tuple[str, ...] = ACCESS_SWITCHES
    """The switches of the public access block that may be on without harm."""
    tls_operator: Literal["Bool", "BoolIfExists"] = "Bool"
    """The operator with which a policy's ``aws:SecureTransport`` works."""
    policy_gap: str = ""
    """Where a bucket policy's denial of what is not TLS hits too little there, or too much."""
    aborts_multipart: bool = True
    """Whether a lifecycle rule may end unfinished multipart uploads."""
    expires_markers: bool = True
    """Whether a lifecycle rule may remove expired delete markers."""
    keeps_rule_ids: bool = True
    """Whether lifecycle and CORS rules come back under the IDs that they were given."""
    header_wildcards: bool = True
    """Whether ``x-amz-*`` in a CORS rule is known to cover every header that begins so."""
    always_versioned: bool = False
    """Whether old versions are kept whatever anybody sets."""
    hints: _Lacks = field(default_factory=dict)
    """What a refusal to set something up usually means there."""


AWS = Provider(
    "aws",
    "AWS",
    form_uploads=True,
    conditional_writes=True,
    checksums=True,
    refuses_unsigned_headers=True,
    conditional_completion=True,  # S3 API Reference, "CompleteMultipartUpload"
    host_suffixes=("amazonaws.com", "amazonaws.com.cn", "amazonaws.eu"),
    server="AmazonS3",
    iam=True,
    principals_in_policies=True,
)
MINIO = Provider(
    "minio",
    "MinIO",
    form_uploads=True,
    conditional_writes=True,
    checksums=False,
    # Since July 2023 it refuses x-amz-meta-* (minio/minio#17737), and by public reports still takes
    # the others, a copy source among them.
    refuses_unsigned_headers=False,
    server="MinIO",
    lacks={
        # Its GET answers 501 and its PUT 400; its DELETE would reach DeleteBucket.
        BucketFeature.PUBLIC_ACCESS_BLOCK: (
            "MinIO has no such switch: a bucket is private unless a policy of its own opens it. "
            "See that `mc anonymous get ALIAS/BUCKET` says private."
        ),
        BucketFeature.OWNERSHIP: "MinIO has no ACLs, so nothing can be opened by one.",
        BucketFeature.CORS: (
            "MinIO takes CORS for the whole server and lets every origin in by default: set "
            "MINIO_API_CORS_ALLOW_ORIGIN to the origins of CORS_ORIGINS, separated by commas, and "
            "restart it."
        ),
        BucketFeature.POLICY: (
            "On MinIO a bucket policy binds anonymous callers alone, who get nothing anyway: its "
            "denials stop no user. Give the application a user of its own with the policy that "
            "`gridboss-assets iam policy` prints, and serve MinIO over TLS only."
        ),
    },
    aborts_multipart=False,
    hints={
        BucketFeature.ENCRYPTION: (
            "MinIO encrypts only with a key service: set up KES, or MINIO_KMS_SECRET_KEY."
        ),
    },
)
CLOUDFLARE_R2 = Provider(
    "r2",
    "Cloudflare R2",
    # "POST Object" answers 501 NotImplemented.
    form_uploads=False,
    conditional_writes=True,
    checksums=False,
    refuses_unsigned_headers=None,
    conditional_completion=True,  # R2's documentation, "Conditional operations"
    host_suffixes=("r2.cloudflarestorage.com",),
    server="cloudflare",
    lacks={
        BucketFeature.PUBLIC_ACCESS_BLOCK: (
            "R2 buckets are private unless a public address is switched on. See in the "
            "dashboard that the bucket has no r2.dev address and no custom domain."
        ),
        BucketFeature.OWNERSHIP: "R2 has no ACLs, so nothing can be opened by one.",
        BucketFeature.ENCRYPTION: "R2 encrypts every object itself; nothing is to be set.",
        BucketFeature.VERSIONING: "R2 keeps no versions: what is deleted is gone at once.",
        BucketFeature.TAGS: "R2 buckets have no tags.",
        BucketFeature.POLICY: (
            "R2 has no bucket policies: who may do what is decided by API tokens. Give the "
            "application a token for this one bucket alone (Object Read & Write)."
        ),
    },
    expires_markers=False,  # there are no versions, and so no markers
    header_wildcards=False,  # its documentation names whole headers alone, and reports disagree
)
BACKBLAZE_B2 = Provider(
    "b2",
    "Backblaze B2",
    # Form uploads and If-None-Match both answer 501 NotImplemented.
    form_uploads=False,
    conditional_writes=False,
    checksums=False,
    refuses_unsigned_headers=None,
    host_suffixes=("backblazeb2.com",),
    lacks={
        BucketFeature.PUBLIC_ACCESS_BLOCK: (
            "B2 has no such switch: the bucket's type says it. Make it allPrivate."
        ),
        BucketFeature.OWNERSHIP: "B2's objects have no ACLs of their own.",
        BucketFeature.TAGS: "B2 buckets have no tags.",
        BucketFeature.POLICY: (
            "B2 has no bucket policies: who may do what is decided by application keys. Give "
            "the application a key for this one bucket alone. Plain http is refused anyway."
        ),
    },
    # It removes a delete marker by itself when no version is left, and writes a rule back as two.
    expires_markers=False,
    keeps_rule_ids=False,
    always_versioned=True,
)
SEAWEEDFS = Provider(
    "seaweedfs",
    "SeaweedFS",
    form_uploads=True,
    conditional_writes=True,
    checksums=False,
    refuses_unsigned_headers=True,
    # 4.48 asks the condition at CompleteMultipartUpload, but of four at once sometimes two win.
    conditional_completion=False,
    server="SeaweedFS",
    lacks={
        BucketFeature.PUBLIC_ACCESS_BLOCK: (
            "SeaweedFS answers 501. Who may do what is decided by its identities: see that none "
            "is called anonymous."
        ),
        # It says BucketOwnerEnforced from the start, and honours a public ACL all the same.
        BucketFeature.OWNERSHIP: "SeaweedFS can't switch ACLs off. We set none.",
    },
    policy_gap=(
        "SeaweedFS asks no bucket policy about POST forms. A form over plain http is taken, so "
        "have its S3 API speak TLS alone."
    ),
)
CEPH = Provider(
    "ceph",
    "Ceph",
    form_uploads=True,
    conditional_writes=True,
    checksums=False,
    # radosgw 16.2 copied another object, stored metadata and tags, and made a file public.
    refuses_unsigned_headers=False,
    # 16.2 takes no notice of a condition at CompleteMultipartUpload.
    conditional_completion=False,
    # 16.2 compares If-Match letter by letter with the bare ETag, so that a quoted one never fits.
    quoted_etags=False,
    judges_policies=False,  # whatever allows anybody anything is public to 16.2
    server="Ceph Object Gateway",
    # 16.2 sends no Server header. OpenStack Swift's IDs, whose form this is, have two parts only.
    request_id=re.compile(r"tx[0-9a-f]{21}-[0-9a-f]{10}-[0-9a-f]+-."),
    lacks={
        BucketFeature.ENCRYPTION: (
            "Ceph answers 400. Encrypt the disks of its OSDs (dmcrypt) instead."
        ),
        BucketFeature.OWNERSHIP: (
            "Ceph can't switch ACLs off. We set none but private ones, and the public access block "
            "has those of others ignored that open anything to the public."
        ),
    },
    # With BlockPublicAcls radosgw 16.2 refuses every PUT of an object. It takes every policy that
    # allows anything for a public one, even to a named user, and so BlockPublicPolicy refuses it.
    # RestrictPublicBuckets has no effect.
    access_switches=("IgnorePublicAcls",),
    tls_operator="BoolIfExists",
    policy_gap=(
        "radosgw knows of TLS where it ends it itself (ssl_endpoint), or behind a proxy that sends "
        "X-Forwarded-Proto: https, with rgw_trust_forwarded_https=true. Otherwise the denial of "
        "what is not TLS denies everything to everybody, the bucket's owner too."
    ),
)
GENERIC = Provider(
    "auto",
    "S3-compatible",
    form_uploads=True,
    conditional_writes=True,
    checksums=False,
    refuses_unsigned_headers=None,
)

PROVIDERS = (AWS, MINIO, CLOUDFLARE_R2, BACKBLAZE_B2, SEAWEEDFS, CEPH)


SIGNS = ("server", "x-amz-request-id")
"""The headers of an answer by which a provider is recognised."""


def provider_of(endpoint: str | None, named: str = "auto") -> Provider:
    """Return the provider called ``named``, or recognise it by its endpoint; none is AWS."""
    for provider in PROVIDERS:
        if provider.id == named:
            return provider
    if endpoint is None:
        return AWS
    host = urlsplit(endpoint).hostname or ""
    for provider in PROVIDERS:
        if any(host == s or host.endswith(f".{s}") for s in provider.host_suffixes):
            return provider
    return GENERIC


def provider_by_answer(headers: Mapping[str, str]) -> Provider | None:
    """Recognise a provider by the headers of one of its answers, whose names are in small letters.

    The request's ID comes from the storage itself; a proxy in front may write a ``Server`` header.
    """
    server, request_id = (headers.get(name, "") for name in SIGNS)
    for provider in PROVIDERS:
        if provider.request_id and provider.request_id.match(request_id):
            return provider
    return next((p for p in PROVIDERS if p.server and server.startswith(p.server)), None)
