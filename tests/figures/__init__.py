"""Figures counted by hand beside what is counted."""
