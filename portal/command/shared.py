"""What the commands of the portal share: settings, refusals, opening."""

import os
from collections.abc import Iterable, Mapping
from typing import NoReturn

import typer
from rich.text import Text

from engine.command.common import console
from portal.opening import Opened, open_portal
from portal.refusal import Refusal
from portal.settings import Settings, read_settings


def settings_or_stop(environment: Mapping[str, str] | None = None) -> Settings:
    """Read the settings, or print every mistake in them and end."""
    settings, problems = read_settings(os.environ if environment is None else environment)
    if settings is None:
        refuse(problems, 2)
    return settings


def opened_or_stop(settings: Settings, *, alone: bool = False) -> Opened:
    """Open the portal, or print every reason not to and end."""
    found = open_portal(settings, alone=alone)
    if isinstance(found, list):
        refuse(found)
    return found


def refuse(refusals: Iterable[Refusal], code: int = 1) -> NoReturn:
    """Print refusals, one a line, and end."""
    for one in refusals:
        console(error=True).print(Text(one.message), soft_wrap=True)
    raise typer.Exit(code)


def said(text: str) -> None:
    """Print a line as it stands."""
    console().print(Text(text), soft_wrap=True)


def address(settings: Settings) -> str:
    """Return what to open in a browser."""
    host = f"[{settings.host}]" if ":" in settings.host else settings.host
    return settings.address or f"http://{'localhost' if host == '127.0.0.1' else host}:{settings.port}"
