"""Checks of events: only kinds that do something here, timers that are limits, messages and signals that arrive."""

from __future__ import annotations

from collections.abc import Iterator

from app.engine.definition import Node
from app.engine.xml import tag
from app.programmes.findings import Finding
from app.programmes.subject import EVENTS, Subject, label

# Which event definitions stand where; everything else passes as an empty event, or fails at run time.
KINDS = {
    "endEvent": {"escalation"},
    "intermediateThrowEvent": {"signal"},
    "intermediateCatchEvent": {"message"},
    "boundaryEvent": {"timer", "message", "signal"},
}
NAMES = {
    "compensate": "补偿", "link": "链接", "conditional": "条件", "terminate": "终止", "error": "错误", "escalation": "升级",
    "cancel": "取消", "signal": "信号", "message": "消息", "timer": "定时",
}  # fmt: skip


def check_kinds(subject: Subject) -> Iterator[Finding]:
    """Find events that the engine would pass by silently."""
    for node in subject.definition.of_kind(*EVENTS):
        if node.kind == "startEvent":
            continue
        if len(node.events) > 1:
            yield Finding(node.id, "several-definitions", f"{label(node)}带了 {len(node.events)} 个事件定义，只能有一个。")
        if not node.events and node.kind != "endEvent":
            yield Finding(
                node.id, "none-event", f"{label(node)}没有说明是什么事件，流程会直接通过。请改成消息、信号或限时事件，或删除。"
            )
        for event in node.events:
            if event not in KINDS[node.kind]:
                yield _wrong_kind(node, event)


def _wrong_kind(node: Node, event: str) -> Finding:
    name = NAMES[event]
    if (node.kind, event) == ("endEvent", "signal"):
        return Finding(node.id, "signal-end", "信号结束事件会悄悄当成普通结束。请改成信号抛出事件再接普通结束。")
    if event == "message" and node.kind in ("endEvent", "intermediateThrowEvent"):
        return Finding(node.id, "message-throw", "流程图不能自己发消息，运行时会出错。要告知谁，请画成用户任务或服务任务。")
    if event == "timer":
        return Finding(node.id, "intermediate-timer", "不能用中间定时事件等时间。期限请画成用户任务上不打断的限时边界事件。")
    return Finding(node.id, "event-kind", f"{name}事件放在这里会悄悄当成空事件通过。请改用消息、信号或限时事件，或删除。")


def check_boundaries(subject: Subject) -> Iterator[Finding]:
    """Find boundary events on what never waits."""
    for node in subject.definition.of_kind("boundaryEvent"):
        host = subject.nodes.get(node.attached_to or "")
        if host is None or host.scope != node.scope:
            yield Finding(node.id, "boundary-host", f"边界事件{label(node)}没有附着在同一层的步骤上。请把它拖到步骤的边框上。")
        elif node.event == "timer" and host.kind != "userTask":
            yield Finding(node.id, "boundary-host", f"时限只能附着在用户任务上，不能附着在{label(host)}上。")
        elif host.kind not in ("userTask", "subProcess"):
            yield Finding(node.id, "boundary-host", f"{label(host)}不等待任何人，附着在它上面的事件永远不会发生。")


def check_limits(subject: Subject) -> Iterator[Finding]:
    """Find user tasks without exactly one limit, and timers that are no limits."""
    for node in subject.definition.of_kind("userTask"):
        timers = [event for event in subject.boundary.get(node.id, ()) if event.event == "timer"]
        if not timers:
            yield Finding(node.id, "no-limit", f"{label(node)}没有时限。请在它的边框上加一个不打断的限时事件。")
        if len(timers) > 1:
            yield Finding(
                node.id, "two-limits", f"{label(node)}有 {len(timers)} 个时限，只能有一个。两个期限取后者请用 later_of(…)。"
            )
    for node in subject.definition.of_kind("boundaryEvent"):
        if "timer" in node.events:
            yield from _limit(subject, node)


