"""``gridboss-assets``: results on standard output, everything else on standard error."""

import sys
from importlib.metadata import version
from typing import Annotated

import typer

from gridboss_assets.cli import (
    audit,
    bucket,
    cdn,
    dev,
    doctor,
    iac,
    iam,
    inspect,
    serve,
    sweep,
    token,
    worker,
)
from gridboss_assets.errors import AssetsError, ConfigurationError

app = typer.Typer(
    name="gridboss-assets",
    help="Direct-to-S3 uploads: signed, inspected, sealed, delivered.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)
app.command("dev")(dev.dev)
app.command("serve")(serve.serve)
app.command("worker")(worker.worker)
app.command("inspect")(inspect.inspect)
app.command("doctor")(doctor.doctor)
app.command("sweep")(sweep.sweep)
app.command("token")(token.token)
bucket.bucket.command("audit")(audit.audit)
app.add_typer(bucket.bucket)
app.add_typer(cdn.cdn)
app.add_typer(iam.iam)
app.add_typer(iac.iac)


def _print_version(wanted: bool) -> None:  # noqa: FBT001 - Typer passes the option's value
    if wanted:
        typer.echo(f"gridboss-assets {version('gridboss-assets')}")
        raise typer.Exit


@app.callback()
def root(
    *,
    _version: Annotated[
        bool,
        typer.Option(
            "--version", callback=_print_version, is_eager=True, help="Print the version and exit."
        ),
    ] = False,
) -> None:
    """Direct-to-S3 uploads: signed, inspected, sealed, delivered."""


def main() -> None:
    """Run the command line; an error of ours becomes one message and exit status 2."""
    try:
        app()
    except AssetsError as error:
        # The person who runs the command is the operator, whom the detail of a setting is for.
        detail = error.detail if isinstance(error, ConfigurationError) else None
        typer.echo(f"gridboss-assets: {detail or error}", err=True)
        sys.exit(2)
