"""What figures are counted from: fixtures of the features below."""

from __future__ import annotations

from cases.conftest import city, make_case  # noqa: F401  fixtures
from intake.conftest import catalogue, take  # noqa: F401  fixtures
from revisits.conftest import month  # noqa: F401  a fixture
