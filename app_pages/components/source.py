"""Where the page gets what it shows: the library, the samples and the engine's document."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import streamlit as st

from app_pages.components.words import ORIGIN
from engine.build.edition import Edition
from engine.complaints import parse
from engine.document import scorecard_document
from engine.judge import judge
from engine.load import Library, load_texts
from engine.models.submission import Submission
from engine.problem import Problem
from engine.rollup import stated_by, unit_stated
from engine.strict_yaml import read_yaml

ROOT = Path(__file__).resolve().parents[2]


@dataclass(frozen=True, slots=True)
class Sample:
    """A filled-in submission as it lies in the folder."""

    file: str
    text: bytes
    standard: str
    edition: str
    label: str
    real: bool
    units: tuple[str, ...]


@st.cache_resource(max_entries=4, show_spinner="正在读取标准……")
def library(files: dict[str, bytes]) -> tuple[Library, list[Problem]]:
    """Build the library; the same files are built once for everybody."""
    return load_texts(files)


def samples(root: Path) -> tuple[list[Sample], list[Problem]]:
    """Return the submissions below `samples/`, real ones first, and what cannot be read."""
    paths = sorted((root / "samples").rglob("*.yaml"))
    found = [_sample(path.relative_to(root).as_posix(), path.read_bytes()) for path in paths]
    known = [sample for sample, _ in found if sample]
    problems = [problem for _, several in found for problem in several]
    return sorted(known, key=lambda one: (not one.real, one.file)), problems


@st.cache_data(max_entries=200, show_spinner=False)
def _sample(file: str, text: bytes) -> tuple[Sample | None, list[Problem]]:
    document = read_yaml(text, file)
    data = document.data
    if not isinstance(data, dict) or not {"standard", "edition", "origin"} <= data.keys():
        return None, document.problems  # a review or a published result, or nothing readable at all
    subject = data["subject"] if isinstance(data.get("subject"), dict) else {}
    origin = str(data["origin"])
    label = f"{ORIGIN.get(origin, '来源不明')} · {subject.get('title') or '未写名称'}（{Path(file).stem}）"
    units = data["units"] if isinstance(data.get("units"), list) else []
    titles = tuple(_title(one, index) for index, one in enumerate(units, start=1))
    sample = Sample(file, text, str(data["standard"]), str(data["edition"]), label, origin == "real", titles)
    return sample, document.problems


def _title(unit: Any, number: int) -> str:
    subject = unit.get("subject") if isinstance(unit, dict) else None
    return str(subject.get("title") or number) if isinstance(subject, dict) else str(number)


@st.cache_data(max_entries=64, show_spinner="正在逐项判断，并寻找尽量短的补填清单……")
def scorecard(
    _edition: Edition, fingerprint: str, file: str, text: bytes, unit: int | None
) -> dict[str, Any]:
    """Return the engine's document, what was wrong with the file, and where the answers come from.

    The fingerprint stands for the edition, so that a changed rule is judged anew.
    """
    document = read_yaml(text, file)
    submission, problems = parse(Submission, document)
    told = [{"where": str(one.place), "message": one.message} for one in (*document.problems, *problems)]
    if submission is None:
        return {"document": None, "problems": told, "note": ""}
    if submission.hash not in (None, fingerprint):
        message = "这份填报写明的版本内容指纹与现在的规则不同，下面是按现在的规则算的。"
        told.append({"where": str(document.place(("hash",))), "message": message})
    stated = stated_by(submission, document) if unit is None else unit_stated(submission, unit, document)
    subject = submission.subject if unit is None else submission.units[unit].subject
    card = scorecard_document(judge(_edition, stated), subject)
    return {"document": card, "problems": [*told, *card["problems"]], "note": submission.origin_note or ""}
