"""What we change in SpiffWorkflow 3.2.0, which is pinned for it. Proven by the differential test.

Task data is always empty (variables live once per case), so nothing is merged or copied;
children are made when a task runs, so nothing is predicted; ids are small numbers; the
depth at which an instance silently counts as completed is raised.
"""

from __future__ import annotations

import itertools
from functools import cache
from typing import Any

import SpiffWorkflow.task as task_module
from SpiffWorkflow.bpmn.util.task import BpmnTaskIterator
from SpiffWorkflow.specs.base import TaskSpec
from SpiffWorkflow.specs.ExclusiveChoice import ExclusiveChoice
from SpiffWorkflow.task import Task
from SpiffWorkflow.util.task import TaskIterator
from SpiffWorkflow.workflow import Workflow

MAX_DEPTH = 100_000

_run = Task.run


@cache
def apply() -> None:
    """Patch SpiffWorkflow in this process, once, before the first instance is made."""
    for iterator in (TaskIterator, BpmnTaskIterator):
        defaults = iterator.__init__.__defaults__
        iterator.__init__.__defaults__ = tuple(MAX_DEPTH if value == 1000 else value for value in defaults)
    task_module.uuid4 = itertools.count(1).__next__
    Task.run = _run_with_children
    Task._inherit_data = _nothing
    Task._set_state = _set_state
    TaskSpec._predict = _nothing
    Task.collect_log_extras = _no_extras
    Workflow.collect_log_extras = _no_extras


def _run_with_children(self: Any) -> Any:
    if not self._children and not isinstance(self.task_spec, ExclusiveChoice):
        self.task_spec._predict_hook(self)
    return _run(self)


def _set_state(self: Any, value: int) -> None:
    self._state = value


def _nothing(*_: Any, **__: Any) -> None:
    return None


def _no_extras(*_: Any, **__: Any) -> dict[str, Any]:
    return {}
