"""``gridboss-assets worker``: the processes that write exports."""

import logging.config
from typing import Annotated

import typer

from gridboss_assets.cli.report import progress


def worker(
    *,
    processes: Annotated[
        int, typer.Option(min=1, help="Processes. Each writes exports on one core.")
    ] = 2,
    threads: Annotated[
        int, typer.Option(min=1, help="Exports that each process writes at once.")
    ] = 2,
    grace: Annotated[
        float,
        typer.Option(
            min=0,
            help="Seconds that exports have to end by themselves on SIGTERM. The others are "
            "given to another worker. All ends five seconds later; give it less than your "
            "platform waits before it kills.",
        ),
    ] = 15,
    lease: Annotated[
        float,
        typer.Option(
            min=1,
            help="Seconds after which a job whose worker died is another's. All workers should "
            "agree.",
        ),
    ] = 10,
) -> None:
    """Run export jobs with the settings in the environment and .env, which are checked first.

    A process that dies is replaced, and its jobs are taken up by another one. Several machines may
    run workers on the same Redis. SIGTERM and Ctrl-C end in order, a second one at once.
    """
    from gridboss_assets.logs import log_config  # noqa: PLC0415 - keeps --help fast
    from gridboss_assets.startup import read_settings  # noqa: PLC0415
    from gridboss_assets.worker.startup import check  # noqa: PLC0415
    from gridboss_assets.worker.supervise import Supervisor  # noqa: PLC0415

    settings = read_settings()
    logging.config.dictConfig(log_config(settings.log_level))
    check(settings)
    arguments = ["--threads", threads, "--lease", lease, "--grace", grace]
    Supervisor(
        processes,
        [str(each) for each in arguments],
        grace=grace,
        ready=lambda: typer.echo(
            f"ready: {processes} processes, which write {processes * threads} exports at once"
        ),
    ).run()
    progress("All worker processes have ended.")
