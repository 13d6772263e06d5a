"""``/exports``: ask for an export, follow its job, list one's own, cancel."""

import re
from functools import partial
from typing import TYPE_CHECKING, Annotated, Any, cast

from fastapi import APIRouter, Path, Query, Security
from starlette.responses import Response

from gridboss_assets import errors
from gridboss_assets.access import Action
from gridboss_assets.jobs import Job
from gridboss_assets.reports import ReportRequest
from gridboss_assets.web.endpoint import Call, Endpoint, counted_as, json_response, to_json
from gridboss_assets.web.events import EventStream, events, mark
from gridboss_assets.web.export_schemas import ExportAnswer, ExportRequest, ExportsAnswer
from gridboss_assets.web.openapi import EVERYWHERE, WITH_BODY, responses
from gridboss_assets.web.routes.uploads import bearer

if TYPE_CHECKING:
    from gridboss_assets.exports import Format

router = APIRouter(
    prefix="/exports", tags=["exports"], route_class=Endpoint, dependencies=[Security(bearer)]
)

MOST_LISTED = 100

Documented = dict[int | str, dict[str, Any]]

_ACCEPTED: Documented = {
    202: {
        "headers": {
            "Location": {"description": "Where its state is told.", "schema": {"type": "string"}}
        }
    }
}
_EVENTS: Documented = {
    200: {
        "description": (
            "Server-sent events: `progress`, and at last `done`, `failed` or `cancelled`. "
            "The data of each is what `GET /exports/{jobId}` answers."
        ),
        "content": {"text/event-stream": {"schema": {"type": "string"}}},
    },
    204: {"description": "`Last-Event-ID` was that of the last event there is."},
}
_JOBS = (errors.ExportsNotEnabled, errors.JobsUnavailable, errors.ServiceBusy)
_ONE_JOB = (*_JOBS, errors.JobNotFound)
_JOB_ID = re.compile(r"[0-9a-f]{32}")
_NUMBER = re.compile(r"[0-9]{1,9}")

JobId = Annotated[str, Path(description="As `POST /exports` answered it.")]


@router.post(
    "",
    status_code=202,
    response_model=ExportAnswer,
    responses=_ACCEPTED
    | responses(
        *EVERYWHERE,
        *WITH_BODY,
        *_JOBS,
        errors.UnsupportedReport,
        errors.UnsupportedFormat,
        errors.InvalidParameters,
        errors.Forbidden,
    ),
)
def export(call: Call, body: ExportRequest) -> Response:
    """Ask for an export. Workers write it; its job tells how far they are."""
    service, caller = call.service, call.caller
    exports = service.exports
    service.allow_export(caller, ReportRequest(exports.reports[body.report], body.parameters))
    wanted = cast("Format", body.format)  # any other is refused by the report
    job = exports.request(body.report, wanted, body.parameters, caller.subject)
    response = json_response(ExportAnswer.of(job))
    response.status_code = 202
    response.headers["location"] = f"{call.scope.get('root_path', '')}/exports/{job.id}"
    return response


@router.get("", responses=responses(*EVERYWHERE, *_ONE_JOB, errors.InvalidBody))
@counted_as("read_job")
def list_exports(
    call: Call,
    limit: Annotated[int, Query(ge=1, le=MOST_LISTED)] = 50,
    before: Annotated[str | None, Query(description="`before` of the last answer.")] = None,
) -> ExportsAnswer:
    """List the caller's own exports, newest first; their links are in `GET /exports/{jobId}`."""
    limit, before = _limit(call), call.query_params.get("before")
    if before is not None:
        _check_id(before)
    # One more than wanted tells whether there are more.
    jobs = call.service.exports.of(call.caller.subject, limit=limit + 1, before=before)
    shown = jobs[:limit]
    return ExportsAnswer(
        exports=[ExportAnswer.of(job) for job in shown],
        before=shown[-1].id if len(jobs) > limit else None,
        expires_in=0,
    )


@router.get("/{jobId}", responses=responses(*EVERYWHERE, *_ONE_JOB))
def read_job(call: Call, jobId: JobId) -> ExportAnswer:  # noqa: N803 - its name in the path
    """Tell how an export stands, and link to it when it is done."""
    return _answer(call, _job(call, "read_job", jobId))


@router.delete("/{jobId}", responses=responses(*EVERYWHERE, *_ONE_JOB))
def cancel_job(call: Call, jobId: JobId) -> ExportAnswer:  # noqa: N803
    """Cancel an export. One that has ended stays as it is; doing it again is fine."""
    job = _job(call, "cancel_job", jobId)
    # Who may cancel a job need not be allowed to read what it wrote: here is no link.
    return ExportAnswer.of(call.service.exports.cancel(job.id))


@router.get(
    "/{jobId}/events",
    response_class=Response,
    responses=_EVENTS | responses(*EVERYWHERE, *_ONE_JOB),
)
@counted_as("read_job")
async def follow_job(call: Call, jobId: JobId) -> Response:  # noqa: N803
    """Follow an export by server-sent events, until it has ended or for some minutes."""
    streams, caller = call.service.streams, call.caller
    seen = call.headers.get("last-event-id")
    streams.open(caller)
    try:
        job = await streams.ask(partial(_job, call, "read_job", jobId))
        if job.has_ended and seen == mark(job):
            streams.close(caller)
            return Response(status_code=204)  # tells an EventSource not to come back
        return EventStream(
            events(
                job,
                partial(call.service.exports.peek, job.id),
                lambda job: to_json(_answer(call, job)),
                streams=streams,
                seen=seen,
            ),
            life=streams.life(caller),
            close=partial(streams.close, caller),
        )
    except BaseException:
        streams.close(caller)
        raise


def _job(call: Call, action: Action, job_id: str) -> Job:
    """Find a job that the caller may act on; anybody else's is as if it did not exist."""
    _check_id(job_id)
    job = call.service.exports.get(job_id)
    call.service.allow_job(call.caller, action, job)
    return job


def _check_id(job_id: str) -> None:
    if not _JOB_ID.fullmatch(job_id):
        raise errors.JobNotFound


def _answer(call: Call, job: Job) -> ExportAnswer:
    """Tell all of a job; whoever may read one that is done gets a link, made for this answer."""
    link = None
    if job.state == "done" and job.object_key is not None:
        link = call.service.uploads.download(job.object_key)
    return ExportAnswer.of(job, link)


def _limit(call: Call) -> int:
    text = call.query_params.get("limit", "50")
    limit = int(text) if _NUMBER.fullmatch(text) else 0
    if not 1 <= limit <= MOST_LISTED:
        raise errors.InvalidBody(f"limit: give a whole number from 1 to {MOST_LISTED}.")
    return limit
