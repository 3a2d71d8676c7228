"""Bundles: everything that makes one programme. Load, check, version, pin."""
