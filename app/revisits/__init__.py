"""回访: calling reviewers after a case was closed, all of them or a draw that anybody can recompute."""
