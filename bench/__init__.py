"""Figures measured on this machine in one run: ratios, not seconds (`make bench`)."""
