"""Everything that can go wrong, as one tree.

::

    AssetsError                        internal_error
    ├── InvalidRequest                 (the same request can never succeed)
    │   ├── UnsupportedKind            unsupported_kind
    │   ├── UnsupportedContentType     unsupported_content_type
    │   ├── InvalidFilename            invalid_filename
    │   ├── InvalidObjectKey           invalid_object_key
    │   ├── SizeRequired               size_required
    │   ├── UnsupportedReport          unsupported_report
    │   ├── UnsupportedFormat          unsupported_format
    │   ├── InvalidParameters          invalid_parameters
    │   ├── InvalidBody                invalid_request
    │   ├── BodyTooLarge               request_too_large
    │   └── UnsupportedMediaType       unsupported_media_type
    ├── AccessError
    │   ├── Unauthenticated            unauthenticated
    │   ├── SignInUnavailable          sign_in_unavailable
    │   ├── Forbidden                  forbidden
    │   ├── TooManyRequests            too_many_requests
    │   └── ServiceBusy                service_busy
    ├── ObjectNotFound                 object_not_found
    ├── ObjectChanged                  object_changed
    ├── Rejection                      (a finding about the file itself)
    │   ├── EmptyObject                empty_object
    │   ├── ObjectTooLarge             object_too_large
    │   ├── ContentMismatch            content_mismatch
    │   ├── InvalidImage               invalid_image
    │   ├── InvalidDocument            invalid_document
    │   ├── UnsafeDocument             unsafe_document
    │   └── MalwareFound               malware_found
    ├── InspectionError                (the inspection, not the file; nothing is deleted)
    │   ├── InspectionBusy             inspection_busy
    │   ├── InspectionFailed           inspection_failed
    │   ├── InspectionUnavailable      inspection_unavailable
    │   └── ScannerUnavailable         scanner_unavailable
    ├── ExportError                    (an export can't be written; no object was made)
    │   ├── InvalidRows                invalid_rows
    │   ├── ExportTooLarge             export_too_large
    │   ├── ExportCancelled            export_cancelled
    │   └── ObjectExists               object_exists
    ├── JobError
    │   ├── JobNotFound                job_not_found
    │   └── JobsUnavailable            jobs_unavailable
    ├── StorageError                   storage_error
    │   ├── StorageDenied              storage_error
    │   ├── StorageUnavailable         storage_unavailable
    │   └── PreconditionFailed         precondition_failed
    ├── CdnError                       cdn_error
    │   ├── CdnDenied                  cdn_error
    │   └── CdnUnavailable             cdn_unavailable
    ├── ConfigurationError
    │   ├── S3NotEnabled               s3_not_enabled
    │   ├── ExportsNotEnabled          exports_not_enabled
    │   └── Misconfigured              misconfigured
    └── OperationFailed                (an operator's command on a bucket or on IAM)

``code`` is stable: clients and log queries may rely on it. ``str(error)`` is written for the
person who is stopped by it: it says what to do next and holds no secret. What an operator needs
beyond that stands in ``detail``, which goes to the log and never into an answer.

Only a :class:`Rejection` may lead to a pending object being deleted; every other error leaves the
bucket as it is. HTTP status codes live in :mod:`gridboss_assets.web.errors` alone.
"""

from collections.abc import Iterator
from typing import ClassVar


class AssetsError(Exception):
    """The base of all errors of this library."""

    code: ClassVar[str] = "internal_error"
    default_message: ClassVar[str] = "Something went wrong on our side. Please try again later."

    def __init__(self, message: str | None = None, *, detail: str | None = None) -> None:
        """Keep ``message`` for the person and ``detail`` for the operator's log."""
        super().__init__(message or self.default_message)
        self.detail = detail


# --- the request itself ----------------------------------------------------------------------


class InvalidRequest(AssetsError):
    """The request can't be served, now or later; it has to change."""


class UnsupportedKind(InvalidRequest):
    """No kind of that name is configured."""

    code = "unsupported_kind"
    default_message = "There is no such kind of upload."


class UnsupportedContentType(InvalidRequest):
    """The kind doesn't take files of this content type."""

    code = "unsupported_content_type"
    default_message = "This type of file is not accepted. Choose another file."


class InvalidFilename(InvalidRequest):
    """The file name is empty, far too long, or holds nothing that can be shown."""

    code = "invalid_filename"
    default_message = "The file name can't be used. Rename the file and try again."


class InvalidObjectKey(InvalidRequest):
    """The object key is malformed, under no configured prefix, or of another kind."""

    code = "invalid_object_key"
    default_message = "The object key is not valid. Send the `objectKey` exactly as received."


class SizeRequired(InvalidRequest):
    """A signed PUT pins an exact length, so ``size`` must stand in the request."""

    code = "size_required"
    default_message = "Send the file's size in bytes as `size`: this storage takes uploads by PUT."


