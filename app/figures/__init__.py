"""Figures, defined once and computed from facts."""
