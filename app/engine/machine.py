"""One running instance in memory: restore, act, run on, store."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from SpiffWorkflow.bpmn.specs.defaults import UserTask
from SpiffWorkflow.bpmn.specs.event_definitions.item_aware_event import SignalEventDefinition
from SpiffWorkflow.bpmn.specs.event_definitions.message import MessageEventDefinition
from SpiffWorkflow.bpmn.util.event import BpmnEvent
from SpiffWorkflow.bpmn.util.subworkflow import BpmnSubWorkflow
from SpiffWorkflow.bpmn.workflow import BpmnWorkflow
from SpiffWorkflow.exceptions import WorkflowException
from SpiffWorkflow.specs.Join import Join
from SpiffWorkflow.util.task import TaskState

from app.engine import patches
from app.engine.bridge import Bridge, Host, epoch
from app.engine.codec import State, dump_scope, load_scope
from app.engine.errors import EngineFault, MessageNotExpected, TaskNotOpen
from app.engine.specs import LimitTimer, Program

# No honest diagram runs this many automatic elements between two waits.
STEP_BUDGET = 500


class _Scope:
    """What our workflows do otherwise: after a task only joins are asked whether they may go on."""

    tasks: dict[Any, Any]

    def update_waiting_tasks(self) -> None:
        """Ask the joins, and nobody else: limits and messages are driven from outside."""
        for task in list(self.tasks.values()):
            if task._state == TaskState.WAITING and isinstance(task.task_spec, Join):
                task.task_spec._update(task)


class _Subprocess(_Scope, BpmnSubWorkflow):  # type: ignore[misc]  # untyped base
    """A running subprocess."""


class _Process(_Scope, BpmnWorkflow):  # type: ignore[misc]  # untyped base
    """The running process."""

    def create_subprocess(self, my_task: Any, spec_name: str) -> _Subprocess:
        """Start a subprocess of our kind."""
        made = _Subprocess(self.subprocess_specs[spec_name], parent_task_id=my_task.id, top_workflow=self)
        self.subprocesses[my_task.id] = made
        return made

    def subprocess_of(self, my_task: Any) -> _Subprocess:
        """Return an empty subprocess to be filled from a stored state."""
        spec = self.subprocess_specs[my_task.task_spec.spec]
        made = _Subprocess(spec, parent_task_id=my_task.id, top_workflow=self, deserializing=True)
        self.subprocesses[my_task.id] = made
        return made


class Machine:
    """An instance of a program. Not thread-safe; lives for one step.

    After any exception it is worthless and must be thrown away: the engine may have moved
    half way.
    """

    def __init__(self, program: Program, host: Host, variables: dict[str, Any], state: State | None = None) -> None:
        """Start a new instance, or restore one from its stored state. Nothing runs yet."""
        patches.apply()
        self.program = program
        self.bridge = Bridge(program, host, variables)
        self._workflow = _Process(program.spec, program.subprocesses, script_engine=self.bridge, deserializing=state is not None)
        if state is not None:
            load_scope(self._workflow, state, program)

    @property
    def outcome(self) -> str | None:
        """The outcome reached in this step, or None."""
        return self.bridge.outcome

    @property
    def is_ended(self) -> bool:
        """Whether a main end was reached and nothing is left open."""
        return bool(self._workflow.completed)

    def open_tasks(self) -> set[str]:
        """Return the ids of the user tasks that wait for a person."""
        return {task.task_spec.name for task in self._tasks(TaskState.READY) if isinstance(task.task_spec, UserTask)}

    def messages(self) -> set[str]:
        """Return the names of the messages that something waits for."""
        return self._awaited(MessageEventDefinition)

    def signals(self) -> set[str]:
        """Return the names of the signals that would be caught now."""
        return self._awaited(SignalEventDefinition)

    def _awaited(self, kind: type[Any]) -> set[str]:
        definitions = (task.task_spec.event_definition for task in self._workflow.event_manager.tasks.values())
        return {definition.name for definition in definitions if isinstance(definition, kind)}

    def timers(self) -> dict[str, int | None]:
        """Return the next moment, in epoch seconds, of each limit that runs."""
        return {task.task_spec.name: task.internal_data["next"] for task in self._limits()}

    def due_at(self) -> int | None:
        """Return the earliest moment at which something is to fire."""
        return min((moment for moment in self.timers().values() if moment is not None), default=None)

    def set_timer(self, timer: str, moment: datetime | None) -> None:
        """Put a running limit's next moment to what its deadline now says (`retime`)."""
        for task in self._limits():
            if task.task_spec.name == timer:
                task.internal_data["next"] = epoch(moment)

    def fire_due(self, now: datetime) -> None:
        """Fire every moment that has come, oldest first; a moment equal to now has come."""
        limit = now.timestamp()
        for _ in range(STEP_BUDGET):
            due = [(task.internal_data["next"], task.task_spec.name, task) for task in self._limits()]
            ripe = sorted((item for item in due if item[0] is not None and item[0] <= limit), key=lambda item: item[:2])
            if not ripe:
                return
            moment, name, task = ripe[0]
            task.internal_data["next"] = self.bridge.fire(name, moment)
        raise EngineFault("同一时刻到期的层级过多。")

    def complete(self, element: str) -> None:
        """Complete a user task.

        Raises:
            TaskNotOpen: it is not open now.
        """
        for task in self._tasks(TaskState.READY):
            if task.task_spec.name == element and isinstance(task.task_spec, UserTask):
                self._guarded(task.run)
                return
        raise TaskNotOpen("这一步已经办过，或还没有轮到。请刷新后再看。", element=element)

    def send(self, message: str) -> None:
        """Send a message into the instance.

        Raises:
            MessageNotExpected: nothing waits for it; a non-interrupting event takes one an activation.
        """
        if message not in self.messages():
            raise MessageNotExpected("现在不能这样做：流程的这一步不接受它，或本轮已经用过一次。", message_name=message)
        event = BpmnEvent(MessageEventDefinition(message), payload={})
        self._guarded(lambda: self._workflow.event_manager.catch(event, internal=False))

    def run(self) -> None:
        """Run on until only people, limits and messages are waited for.

        Raises:
            EngineFault: no end of automatic steps, a signal that nobody caught, or an end
                that left something open.
        """
        for _ in range(STEP_BUDGET):
            task = self._next_automatic()
            if task is None:
                return self._check()
            self._guarded(task.run)
            self._finish_subprocesses()
        raise EngineFault("流程在自动步骤里兜圈子，没有等到任何人。")

    def dump(self) -> State:
        """Return the state to store."""
        return [] if self._workflow.completed else dump_scope(self._workflow, self.program)

    def _tasks(self, state: int) -> list[Any]:
        scopes = [*self._workflow.subprocesses.values(), self._workflow]
        return [task for scope in scopes if not scope.completed for task in scope.tasks.values() if task._state == state]

    def _limits(self) -> list[Any]:
        return [
            task
            for task in self._workflow.event_manager.tasks.values()
            if isinstance(task.task_spec.event_definition, LimitTimer)
        ]

    def _next_automatic(self) -> Any:
        return next((task for task in self._tasks(TaskState.READY) if not task.task_spec.manual), None)

    def _finish_subprocesses(self) -> None:
        for parent, scope in list(self._workflow.subprocesses.items()):
            if scope.completed:
                task = self._workflow.get_task_from_id(parent)
                if task._state == TaskState.STARTED or task._state == TaskState.READY:
                    task.task_spec._update(task)
                del self._workflow.subprocesses[parent]

    def _check(self) -> None:
        if self._workflow.bpmn_events:
            raise EngineFault("流程发出了一个信号，却没有接收者。")
        if self._workflow.completed and (self.outcome is None or self.open_tasks()):
            raise EngineFault("流程没有到达任何结局就停住了。")
        if not self._workflow.completed and not self._tasks(TaskState.READY) and not self._tasks(TaskState.WAITING):
            raise EngineFault("流程卡住了：没有人要办，也没有什么可等。")

    def _guarded(self, action: Any) -> None:
        """Turn the engine's own exceptions into ours; ours pass through."""
        try:
            action()
        except WorkflowException as error:
            raise EngineFault("流程引擎无法继续这一步。") from error