class UnsupportedReport(InvalidRequest):
    """No report of that name is registered."""

    code = "unsupported_report"
    default_message = "There is no such report."


class UnsupportedFormat(InvalidRequest):
    """Exports are not written in this format, or this report is not."""

    code = "unsupported_format"
    default_message = "Exports are not written in this format. Use csv, json, pdf or zip."


class InvalidParameters(InvalidRequest):
    """The report can't be made with these parameters; the message names the one to mend."""

    code = "invalid_parameters"
    default_message = "The report can't be made with these parameters."


class InvalidBody(InvalidRequest):
    """The request's body does not parse, or a field is missing or of the wrong type."""

    code = "invalid_request"
    default_message = "The request can't be read. See /openapi.json for its form."


class BodyTooLarge(InvalidRequest):
    """The request's body is far larger than any request needs to be."""

    code = "request_too_large"
    default_message = "The request is too large. Files go to the bucket, not through this API."


class UnsupportedMediaType(InvalidRequest):
    """The request's body is not declared as JSON."""

    code = "unsupported_media_type"
    default_message = "Send the request as JSON, with `Content-Type: application/json`."


# --- who asks, and how often ----------------------------------------------------------------


class AccessError(AssetsError):
    """The caller may not do this, or not now."""


class Unauthenticated(AccessError):
    """There is no valid access token."""

    code = "unauthenticated"
    default_message = "Sign in and try again: the access token is missing, expired or not valid."


class SignInUnavailable(AccessError):
    """The issuer's keys could not be fetched yet, so no token can be judged."""

    code = "sign_in_unavailable"
    default_message = "Sign-in can't be checked right now. Try again in a minute."
    retry_after = 60


class Forbidden(AccessError):
    """The caller is known but may not do this."""

    code = "forbidden"
    default_message = "You may not do this with this object."


class TooManyRequests(AccessError):
    """The caller's allowance for this action is used up."""

    code = "too_many_requests"
    default_message = "Too many requests. Wait a moment and try again."

    def __init__(self, message: str | None = None, *, retry_after: int = 1) -> None:
        """``retry_after``: whole seconds until a request can succeed."""
        super().__init__(message)
        self.retry_after = retry_after


class ServiceBusy(AccessError):
    """More requests are under way in this process than it can answer soon."""

    code = "service_busy"
    default_message = "The service is busy right now. Nothing was lost; try again."
    retry_after = 5


# --- the object -----------------------------------------------------------------------------


class ObjectNotFound(AssetsError):
    """There is no such object: never uploaded, rejected, deleted or expired."""

    code = "object_not_found"
    default_message = "There is no such file. Upload it (again) and then complete the upload."


class ObjectChanged(AssetsError):
    """The object was written by somebody else while it was being inspected."""

    code = "object_changed"
    default_message = "The file changed while it was being checked. Try again."


class Rejection(AssetsError):
    """Inspection found that this file can't be accepted. The file is at fault, not the service."""


class EmptyObject(Rejection):
    """The file has no bytes."""

    code = "empty_object"
    default_message = "The file is empty. Choose another file."


class ObjectTooLarge(Rejection):
    """The file is larger than its kind allows, in bytes or in pixels."""

    code = "object_too_large"
    default_message = "The file is too large. Choose a smaller one."


class ContentMismatch(Rejection):
    """The bytes are not what the declared content type says."""

    code = "content_mismatch"
    default_message = "The content is not what the file's type says. Choose another file."


class InvalidImage(Rejection):
    """The bytes are not a picture that can be decoded safely and completely."""

    code = "invalid_image"
    default_message = "The picture can't be read. Save it anew and upload it again."


class InvalidDocument(Rejection):
    """The document is of its type but damaged, cut short, or against its format's rules."""

    code = "invalid_document"
    default_message = "The document is damaged. Export it again and upload the new file."


class UnsafeDocument(Rejection):
    """The document could do harm where it is opened, or holds what the policy refuses."""

    code = "unsafe_document"
    default_message = "The document holds something that is not accepted. Choose another file."


class MalwareFound(Rejection):
    """The antivirus knows something in this file."""

    code = "malware_found"
    default_message = "The file carries malware. Scan your computer and choose another file."


# --- the inspection -------------------------------------------------------------------------


class InspectionError(AssetsError):
    """The file could not be inspected; whether it is good or bad is not known."""


class InspectionBusy(InspectionError):
    """More files wait for inspection than can be inspected soon."""

    code = "inspection_busy"
    default_message = "Many files are being checked right now. Nothing was lost; try again."
    retry_after = 5


class InspectionFailed(InspectionError):
    """This file brought down the process that inspected it, twice: no verdict can be had."""

    code = "inspection_failed"
    default_message = "The file could not be checked within our limits. Choose another file."


