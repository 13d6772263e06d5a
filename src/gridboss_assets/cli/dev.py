"""``gridboss-assets dev``: everything on this machine, in one command."""

from pathlib import Path
from typing import Annotated

import typer

from gridboss_assets.cli.options import AllowAnonymous, Host, Port


def dev(
    *,
    host: Host = "127.0.0.1",
    port: Port = 8000,
    data: Annotated[Path, typer.Option(help="Where the embedded S3 server keeps its data.")] = Path(
        ".dev"
    ),
    browser: Annotated[
        bool, typer.Option("--browser/--no-browser", help="Open the page in a browser.")
    ] = True,
    allow_anonymous: AllowAnonymous = False,
) -> None:
    """Start an S3 server, the API and a page to try them; Ctrl-C stops everything.

    With S3_ENABLED=true the bucket of the settings is used, and no S3 server is started.
    """
    from gridboss_assets.dev.server import run_dev  # noqa: PLC0415 - keeps --help fast

    run_dev(host=host, port=port, data=data, open_browser=browser, allow_anonymous=allow_anonymous)
