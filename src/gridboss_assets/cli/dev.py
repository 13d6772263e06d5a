"""``gridboss-assets dev``: everything on this machine, in one command."""

from pathlib import Path
from typing import Annotated

import typer

from gridboss_assets.cli.listening import listen
from gridboss_assets.cli.options import AllowAnonymous, Host, Port
from gridboss_assets.dev.signals import stopping_cleanly


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
    # From here on, since what follows takes a while to import.
    with stopping_cleanly():
        from gridboss_assets.dev.server import run_dev  # noqa: PLC0415 - keeps --help fast

        with listen(host, port) as listener:
            run_dev(
                listener,
                host=host,
                data=data,
                open_browser=browser,
                allow_anonymous=allow_anonymous,
            )
