"""The command line as it is installed: what the engine offers, and what only the portal can do."""

from engine.command import COMMANDS as JUDGING
from engine.command import main as typed

COMMANDS = {
    **JUDGING,
    "init": "portal.command.operations",
    "serve": "portal.command.operations",
    "demo": "portal.command.operations",
    "health": "portal.command.operations",
    "user": "portal.command.user",
    "backup": "portal.command.copies",
    "restore": "portal.command.copies",
    "export": "portal.command.copies",
    "import": "portal.command.copies",
    "audit": "portal.command.audit",
}
"""Where each command is written, in the order in which help lists them."""


def main(words: list[str] | None = None) -> None:
    """Run the command line; a slip in what was typed is told in Chinese with exit code 2."""
    typed(words, COMMANDS)
