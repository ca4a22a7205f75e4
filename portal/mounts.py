"""Which kind of file system a folder lies on, as each system says it."""

import re
import subprocess
import sys
from pathlib import Path

_OCTAL = re.compile(r"\\([0-7]{3})")
_DARWIN = re.compile(r"^.+ on (/.*) \((\w+)[,)]")
_DRIVE_REMOTE = 4


def filesystem_of(path: Path) -> str:
    """Return the kind of file system a path lies on or would lie on, `remote` on Windows shares, or nothing."""
    here = existing(path.absolute())
    if sys.platform == "win32":
        return _windows(here)
    if sys.platform == "darwin":
        told = subprocess.run(["/sbin/mount"], capture_output=True, text=True, check=False).stdout
        return kind_below(here, darwin_mounts(told))
    table = Path("/proc/self/mountinfo")
    return kind_below(here, linux_mounts(table.read_text("utf-8"))) if table.exists() else ""


def existing(path: Path) -> Path:
    """Return the nearest folder that is there, with links followed."""
    while not path.exists() and path != path.parent:
        path = path.parent
    return path.resolve()


def linux_mounts(text: str) -> list[tuple[str, str]]:
    """Read (mount point, kind) from mountinfo; a later one hides an earlier one."""
    found = []
    for line in text.splitlines():
        fields, _, rest = line.partition(" - ")
        parts, kinds = fields.split(" "), rest.split(" ")
        if len(parts) >= 5 and kinds[0]:
            point = _OCTAL.sub(lambda match: chr(int(match.group(1), 8)), parts[4])
            found.append((point, kinds[0]))
    return found


def darwin_mounts(text: str) -> list[tuple[str, str]]:
    """Read (mount point, kind) from what `mount` prints on macOS."""
    return [(match.group(1), match.group(2)) for line in text.splitlines() if (match := _DARWIN.match(line))]


def kind_below(path: Path, mounts: list[tuple[str, str]]) -> str:
    """Return the kind of the innermost mount that holds a path."""
    holding = [(point, kind) for point, kind in mounts if path.is_relative_to(point)]
    deepest = max((len(Path(point).parts) for point, _ in holding), default=0)
    return next((kind for point, kind in reversed(holding) if len(Path(point).parts) == deepest), "")


def _windows(path: Path) -> str:
    if str(path).startswith("\\\\"):
        return "remote"
    import ctypes  # noqa: PLC0415  the part below exists on Windows only

    kind = ctypes.windll.kernel32.GetDriveTypeW(path.anchor)  # type: ignore[attr-defined]
    return "remote" if kind == _DRIVE_REMOTE else ""
