"""Files that come with a form: read within their limit, and where they are kept."""

from __future__ import annotations

from flask import current_app, request

from app.casework.attachments import Shelf
from app.casework.files import LARGEST
from app.config import Config

# As many files as are chosen at once, and a little for the rest of the form.
AT_ONCE = 3
REST = 50_000


def uploaded() -> list[tuple[str, bytes]]:
    """Return name and content of the files that were chosen. Asked for before the rest of the form is read."""
    request.max_content_length = AT_ONCE * LARGEST + REST
    return [(each.filename or "", each.read()) for each in request.files.getlist("file") if each.filename]


def shelf() -> Shelf:
    """Return where the running application keeps files."""
    config: Config = current_app.extensions["bihuan"]["config"]
    return Shelf(config.file_folder, config.scanner)
