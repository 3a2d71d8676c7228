"""移交: suspected breaches and reprisals, seen by overseer and discipline body alone."""
