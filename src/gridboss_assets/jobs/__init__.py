"""Export jobs: what is known of each, who runs it, and what is done when it breaks off."""

from gridboss_assets.jobs.model import Fault, Job, JobState
from gridboss_assets.jobs.store import JobQueue, JobStore

__all__ = ["Fault", "Job", "JobQueue", "JobState", "JobStore"]
