"""Benchmarks: ratios within one run, every sample kept."""
