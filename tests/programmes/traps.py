"""One spoilt diagram for each rule: what is done to the diagram of xs, and where the linter must say so."""

from __future__ import annotations

from lxml import etree

from app.engine.xml import NS, tag
from tests.programmes.mutations import (
    Mutation,
    at,
    attribute,
    camunda,
    condition,
    definition,
    flow,
    form,
    kind,
    prop,
    put,
    retarget,
    snippet,
    timer,
    without,
)

PROCESS = "xs_bad_review"
FIELD = '<camunda:formField id="{0}" label="x" type="{1}"/>'
OUTCOME = '<camunda:properties><camunda:property name="outcome" value="rectified"/></camunda:properties>'
TEST = "<bpmn:conditionExpression>linked</bpmn:conditionExpression>"


def field(id_: str, type_: str = "string", task: str = "explain") -> Mutation:
    def change(root: etree._Element) -> None:
        next(at(root, task).iter(f"{{{NS['camunda']}}}formData")).append(snippet(FIELD.format(id_, type_)))

    return change


def extension(id_: str, xml: str) -> Mutation:
    def change(root: etree._Element) -> None:
        holder = at(root, id_).find("bpmn:extensionElements", NS)
        if holder is None:
            holder = etree.SubElement(at(root, id_), tag("extensionElements"))
        holder.append(snippet(xml))

    return change


def out_of_lane(id_: str) -> Mutation:
    def change(root: etree._Element) -> None:
        for reference in [each for each in root.iter(tag("flowNodeRef")) if each.text == id_]:
            reference.getparent().remove(reference)  # type: ignore[union-attr]  # it lies in a lane

    return change


def constraint(id_: str, name: str) -> Mutation:
    def change(root: etree._Element) -> None:
        next(at(root, id_).iter(f"{{{NS['camunda']}}}constraint")).set("name", name)

    return change


def optional(id_: str, name: str) -> Mutation:
    def change(root: etree._Element) -> None:
        item = next(each for each in at(root, id_).iter(f"{{{NS['camunda']}}}formField") if each.get("id") == name)
        for validation in item.findall("camunda:validation", NS):
            item.remove(validation)

    return change


def twice(id_: str, name: str) -> Mutation:
    def change(root: etree._Element) -> None:
        holder = at(root, id_).find("bpmn:extensionElements/camunda:properties", NS)
        assert holder is not None
        holder.append(snippet(f'<camunda:property name="{name}" value="x"/>'))

    return change


def interrupting(id_: str) -> Mutation:
    return attribute(id_, "cancelActivity", None)


