"""Colour science that stages share: Oklab, looks, sliders, transfers, LUTs. numpy only, no I/O."""
