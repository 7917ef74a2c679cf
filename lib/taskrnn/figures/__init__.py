"""Figures: plain arrays in, matplotlib figures out; one module per chapter."""
