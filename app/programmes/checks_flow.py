"""Checks of the paths: flows, gateways, what is reached, and circles in which nobody is waited for."""

from __future__ import annotations

from collections.abc import Iterator
from graphlib import CycleError, TopologicalSorter

from app.engine.definition import Flow, Node
from app.programmes.findings import Finding
from app.programmes.subject import TASKS, Subject, label, reachable

LONGEST_PATH = 200
GATEWAYS = ("exclusiveGateway", "inclusiveGateway", "parallelGateway")
JOINING = ("inclusiveGateway", "parallelGateway")


def check_flows(subject: Subject) -> Iterator[Finding]:
    """Find flows to nowhere, across the border of a subprocess, into starts or out of ends."""
    nodes = subject.nodes
    for flow in subject.definition.flows:
        source, target = nodes.get(flow.source), nodes.get(flow.target)
        if source is None or target is None:
            lost = flow.target if target is None else flow.source
            yield Finding(flow.id, "dangling-flow", f"连线的一端 {lost[:80] or '（空）'} 不存在。请重新连线或删除。")
            continue
        if source.scope != target.scope:
            yield Finding(
                flow.id, "flow-crosses-subprocess", "连线不能穿过子流程的边界。请连到子流程本身，或它里面的开始和结束。"
            )
        if target.kind in ("startEvent", "boundaryEvent"):
            yield Finding(flow.id, "flow-into-start", f"连线不能进入{label(target)}：开始事件和边界事件只能连出。")
        if source.kind == "endEvent":
            yield Finding(flow.id, "flow-out-of-end", f"结束事件{label(source)}后面不能再连线。")
        if flow.condition is not None and source.kind not in GATEWAYS[:2]:
            yield Finding(
                flow.id, "condition-on-task-flow", f"{label(source)}出来的连线写了条件，条件不会生效。请加一个排他网关。"
            )


def check_exits(subject: Subject) -> Iterator[Finding]:
    """Find steps that lead nowhere and steps that lead to several places at once."""
    for node in subject.nodes.values():
        leaving = len(subject.definition.outgoing[node.id])
        if leaving == 0 and node.kind != "endEvent":
            yield Finding(node.id, "dead-end", f"{label(node)}没有连出的线，流程会停在这里。请连到下一步或结束事件。")
        if leaving > 1 and node.kind not in GATEWAYS:
            yield Finding(node.id, "implicit-split", f"{label(node)}连出 {leaving} 条线，会同时走几条路。请用排他网关分支。")


def check_starts(subject: Subject) -> Iterator[Finding]:
    """Find scopes without a start or with several, and starts that wait for something."""
    scopes = [(subject.definition.process, "流程"), *((node.id, "子流程") for node in subject.definition.of_kind("subProcess"))]
    for scope, kind in scopes:
        starts = [node for node in subject.definition.of_kind("startEvent") if node.scope == scope]
        if len(starts) != 1:
            yield Finding(scope, "start-count", f"{kind}里有 {len(starts)} 个开始事件，须有且只有一个。")
        if not any(node.scope == scope for node in subject.definition.of_kind("endEvent")):
            yield Finding(scope, "no-end", f"{kind}里没有结束事件。请补上。")
    for node in subject.definition.of_kind("startEvent"):
        if node.events:
            yield Finding(node.id, "start-event", "开始事件不能带消息、定时或信号：差评一到流程就开始。请用普通开始事件。")


def check_reached(subject: Subject) -> Iterator[Finding]:
    """Find elements that no path reaches."""
    start = subject.start_of(subject.definition.process)
    if start is None:
        return
    reached = reachable(subject.targets, start.id)
    for node in subject.nodes.values():
        if node.id not in reached:
            yield Finding(node.id, "unreachable", f"从开始走不到{label(node)}，流程引擎会悄悄忽略它。请连线或删除。")


def check_gateways(subject: Subject) -> Iterator[Finding]:
    """Find choices without question, condition or default."""
    for node in subject.definition.of_kind(*GATEWAYS):
        flows = subject.definition.outgoing[node.id]
        if node.default and node.default not in {flow.id for flow in flows}:
            yield Finding(node.id, "gateway-default", f"{label(node)}的默认连线不是从它连出的。请重新指定。")
        if node.kind == "parallelGateway":
            yield from (_pointless(node, flow) for flow in flows if flow.condition)
        elif len(flows) > 1:
            yield from _choice(node, flows)
        elif any(flow.condition for flow in flows):
            yield _pointless(node, flows[0])


def _pointless(node: Node, flow: Flow) -> Finding:
    return Finding(
        flow.id, "condition-without-choice", f"{label(node)}没有可选的路，连线上的条件不会按您的意思生效。请删除条件。"
    )


