"""Export jobs: what is known of each, who runs it, and what is done when it breaks off."""

from gridboss_assets.jobs.in_process import InProcessQueue
from gridboss_assets.jobs.memory import MemoryJobStore
from gridboss_assets.jobs.model import Fault, Job, JobState
from gridboss_assets.jobs.run import run_job
from gridboss_assets.jobs.service import Exports
from gridboss_assets.jobs.store import JobQueue, JobStore

__all__ = [
    "Exports",
    "Fault",
    "InProcessQueue",
    "Job",
    "JobQueue",
    "JobState",
    "JobStore",
    "MemoryJobStore",
    "run_job",
]
