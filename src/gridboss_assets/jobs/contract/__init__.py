"""The rules that every job store keeps, as tests that anybody can run on their own.

::

    class TestMyStore(JobStoreContract):
        @pytest.fixture
        def store(self, clock):
            return MyStore(max_active=MAX_ACTIVE, clock=clock)     # an empty one

        @pytest.fixture
        def clock(self):
            return Clock()

Each method is one rule. A clock that the tests move stands for the passing of time.
"""

from gridboss_assets.jobs.contract.ending import Ending
from gridboss_assets.jobs.contract.holding import Holding
from gridboss_assets.jobs.contract.keeping import Keeping
from gridboss_assets.jobs.contract.leaving import Leaving
from gridboss_assets.jobs.contract.steps import MAX_ACTIVE, Clock

__all__ = ["MAX_ACTIVE", "Clock", "JobStoreContract"]


class JobStoreContract(Keeping, Holding, Ending, Leaving):
    """Inherit, and give the fixtures ``clock`` and ``store``: an empty one for each test."""
