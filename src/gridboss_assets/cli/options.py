"""What several commands share."""

from typing import Annotated

import typer

Host = Annotated[str, typer.Option(help="Address to listen on.")]
Port = Annotated[int, typer.Option(min=0, max=65535, help="Port to listen on; 0 picks a free one.")]
AllowAnonymous = Annotated[
    bool,
    typer.Option(
        "--allow-anonymous",
        help="Serve without sign-in where that is refused otherwise: to other machines, or on a "
        "bucket that this command did not create.",
    ),
]
