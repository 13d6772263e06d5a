"""What tests of a run share."""

import pytest
from tests.support.runs import JobStage


@pytest.fixture
def stage() -> JobStage:
    """Give a job that no run has taken up."""
    return JobStage()
