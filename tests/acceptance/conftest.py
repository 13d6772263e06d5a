"""The stages of the acceptance suite: every test runs with POST forms and with signed PUTs."""

from collections.abc import Iterator
from contextlib import ExitStack

import pytest
from tests.support.browser import Caller
from tests.support.stage import Method, S3Server, Stage, Stages, staged


@pytest.fixture(scope="session")
def stages(seaweed: S3Server, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stages]:
    """Return the stage of an upload method, set up when it is first asked for."""
    made: dict[Method, Stage] = {}
    with ExitStack() as stack:

        def stage_of(method: Method) -> Stage:
            if method not in made:
                directory = tmp_path_factory.mktemp(method)
                made[method] = stack.enter_context(staged(method, seaweed, directory))
            return made[method]

        yield stage_of
        # Whatever this run did: no log shows a secret of it.
        assert {method: stage.leaks() for method, stage in made.items() if stage.leaks()} == {}


@pytest.fixture(params=["post", "put"])
def stage(request: pytest.FixtureRequest, stages: Stages) -> Iterator[Stage]:
    """Give each upload method in turn."""
    yield from _in_order(stages(request.param))


@pytest.fixture
def post_stage(stages: Stages) -> Iterator[Stage]:
    """Give the stage with POST forms, for what only a form has."""
    yield from _in_order(stages("post"))


@pytest.fixture
def put_stage(stages: Stages) -> Iterator[Stage]:
    """Give the stage with signed PUTs, for what only a PUT has."""
    yield from _in_order(stages("put"))


@pytest.fixture
def caller(stage: Stage) -> Caller:
    """Sign in somebody whom no other test knows."""
    return stage.caller()


def _in_order(stage: Stage) -> Iterator[Stage]:
    """Forget what earlier tests asked of the proxy, and let go what this one still holds."""
    stage.proxy.clear()
    yield stage
    stage.proxy.clear()
