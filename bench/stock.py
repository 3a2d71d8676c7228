"""SpiffWorkflow as it comes: its own workflow, its own serialiser, nothing pruned or patched.

Never import `app.engine.machine` into a process that measures or judges this one: it patches
SpiffWorkflow for the whole process.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

from SpiffWorkflow.bpmn.serializer import BpmnWorkflowSerializer
from SpiffWorkflow.bpmn.serializer.config import DEFAULT_CONFIG
from SpiffWorkflow.bpmn.serializer.default.event_definition import TimerConditionalEventDefinitionConverter
from SpiffWorkflow.bpmn.serializer.default.task_spec import BpmnTaskSpecConverter, EventConverter
from SpiffWorkflow.bpmn.specs.defaults import UserTask
from SpiffWorkflow.bpmn.specs.event_definitions.message import MessageEventDefinition
from SpiffWorkflow.bpmn.util.event import BpmnEvent
from SpiffWorkflow.bpmn.workflow import BpmnWorkflow
from SpiffWorkflow.util.task import TaskState

from app.engine.bridge import Bridge, Host
from app.engine.specs import FunctionTask, LimitTimer, MarkedEnd, Program


class FunctionConverter(BpmnTaskSpecConverter):  # type: ignore[misc]  # untyped base
    def to_dict(self, spec: Any) -> Any:
        return self.get_default_attributes(spec) | {"function": spec.function}


SERIALIZER = BpmnWorkflowSerializer(
    BpmnWorkflowSerializer.configure(
        DEFAULT_CONFIG
        | {FunctionTask: FunctionConverter, MarkedEnd: EventConverter, LimitTimer: TimerConditionalEventDefinitionConverter}
    )
)


class StockMachine:
    """The interface of our machine over the stock engine."""

    def __init__(self, program: Program, host: Host, variables: dict[str, Any], state: str | None = None) -> None:
        self.program = program
        self.bridge = Bridge(program, host, variables)
        if state is None:
            self._workflow = BpmnWorkflow(program.spec, dict(program.subprocesses), script_engine=self.bridge)
        else:
            self._workflow = SERIALIZER.deserialize_json(state)
            self._workflow.script_engine = self.bridge

    @property
    def outcome(self) -> str | None:
        return self.bridge.outcome

    @property
    def is_ended(self) -> bool:
        return bool(self._workflow.completed)

    def dump(self) -> str:
        return str(SERIALIZER.serialize_json(self._workflow))

    def open_tasks(self) -> set[str]:
        ready = self._workflow.get_tasks(state=TaskState.READY)
        return {task.task_spec.name for task in ready if isinstance(task.task_spec, UserTask)}

    def messages(self) -> set[str]:
        return {each.name for each in self._waiting() if isinstance(each, MessageEventDefinition)}

    def _waiting(self) -> list[Any]:
        return [task.task_spec.event_definition for task in self._workflow.event_manager.tasks.values()]

    def _limits(self) -> list[Any]:
        tasks = self._workflow.event_manager.tasks.values()
        return [task for task in tasks if isinstance(task.task_spec.event_definition, LimitTimer)]

    def timers(self) -> dict[str, int | None]:
        return {task.task_spec.name: task.internal_data["next"] for task in self._limits()}

    def fire_due(self, now: datetime) -> None:
        while True:
            due = [(task.internal_data["next"], task.task_spec.name, task) for task in self._limits()]
            ripe = sorted((each for each in due if each[0] is not None and each[0] <= now.timestamp()), key=lambda each: each[:2])
            if not ripe:
                return
            moment, name, task = ripe[0]
            task.internal_data["next"] = self.bridge.fire(name, moment)

    def complete(self, element: str) -> None:
        for task in self._workflow.get_tasks(state=TaskState.READY):
            if task.task_spec.name == element:
                task.run()
                return
        raise LookupError(element)

    def send(self, message: str) -> None:
        self._workflow.send_event(BpmnEvent(MessageEventDefinition(message), payload={}))

    def run(self) -> None:
        self._workflow.do_engine_steps()
        while any(not task.task_spec.manual for task in self._workflow.get_tasks(state=TaskState.READY)):
            self._workflow.do_engine_steps()
