"""Measure the assistant on questions whose right answers are known."""
