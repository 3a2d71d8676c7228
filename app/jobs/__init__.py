"""The clock and the workers: one short function per job."""
