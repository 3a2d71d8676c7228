"""Specs of SpiffWorkflow made from a diagram: parsed once per process and version, shared, read-only.

The base parsers read everything but three things of ours: limits, service tasks and ends.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Mapping
from dataclasses import dataclass
from threading import Lock
from typing import Any

from lxml import etree
from SpiffWorkflow.bpmn.parser.BpmnParser import BpmnParser
from SpiffWorkflow.bpmn.parser.event_parsers import BoundaryEventParser, EndEventParser
from SpiffWorkflow.bpmn.parser.TaskParser import TaskParser
from SpiffWorkflow.bpmn.parser.ValidationException import ValidationException
from SpiffWorkflow.bpmn.specs.bpmn_process_spec import BpmnProcessSpec
from SpiffWorkflow.bpmn.specs.defaults import BoundaryEvent, EndEvent
from SpiffWorkflow.bpmn.specs.event_definitions.simple import NoneEventDefinition
from SpiffWorkflow.bpmn.specs.event_definitions.timer import TimerEventDefinition
from SpiffWorkflow.bpmn.specs.mixins.bpmn_spec_mixin import BpmnSpecMixin
from SpiffWorkflow.exceptions import WorkflowException

from app.engine.definition import Definition, read_definition
from app.engine.errors import DiagramUnreadable
from app.engine.xml import CAMUNDA, read_xml, tag

PROGRAMS_KEPT = 64


class LimitTimer(TimerEventDefinition):  # type: ignore[misc]  # untyped base
    """A limit. The engine holds only the next moment, as an alarm clock; whoever runs it fires it.

    Firing leaves no token behind: the escalation drawn after the timer is a record, not a path.
    """

    def has_fired(self, my_task: Any) -> bool:
        """Never by itself."""
        return False

    def update_task(self, my_task: Any) -> None:
        """Ask once, when the task begins, for the first moment (epoch seconds, or None)."""
        if "next" not in my_task.internal_data:
            bridge = my_task.workflow.top_workflow.script_engine
            my_task.internal_data["next"] = bridge.arm(my_task.task_spec.name, self.expression)


class FunctionTask(BpmnSpecMixin):  # type: ignore[misc]  # untyped base
    """A service task: calls one registered function by name."""

    def __init__(self, wf_spec: Any, bpmn_id: str, function: str = "", **kwargs: Any) -> None:
        super().__init__(wf_spec, bpmn_id, **kwargs)
        self.function = function

    def _run_hook(self, my_task: Any) -> bool:
        my_task.workflow.top_workflow.script_engine.call(self.function, self.name)
        return True


class MarkedEnd(EndEvent):  # type: ignore[misc]  # untyped base
    """An end event that says it was reached."""

    def _on_complete_hook(self, my_task: Any) -> None:
        super()._on_complete_hook(my_task)
        my_task.workflow.top_workflow.script_engine.reach_end(self.name)


class LimitParser(BoundaryEventParser):  # type: ignore[misc]  # untyped base
    """Reads boundary events; a timer becomes a limit."""

    def parse_timer_event(self, event: Any) -> LimitTimer:
        """Return the limit with the text of its `timeCycle`."""
        return LimitTimer(self.node.get("name") or self.bpmn_id, (event.findtext(tag("timeCycle")) or "").strip())


class FunctionParser(TaskParser):  # type: ignore[misc]  # untyped base
    """Reads service tasks."""

    def create_task(self) -> FunctionTask:
        """Return the task with the function named in `camunda:expression`."""
        function = self.node.get(f"{{{CAMUNDA}}}expression", "")
        return FunctionTask(self.spec, self.bpmn_id, function=function, **self.bpmn_attributes)


class EndParser(EndEventParser):  # type: ignore[misc]  # untyped base
    """Reads end events; what they would throw is for the reader of the diagram."""

    def create_task(self) -> MarkedEnd:
        """Return a plain end."""
        task = self._create_task(NoneEventDefinition())
        task.connect(self.spec.end)
        return task  # type: ignore[no-any-return]  # untyped base


class DiagramParser(BpmnParser):  # type: ignore[misc]  # untyped base
    """The base parser with our three readers."""

    OVERRIDE_PARSER_CLASSES = {  # noqa: RUF012  the base class declares it so
        tag("boundaryEvent"): (LimitParser, BoundaryEvent),
        tag("serviceTask"): (FunctionParser, FunctionTask),
        tag("endEvent"): (EndParser, MarkedEnd),
    }


@dataclass(frozen=True)
class Program:
    """A diagram ready to run: our own reading of it, and SpiffWorkflow's specs."""

    definition: Definition
    spec: BpmnProcessSpec
    subprocesses: Mapping[str, BpmnProcessSpec]
    names: Mapping[str, tuple[str, ...]]
    numbers: Mapping[str, Mapping[str, int]]
    forked: frozenset[str]


_programs: OrderedDict[str, Program] = OrderedDict()
_programs_lock = Lock()


def load_program(digest: str, data: bytes) -> Program:
    """Return the program of a stored version; parsed at its first use in this process.

    `digest` names the bytes; the caller answers for their fitting together.
    """
    with _programs_lock:
        program = _programs.get(digest)
        if program is None:
            program = _programs[digest] = build_program(data)
        _programs.move_to_end(digest)
        while len(_programs) > PROGRAMS_KEPT:
            _programs.popitem(last=False)
        return program


def build_program(data: bytes) -> Program:
    """Parse a diagram.

    Raises:
        DiagramUnreadable: it is no diagram that the engine can run.
    """
    root = read_xml(data)
    definition = read_definition(root)
    parser = DiagramParser()
    try:
        parser.add_bpmn_xml(_bare(root))
        spec = parser.get_spec(definition.process)
        subprocesses = parser.get_subprocess_specs(definition.process)
    except (ValidationException, WorkflowException, RecursionError, NotImplementedError) as error:
        raise DiagramUnreadable("流程引擎读不懂这张图，请先通过检查（programmes check）。") from error
    return _program(definition, spec, subprocesses)


def _bare(root: etree._Element) -> etree._Element:
    """Drop all extension elements: we have read them, and a form field whose id is also an element's confuses the parser."""
    for extension in list(root.iter(tag("extensionElements"))):
        parent = extension.getparent()
        if parent is not None:
            parent.remove(extension)
    return root


def _program(definition: Definition, spec: BpmnProcessSpec, subprocesses: Mapping[str, BpmnProcessSpec]) -> Program:
    every = {spec.name: spec, **subprocesses}
    names = {name: tuple(sorted(each.task_specs)) for name, each in every.items()}
    forks = {node.scope for node in definition.of_kind("parallelGateway", "inclusiveGateway")}
    return Program(
        definition=definition,
        spec=spec,
        subprocesses=subprocesses,
        names=names,
        numbers={process: {name: i for i, name in enumerate(known)} for process, known in names.items()},
        forked=frozenset(forks),
    )
