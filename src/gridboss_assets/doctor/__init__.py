"""``gridboss-assets doctor``: does this deployment reach its bucket, and what does that enforce?

``checks`` examines without writing anything. ``live`` tries, under a prefix of its own, what the
endpoint really enforces; ``probes`` holds its questions as data and ``capabilities`` what the
answers amount to. Everything is done with the application's own credentials, and needs no more
than they may do.
"""

from gridboss_assets.doctor.capabilities import Advice, Capability
from gridboss_assets.doctor.cdn import examine as examine_cdn
from gridboss_assets.doctor.checks import examine, not_tried
from gridboss_assets.doctor.configured import switched_off, unusable
from gridboss_assets.doctor.http import Http
from gridboss_assets.doctor.live import Live, probe
from gridboss_assets.doctor.target import Target

__all__ = [
    "Advice",
    "Capability",
    "Http",
    "Live",
    "Target",
    "examine",
    "examine_cdn",
    "not_tried",
    "probe",
    "switched_off",
    "unusable",
]
