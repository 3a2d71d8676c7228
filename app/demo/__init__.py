"""A made-up city for all five programmes: written to files, and taken in like real data."""
