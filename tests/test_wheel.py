"""The wheel: what is installed from it is all that lies in the packages, pages, styles, scripts and templates included."""

import re
import shutil
import subprocess
import sys
from pathlib import Path
from zipfile import ZipFile

ROOT = Path(__file__).resolve().parent.parent
PACKAGES = ("engine", "portal", "app_pages")


def wheel_of(tree, project):
    """Build the wheel of a copy of this tree, and return the names in it."""
    for name in PACKAGES:
        shutil.copytree(ROOT / name, tree / name, ignore=shutil.ignore_patterns("__pycache__", "*.pyc"))
    for name in ("README.md", "LICENSE"):
        shutil.copy(ROOT / name, tree)
    (tree / "pyproject.toml").write_text(project, "utf-8")
    alone = ("--no-deps", "--no-build-isolation", "--no-index", "--quiet", "--wheel-dir", str(tree / "made"))
    subprocess.run([sys.executable, "-m", "pip", "wheel", *alone, "."], cwd=tree, check=True, timeout=300)
    (made,) = (tree / "made").glob("*.whl")
    with ZipFile(made) as found:
        return {name for name in found.namelist() if ".dist-info/" not in name}


def lacking(tree, project):
    """Return the files of the packages that are not in the wheel."""
    names = wheel_of(tree, project)
    every = (
        one.relative_to(tree).as_posix()
        for name in PACKAGES
        for one in (tree / name).rglob("*")
        if one.is_file()
    )
    return sorted(set(every) - names)


def test_every_file_of_the_packages_is_in_the_wheel(tmp_path):
    assert lacking(tmp_path, (ROOT / "pyproject.toml").read_text("utf-8")) == []


def test_a_file_that_nobody_named_would_be_missed(tmp_path):
    named = re.compile(r"^\[tool\.setuptools\.package-data\]\n(?:.+\n)*", re.MULTILINE)
    kinds = {
        Path(name).suffix
        for name in lacking(tmp_path, named.sub("", (ROOT / "pyproject.toml").read_text("utf-8")))
    }
    assert kinds >= {".css", ".js", ".svg", ".json", ".typ"}
