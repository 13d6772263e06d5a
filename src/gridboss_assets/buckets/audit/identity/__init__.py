"""The audit's checks of the application's IAM identity: can it do more than it should?

``reading`` asks IAM, and only reads; ``checks`` is the entry, and puts together what the other
files judge: ``permissions`` (by ``grants``), ``trust`` and ``access_keys``. Those are pure.
"""

from gridboss_assets.buckets.audit.identity.checks import identity_findings

__all__ = ["identity_findings"]
