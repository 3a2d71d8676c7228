"""A bundle on disk or in the database: two files, one digest."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from app.config import ROOT
from app.engine.expressions import compile_expression
from app.engine.specs import Program, load_program
from app.programmes.errors import BundleUnreadable
from app.programmes.rules import Rules, read_rules

DIAGRAM, RULES = "bad_review.bpmn", "programme.toml"
SHIPPED = ROOT / "bpmn"


@dataclass(frozen=True)
class Bundle:
    """Both files of one programme, byte for byte."""

    diagram: bytes
    rules_file: bytes

    @cached_property
    def digest(self) -> str:
        """SHA-256 over both files, each preceded by its length."""
        parts = (self.diagram, self.rules_file)
        return hashlib.sha256(b"".join(len(part).to_bytes(8) + part for part in parts)).hexdigest()

    @cached_property
    def rules(self) -> Rules:
        """The rules, typed."""
        return read_rules(self.rules_file)

    @property
    def program(self) -> Program:
        """The diagram ready to run."""
        return load_program(self.digest, self.diagram)

    @cached_property
    def variables(self) -> frozenset[str]:
        """The names that conditions, timers and windows of the diagram read: these fields become variables."""
        definition = self.program.definition
        texts = [flow.condition for flow in definition.flows if flow.condition]
        texts += [node.timer[1] for node in definition.nodes.values() if node.timer]
        texts += [node.properties["window"] for node in definition.nodes.values() if "window" in node.properties]
        return frozenset(name for text in texts for name in compile_expression(text).names)


def read_bundle(folder: Path) -> Bundle:
    """Read a bundle's folder.

    Raises:
        BundleUnreadable: a file is missing or cannot be read.
    """
    try:
        return Bundle((folder / DIAGRAM).read_bytes(), (folder / RULES).read_bytes())
    except OSError as error:
        raise BundleUnreadable(f"{folder.name} 里应有 {DIAGRAM} 和 {RULES} 两个文件。") from error


def shipped() -> list[Path]:
    """Return the folders of the programmes that come with the product."""
    return sorted(path.parent for path in SHIPPED.glob(f"*/{RULES}"))
