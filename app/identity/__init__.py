"""Accounts and roles; reviewers' data, encrypted, and every look at it."""
