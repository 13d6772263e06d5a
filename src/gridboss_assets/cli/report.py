"""How commands show what they found: a table or JSON on stdout, progress on stderr."""

import json
import sys
from collections.abc import Sequence
from dataclasses import asdict
from typing import Annotated, Any, NoReturn

import typer
from rich.console import Console
from rich.table import Table
from rich.text import Text

from gridboss_assets.errors import ConfigurationError
from gridboss_assets.findings import Finding, Status, exit_status

AsJson = Annotated[bool, typer.Option("--json", help="Print JSON for machines.")]

_STYLES = {
    Status.PASS: ("✓", "green"),
    Status.WARN: ("!", "yellow"),
    Status.FAIL: ("✗", "bold red"),
    Status.UNAVAILABLE: ("-", "dim"),
    Status.UNKNOWN: ("?", "yellow"),
}


def marked(status: Status, word: str = "") -> Text:
    """Write a status, or another word for it, with its sign and in its colour."""
    sign, style = _STYLES[status]
    return Text(f"{sign} {word or status.value}", style=style)


def progress(text: str) -> None:
    """Tell on standard error what is being done."""
    typer.echo(text, err=True)


def ask(question: str, *, yes: bool) -> None:
    """Ask on standard error, unless ``yes`` was said already; ends the command with 1 for a no."""
    if yes:
        return
    if not sys.stdin.isatty():
        raise ConfigurationError("Nobody is there to ask. Say --yes to do what is said above.")
    # Not by typer.confirm: it writes a blank to standard output, into the first line of a .env.
    typer.echo(f"{question} [y/N] ", err=True, nl=False)
    if sys.stdin.readline().strip().lower() not in {"y", "yes"}:
        raise typer.Exit(1)


def print_json(value: Any) -> None:
    """Print a value as JSON on standard output."""
    typer.echo(json.dumps(value, indent=2, ensure_ascii=False))


def console(*, stderr: bool = False) -> Console:
    """Return a console on standard output or error; piped, it neither colours nor cuts off."""
    made = Console(highlight=False, emoji=False, markup=False, stderr=stderr)
    if not made.is_terminal:
        # A pipe has no width, and a finding that is folded at 80 columns can't be searched.
        made.width = max(made.width, 120)
    return made


def findings_table(findings: Sequence[Finding]) -> Table:
    """Make the table of findings: the check, how it ended, and what was found with its remedy."""
    table = Table(show_edge=False, pad_edge=False, box=None, header_style="bold")
    table.add_column("check", no_wrap=True)
    table.add_column("result", no_wrap=True)
    table.add_column("what was found", overflow="fold")
    for finding in findings:
        found = with_remedy(finding.detail, finding.remedy)
        table.add_row(finding.check, marked(finding.status), found)
    return table


def with_remedy(detail: str, remedy: str) -> Text:
    """Write what was found, and below it what to do about it, if anything is to be done."""
    found = Text(detail)
    if remedy:
        found.append(f"\n→ {remedy}", style="bold")
    return found


def summary(findings: Sequence[Finding]) -> str:
    """Count the findings in a line, such as ``12 pass, 1 fail``."""
    counts = [(status, sum(f.status is status for f in findings)) for status in Status]
    return ", ".join(f"{count} {status.value}" for status, count in counts if count)


def finish(findings: Sequence[Finding], *, as_json: bool, **more: Any) -> NoReturn:
    """Show findings and end the command with the exit status that they have.

    ``more`` joins the JSON document beside ``findings``.
    """
    code = exit_status(findings)
    if as_json:
        print_json({"status": code, "findings": [asdict(f) for f in findings], **more})
    else:
        console().print(findings_table(findings))
        progress(summary(findings))
    raise typer.Exit(code)
