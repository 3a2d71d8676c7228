"""One bad review on its way to an answer: opening, acting, limits, rounds, ends."""
