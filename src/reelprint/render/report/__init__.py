"""The report picture: a Style DNA, or a closure, as one SVG."""

from reelprint.render.report.closure_report import Side, closure_svg
from reelprint.render.report.style_report import report_svg

__all__ = ["Side", "closure_svg", "report_svg"]
