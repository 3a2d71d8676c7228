"""Values and headers that make no sense, or nearly none."""

from __future__ import annotations

import base64
import json

from hypothesis import strategies as st


def cursor(*key: object) -> str:
    return base64.urlsafe_b64encode(json.dumps(key).encode()).decode()


WORDS = [
    "", " ", "\x00", "a\x00b", "\u202egnp", "null", "NaN", "1e400", "-0", "0x10", "１２", "٣", "true", "[]", "{}",
    "' or 1=1 --", "%", "%%", "%s", "{0}", "${7*7}", "../../etc/passwd", "𠮷野家", "e\u0301", "👩‍👩‍👧", "x" * 201, "长" * 2001,
    "0001-01-01", "9999-12-31", "10000-01-01", "2025-02-30", "1969-12-31T23:59:59Z", "0001-01-01T00:00:00+14:00",
    "9999-12-31T23:59:59-12:00", "2025-04-01T10:00", "2025-04-01T10:00:00+08:00", "2025-W14-2", "20250401",
    "0wd", "1wd", "99999wd", "999999999999nd", "-1wd", "1.5wd", "1wd2", "wd",
    "xs", "XS", "gc", "rated-department", "other-department", "xs-affairs-centre", "handler", "system", "window",
    cursor(), cursor(0), cursor(-1), cursor(2**63 - 1), cursor(2**63), cursor(1.5), cursor(None), cursor(True), cursor("x"),
    cursor("9999-12-31T23:59:59+00:00", 1), cursor("0001-01-01T00:00:00+14:00", 1), cursor("2025-04-01", 1), cursor("\x00"),
]  # fmt: skip
NUMBERS = [0, -1, 1, 2**31 - 1, 2**31, 2**53 + 1, 2**63 - 1, 2**63, -(2**63) - 1, 10**400, 0.5, 1e308, -0.0]
SCALARS = st.one_of(
    st.sampled_from(WORDS), st.sampled_from(NUMBERS), st.none(), st.booleans(), st.integers(),
    st.floats(allow_nan=False, allow_infinity=False),
    st.text(max_size=40),
)  # fmt: skip
VALUES = st.one_of(
    SCALARS,
    SCALARS,
    st.recursive(SCALARS, lambda deeper: st.lists(deeper, max_size=3) | st.dictionaries(st.text(max_size=5), deeper, max_size=3)),
)
# What a header can hold at all: Latin-1 without line ends.
HEADER = st.one_of(
    st.text(st.characters(min_codepoint=0x20, max_codepoint=0xFF, exclude_characters="\x7f"), max_size=120).map(str.strip),
    st.sampled_from(["", "*", '"', 'W/"x"', '"a", "b"', "xs.rated-department.handler2", "k", "k" * 101, "bytes=0-", "-1"]),
)
HEADERS = st.dictionaries(
    st.sampled_from(["If-Match", "If-None-Match", "Idempotency-Key", "X-On-Behalf-Of", "X-Forwarded-For", "Accept", "Range"]),
    HEADER,
    max_size=2,
)
