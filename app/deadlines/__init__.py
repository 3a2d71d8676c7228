"""When a time limit runs out, and why. Pure: no Flask, no database, no clock."""
