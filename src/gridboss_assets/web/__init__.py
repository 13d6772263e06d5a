"""The HTTP service: ``create_app`` and what an embedder passes to it."""

from gridboss_assets.access import Action, Authorize, Caller, Resource, authorize
from gridboss_assets.logs import log_config
from gridboss_assets.web.app import create_app
from gridboss_assets.web.limits import Limiter, MemoryLimiter

__all__ = [
    "Action",
    "Authorize",
    "Caller",
    "Limiter",
    "MemoryLimiter",
    "Resource",
    "authorize",
    "create_app",
    "log_config",
]
