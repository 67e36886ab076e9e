"""Text in pictures: what is overlaid, when, where and how it looks."""

from reelprint.analyze.text.analyzer import TextAnalyzer
from reelprint.analyze.text.reader import TextBox, TextReader, TextReading
from reelprint.analyze.text.scout import TextScout

__all__ = ["TextAnalyzer", "TextBox", "TextReader", "TextReading", "TextScout"]
