"""From rows to a sealed object: CSV, JSON, PDF and ZIP, as streams."""

from gridboss_assets.exports.columns import Align, Column, Format, Table

__all__ = ["Align", "Column", "Format", "Table"]
