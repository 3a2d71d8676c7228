"""Service records and reviews coming in: through files, the same way for real data and for the demo."""