def _choice(node: Node, flows: tuple[Flow, ...]) -> Iterator[Finding]:
    if not node.name.strip():
        yield Finding(node.id, "gateway-name", "分支网关没有写明判断什么。请写成一个问句，如“是否同意？”。")
    if not node.default:
        yield Finding(node.id, "gateway-default", f"{label(node)}没有默认连线：条件都不满足时流程会停住。请指定一条默认连线。")
    seen: set[str] = set()
    for flow in flows:
        if flow.id == node.default:
            if flow.condition:
                yield Finding(flow.id, "default-with-condition", "默认连线不能带条件。请删除条件，或另选默认连线。")
        elif not flow.condition:
            yield Finding(flow.id, "gateway-condition", f"{label(node)}连出的线没有条件，也不是默认连线。请写条件。")
        elif flow.condition in seen:
            yield Finding(flow.id, "same-condition", f"{label(node)}有两条线的条件相同，后一条永远走不到。请改正。")
        seen.add(flow.condition or "")


def check_joins(subject: Subject) -> Iterator[Finding]:
    """Find parallel and inclusive gateways where the engine stops, or joins what never forked."""
    for node in subject.definition.of_kind(*JOINING):
        if node.scope == subject.definition.process:
            yield Finding(
                node.id, "parallel-outside-subprocess", "并行和包容网关只能放在子流程里面。请改用排他网关，或放进子流程。"
            )
        siblings = [other for other in subject.definition.of_kind(node.kind) if other.scope == node.scope]
        forked = any(len(subject.definition.outgoing[other.id]) > 1 for other in siblings)
        if len(subject.definition.incoming[node.id]) > 1 and not forked:
            yield Finding(
                node.id, "join-without-fork", f"{label(node)}等几条路都到才继续，而前面并没有分开走，流程会停住。请改成排他网关。"
            )
        inside = {id_: subject.following(id_) for id_ in subject.nodes}
        if any(node.id in reachable(inside, target) for target in subject.following(node.id)):
            yield Finding(
                node.id, "join-in-loop", f"{label(node)}在循环里，第二圈会算错到达的路数。请把分开和汇合放进循环里的子流程。"
            )


def check_sides(subject: Subject) -> Iterator[Finding]:
    """Find branches beside the main path that run into it: everything after would be done twice."""
    for node in subject.nodes.values():
        if node.id in subject.side and node.id in subject.main:
            yield Finding(
                node.id,
                "side-joins-main",
                f"不打断的边界事件又连回主流程的{label(node)}，后面的步骤会办两遍。请连到它自己的结束事件。",
            )


def check_circles(subject: Subject) -> Iterator[Finding]:
    """Find circles without a step of a person or a wait for a message: they would never stop (B6)."""
    waits = {node.id for node in subject.nodes.values() if node.kind in ("userTask", "intermediateCatchEvent") or _waits(node)}
    moving = {id_: [t for t in targets if t not in waits] for id_, targets in subject.targets.items() if id_ not in waits}
    try:
        TopologicalSorter(moving).prepare()
    except CycleError as error:
        around = [subject.nodes[id_] for id_ in error.args[1][:-1]]
        path = " → ".join(label(node) for node in around[:10])
        yield Finding(
            around[0].id, "automatic-loop", f"{path} 成为一圈，圈里没有人要办，也不等消息，会无休止地转。请在圈里加一个用户任务。"
        )


def _waits(node: Node) -> bool:
    return node.kind == "boundaryEvent" and node.event in ("message", "timer", "signal")


def check_length(subject: Subject) -> Iterator[Finding]:
    """Find diagrams whose longest path is too long for the engine's parser; a circle counts with all its elements."""
    reach = {id_: reachable(subject.targets, id_) for id_ in subject.nodes}
    ring = {id_: frozenset(t for t in found if id_ in reach[t]) for id_, found in reach.items()}
    after = {ring[id_]: {ring[t] for t in targets} - {ring[id_]} for id_, targets in subject.targets.items()}
    longest: dict[frozenset[str], int] = {}
    for group in TopologicalSorter(after).static_order():  # what comes after is counted first
        longest[group] = len(group) + max((longest[each] for each in after[group]), default=0)
    if max(longest.values(), default=0) > LONGEST_PATH:
        yield Finding("", "path-too-long", f"最长的路有 {max(longest.values())} 步，最多 {LONGEST_PATH} 步。请拆分或删减。")


def check_service_tasks(subject: Subject) -> Iterator[Finding]:
    """Find service tasks that do nothing, or what nobody registered."""
    for node in subject.definition.of_kind("serviceTask"):
        known = "、".join(sorted(subject.vocabulary.functions))
        if not node.function:
            yield Finding(
                node.id,
                "service-without-expression",
                f"服务任务{label(node)}没有写功能名（camunda:expression），会卡住。可用：{known}。",
            )
        elif "{" in node.function:
            yield Finding(node.id, "juel-expression", f"功能名不能写成 {node.function[:40]}。请只写名称，可用：{known}。")
        elif node.function not in subject.vocabulary.functions:
            yield Finding(node.id, "unknown-function", f"没有名为 {node.function[:40]} 的功能。可用：{known}。")
    for node in subject.definition.of_kind(*TASKS, "subProcess"):
        if not node.name.strip():
            yield Finding(node.id, "no-name", "步骤没有名称。请写一个看得懂的中文名称。")
