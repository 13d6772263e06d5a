"""Types of settings that have a form of their own: ARNs, URLs, lists, tags.

Each refuses what is unusable with a message that says what to give instead.
"""

import ipaddress
import re
from collections.abc import Callable
from typing import Annotated
from urllib.parse import SplitResult, urlsplit

from pydantic import AfterValidator, BeforeValidator
from pydantic_core import PydanticCustomError
from pydantic_settings import NoDecode

# IAM User Guide, "IAM identifiers": a user or a role, with its path.
_PRINCIPAL = re.compile(r"arn:aws[a-z-]*:iam::\d{12}:(?:user|role)/(?:[\w+=,.@/-]*/)?[\w+=,.@-]+")
_ROOT = re.compile(r"arn:aws[a-z-]*:iam::\d{12}:root")
# KMS Developer Guide, "Key identifiers": an alias would not do in an IAM policy's Resource.
_KEY = re.compile(r"arn:aws[a-z-]*:kms:[a-z0-9-]+:\d{12}:key/[\w-]+")
# CloudFront takes certificates of us-east-1 alone (Developer Guide, "Requirements for using
# SSL/TLS certificates with CloudFront").
_CERTIFICATE = re.compile(r"arn:aws[a-z-]*:acm:us-east-1:\d{12}:certificate/[\w-]+")
_DISTRIBUTION = re.compile(r"[A-Z0-9]{8,32}")

# S3 User Guide, "Using cost allocation S3 bucket tags".
_MAX_TAGS = 50
_MAX_TAG_KEY = 128
_MAX_TAG_VALUE = 256
_TAG_TEXT = re.compile(r"[\w\s.:/=+@-]*")


def problem(message: str) -> PydanticCustomError:
    """Make the error of a value that can't be used; ``message`` is shown as it is."""
    return PydanticCustomError("unusable_setting", "{message}", {"message": message})


def principal_arn(value: str) -> str:
    """Return the ARN of an IAM user or role, or raise with the form it should have."""
    if ":assumed-role/" in value:
        raise problem(
            "this is a session's ARN; give the role's own, such as "
            "`arn:aws:iam::123456789012:role/gridboss-assets`, with its path"
        )
    if not _PRINCIPAL.fullmatch(value):
        raise problem(
            "give the ARN of an IAM user or role, such as "
            "`arn:aws:iam::123456789012:user/gridboss-assets`"
        )
    return value


def operator_arn(value: str) -> str:
    """Return the ARN of a user, a role or an account's root, or raise with the right form."""
    return value if _ROOT.fullmatch(value) else principal_arn(value)


def split_url(url: str) -> SplitResult | None:
    """Take a URL apart; None for one without a host, or with a port that is no number."""
    try:
        parts = urlsplit(url)
        _ = parts.port  # raises ValueError for a port that is no number
    except ValueError:
        return None
    return parts if parts.hostname else None


def is_loopback(host: str | None) -> bool:
    """Tell whether a host of a URL is this very machine."""
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host or "").is_loopback
    except ValueError:
        return False


def _fits(pattern: re.Pattern[str], advice: str) -> AfterValidator:
    def check(value: str) -> str:
        if not pattern.fullmatch(value):
            raise problem(advice)
        return value

    return AfterValidator(check)


def _parts(value: object) -> object:
    if isinstance(value, str):
        return tuple(part.strip() for part in value.split(",") if part.strip())
    return value


def _each(check: Callable[[str], str]) -> AfterValidator:
    return AfterValidator(lambda values: tuple(check(value) for value in values))


def _pairs(value: object) -> object:
    if not isinstance(value, str):
        return value
    pairs = [part.partition("=") for part in value.split(",") if part.strip()]
    if not all(name.strip() and sign for name, sign, _ in pairs):
        raise problem("give `name=value`, separated by commas, or leave it empty")
    return {name.strip(): text.strip() for name, _, text in pairs}


def _tags(value: dict[str, str]) -> dict[str, str]:
    if len(value) > _MAX_TAGS:
        raise problem(f"a bucket takes at most {_MAX_TAGS} tags")
    for name, text in value.items():
        if (
            len(name) > _MAX_TAG_KEY
            or len(text) > _MAX_TAG_VALUE
            or name.lower().startswith("aws:")
            or not _TAG_TEXT.fullmatch(name + text)
        ):
            raise problem(
                f"a tag has a name of at most {_MAX_TAG_KEY} and a value of at most "
                f"{_MAX_TAG_VALUE} letters, digits, blanks or `_.:/=+@-`, and no name begins "
                "with `aws:`"
            )
    return value


# For choices, which are taken in any case.
Lower = BeforeValidator(lambda value: value.lower() if isinstance(value, str) else value)
Upper = BeforeValidator(lambda value: value.upper() if isinstance(value, str) else value)

PrincipalArn = Annotated[str, AfterValidator(principal_arn)]
OperatorArns = Annotated[tuple[str, ...], NoDecode, BeforeValidator(_parts), _each(operator_arn)]
Names = Annotated[tuple[str, ...], NoDecode, BeforeValidator(_parts)]
Tags = Annotated[dict[str, str], NoDecode, BeforeValidator(_pairs), AfterValidator(_tags)]
KmsKeyArn = Annotated[
    str,
    _fits(
        _KEY,
        "give the key's ARN, such as `arn:aws:kms:eu-west-1:123456789012:key/…`, and no alias",
    ),
]
CloudFrontId = Annotated[str, _fits(_DISTRIBUTION, "give the ID alone, such as `E2QWRUHEXAMPLE`")]
CertificateArn = Annotated[
    str,
    _fits(
        _CERTIFICATE,
        "give the ARN of a certificate in us-east-1, such as "
        "`arn:aws:acm:us-east-1:123456789012:certificate/…`",
    ),
]
