"""Shot boundaries and transitions: hard cuts, fades, dissolves, wipes, slides, zooms and whips."""

from reelprint.analyze.shots.analyzer import ShotAnalyzer

__all__ = ["ShotAnalyzer"]
