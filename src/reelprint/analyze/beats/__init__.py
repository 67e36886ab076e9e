"""Beats: onset strength, tempo, and beat times."""

from reelprint.analyze.beats.analyzer import BeatAnalyzer

__all__ = ["BeatAnalyzer"]
