"""Measurements of traject against the bare libraries below it; `python -m bench` runs them."""
