"""The state of an instance as it is stored: only what is still alive.

No specs, no predicted tasks, no history. A state is a list of rows `[spec, state, parent]`,
with the next moment of a limit or the rows of a subprocess as fourth; `parent` is a row
number, −1 the root. Scopes with a fork keep their finished tasks too, because joins count them.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from SpiffWorkflow.bpmn.specs.control import BoundaryEventSplit
from SpiffWorkflow.bpmn.specs.mixins.subworkflow_task import SubWorkflowTask
from SpiffWorkflow.specs.Join import Join
from SpiffWorkflow.task import Task
from SpiffWorkflow.util.task import TaskState

from app.engine.specs import LimitTimer, Program

LIVE = TaskState.READY | TaskState.WAITING | TaskState.STARTED

State = list[list[Any]]


def dump_scope(workflow: Any, program: Program) -> State:
    """Return the rows of one scope, subprocesses inside it."""
    numbers = program.numbers[workflow.spec.name]
    kept = list(_kept(workflow, workflow.spec.name in program.forked))
    position = {task.id: index for index, task in enumerate(kept)}
    return [_row(task, numbers, position, program) for task in kept]


def _kept(workflow: Any, forked: bool) -> Iterator[Task]:
    if forked:
        yield from (task for task in workflow.tasks.values() if task._state >= TaskState.WAITING and task.parent is not None)
        return
    seen = set()
    for task in list(workflow.tasks.values()):
        if not _is_alive(task):
            continue
        split = task.parent
        if split is not None and isinstance(split.task_spec, BoundaryEventSplit) and split.id not in seen:
            seen.add(split.id)
            yield split
        yield task


def _is_alive(task: Any) -> bool:
    """Whether a task still waits for something; tokens that arrived at a join do not."""
    return bool(task._state & LIVE) and not isinstance(task.task_spec, Join) and task.parent is not None


def _row(task: Any, numbers: Any, position: dict[Any, int], program: Program) -> list[Any]:
    row = [numbers[task.task_spec.name], task._state, position.get(task._parent, -1)]
    if "next" in task.internal_data:
        row.append(task.internal_data["next"])
    subprocess = task.workflow.top_workflow.subprocesses.get(task.id)
    if subprocess is not None and task._state == TaskState.STARTED:
        row.append(dump_scope(subprocess, program))
    return row


def load_scope(workflow: Any, rows: State, program: Program) -> None:
    """Rebuild the tasks of one scope under its root."""
    names = program.names[workflow.spec.name]
    workflow.task_tree = root = Task(workflow, workflow.spec.start, state=TaskState.COMPLETED)
    made: list[Any] = []
    for number, state, parent, *more in rows:
        spec = workflow.spec.task_specs[names[number]]
        task = Task(workflow, spec, made[parent] if parent >= 0 else root, state=state)
        made.append(task)
        if isinstance(spec, SubWorkflowTask):
            if more:
                _load_subprocess(workflow, task, more[0], program)
        else:
            _load_event(workflow, task, more)


def _load_event(workflow: Any, task: Any, more: list[Any]) -> None:
    definition = getattr(task.task_spec, "event_definition", None)
    if definition is None or task._state != TaskState.WAITING:
        return
    if isinstance(definition, LimitTimer):
        task.internal_data["next"] = more[0]
    workflow.top_workflow.event_manager.add_task(task)


def _load_subprocess(workflow: Any, task: Any, rows: State, program: Program) -> None:
    top = workflow.top_workflow
    subprocess = top.subprocess_of(task)
    load_scope(subprocess, rows, program)
    subprocess.completed_event.connect(task.task_spec._on_subworkflow_completed, task)
