"""``gridboss-assets inspect``: run the inspection on files of this machine, without a bucket."""

import json
from pathlib import Path
from typing import Annotated

import typer

from gridboss_assets.errors import ConfigurationError


def inspect(
    files: Annotated[list[Path], typer.Argument(help="Files to inspect.", show_default=False)],
    *,
    kind: Annotated[
        str | None, typer.Option(help="Kind of upload; by default the one that takes the type.")
    ] = None,
    content_type: Annotated[
        str | None, typer.Option("--type", help="Content type; by default by the file's name.")
    ] = None,
    out: Annotated[
        Path | None, typer.Option(help="Folder to write what would be stored to.")
    ] = None,
    as_json: Annotated[
        bool, typer.Option("--json", help="Print a JSON array, an object for each file.")
    ] = False,
) -> None:
    """Tell what would become of files that were uploaded; exit status 1 if any is refused.

    The policy is that of the settings (INSPECTION_POLICY and others).
    """
    from gridboss_assets.cli.local_files import LocalFiles  # noqa: PLC0415 - keeps --help fast
    from gridboss_assets.web.startup import read_settings  # noqa: PLC0415

    inspector = LocalFiles.from_settings(read_settings())
    if out is not None:
        try:
            out.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise ConfigurationError(f"Can't make the folder {out}: {error.strerror}") from None
    verdicts = []
    for path in files:
        verdict = inspector.inspect(path, kind=kind, content_type=content_type, out=out)
        verdicts.append(verdict)
        if not as_json:
            typer.echo(str(verdict))
    if as_json:
        typer.echo(json.dumps([verdict.to_dict() for verdict in verdicts], indent=2))
    if not all(verdict.accepted for verdict in verdicts):
        raise typer.Exit(1)
