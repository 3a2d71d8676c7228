"""What can go wrong with a diagram or with a running instance."""

from __future__ import annotations

from app.errors import Conflict, Invalid


class DiagramUnreadable(Invalid):
    """The file is not XML that we read: broken, hostile, too large, or no BPMN."""

    code = "diagram_unreadable"


class ExpressionRefused(Invalid):
    """An expression uses more than names, literals, comparisons, and/or/not, + − and calls."""

    code = "expression_refused"


class ExpressionFailed(Conflict):
    """An expression could not be evaluated with the variables of this instance."""

    code = "expression_failed"


class EngineFault(Conflict):
    """The instance cannot go on: the step is undone and an incident is opened."""

    code = "engine_fault"


class TaskNotOpen(Conflict):
    """The step was already done, or is not reached."""

    code = "task_not_open"


class MessageNotExpected(Conflict):
    """Nothing in the diagram waits for this message now."""

    code = "message_not_expected"
