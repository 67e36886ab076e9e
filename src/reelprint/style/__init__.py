"""Analysis to StyleJSON, its confidence, the built-in presets, and the comparison of styles."""
