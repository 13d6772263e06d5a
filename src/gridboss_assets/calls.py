"""What AWS's answers mean to an operator: botocore's exceptions into one clear message each."""

from collections.abc import Iterator
from contextlib import contextmanager
from http import HTTPStatus

from botocore.exceptions import (
    BotoCoreError,
    ClientError,
    CredentialRetrievalError,
    EndpointConnectionError,
    NoCredentialsError,
    PartialCredentialsError,
    ProfileNotFound,
    SSLError,
    SSOError,
    TokenRetrievalError,
)
from botocore.parsers import ResponseParserError

from gridboss_assets.errors import ConfigurationError, OperationFailed

NO_CREDENTIALS = (
    "There are no operator's credentials. Choose a profile (--profile or AWS_PROFILE), or set "
    "AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY. The application's own keys, S3_ACCESS_KEY and "
    "S3_SECRET_KEY, are not used here: they may do no more than read and write objects."
)

# What a server says of a call that it does not have: S3 API Reference, "Error responses", and
# HTTP's own 405 and 501.
_NOT_OFFERED = frozenset({"NotImplemented", "MethodNotAllowed", "XNotImplemented"})
_DENIED = frozenset({"AccessDenied", "AccessDeniedException", "AllAccessDisabled", "403"})
_BAD_KEYS = {
    "InvalidAccessKeyId": "the access key ID is not known there",
    "InvalidClientTokenId": "the access key ID is not known there",
    "SignatureDoesNotMatch": "the secret key does not belong to the access key ID",
    "ExpiredToken": "the session has expired; sign in again",
    "ExpiredTokenException": "the session has expired; sign in again",
    "InvalidToken": "the session token is not valid; sign in again",
    "RequestTimeTooSkewed": "this machine's clock is wrong by more than 15 minutes",
}


def code_of(error: ClientError) -> str:
    """Return the error code of an answer."""
    return str(error.response.get("Error", {}).get("Code", ""))


def status_of(error: ClientError) -> int:
    """Return the HTTP status of an answer."""
    return int(error.response.get("ResponseMetadata", {}).get("HTTPStatusCode", 0))


def is_not_offered(error: ClientError) -> bool:
    """Tell whether the server lacks the call altogether."""
    return code_of(error) in _NOT_OFFERED or status_of(error) in {405, 501}


def is_denied(error: ClientError) -> bool:
    """Tell whether the caller lacks a permission (and is not a stranger altogether)."""
    code, forbidden = code_of(error), status_of(error) == HTTPStatus.FORBIDDEN
    return code in _DENIED or (forbidden and code not in _BAD_KEYS)


@contextmanager
def explained(
    doing: str,
    hint: str = "",
    *,
    unreachable: str = "See that S3_ENDPOINT and S3_REGION are right and that the server runs.",
) -> Iterator[None]:
    """Raise OperationFailed, or ConfigurationError, for what botocore raises inside the block.

    ``doing`` says what was tried, such as ``reading the bucket policy``; ``hint`` what a refusal
    usually means; ``unreachable`` what to do where no server answers.
    """
    try:
        yield
    except ClientError as error:
        raise OperationFailed(f"{_answered(doing, error)} {hint}".strip()) from error
    except (ProfileNotFound, SSOError, TokenRetrievalError, CredentialRetrievalError) as error:
        raise ConfigurationError(f"{error} Choose another profile, or sign in again.") from error
    except (NoCredentialsError, PartialCredentialsError) as error:
        raise ConfigurationError(NO_CREDENTIALS) from error
    except SSLError as error:
        raise OperationFailed(
            f"{_capital(doing)} failed: the server's certificate is not trusted. For one of your "
            "own, set AWS_CA_BUNDLE to the authority's file."
        ) from error
    except EndpointConnectionError as error:
        raise OperationFailed(f"{_capital(doing)} failed: {error} {unreachable}") from error
    except ResponseParserError:
        # Its text quotes the whole answer, and so does a traceback: it is not passed on.
        raise OperationFailed(
            f"{_capital(doing)} failed: the answer can't be read. See that S3_ENDPOINT is the "
            "address of an S3 server, and try again."
        ) from None
    except BotoCoreError as error:
        raise OperationFailed(f"{_capital(doing)} failed: {error}") from error


def _answered(doing: str, error: ClientError) -> str:
    code, operation = code_of(error), error.operation_name
    if code in _BAD_KEYS:
        return f"{_capital(doing)} failed: {_BAD_KEYS[code]} ({code})."
    if is_denied(error):
        return (
            f"{_capital(doing)} was refused ({code}): these credentials may not call {operation}. "
            "Use an operator's."
        )
    text = (error.response.get("Error", {}).get("Message") or "").strip()  # Ceph sends an empty one
    return (
        f"{_capital(doing)} failed: {operation} answered {status_of(error)} {code}. {text}".strip()
    )


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]
