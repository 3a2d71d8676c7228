"""Departments, windows, staff, items and channels: what routing needs."""
