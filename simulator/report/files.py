"""Files that readers see whole: the old one or the new one, never a part."""

from __future__ import annotations

import tempfile
from contextlib import suppress
from pathlib import Path

from simulator.errors import OutputError


def write_whole(target: Path, content: str | bytes) -> None:
    """Replace a file in one step.

    Parameters
    ----------
    target
        The file; its folder must exist.
    content
        Text, written as UTF-8, or bytes.

    Raises
    ------
    OutputError
        If the file cannot be written; no partial file is left behind.
    """
    draft: Path | None = None
    try:
        with tempfile.NamedTemporaryFile(
            "wb", dir=target.parent, prefix=f".{target.name}.", delete=False
        ) as file:
            draft = Path(file.name)
            file.write(content.encode() if isinstance(content, str) else content)
        draft.chmod(0o644)  # temporary files are private; results are not
        draft.replace(target)
    except OSError as error:
        if draft is not None:
            with suppress(OSError):
                draft.unlink()
        reason = error.strerror or str(error)
        raise OutputError(
            f"{target}: cannot be written: {reason}: free some space or check the permissions"
        ) from error
