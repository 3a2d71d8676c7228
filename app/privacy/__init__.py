"""Reviewers' rights over their data: to see, correct and delete it, and that it goes when its time is over. P4, PIPL."""
