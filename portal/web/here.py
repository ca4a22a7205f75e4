"""The portal that this process serves, for the scripts of the pages: they run in threads and hold nothing themselves."""

from portal.portal import Portal
from portal.web.keys import Keys

_here: list[tuple[Portal, Keys, bool]] = []


def serve_pages_of(portal: Portal, keys: Keys, *, demonstration: bool = False) -> None:
    """Let the pages of this process show a portal."""
    _here[:] = [(portal, keys, demonstration)]


def here() -> tuple[Portal, Keys, bool]:
    """Return the portal, its keys, and whether it is a demonstration. Raises LookupError where none is served."""
    if not _here:
        raise LookupError("no portal is served in this process")
    return _here[0]
