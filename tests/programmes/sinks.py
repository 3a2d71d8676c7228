"""Every place of a diagram from which an engine might take code, and code that would be noticed."""

from __future__ import annotations

from collections.abc import Iterator
from xml.sax.saxutils import quoteattr

from app.engine.xml import NS
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
    f'eval("{TOUCH}")',
    "().__class__.__base__.__subclasses__()",
    "[x for x in ().__class__.__base__.__subclasses__() if x.__name__ == 'Popen'][0]('id')",
    f"(lambda: {TOUCH})()",
    "'{0.__class__.__init__.__globals__}'.format(linked)",
    "f'{__import__(\"os\")}'",
    "linked.__class__",
    "globals()['__builtins__']",
    "${execution.getClass().forName('java.lang.Runtime')}",
    "#{7*7}",
    "9**9**9",
    "'a' * 10**9",
    "(x := __import__('os'))",
)


def _script(id_: str) -> Mutation:
    return kind(id_, "scriptTask")


def _nested(id_: str, template: str, payload: str) -> tuple[Mutation, ...]:
    return (put(id_, template.format(text=_text(payload), value=quoteattr(payload))),)


def _text(payload: str) -> str:
    return payload.replace("&", "&amp;").replace("<", "&lt;")


def _extended(id_: str, template: str, payload: str) -> tuple[Mutation, ...]:
    return (extension(id_, template.format(text=_text(payload), value=quoteattr(payload))),)


def _conditional(payload: str) -> tuple[Mutation, ...]:
    inner = (
        f"<bpmn:conditionalEventDefinition><bpmn:condition>{_text(payload)}</bpmn:condition></bpmn:conditionalEventDefinition>"
    )
    return definition("refer", ""), put("refer", inner)


MI = "<bpmn:multiInstanceLoopCharacteristics>{0}</bpmn:multiInstanceLoopCharacteristics>"
DATA = "<bpmn:assignment><bpmn:from>{text}</bpmn:from><bpmn:to>x</bpmn:to></bpmn:assignment>"

# The element that the finding must name, and what is done to the diagram.
SINKS = {
    "condition": ("class_to_rectify_clear", lambda code: (condition("class_to_rectify_clear", code),)),
    "timer": ("resend_limit", lambda code: (timer("resend_limit", code),)),
    "timer inside": ("resend_limit", lambda code: (timer("resend_limit", f"escalate({code})"),)),
    "timer date": ("draw", lambda code: (
        definition("draw", ""), *_nested("draw", "<bpmn:timerEventDefinition><bpmn:timeDate>{text}</bpmn:timeDate></bpmn:timerEventDefinition>", code),
    )),
    "window": ("extension_clear", lambda code: (prop("extension_clear", "window", _text(code).replace('"', "&quot;")),)),
    "script": ("resend", lambda code: (_script("resend"), *_nested("resend", "<bpmn:script>{text}</bpmn:script>", code))),
    "service": ("close", lambda code: (camunda("close", "expression", code),)),
    "service result": ("close", lambda code: (camunda("close", "resultVariable", code),)),
    "delegate": ("close", lambda code: (camunda("close", "delegateExpression", code),)),
    "class": ("close", lambda code: (camunda("close", "class", code),)),
    "assignee": ("resend", lambda code: (camunda("resend", "assignee", code),)),
    "candidates": ("resend", lambda code: (camunda("resend", "candidateUsers", code),)),
    "due date": ("resend", lambda code: (camunda("resend", "dueDate", code),)),
    "form key": ("resend", lambda code: (camunda("resend", "formKey", code),)),
    "form default": ("forward", lambda code: (form("forward", "department", defaultValue=code),)),
    "form type": ("forward", lambda code: (form("forward", "department", type=code),)),
    "form id": ("forward", lambda code: (form("forward", "department", id=code),)),
    "form constraint": ("resend", lambda code: _extended("resend", "<camunda:formData><camunda:formField id='x' label='x' type='string'>"
                        "<camunda:validation><camunda:constraint name='validator' config={value}/></camunda:validation>"
                        "</camunda:formField></camunda:formData>", code)),
    "listener": ("resend", lambda code: _extended("resend", "<camunda:taskListener event='create' expression={value}/>", code)),
    "listener script": ("close", lambda code: _extended(
        "close", "<camunda:executionListener event='end'><camunda:script scriptFormat='python'>{text}</camunda:script></camunda:executionListener>", code)),
    "input": ("resend", lambda code: _extended(
        "resend", "<camunda:inputOutput><camunda:inputParameter name='x'>{text}</camunda:inputParameter></camunda:inputOutput>", code)),
    "connector": ("close", lambda code: _extended("close", "<camunda:connector><camunda:connectorId>{text}</camunda:connectorId></camunda:connector>", code)),
    "spiff pre-script": ("resend", lambda code: _extended(
        "resend", "<s:preScript xmlns:s='http://spiffworkflow.org/bpmn/schema/1.0/core'>{text}</s:preScript>", code)),
    "spiff service": ("close", lambda code: _extended(
        "close", "<s:serviceTaskOperator xmlns:s='http://spiffworkflow.org/bpmn/schema/1.0/core' id={value}/>", code)),
    "loop cardinality": ("resend", lambda code: _nested("resend", MI.format("<bpmn:loopCardinality>{text}</bpmn:loopCardinality>"), code)),
    "loop completion": ("resend", lambda code: _nested("resend", MI.format("<bpmn:completionCondition>{text}</bpmn:completionCondition>"), code)),
    "standard loop": ("resend", lambda code: _nested("resend", "<bpmn:standardLoopCharacteristics><bpmn:loopCondition>{text}</bpmn:loopCondition>"
                      "</bpmn:standardLoopCharacteristics>", code)),
    "data input": ("resend", lambda code: _nested("resend", f"<bpmn:dataInputAssociation>{DATA}</bpmn:dataInputAssociation>", code)),
    "data output": ("resend", lambda code: _nested("resend", f"<bpmn:dataOutputAssociation>{DATA}</bpmn:dataOutputAssociation>", code)),
    "owner": ("resend", lambda code: _nested("resend", "<bpmn:potentialOwner><bpmn:resourceAssignmentExpression><bpmn:formalExpression>{text}"
              "</bpmn:formalExpression></bpmn:resourceAssignmentExpression></bpmn:potentialOwner>", code)),
    "correlation": ("xs_bad_review", lambda code: _nested("xs_bad_review", "<bpmn:correlationSubscription><bpmn:correlationPropertyBinding>"
                    "<bpmn:dataPath>{text}</bpmn:dataPath></bpmn:correlationPropertyBinding></bpmn:correlationSubscription>", code)),
    "conditional event": ("refer", _conditional),
    "decision": ("resend", lambda code: (kind("resend", "businessRuleTask"), camunda("resend", "decisionRef", code))),
    "called element": ("resend", lambda code: (kind("resend", "callActivity"), attribute("resend", "calledElement", code))),
    "act": ("resend", lambda code: (prop("resend", "act", _text(code).replace('"', "&quot;")),)),
}  # fmt: skip


def corpus() -> Iterator[tuple[str, str, bytes]]:
    """Yield every payload in every place: the place, the payload, the file."""
    assert NS
    for sink, (_, mutations) in SINKS.items():
        for payload in PAYLOADS:
            yield sink, payload, spoilt("xs", *mutations(payload))
