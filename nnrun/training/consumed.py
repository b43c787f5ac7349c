"""The second guard against silence: what the check accepted has been used by the build, or it is an error."""

from __future__ import annotations

from collections.abc import Collection

from nnrun.config.config import Config
from nnrun.errors import ConfigError, Problem


def require(config: Config, section: str, used: Collection[str]) -> None:
    """Raises ConfigError for every key that stands in a section and that nothing has taken up."""
    written = config.document.data.get(section) or {}
    found = [
        Problem(
            f"{section}.{key} was accepted, and nothing has used it",
            config.document.key((section, key)),
            hint="this is a fault of nnrun; take the key away, and tell its authors",
        )
        for key, value in written.items()
        if key not in used and value not in (None, [], {})
    ]
    if found:
        raise ConfigError(found)
