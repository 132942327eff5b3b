"""Measurements: one file per row of the speed table; figures are ratios of one run."""
