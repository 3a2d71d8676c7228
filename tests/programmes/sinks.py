"""Every place of a diagram from which an engine might take code, and code that would be noticed."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from tests.programmes.mutations import (
    Mutation,
    attribute,
    camunda,
    condition,
    definition,
    form,
    kind,
    prop,
    put,
    spoilt,
    timer,
)
from tests.programmes.traps import extension

CANARY = "canary-was-here"
TOUCH = f"open('{CANARY}', 'w')"
PAYLOADS = (
    f"__import__('os').system('touch {CANARY}')",
    TOUCH,
    f'exec("{TOUCH}")',
    "().__class__.__base__.__subclasses__()",
    f"(lambda: {TOUCH})()",
    "'{0.__class__.__init__.__globals__}'.format(linked)",
    "${execution.getClass().forName('java.lang.Runtime')}",
    "9**9**9",
)
# More ways out, tried on the evaluator alone.
ESCAPES = (
    *PAYLOADS,
    f'eval("{TOUCH}")',
    "[x for x in ().__class__.__base__.__subclasses__() if x.__name__ == 'Popen'][0]('id')",
    "f'{__import__(\"os\")}'",
    "linked.__class__",
    "globals()['__builtins__']",
    "#{7*7}",
    "'a' * 10**9",
    "1 << 10**9",
    "(x := __import__('os'))",
    "(lambda f: f(f))(lambda f: f(f))",
    "'%s' % linked",
    "__builtins__",
    "linked if linked else open",
    "{**globals()}",
    "*open('x')",
    "(i for i in open('x')).gi_frame.f_builtins",
    "print.__self__",
    "yes in open('x')",
)


def _text(payload: str) -> str:
    return payload.replace("&", "&amp;").replace("<", "&lt;")


def _quoted(payload: str) -> str:
    return _text(payload).replace('"', "&quot;").replace("'", "&apos;")


def inside(sink: str) -> Callable[[str], tuple[Mutation, ...]]:
    """Put a BPMN element that holds the payload into the sink's element."""
    return lambda code: (put(INSIDE[sink][0], INSIDE[sink][1].format(text=_text(code))),)


def extending(sink: str) -> Callable[[str], tuple[Mutation, ...]]:
    """Put an extension element that holds the payload."""
    return lambda code: (extension(EXTENDING[sink][0], EXTENDING[sink][1].format(text=_text(code), value=_quoted(code))),)


def carrying(sink: str) -> Callable[[str], tuple[Mutation, ...]]:
    """Write the payload into an attribute of Camunda's."""
    return lambda code: (camunda(*CARRYING[sink], code),)


def conditional(code: str) -> tuple[Mutation, ...]:
    inner = "<bpmn:conditionalEventDefinition><bpmn:condition>{0}</bpmn:condition></bpmn:conditionalEventDefinition>"
    return definition("refer", ""), put("refer", inner.format(_text(code)))


def timed(code: str) -> tuple[Mutation, ...]:
    inner = "<bpmn:timerEventDefinition><bpmn:timeDate>{0}</bpmn:timeDate></bpmn:timerEventDefinition>"
    return definition("draw", ""), put("draw", inner.format(_text(code)))


def scripted(code: str) -> tuple[Mutation, ...]:
    return kind("resend", "scriptTask"), put("resend", f"<bpmn:script>{_text(code)}</bpmn:script>")


def wrapped(text: str, *names: str) -> str:
    """Nest elements of BPMN around a text."""
    for name in reversed(names):
        text = f"<bpmn:{name}>{text}</bpmn:{name}>"
    return text


SPIFF = "http://spiffworkflow.org/bpmn/schema/1.0/core"
FIELD = "<camunda:formField id='x' label='x' type='string'>"
VALIDATOR = "<camunda:validation><camunda:constraint name='validator' config='{value}'/></camunda:validation>"
LISTENER = "<camunda:executionListener event='end'><camunda:script>{text}</camunda:script></camunda:executionListener>"
DATA = wrapped("{text}", "assignment", "from")

