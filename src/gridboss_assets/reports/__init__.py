"""Reports: functions that an application registers, which yield rows and say their columns."""

# Imported for what they register: the reports that ship.
from gridboss_assets.reports import race_results as _race_results
from gridboss_assets.reports import standings as _standings
from gridboss_assets.reports.loading import load_reports
from gridboss_assets.reports.model import Prepared, Report, ReportRequest
from gridboss_assets.reports.registry import Reports, default_reports, report

__all__ = [
    "Prepared",
    "Report",
    "ReportRequest",
    "Reports",
    "default_reports",
    "load_reports",
    "report",
]

del _race_results, _standings
