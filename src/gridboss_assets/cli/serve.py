"""``gridboss-assets serve``: the service in production."""

import sys
from typing import TYPE_CHECKING, Annotated

import typer

from gridboss_assets.cli.listening import listen
from gridboss_assets.cli.options import AllowAnonymous, Host, Port

if TYPE_CHECKING:
    from fastapi import FastAPI

_SWITCH_SECONDS = 0.0005


def serve(
    *,
    host: Host = "127.0.0.1",
    port: Port = 8000,
    workers: Annotated[int, typer.Option(min=1, help="Processes that answer requests.")] = 1,
    allow_anonymous: AllowAnonymous = False,
) -> None:
    """Serve the API with the settings in the environment and .env, which are checked first."""
    import uvicorn  # noqa: PLC0415 - keeps --help fast

    from gridboss_assets.web import create_app, log_config  # noqa: PLC0415
    from gridboss_assets.web.startup import read_settings, refuse_anonymous  # noqa: PLC0415

    settings = read_settings(needs_sign_in=True)
    # Stops here, with a message, for what would stop every worker.
    create_app(settings).state.services.current()
    refuse_anonymous(settings, host, allowed=allow_anonymous)
    listen(host, port).close()
    uvicorn.run(
        f"{__name__}:{'application' if workers == 1 else 'application_among_others'}",
        factory=True,
        host=host,
        port=port,
        workers=workers,
        log_config=log_config(settings.log_level),
        access_log=False,
        server_header=False,
    )


def application() -> "FastAPI":
    """Make the service in a process that is its own; uvicorn calls this in each worker."""
    from gridboss_assets.web import create_app  # noqa: PLC0415 - keeps --help fast

    # Forty threads may complete uploads, and each may keep the event loop waiting for this long.
    # By Python's default of 5 ms, `healthz` would answer after 0.2 s.
    sys.setswitchinterval(_SWITCH_SECONDS)
    return create_app()


def application_among_others() -> "FastAPI":
    """Make the same for a process that is one of several."""
    app = application()
    app.state.services.share_jobs()
    return app
