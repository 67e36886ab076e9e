"""The report picture: a Style DNA, or a closure, as one SVG."""

from reelprint.render.report.closure_report import Side, closure_svg
from reelprint.render.report.style_report import report_svg
from reelprint.render.report.thumbnails import Thumbnail

__all__ = ["Side", "Thumbnail", "closure_svg", "report_svg"]
