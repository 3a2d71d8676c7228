"""Running diagrams: the only package that knows SpiffWorkflow.

It knows nothing of cases: what a service task does, how a limit is counted and where a
firing is recorded are asked of a `Host`.
"""
