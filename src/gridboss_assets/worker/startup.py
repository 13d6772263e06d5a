"""What is checked before workers start, so that an operator reads one message and not a log."""

import logging

from gridboss_assets.errors import ConfigurationError
from gridboss_assets.findings import Status
from gridboss_assets.jobs.health import examine
from gridboss_assets.storage import S3Storage
from gridboss_config import Settings

log = logging.getLogger(__name__)


def check(settings: Settings) -> None:
    """Raise a ConfigurationError for what would stop every worker; its text says what to do."""
    S3Storage.from_settings(settings).close()
    for finding in examine(settings):
        said = f"{finding.detail} {finding.remedy}".strip()
        if finding.status is Status.FAIL:
            raise ConfigurationError(said)
        if finding.status is Status.WARN:
            log.warning("%s", said)
