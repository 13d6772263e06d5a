"""``gridboss-assets doctor``: does this deployment reach its bucket, and what does that enforce?"""

from dataclasses import asdict
from typing import TYPE_CHECKING, Annotated, Any, NoReturn

import typer

from gridboss_assets.cli.report import (
    AsJson,
    console,
    findings_table,
    marked,
    print_json,
    progress,
    summary,
    with_remedy,
)
from gridboss_assets.dev.signals import stopping_cleanly
from gridboss_assets.errors import Misconfigured
from gridboss_assets.findings import Finding, exit_status

if TYPE_CHECKING:
    from collections.abc import Iterator

    from rich.table import Table

    from gridboss_assets.doctor import Live
    from gridboss_config import Settings


def doctor(
    *,
    live: Annotated[
        bool,
        typer.Option(
            "--live",
            help="Also try what the endpoint enforces, with small objects under pending/doctor-…, "
            "which are removed again.",
        ),
    ] = False,
    timeout: Annotated[
        float, typer.Option(min=0.1, max=120, help="Seconds to wait for each answer.")
    ] = 10,
    as_json: AsJson = False,
) -> None:
    """Examine settings, network, credentials, bucket, CORS, the CDN and export jobs' servers.

    Nothing is written without --live. It needs no permission that the application lacks. Exit
    status: 0 all is well, 1 something is wrong, 2 something could not be told.
    """
    with stopping_cleanly():
        findings, found = _examine(live=live, timeout=timeout)
        _show(findings, found, as_json=as_json)
    progress("Stopped before the end, so there is no result.")
    raise typer.Exit(2)


def _examine(*, live: bool, timeout: float) -> "tuple[list[Finding], Live | None]":
    from gridboss_assets import doctor as rooms  # noqa: PLC0415 - keeps --help fast

    settings = _settings()
    if isinstance(settings, Finding):
        return [settings], None
    with rooms.Http(timeout) as http:
        try:
            target = rooms.Target.of(settings, http)
        except Misconfigured as error:
            return [rooms.unusable(error.detail or str(error))], None
        examination = rooms.examine(target, progress)
        if settings.cdn_base_url is not None:
            progress("Asking the CDN …")
            examination.findings += rooms.examine_cdn(settings, http)
        examination.findings += _export_jobs(settings)
        if not live:
            return examination.findings, None
        if examination.place is None:
            left_out = rooms.not_tried("what the endpoint enforces (--live)")
            return [*examination.findings, left_out], None
        return examination.findings, rooms.probe(target, examination.place, progress)


def _export_jobs(settings: "Settings") -> "Iterator[Finding]":
    """Examine what holds export jobs, where they are switched on."""
    if settings.redis_url is None:
        return
    from gridboss_assets.jobs.health import examine  # noqa: PLC0415 - loads Redis and Dramatiq

    progress("Asking the servers of export jobs …")
    yield from examine(settings)


def _settings() -> "Settings | Finding":
    """Read the settings; a finding says why there are none."""
    from gridboss_assets.doctor import switched_off, unusable  # noqa: PLC0415 - keeps --help fast
    from gridboss_assets.web.startup import read_settings  # noqa: PLC0415

    try:
        settings = read_settings()
    except Misconfigured as error:
        return unusable(error.detail or str(error))
    return settings if settings.s3_enabled else switched_off()


def _show(findings: list[Finding], live: "Live | None", *, as_json: bool) -> NoReturn:
    every = list(findings)
    if live is not None:
        every += [*live.findings, *(row.finding for row in live.rows)]
    code = exit_status(every)
    if as_json:
        print_json({"status": code, "findings": [asdict(each) for each in every], **_as_data(live)})
    else:
        out = console()
        out.print(findings_table([*findings, *(live.findings if live else ())]))
        if live is not None and live.rows:
            out.print("\nWhat this endpoint enforces\n", style="bold")
            out.print(_capabilities(live))
            out.print("\nThe settings that follow\n", style="bold")
            out.print(_advice(live))
            for note in live.notes:
                out.print(f"\n! {note}", style="yellow")
        progress(summary(every))
    raise typer.Exit(code)


def _as_data(live: "Live | None") -> dict[str, Any]:
    if live is None:
        return {}
    return {
        "capabilities": [
            {
                "name": row.probe.name,
                "subject": row.subject,
                "asks": row.probe.asks,
                "result": row.seen.result,
                "detail": row.seen.detail,
                "means": row.means,
                "status": row.status,
            }
            for row in live.rows
        ],
        "settings": [asdict(each) for each in live.advice],
        "notes": live.notes,
        "left": live.left,
    }


def _table(*columns: str) -> "Table":
    from rich.table import Table  # noqa: PLC0415 - keeps --help fast

    table = Table(show_edge=False, pad_edge=False, box=None, header_style="bold")
    for name in columns[:-1]:
        table.add_column(name)
    table.add_column(columns[-1], overflow="fold")
    return table


def _capabilities(live: "Live") -> "Table":
    table = _table("what was tried", "result", "what was seen, and what it means")
    for row in live.rows:
        found = with_remedy(row.seen.detail, row.means)
        table.add_row(row.probe.asks, marked(row.status, row.seen.result.value), found)
    return table


def _advice(live: "Live") -> "Table":
    table = _table("setting", "value", "now", "why")
    for each in live.advice:
        table.add_row(each.setting, each.value or "none is right", each.current, each.why)
    return table