class InspectionUnavailable(InspectionError):
    """No process to inspect files in can be started: an operator has to look."""

    code = "inspection_unavailable"
    default_message = "Files can't be checked right now. Nothing was lost; try again later."
    retry_after = 30


class ScannerUnavailable(InspectionError):
    """The antivirus gave no verdict: not reached, too slow, or the file is too large for it."""

    code = "scanner_unavailable"
    default_message = "Files can't be scanned right now. Nothing was lost; try again later."
    retry_after = 30


# --- exports and jobs -----------------------------------------------------------------------


class ExportError(AssetsError):
    """An export can't be written. No object was made."""


class InvalidRows(ExportError):
    """A row does not fit the columns, or holds what the format can't; the message names it."""

    code = "invalid_rows"
    default_message = "The export's rows can't be written. Its author has to mend the report."


class ExportTooLarge(ExportError):
    """The export is larger than ``EXPORT_MAX_BYTES``, or has more rows than its format takes."""

    code = "export_too_large"
    default_message = "The export is too large. Narrow it down and try again."


class ExportCancelled(ExportError):
    """Whoever asked for the export does not want it any more."""

    code = "export_cancelled"
    default_message = "The export was cancelled."


class ObjectExists(ExportError):
    """Another object stands at the key that the export was to be written to."""

    code = "object_exists"
    default_message = "Another object stands at this key. Give a new export a new key."


class JobError(AssetsError):
    """A job can't be found or reached."""


class JobNotFound(JobError):
    """There is no such job: never made, forgotten since, or somebody else's."""

    code = "job_not_found"
    default_message = "There is no such export job. It may be too old; ask for the export again."


class JobsUnavailable(JobError):
    """The server that holds the jobs can't be reached."""

    code = "jobs_unavailable"
    default_message = "Export jobs can't be reached right now. Try again in a moment."
    retry_after = 5


# --- storage --------------------------------------------------------------------------------


class StorageError(AssetsError):
    """The storage answered with something that we can't use."""

    code = "storage_error"
    default_message = "The file storage answered with an error. Nothing was lost; try again later."


class StorageDenied(StorageError):
    """The storage refused our own credentials: an operator has to look at keys and policies."""


class StorageUnavailable(StorageError):
    """The storage can't be reached, is overloaded, or broke off in the middle."""

    code = "storage_unavailable"
    default_message = "The file storage can't be reached right now. Nothing was lost; try again."

    def __init__(
        self, message: str | None = None, *, detail: str | None = None, retry_after: int = 5
    ) -> None:
        """``retry_after``: whole seconds after which trying again makes sense."""
        super().__init__(message, detail=detail)
        self.retry_after = retry_after


class PreconditionFailed(StorageError):
    """A conditional write or delete found another state (RFC 9110 §15.5.13, S3's 412 and 409)."""

    code = "precondition_failed"


# --- the CDN --------------------------------------------------------------------------------


class CdnError(AssetsError):
    """CloudFront answered with something that we can't use."""

    code = "cdn_error"
    default_message = "The CDN answered with an error. Nothing was lost; try again later."


class CdnDenied(CdnError):
    """CloudFront refused our own credentials, or knows no such distribution."""


class CdnUnavailable(CdnError):
    """CloudFront can't be reached, or has too much to do for us already."""

    code = "cdn_unavailable"
    default_message = "The CDN can't be reached right now. Nothing was lost; try again."
    retry_after = 5


# --- configuration --------------------------------------------------------------------------


class ConfigurationError(AssetsError):
    """The deployment is not set up for this."""


class S3NotEnabled(ConfigurationError):
    """Uploads are switched off in this environment."""

    code = "s3_not_enabled"
    default_message = (
        "Uploads are switched off in this environment. Set S3_ENABLED=true and the other S3_* "
        "settings to switch them on."
    )


class ExportsNotEnabled(ConfigurationError):
    """No server that holds export jobs is set up in this environment."""

    code = "exports_not_enabled"
    default_message = (
        "Export jobs are switched off in this environment. Set REDIS_URL to switch them on."
    )


class Misconfigured(ConfigurationError):
    """A setting is missing or unusable; the operator finds its name in the log."""

    code = "misconfigured"
    default_message = (
        "The service is not set up correctly. Its operator finds the settings to mend in the log."
    )


# --- commands of an operator ----------------------------------------------------------------


class OperationFailed(AssetsError):
    """A bucket or IAM could not be read or changed; the message says by whom and what to do."""


def tree() -> Iterator[type[AssetsError]]:
    """Go through the classes of this module, the base first; embedders' own are left out."""
    pending = [AssetsError]
    while pending:
        error = pending.pop()
        pending += [each for each in error.__subclasses__() if each.__module__ == __name__]
        yield error


def codes() -> tuple[str, ...]:
    """List every code of the tree, sorted."""
    return tuple(sorted({error.code for error in tree()}))
