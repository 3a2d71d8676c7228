"""How often something may be asked for: counted in PostgreSQL, so that all processes and machines share the counts.

Only where guessing pays or an answer is costly. Who sends is known by the address of the
connection, or of who asked a proxy of our own (`BIHUAN_PROXIES`), never by what anybody
else's header claims; or by the account once it is signed in.
"""

from __future__ import annotations

from flask import g, request
from flask_limiter import Limiter

from app.limits_storage import URI

# A person mistypes a few times; a hall behind one address has many persons.
SIGN_IN = "60 per minute"
# Walking through the whole record takes long; nobody needs it all the time.
COSTLY = "10 per minute"
# Calling people back takes minutes each; whoever looks up one reviewer after the other is collecting them.
LOOKS = "60 per hour"
# Links cannot be guessed; whoever tries wrong ones one after the other is not let go on.
GUESSES = "20 per minute"


def who() -> str:
    """Return whose requests are counted together."""
    actor = getattr(g, "actor", None)
    return actor.id if actor else request.remote_addr or "-"


limiter = Limiter(key_func=who, storage_uri=URI, strategy="fixed-window", headers_enabled=True)
