"""The sandbox: inspection in processes that can do nothing else.

``pool`` is the parent's side and ``processes`` are its children; ``forkserver`` forks workers that
``confinement`` has made powerless, ``worker`` inspects, ``wire`` is how they talk, ``admission``
says who may come in.
"""

import atexit
from functools import lru_cache

from gridboss_assets.inspection.policy import DEFAULT_POLICY, InspectionPolicy
from gridboss_assets.inspection.sandbox.pool import DEFAULT_LIMITS, Sandbox, SandboxLimits

__all__ = ["Sandbox", "SandboxLimits", "shared_sandbox"]


@lru_cache(maxsize=8)
def shared_sandbox(
    policy: InspectionPolicy = DEFAULT_POLICY, limits: SandboxLimits = DEFAULT_LIMITS
) -> Sandbox:
    """Return the one sandbox of this process with this policy and these limits.

    Its processes start with the first file and end with this process.
    """
    sandbox = Sandbox(policy, limits)
    atexit.register(sandbox.close)
    return sandbox
