"""Calls to AWS: what the product makes, and a long list of what it must not be able to make."""

ACCOUNT = "123456789012"
BUCKET = "gridboss-assets"
ARN = f"arn:aws:s3:::{BUCKET}"
OBJECT = f"{ARN}/avatars/a.png"
IAM = f"arn:aws:iam::{ACCOUNT}"
USER = f"{IAM}:user/apps/gridboss-assets"
ROLE = f"{IAM}:role/apps/gridboss-assets"
KEY = f"arn:aws:kms:eu-west-1:{ACCOUNT}:key/11111111-2222-3333-4444-555555555555"
OTHER_KEY = f"arn:aws:kms:eu-west-1:{ACCOUNT}:key/99999999-2222-3333-4444-555555555555"
DISTRIBUTION = f"arn:aws:cloudfront::{ACCOUNT}:distribution/EDFDVBD6EXAMPLE"
OTHER_DISTRIBUTION = f"arn:aws:cloudfront::{ACCOUNT}:distribution/E2ANOTHERONE"

Call = tuple[str, str]

# What the product calls (S3 User Guide, "Required permissions for Amazon S3 API operations").
NEEDED: dict[str, Call] = {
    "PutObject": ("s3:PutObject", f"{ARN}/pending/a"),
    "CreateMultipartUpload": ("s3:PutObject", f"{ARN}/exports/a.csv"),
    "UploadPart": ("s3:PutObject", f"{ARN}/exports/a.csv"),
    "CompleteMultipartUpload": ("s3:PutObject", f"{ARN}/exports/a.csv"),
    "GetObject": ("s3:GetObject", f"{ARN}/exports/a.csv"),
    "HeadObject": ("s3:GetObject", f"{ARN}/avatars/a.png"),
    "DeleteObject": ("s3:DeleteObject", f"{ARN}/pending/a"),
    "ListObjectsV2": ("s3:ListBucket", ARN),
}

OPTIONAL: dict[str, set[Call]] = {
    "kms": {("kms:GenerateDataKey", KEY), ("kms:Decrypt", KEY)},
    "cdn-invalidation": {("cloudfront:CreateInvalidation", DISTRIBUTION)},
    "multipart": {
        ("s3:AbortMultipartUpload", OBJECT),
        ("s3:ListMultipartUploadParts", OBJECT),
        ("s3:ListBucketMultipartUploads", ARN),
    },
}

_ON_OBJECTS = """
    PutObjectAcl GetObjectAcl PutObjectTagging GetObjectTagging DeleteObjectTagging
    GetObjectAttributes GetObjectVersion DeleteObjectVersion PutObjectVersionAcl RestoreObject
    PutObjectRetention PutObjectLegalHold BypassGovernanceRetention ReplicateObject
"""
_ON_BUCKETS = """
    DeleteBucket PutBucketPolicy GetBucketPolicy DeleteBucketPolicy PutBucketAcl GetBucketAcl
    PutBucketCORS GetBucketCORS PutLifecycleConfiguration PutEncryptionConfiguration
    PutBucketVersioning PutBucketPublicAccessBlock PutBucketOwnershipControls PutBucketTagging
    PutBucketLogging PutBucketNotification PutReplicationConfiguration PutBucketWebsite
    ListBucketVersions GetBucketLocation CreateBucket
"""
REFUSED: list[Call] = [
    *((f"s3:{name}", OBJECT) for name in _ON_OBJECTS.split()),
    *((f"s3:{name}", ARN) for name in _ON_BUCKETS.split()),
    ("s3:ListAllMyBuckets", "*"),
    *(
        (f"s3:{name}", f"{bucket}/avatars/a.png")
        for name in ("PutObject", "GetObject", "DeleteObject", "AbortMultipartUpload")
        for bucket in ("arn:aws:s3:::another-bucket", f"{ARN}-2", f"arn:aws:s3:::my-{BUCKET}")
    ),
    ("s3:ListBucket", "arn:aws:s3:::another-bucket"),
    ("s3:ListBucket", f"{ARN}-2"),
    ("s3:ListBucketMultipartUploads", f"{ARN}-2"),
    ("iam:CreateAccessKey", USER),
    ("iam:PutUserPolicy", USER),
    ("iam:AttachUserPolicy", USER),
    ("iam:GetUser", USER),
    ("iam:PassRole", ROLE),
    ("iam:PutRolePolicy", ROLE),
    ("sts:AssumeRole", f"{IAM}:role/operator"),
    ("kms:Encrypt", KEY),
    ("kms:ReEncryptFrom", KEY),
    ("kms:CreateGrant", KEY),
    ("kms:PutKeyPolicy", KEY),
    ("kms:ScheduleKeyDeletion", KEY),
    ("kms:Decrypt", OTHER_KEY),
    ("kms:GenerateDataKey", OTHER_KEY),
    ("cloudfront:CreateInvalidation", OTHER_DISTRIBUTION),
    ("cloudfront:GetDistribution", DISTRIBUTION),
    ("cloudfront:UpdateDistribution", DISTRIBUTION),
]
EVERYTHING = sorted(set(NEEDED.values()).union(REFUSED, *OPTIONAL.values()))
