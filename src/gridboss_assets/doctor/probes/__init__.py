"""What ``doctor --live`` asks of an endpoint, a file for each subject."""

from gridboss_assets.doctor.probes.base import Need, Observation, Probe, Result, Subject
from gridboss_assets.doctor.probes.bench import Bench, Unclear
from gridboss_assets.doctor.probes.checksums import CHECKSUMS
from gridboss_assets.doctor.probes.conditions import CONDITIONS
from gridboss_assets.doctor.probes.forms import FORMS
from gridboss_assets.doctor.probes.puts import PUTS
from gridboss_assets.doctor.probes.reads import READS
from gridboss_assets.doctor.probes.transport import TRANSPORT

SUBJECTS = (FORMS, PUTS, CONDITIONS, CHECKSUMS, READS, TRANSPORT)
"""In the order in which they are tried and shown."""

__all__ = [
    "SUBJECTS",
    "Bench",
    "Need",
    "Observation",
    "Probe",
    "Result",
    "Subject",
    "Unclear",
]
