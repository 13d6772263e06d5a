"""``gridboss-assets sweep``: remove uploads that nobody completed."""

import re
from typing import Annotated

import typer

from gridboss_assets.cli.report import AsJson, ask, print_json, progress
from gridboss_assets.errors import ConfigurationError

_UNITS = {"": 1, "s": 1, "m": 60, "h": 3600, "d": 86400}
_DURATION = re.compile(r"(\d{1,9})([smhd]?)")


def sweep(
    *,
    older_than: Annotated[
        str,
        typer.Option(
            help="Age from which uploads are removed: a number with s, m, h or d. Below 1h, the "
            "life of a form, some may still be completed; the command then asks."
        ),
    ] = "2h",
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Say what would be removed, and remove nothing.")
    ] = False,
    limit: Annotated[
        int | None, typer.Option(min=1, help="Remove so many at most.", show_default=False)
    ] = None,
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask.")] = False,
    as_json: AsJson = False,
) -> None:
    """Remove pending uploads that nobody completed, and print their keys.

    Nothing outside of pending/ is touched. It needs no permission that the application lacks.
    Exit status: 0 all is well, 1 something could not be removed, 2 the bucket can't be listed.
    """
    seconds = _seconds(older_than)
    from gridboss_assets.jobs import sweep as job  # noqa: PLC0415 - keeps --help fast
    from gridboss_assets.storage import ListedObject, S3Storage  # noqa: PLC0415
    from gridboss_assets.uploads import MAX_UPLOAD_TTL  # noqa: PLC0415
    from gridboss_assets.web.startup import read_settings  # noqa: PLC0415

    storage = S3Storage.from_settings(read_settings())
    if seconds < MAX_UPLOAD_TTL and not dry_run:
        progress(f"Uploads younger than {MAX_UPLOAD_TTL} s may be about to be completed.")
        ask(f"Remove those of {storage.bucket} that are older than {older_than}?", yes=yes)
    found: list[ListedObject] = []

    def tell(each: ListedObject) -> None:
        found.append(each)
        if not as_json:
            typer.echo(each.key)

    try:
        result = job.sweep(
            storage, older_than=seconds, dry_run=dry_run, limit=limit, on_removed=tell
        )
    finally:
        storage.close()
    status = 1 if result.failed else 0
    if as_json:
        print_json(
            {
                "status": status,
                "dry_run": dry_run,
                "older_than": seconds,
                "removed": [
                    {"key": each.key, "size": each.size, "age": each.age} for each in found
                ],
                "kept": result.kept,
                "failed": result.failed,
                "fault": result.fault,
                "finished": result.finished,
            }
        )
    else:
        verb = "Would remove" if dry_run else "Removed"
        progress(f"{verb} {_uploads(result.removed)} of {result.bytes} bytes; kept {result.kept}.")
        if not result.finished and not result.failed:
            progress("There may be more; run it again.")
    if result.failed:
        progress(f"{_uploads(result.failed)} could not be removed: {result.fault}.")
    raise typer.Exit(status)


def _uploads(count: int) -> str:
    return "1 upload" if count == 1 else f"{count} uploads"


def _seconds(text: str) -> int:
    match = _DURATION.fullmatch(text.strip().lower())
    if match is None:
        raise ConfigurationError("--older-than: give a number with s, m, h or d, such as 2h.")
    return int(match[1]) * _UNITS[match[2]]
