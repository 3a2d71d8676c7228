"""A walk through every path of a diagram with what the variables may hold there.

Finds what no check of a single element can: a variable that is not set on some path, a
limit that would count from nothing, a branch that is never taken, an end that is reached
without an answer. Paths are told apart by the variables that conditions read; what they
hold of the rest is merged.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from app.engine.definition import Flow, FormField, Node
from app.programmes.findings import Finding
from app.programmes.subject import Subject, compiled, label, names_of, tree_of
from app.programmes.values import NULL, SOME, UNDEFINED, Env, Mark, Undecided, Values, may_be_null, split

MOST_STATES = 20_000
ANSWER = "answer"

State = tuple[str, bool, tuple[Values, ...]]
Arrival = tuple[str, bool, Env]


def check_paths(subject: Subject) -> Iterator[Finding]:
    """Find variables that are not set on every path, branches never taken and ends without an answer (L3)."""
    start = subject.start_of(subject.definition.process)
    if start is None:
        return
    walk = Walk(subject)
    walk.run(start.id)
    yield from sorted(walk.findings)


class Walk:
    """One walk; `findings` is what it met."""

    def __init__(self, subject: Subject) -> None:
        self.subject = subject
        self.findings: set[Finding] = set()
        self._guards = sorted({name for _flow, text in subject.conditions for name in names_of(text)})
        self._others = sorted(subject.read_names - set(self._guards))
        self._known: dict[State, tuple[Values, ...]] = {}
        self._taken: set[str] = set()
        self._beside = self._written_beside()

    def run(self, start: str) -> None:
        """Walk until nothing new is met, or the diagram proves too tangled."""
        first = {name: SOME if name in self.subject.vocabulary.start else UNDEFINED for name in self.subject.read_names}
        waiting: dict[State, None] = {}
        self._arrive((start, False, first), waiting)
        while waiting:
            if len(self._known) > MOST_STATES:
                self._find("", "too-many-paths", "分支和条件的组合太多，无法逐一核对。请减少条件里用到的变量。")
                return
            state, _ = waiting.popitem()
            node = self.subject.nodes[state[0]]
            env = dict(zip([*self._guards, *self._others], [*state[2], *self._known[state]], strict=True))
            for arrival in self._leave(node, state[1], env):
                self._arrive(arrival, waiting)
        self._never_taken()

    def _arrive(self, arrival: Arrival, waiting: dict[State, None]) -> None:
        """Merge an arrival into what is known of its node; go on from there if that is new."""
        id_, answered, env = arrival
        state = (id_, answered, tuple(env[name] for name in self._guards))
        others = tuple(env[name] for name in self._others)
        known = self._known.get(state)
        merged = others if known is None else tuple(a | b for a, b in zip(known, others, strict=True))
        if merged != known:
            self._known[state] = merged
            waiting[state] = None

    def _find(self, element: str, rule: str, message: str) -> None:
        self.findings.add(Finding(element, rule, message))

    def _written_beside(self) -> frozenset[str]:
        """Variables that a branch beside the main path writes: on the main path they may change at any time."""
        written: set[str] = set()
        for id_ in self.subject.side - self.subject.main:
            node = self.subject.nodes[id_]
            words = self.subject.vocabulary.acts.get(node.act or "")
            written |= {field.id for field in node.form} | (words.sets | words.may_set if words else set())
            if node.event == "message":
                written |= self.subject.vocabulary.messages.get(node.reference or "", frozenset())
        return frozenset(written)

    def _leave(self, node: Node, answered: bool, env: Env) -> Iterator[Arrival]:
        """Yield where the case may be next, from here, and with which values."""
        match node.kind:
            case "userTask":
                yield from self._user_task(node, answered, env)
            case "serviceTask":
                begins = node.function == self.subject.vocabulary.begins_round
                yield from self._follow(node, answered and not begins, self._function(node, env))
            case "exclusiveGateway" | "inclusiveGateway":
                yield from self._choose(node, answered, env)
            case "boundaryEvent" | "intermediateCatchEvent" | "intermediateThrowEvent":
                yield from self._event(node, answered, env)
            case "endEvent":
                yield from self._end(node, answered, env)
            case "subProcess":
                inner = self.subject.start_of(node.id)
                yield from [(inner.id, answered, env)] if inner else []
            case _:
                yield from self._follow(node, answered, env)

    def _follow(self, node: Node, answered: bool, env: Env) -> Iterator[Arrival]:
        return ((target, answered, env) for target in self.subject.following(node.id))

    def _set(self, node: Node, env: Env, values: Mapping[str, Values]) -> dict[str, Values]:
        on_main = node.id in self.subject.main
        mine = {name: found | SOME if on_main and name in self._beside else found for name, found in values.items()}
        return {name: mine.get(name, held) for name, held in env.items()}

    def _user_task(self, node: Node, answered: bool, env: Env) -> Iterator[Arrival]:
        """Start its limit, wait (messages may come meanwhile), then complete it."""
        words = self.subject.vocabulary.acts.get(node.act or "")
        for event in self.subject.boundary.get(node.id, ()):
            if event.event == "timer" and event.timer:
                self._check_limit(event, event.timer[1], env)
        if words and node.id in self.subject.definition.limits:
            env = self._set(node, env, dict.fromkeys(words.limit_sets, SOME))
        yield from self._messages(node, answered, env)
        fields = {field.id: _entered(field, env[field.id]) for field in node.form if field.id in env}
        done = self._set(node, env, fields)
        if words:
            done = self._set(node, done, {name: done[name] | SOME for name in words.may_set & done.keys()})
            done = self._set(node, done, dict.fromkeys(words.sets, SOME))
        yield from self._follow(node, answered or node.act == ANSWER, done)

    def _messages(self, node: Node, answered: bool, env: Env) -> Iterator[Arrival]:
        """Yield the message events that may come while this node waits: its own, and those of what it lies in."""
        hosts = [node.id]
        while node.scope in self.subject.nodes:
            node = self.subject.nodes[node.scope]
            hosts.append(node.id)
        for host in hosts:
            for event in self.subject.boundary.get(host, ()):
                if event.event == "message":
                    if "window" in event.properties:
                        self._check_limit(event, event.properties["window"], env)
                    yield event.id, answered, env

    def _function(self, node: Node, env: Env) -> dict[str, Values]:
        words = self.subject.vocabulary
        changed = dict(env)
        if node.function == words.begins_round:
            changed = self._set(node, env, dict.fromkeys(env.keys() - words.lasting, NULL))
        return self._set(node, changed, dict.fromkeys(words.functions.get(node.function or "", ()), SOME))

    def _event(self, node: Node, answered: bool, env: Env) -> Iterator[Arrival]:
        if node.kind == "intermediateCatchEvent":
            yield from self._messages(node, answered, env)
        if node.event == "message":
            env = self._set(node, env, dict.fromkeys(self.subject.vocabulary.messages.get(node.reference or "", ()), SOME))
        if node.kind == "intermediateThrowEvent":
            yield from ((catcher.id, answered, env) for catcher in self.subject.catchers(node.reference))
        yield from self._follow(node, answered, env)

    def _end(self, node: Node, answered: bool, env: Env) -> Iterator[Arrival]:
        if self.subject.leaves_subprocess(node):
            yield from self._follow(self.subject.nodes[node.scope], answered, env)
        if node.outcome and node.scope == self.subject.definition.process and not answered:
            self._find(
                node.id, "no-answer", f"有一条路没有答复评价人就到了结局{label(node)}。每条路都须经过动作为 answer 的用户任务。"
            )

    def _choose(self, node: Node, answered: bool, env: Env) -> Iterator[Arrival]:
        """Try the conditions in order; what is left goes the default way."""
        flows = self.subject.definition.outgoing[node.id]
        left: Env | None = env
        for flow in (flow for flow in flows if flow.id != node.default):
            if left is None:
                return
            here, left = self._condition(flow, left)
            if here is not None and flow.target in self.subject.nodes:
                self._taken.add(flow.id)
                yield flow.target, answered, here
            left = env if node.kind == "inclusiveGateway" else left
        default = next((flow for flow in flows if flow.id == node.default), None)
        if left is not None and default is not None and default.target in self.subject.nodes:
            yield default.target, answered, left

    def _condition(self, flow: Flow, env: Env) -> tuple[Env | None, Env | None]:
        expression = compiled(flow.condition) if flow.condition else None
        if expression is None:
            return env, env
        env = self._defined(flow.id, expression.names, env)
        try:
            holds, fails, broken = split(expression, env)
        except Undecided:
            return env, env
        for name in sorted(broken):
            self._find(
                flow.id, "null-in-comparison", f"变量 {name} 在有的路上还没有值，不能比大小或加减。请改用 ==，或确保之前填过。"
            )
        return (None if holds is None else {**env, **holds}), (None if fails is None else {**env, **fails})

    def _defined(self, element: str, names: frozenset[str], env: Env) -> Env:
        """Report names that nothing has set on some path; go on as if they were."""
        lost = [name for name in names if Mark.UNDEFINED in env.get(name, SOME)]
        for name in sorted(lost):
            self._find(
                element,
                "undefined-variable",
                f"变量 {name} 在有的路上从未设置过，流程会停住。请确保每条路都先经过填写它的步骤，且为必填项。",
            )
        return {**env, **{name: env[name] - UNDEFINED or SOME for name in lost}}

    def _check_limit(self, event: Node, text: str, env: Env) -> None:
        tree = tree_of(text)
        if tree is None:
            return
        env = self._defined(event.id, names_of(text), env)
        for name in sorted(may_be_null(tree, env)):
            self._find(
                event.id,
                "null-anchor",
                f"起算的 {name} 在有的路上是空的，期限算不出来。请换一个起算时刻，或用 later_of(…) 配上一个一定有的期限。",
            )

    def _never_taken(self) -> None:
        reached = {state[0] for state in self._known}
        for flow, text in self.subject.conditions:
            if flow.source in reached and flow.id not in self._taken and compiled(text):
                self._find(flow.id, "dead-branch", f"条件 {text[:80]} 永远不成立，这条路走不到。请检查变量和选项的拼写。")


def _entered(field: FormField, before: Values) -> Values:
    """Return what a variable may hold after its form field was shown."""
    values: dict[str, Values] = {"boolean": frozenset({True, False}), "enum": frozenset(field.choices)}
    found = values.get(field.type, SOME)
    return found if field.required else found | NULL | before
