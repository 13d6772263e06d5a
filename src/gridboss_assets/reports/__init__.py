"""Reports: functions that an application registers, which yield rows and say their columns."""

from gridboss_assets.reports.registry import Report, ReportRequest, Reports, default_reports, report

__all__ = ["Report", "ReportRequest", "Reports", "default_reports", "report"]
