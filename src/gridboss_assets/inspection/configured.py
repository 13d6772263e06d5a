"""Inspection as the settings ask for it."""

from gridboss_assets.errors import Misconfigured
from gridboss_assets.inspection import InProcess, Inspection
from gridboss_assets.inspection.policy import InspectionPolicy
from gridboss_assets.inspection.sandbox import SandboxLimits, shared_sandbox
from gridboss_assets.inspection.scanner import ClamAV, Scanner
from gridboss_config import Settings


def inspection_of(settings: Settings) -> Inspection:
    """Make what ``INSPECTION`` asks for; raises ``Misconfigured`` for an unusable policy."""
    try:
        policy = InspectionPolicy.of(settings.inspection_policy)
    except ValueError as error:
        raise Misconfigured(detail=f"INSPECTION_POLICY: {error}") from None
    if settings.inspection == "in_process":
        return InProcess(policy)
    workers = settings.inspection_workers
    return shared_sandbox(policy, SandboxLimits(workers=workers) if workers else SandboxLimits())


def scanner_of(settings: Settings) -> Scanner | None:
    """Make the antivirus that ``CLAMD_ADDRESS`` names, if any."""
    return ClamAV(settings.clamd_address) if settings.clamd_address else None
