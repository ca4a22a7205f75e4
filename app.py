"""The application for any ASGI server: `streamlit run app.py`, `uvicorn app:app`; `zhunsheng serve` makes the same."""

import atexit

import typer
from streamlit import App

from portal.command.shared import opened_or_stop, settings_or_stop
from portal.web.shell import parts

try:
    opened = opened_or_stop(settings_or_stop(), alone=True)
except typer.Exit as stop:  # the reasons have been printed
    raise SystemExit(stop.exit_code) from None
atexit.register(opened.held.close)
app = App(**parts(opened))
