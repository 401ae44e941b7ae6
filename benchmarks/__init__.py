"""Measurements of speed and memory; see ``bench.py``."""
