"""What can be done: the one door for pages, the REST API and the command line."""

import pkgutil
from importlib import import_module


def register_all() -> None:
    """Import every module here, so that `portal.portal.USE_CASES` is complete."""
    for module in pkgutil.iter_modules(__path__):
        import_module(f"{__name__}.{module.name}")