# Each place: the element that the finding must name, and how the payload gets there.
INSIDE = {
    "loop cardinality": ("resend", wrapped("{text}", "multiInstanceLoopCharacteristics", "loopCardinality")),
    "loop completion": ("resend", wrapped("{text}", "multiInstanceLoopCharacteristics", "completionCondition")),
    "loop collection": ("resend", wrapped("{text}", "multiInstanceLoopCharacteristics", "loopDataInputRef")),
    "standard loop": ("resend", wrapped("{text}", "standardLoopCharacteristics", "loopCondition")),
    "data input": ("resend", wrapped(DATA, "dataInputAssociation")),
    "data output": ("resend", wrapped(DATA, "dataOutputAssociation")),
    "owner": ("resend", wrapped("{text}", "potentialOwner", "resourceAssignmentExpression", "formalExpression")),
    "performer": ("resend", wrapped("{text}", "performer", "resourceAssignmentExpression", "formalExpression")),
    "correlation": ("xs_bad_review", wrapped("{text}", "correlationSubscription", "correlationPropertyBinding", "dataPath")),
}
EXTENDING = {
    "form constraint": ("resend", f"<camunda:formData>{FIELD}{VALIDATOR}</camunda:formField></camunda:formData>"),
    "listener": ("resend", "<camunda:taskListener event='create' expression='{value}'/>"),
    "listener script": ("close", LISTENER),
    "input": (
        "resend",
        "<camunda:inputOutput><camunda:inputParameter name='x'>{text}</camunda:inputParameter></camunda:inputOutput>",
    ),
    "connector": ("close", "<camunda:connector><camunda:connectorId>{text}</camunda:connectorId></camunda:connector>"),
    "field injection": ("close", "<camunda:field name='x'><camunda:expression>{text}</camunda:expression></camunda:field>"),
    "spiff pre-script": ("resend", f"<s:preScript xmlns:s='{SPIFF}'>{{text}}</s:preScript>"),
    "spiff post-script": ("resend", f"<s:postScript xmlns:s='{SPIFF}'>{{text}}</s:postScript>"),
    "spiff service": ("close", f"<s:serviceTaskOperator xmlns:s='{SPIFF}' id='{{value}}'/>"),
}
CARRYING = {
    "service": ("close", "expression"),
    "service result": ("close", "resultVariable"),
    "delegate": ("close", "delegateExpression"),
    "class": ("close", "class"),
    "assignee": ("resend", "assignee"),
    "candidates": ("resend", "candidateUsers"),
    "due date": ("resend", "dueDate"),
    "form key": ("resend", "formKey"),
}
SINKS: dict[str, tuple[str, Callable[[str], tuple[Mutation, ...]]]] = {
    **{sink: (element, inside(sink)) for sink, (element, _) in INSIDE.items()},
    **{sink: (element, extending(sink)) for sink, (element, _) in EXTENDING.items()},
    **{sink: (element, carrying(sink)) for sink, (element, _) in CARRYING.items()},
    "condition": ("class_to_rectify_clear", lambda code: (condition("class_to_rectify_clear", code),)),
    "timer": ("resend_limit", lambda code: (timer("resend_limit", code),)),
    "timer inside": ("resend_limit", lambda code: (timer("resend_limit", f"escalate({code})"),)),
    "timer date": ("draw", timed),
    "window": ("extension_clear", lambda code: (prop("extension_clear", "window", _quoted(code)),)),
    "act": ("resend", lambda code: (prop("resend", "act", _quoted(code)),)),
    "script": ("resend", scripted),
    "form default": ("forward", lambda code: (form("forward", "department", defaultValue=code),)),
    "form type": ("forward", lambda code: (form("forward", "department", type=code),)),
    "form id": ("forward", lambda code: (form("forward", "department", id=code),)),
    "conditional event": ("refer", conditional),
    "decision": ("resend", lambda code: (kind("resend", "businessRuleTask"), camunda("resend", "decisionRef", code))),
    "called element": ("resend", lambda code: (kind("resend", "callActivity"), attribute("resend", "calledElement", code))),
}


def corpus() -> Iterator[tuple[str, str, bytes]]:
    """Yield every payload in every place: the place, the payload, the file."""
    for sink, (_, mutations) in SINKS.items():
        for payload in PAYLOADS:
            yield sink, payload, spoilt("xs", *mutations(payload))