def _limit(subject: Subject, node: Node) -> Iterator[Finding]:
    if node.interrupting:
        yield Finding(node.id, "interrupting-timer", "时限不能打断步骤：到期只催办督办，事情仍要办完。请改成不打断。")
    if node.timer is None:
        yield Finding(node.id, "timer-kind", "限时事件没有写期限。请在“周期”里写 escalate(…)。")
    elif node.timer[0] != "timeCycle":
        yield Finding(node.id, "timer-kind", "期限要写在“周期”（timeCycle）里，不能写成日期或时长。")
    if not node.name.strip():
        yield Finding(node.id, "no-name", "限时事件没有名称。请写上期限，如“2个工作日”。")
    ends = [subject.nodes[target] for target in subject.following(node.id)]
    if any(end.kind != "endEvent" or end.event != "escalation" for end in ends):
        yield Finding(
            node.id, "timer-chain", "限时事件后面只能直接连一个升级结束事件：催办督办按方案的级别自动进行。请删去中间的步骤。"
        )


def check_escalations(subject: Subject) -> Iterator[Finding]:
    """Find escalation ends that anything but a limit leads to, and escalations of another name."""
    known = {element.get("id") for element in subject.root.iter(tag("escalation"))}
    for node in subject.definition.of_kind("endEvent"):
        if node.event != "escalation":
            continue
        sources = [subject.nodes[flow.source] for flow in subject.definition.incoming[node.id] if flow.source in subject.nodes]
        if any("timer" not in source.events for source in sources):
            yield Finding(
                node.id, "escalation-end", "升级结束事件只接在限时事件后面；接在别处会悄悄当成普通结束。请改用普通结束事件。"
            )
        if node.reference is None and known:
            yield Finding(node.id, "escalation-end", "升级结束事件没有指明升级（escalationRef）。请选“催办督办”。")


def check_messages(subject: Subject) -> Iterator[Finding]:
    """Find message events whose message nobody sends."""
    known = "、".join(sorted(subject.vocabulary.messages))
    for node in subject.definition.of_kind("boundaryEvent", "intermediateCatchEvent"):
        if node.event == "message" and node.reference not in subject.vocabulary.messages:
            yield Finding(
                node.id, "unknown-message", f"没有名为 {(node.reference or '（空）')[:40]} 的消息，会永远等下去。可用：{known}。"
            )
        if node.event == "message" and not node.name.strip():
            yield Finding(node.id, "no-name", "消息事件没有名称。请写一个看得懂的中文名称。")
        if node.event == "message" and node.reference == "extension":
            yield from _extension(subject, node)


def _extension(subject: Subject, node: Node) -> Iterator[Finding]:
    host = subject.nodes.get(node.attached_to or "")
    if host is None or host.kind != "userTask" or node.interrupting:
        yield Finding(node.id, "extension-host", "延期申请须附着在要延期的用户任务上，且不打断它。")
        return
    timers = [event.id for event in subject.boundary.get(host.id, ()) if event.event == "timer"]
    if timers and f"{host.id}_limit" not in timers:
        yield Finding(node.id, "extension-host", f"可以延期的步骤，限时事件的编号须是 {host.id}_limit，延期才找得到它。")


def check_signals(subject: Subject) -> Iterator[Finding]:
    """Find signals that nobody catches, that nobody throws, or that are thrown where nobody listens any more."""
    thrown = [node for node in subject.definition.of_kind("intermediateThrowEvent") if node.event == "signal"]
    caught = [node for node in subject.definition.of_kind("boundaryEvent") if node.event == "signal"]
    for node in thrown:
        catchers = subject.catchers(node.reference) if node.reference else ()
        if not catchers:
            yield Finding(
                node.id,
                "signal-uncaught",
                f"信号 {(node.reference or '（空）')[:40]} 没有人接收。请在子流程边界上加同名的信号事件。",
            )
        elif not any(_listens(subject, catcher, node) for catcher in catchers):
            yield Finding(
                node.id, "signal-uncaught", "抛出信号时，接收它的子流程已经结束。请把抛出放在子流程里，或放在它的边界消息之后。"
            )
    names = {node.reference for node in thrown}
    for node in caught:
        if node.reference not in names or not node.reference:
            yield Finding(
                node.id, "signal-unthrown", f"没有地方抛出信号 {(node.reference or '（空）')[:40]}。请补上抛出事件，或删除。"
            )


def _listens(subject: Subject, catcher: Node, thrower: Node) -> bool:
    """Whether the catcher's subprocess is still open when the signal is thrown."""
    host = catcher.attached_to or ""
    scope: Node | None = thrower
    while scope is not None and scope.scope != host:
        scope = subject.nodes.get(scope.scope)
    if scope is not None:
        return True
    beside = [event for event in subject.boundary.get(host, ()) if not event.interrupting]
    return any(thrower.id in subject.closure(event.id) for event in beside)