# rule, element on which it is found ("*": wherever), mutations of xs
TRAPS: list[tuple[str, str, tuple[Mutation, ...]]] = [
    # elements the engine passes by, or runs otherwise than they read
    ("plain-task", "resend", (kind("resend", "task"),)),
    ("manual-task", "resend", (kind("resend", "manualTask"),)),
    ("script-task", "resend", (kind("resend", "scriptTask"),)),
    ("send-task", "resend", (kind("resend", "sendTask"),)),
    ("receive-task", "resend", (kind("resend", "receiveTask"),)),
    ("business-rule-task", "resend", (kind("resend", "businessRuleTask"),)),
    ("call-activity", "resend", (kind("resend", "callActivity"),)),
    ("transaction", "handling", (kind("handling", "transaction"),)),
    ("ad-hoc", "handling", (kind("handling", "adHocSubProcess"),)),
    ("event-subprocess", "handling", (attribute("handling", "triggeredByEvent", "true"),)),
    ("complex-gateway", "class", (kind("class", "complexGateway"),)),
    ("event-based-gateway", "class", (kind("class", "eventBasedGateway"),)),
    ("multi-instance", "resend", (put("resend", "<bpmn:multiInstanceLoopCharacteristics/>"),)),
    ("standard-loop", "resend", (put("resend", "<bpmn:standardLoopCharacteristics/>"),)),
    ("data-object", "d", (put(PROCESS, '<bpmn:dataObject id="d"/>'),)),
    ("data-object", "resend", (put("resend", "<bpmn:dataInputAssociation/>"),)),
    ("assignee", "resend", (camunda("resend", "assignee", "zhang"),)),
    ("assignee", "resend", (camunda("resend", "candidateGroups", "all"),)),
    ("assignee", "resend", (put("resend", "<bpmn:potentialOwner/>"),)),
    ("listener", "resend", (extension("resend", '<camunda:taskListener event="create"/>'),)),
    ("listener", "resend", (extension("resend", '<camunda:executionListener event="start"/>'),)),
    ("input-output", "resend", (extension("resend", "<camunda:inputOutput/>"),)),
    ("service-implementation", "close", (camunda("close", "delegateExpression", "x"),)),
    ("service-implementation", "close", (camunda("close", "topic", "x"),)),
    ("service-implementation", "resend", (camunda("resend", "expression", "close"),)),
    ("form-key", "resend", (camunda("resend", "formKey", "embedded:app"),)),
    ("business-rule-task", "resend", (camunda("resend", "decisionRef", "d"),)),
    ("compensation", "resend", (attribute("resend", "isForCompensation", "true"),)),
    ("message-flow", "mf", (put("collaboration", '<bpmn:messageFlow id="mf"/>'),)),
    ("import", "definitions_xs", (put("definitions_xs", '<bpmn:import location="x"/>'),)),
    ("nested-lanes", "inner", (put("lead", '<bpmn:childLaneSet id="inner"/>'),)),
    ("correlation", PROCESS, (put(PROCESS, "<bpmn:correlationSubscription/>"),)),
    ("unknown-element", "resend", (put("resend", '<evil xmlns="urn:evil"/>'),)),
    ("unknown-attribute", "resend", (attribute("resend", "startQuantity", "2"),)),
    (
        "unknown-attribute",
        "class_to_rectify_clear",
        (put("class_to_rectify_clear", '<bpmn:conditionExpression language="js">linked</bpmn:conditionExpression>'),),
    ),
    ("form-default", "forward", (form("forward", "department", defaultValue="x"),)),
    ("shared-event-definition", "appeal", (put("appeal", "<bpmn:eventDefinitionRef>x</bpmn:eventDefinitionRef>"),)),
    # the file itself
    ("two-processes", "second", (put("definitions_xs", '<bpmn:process id="second" isExecutable="true"/>'),)),
    ("two-pools", "pool2", (put("collaboration", f'<bpmn:participant id="pool2" processRef="{PROCESS}"/>'),)),
    ("not-executable", PROCESS, (attribute(PROCESS, "isExecutable", "false"),)),
    ("no-process", "", (without(PROCESS),)),
    ("duplicate-id", "verify", (attribute("answer", "id", "verify"),)),
    ("bad-id", "End", (attribute("answer", "id", "End"),)),
    ("bad-id", "a.b", (attribute("answer", "id", "a.b"),)),
    ("missing-id", "handling", (attribute("answer", "id", None),)),
    ("dangling-ref", "appeal", (attribute("appeal_message", "messageRef", "nothing"),)),
    ("dangling-ref", "class", (attribute("class", "default", "nothing"),)),
    ("dangling-ref", "lead", (put("lead", "<bpmn:flowNodeRef>nothing</bpmn:flowNodeRef>"),)),
    ("dangling-ref", "verify", (put("verify", "<bpmn:outgoing>nothing</bpmn:outgoing>"),)),
    ("dangling-flow", "verify_to_class", (attribute("verify_to_class", "targetRef", "nothing"),)),
    ("control-character", "verify", (attribute("verify", "name", "核\u202e查"),)),
    ("text-too-long", "verify", (attribute("verify", "name", "核" * 201),)),
    ("not-drawn", "late", (put(PROCESS, '<bpmn:endEvent id="late"/>'),)),
    # flows and gateways
    ("condition-on-task-flow", "verify_to_class", (put("verify_to_class", TEST),)),
    ("implicit-split", "verify", (flow("again", "verify", "answer", "handling"),)),
    ("dead-end", "verify", (without("verify_to_class"),)),
    ("unreachable", "answer", (retarget("merge_handled_to_answer", "handling_end"),)),
    ("flow-crosses-subprocess", "answer_to_report", (retarget("answer_to_report", "end_rectified"),)),
    ("flow-into-start", "answer_to_report", (retarget("answer_to_report", "handling_start"),)),
    ("flow-out-of-end", "more", (flow("more", "handling_end", "answer", "handling"),)),
    ("start-count", "handling", (put("handling", '<bpmn:startEvent id="second_start"/>'),)),
    ("start-event", "received", (definition("received", "message"),)),
    ("gateway-default", "class", (attribute("class", "default", None),)),
    ("gateway-condition", "class_to_rectify_clear", (condition("class_to_rectify_clear", ""),)),
    ("gateway-name", "class", (attribute("class", "name", ""),)),
    ("default-with-condition", "class_to_explain", (put("class_to_explain", TEST),)),
    ("same-condition", "class_to_rectify_complex", (condition("class_to_rectify_complex", 'handling == "clear"'),)),
    ("condition-without-choice", "merge_in_to_handling", (put("merge_in_to_handling", TEST),)),
    ("parallel-outside-subprocess", "merge_in", (kind("merge_in", "parallelGateway"),)),
    ("parallel-outside-subprocess", "merge_in", (kind("merge_in", "inclusiveGateway"),)),
    ("join-without-fork", "merge_handled", (kind("merge_handled", "parallelGateway"),)),
    ("join-in-loop", "merge_handled", (kind("merge_handled", "parallelGateway"), retarget("close_to_draw", "merge_handled"))),
    ("side-joins-main", "answer", (retarget("granted_to_grant_extension", "answer"),)),
    ("side-joins-main", "handling", (retarget("ruled_to_appeal_refused", "merge_in"),)),
    (
        "automatic-loop",
        "*",
        (retarget("after_handling_to_third_round", "outcome"), retarget("outcome_to_end_explained", "after_handling")),
    ),
    ("service-without-expression", "close", (camunda("close", "expression", ""),)),
    ("juel-expression", "close", (camunda("close", "expression", "${close}"),)),
    ("unknown-function", "close", (camunda("close", "expression", "shut"),)),
    ("no-name", "close", (attribute("close", "name", ""),)),
    # events
    ("event-kind", "upheld", (definition("upheld", "compensate"),)),
    ("event-kind", "upheld", (definition("upheld", "link"),)),
    ("event-kind", "upheld", (definition("upheld", "escalation"),)),
    ("event-kind", "end_linked", (definition("end_linked", "terminate"),)),
    ("event-kind", "end_linked", (definition("end_linked", "error"),)),
    ("event-kind", "end_linked", (definition("end_linked", "cancel"),)),
    ("event-kind", "refer", (definition("refer", "conditional"),)),
    ("event-kind", "refer", (definition("refer", "error"),)),
    ("event-kind", "draw", (definition("draw", "signal"),)),
    ("escalation-end", "end_linked", (definition("end_linked", "escalation"),)),
    ("signal-end", "appeal_upheld", (definition("appeal_upheld", "signal"),)),
    ("message-throw", "upheld", (definition("upheld", "message"),)),
    ("message-throw", "appeal_upheld", (definition("appeal_upheld", "message"),)),
    ("intermediate-timer", "draw", (definition("draw", "timer"),)),
    ("none-event", "upheld", (definition("upheld", ""),)),
    ("none-event", "draw", (definition("draw", ""),)),
    ("several-definitions", "appeal", (put("appeal", "<bpmn:signalEventDefinition/>"),)),
    ("boundary-host", "refer", (attribute("refer", "attachedToRef", "close_linked"),)),
    ("boundary-host", "verify_limit", (attribute("verify_limit", "attachedToRef", "forward"),)),
    ("unknown-message", "appeal", (attribute("msg_appeal", "name", "complaint"),)),
    ("signal-uncaught", "upheld", (without("upheld_caught"),)),
    ("signal-unthrown", "upheld_caught", (definition("upheld", ""),)),
    ("signal-uncaught", "upheld", (attribute("upheld_caught", "attachedToRef", "forward"),)),
    ("extension-host", "extension_clear", (interrupting("extension_clear"),)),
    ("extension-host", "extension_clear", (attribute("rectify_clear_limit", "id", "other_limit"),)),
    # limits
    ("no-limit", "resend", (without("resend_limit"),)),
    ("two-limits", "verify", (attribute("answer_limit", "attachedToRef", "verify"),)),
    ("interrupting-timer", "resend_limit", (interrupting("resend_limit"),)),
    ("timer-chain", "resend_limit", (retarget("resend_limit_to_resend_escalate", "end_linked"),)),
    ("timer-expression", "resend_limit", (timer("resend_limit", '"P2D"'),)),
    ("timer-expression", "resend_limit", (timer("resend_limit", "working_days(2, since=bounced_at)"),)),
    ("expression-refused", "resend_limit", (timer("resend_limit", "R3/P1D"),)),
    ("expression-refused", "resend_limit", (timer("resend_limit", "PT48H0.5"),)),
    ("bad-arguments", "resend_limit", (timer("resend_limit", "escalate(working_days(bounces, since=bounced_at))"),)),
    ("bad-arguments", "resend_limit", (timer("resend_limit", "escalate(working_days(2))"),)),
    ("bad-arguments", "resend_limit", (timer("resend_limit", "escalate(later_of(working_days(2, since=bounced_at)))"),)),
    ("bad-arguments", "resend_limit", (timer("resend_limit", "escalate(end_of(2))"),)),
    ("bad-arguments", "resend_limit", (timer("resend_limit", "escalate(working_days(2, since=bounced_at), 1)"),)),
    ("limit-size", "resend_limit", (timer("resend_limit", "escalate(working_days(367, since=bounced_at))"),)),
    ("unknown-function", "resend_limit", (timer("resend_limit", "escalate(months(2, since=bounced_at))"),)),
    ("unknown-name", "resend_limit", (timer("resend_limit", "escalate(working_days(2, since=bounce_at))"),)),
    ("undefined-variable", "forward_limit", (timer("forward_limit", "escalate(working_days(2, since=round_at))"),)),
    ("null-anchor", "verify_limit", (timer("verify_limit", "escalate(working_days(2, since=revisited_at))"),)),
    ("null-anchor", "explain_limit", (timer("explain_limit", "escalate(end_of(handle_by))"),)),
    ("null-anchor", "extension_clear", (prop("extension_clear", "window", "working_days(2, since=handled_at)"),)),
    ("empty-expression", "resend_limit", (timer("resend_limit", " "),)),
    # conditions
    ("expression-refused", "class_to_rectify_clear", (condition("class_to_rectify_clear", "handling.upper()"),)),
    ("juel-expression", "class_to_rectify_clear", (condition("class_to_rectify_clear", "${handling}"),)),
    ("unknown-name", "class_to_rectify_clear", (condition("class_to_rectify_clear", 'handlnig == "clear"'),)),
    ("call-in-condition", "class_to_rectify_clear", (condition("class_to_rectify_clear", "end_of(handling)"),)),
    ("dead-branch", "class_to_rectify_clear", (condition("class_to_rectify_clear", 'handling == "cleer"'),)),
    ("undefined-variable", "is_linked_to_tell_linked", (condition("is_linked_to_tell_linked", "drawn"),)),
    ("null-in-comparison", "after_handling_to_third_round", (condition("after_handling_to_third_round", 'result >= "fixed"'),)),
    # what elements carry
    ("no-lane", "resend", (out_of_lane("resend"),)),
    ("two-lanes", "resend", (put("centre", "<bpmn:flowNodeRef>resend</bpmn:flowNodeRef>"),)),
    ("no-act", "resend", (prop("resend", "act", None),)),
    ("unknown-act", "resend", (prop("resend", "act", "send_again"),)),
    ("act-field-missing", "resend", (form("resend", "department", gone=""),)),
    ("act-field-missing", "resend", (optional("resend", "department"),)),
    ("judge-missing", "revisit", (prop("revisit", "judge", None),)),
    ("second-person-missing", "rule_appeal", (prop("rule_appeal", "second_person", None),)),
    ("field-type", "explain", (field("extra", "file"),)),
    ("enum-without-choices", "explain", (field("extra", "enum"),)),
    ("duplicate-field", "explain", (field("basis"),)),
    ("field-id", "explain", (field("Meta"),)),
    ("reserved-name", "explain", (field("end_of"),)),
    ("reserved-name", "explain", (field("round_at"),)),
    ("field-label", "forward", (form("forward", "department", label=""),)),
    ("form-constraint", "forward", (constraint("forward", "max"),)),
    ("form-misplaced", "close", (extension("close", f"<camunda:formData>{FIELD.format('x', 'string')}</camunda:formData>"),)),
    ("duplicate-property", "resend", (twice("resend", "act"),)),
    ("unknown-property", "answer", (prop("answer", "sing_off", "head"),)),
    ("misplaced-property", "close", (prop("close", "sign_off", "head"),)),
    ("property-value", "answer", (prop("answer", "sign_off", "yes"),)),
    ("property-value", "extension_clear", (prop("extension_clear", "largest", "2天"),)),
    ("no-clause", "forward", (prop("forward", "clause", None),)),
    ("no-clause", "verify_limit", (prop("verify_limit", "reading", None),)),
    ("no-clause", "end_linked", (prop("end_linked", "reading", None),)),
    ("no-clause", "refer", (prop("refer", "reading", None),)),
    ("end-without-outcome", "end_linked", (prop("end_linked", "outcome", None),)),
    ("unknown-outcome", "end_linked", (prop("end_linked", "outcome", "withdrawn"),)),
    ("side-outcome", "appeal_refused", (prop("appeal_refused", "outcome", "rectified"),)),
    ("side-outcome", "handling_end", (extension("handling_end", OUTCOME),)),
]
