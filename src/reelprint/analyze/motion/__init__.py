"""Camera and subject motion: how much a film moves, where it pans and where it zooms."""

from reelprint.analyze.motion.analyzer import MotionAnalyzer

__all__ = ["MotionAnalyzer"]
