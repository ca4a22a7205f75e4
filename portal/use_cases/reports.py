"""Reports to take along: a result as the engine's document, with signature and proof, as a workbook or on paper."""

import io
import zipfile
from dataclasses import dataclass
from typing import Literal

from portal.moment import moment_of
from portal.policy import Actor
from portal.portal import Portal, use_case
from portal.refusal import MISSING, Refusal
from portal.reports.prints import print_of
from portal.reports.report import About, Report, report_of
from portal.reports.sheets import workbook
from portal.reports.words import LAYERS
from portal.use_cases.results import Layer, Seen, look
from portal.use_cases.trails import prove_scorecard

Kind = Literal["json", "zip", "xlsx", "pdf"]

MEDIA: dict[Kind, str] = {
    "json": "application/json",
    "zip": "application/zip",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "pdf": "application/pdf",
}

NOT_KEPT = Refusal(
    "state",
    "not_kept",
    "还没有提交，没有可以签名的成绩单",
    "请在提交以后再下载；现在的成绩可以下载为 PDF、Excel 或 JSON",
)


@dataclass(frozen=True, slots=True)
class File:
    """A file to be saved: its name without an ending, what it is, and its bytes."""

    name: str
    kind: Kind
    data: bytes

    @property
    def media(self) -> str:
        """Its media type."""
        return MEDIA[self.kind]


@use_case("report.read", "round.read", writes=False)
def read_report(
    portal: Portal,
    actor: Actor,
    assessment: str,
    kind: Kind,
    *,
    subject: str | None = None,
    layer: str | None = None,
) -> File | Refusal:
    """Return a result as a file: of one subject, or of the whole with all of its subjects; of one layer, the last by default."""
    seen = look(portal, actor, assessment)
    if isinstance(seen, Refusal):
        return seen
    chosen = next((one for one in reversed(seen.layers) if layer in (None, one.name)), None)
    if chosen is None:
        return MISSING
    wanted = _wanted(seen, subject)
    if wanted not in chosen.written:
        return MISSING
    name = _name(seen, chosen, wanted)
    match kind:
        case "json":
            return File(name, kind, chosen.written[wanted].text.encode())
        case "zip":
            return _proven(portal, actor, chosen, wanted, name)
    report = _report(portal, seen, chosen, wanted)
    return File(name, kind, workbook(report) if kind == "xlsx" else print_of(report))


def _wanted(seen: Seen, subject: str | None) -> str:
    """Return whose documents: a subject's, or of the whole, which has one of its own only where it is rolled up."""
    whole = next(one for one in seen.parts if one.place is None)
    if subject and subject != whole.id:
        return subject
    return "" if len(seen.parts) > 1 else whole.id


def _title(seen: Seen, wanted: str) -> str:
    return next((one.title for one in seen.parts if one.id == wanted), seen.standing.university_title)


def _name(seen: Seen, layer: Layer, wanted: str) -> str:
    """Return how a file is called: whose it is, of which layer, of which day."""
    own = _title(seen, wanted)
    university = seen.standing.university_title
    whose = own if own == university else f"{university}-{own}"
    return f"{whose}-{LAYERS[layer.name]}成绩单-{seen.standing.round.as_of}"


def _report(portal: Portal, seen: Seen, layer: Layer, wanted: str) -> Report:
    """Make the report of a subject, or of the whole with every subject in it."""
    now = seen.standing.round
    about = About(
        seen.standing.university_title,
        now.title,
        layer.stage,
        layer.at,
        layer.written[wanted].sha256,
        {name: one.title for name, one in portal.library().sources.items()},
        bool(now.settings.get("invented")),
    )
    if wanted:
        return report_of([layer.written[wanted].document], about)
    places = [layer.written[one.id].document for one in seen.parts if one.id in layer.written]
    return report_of(places, about, layer.written[""].document)


def _proven(portal: Portal, actor: Actor, layer: Layer, wanted: str, name: str) -> File | Refusal:
    """Return a document with its signature and its proof, named so that the verifying command finds them."""
    kept = layer.written[wanted].scorecard
    if kept is None:
        return NOT_KEPT
    proof = prove_scorecard(portal, actor, kept)
    if isinstance(proof, Refusal):
        return proof
    files = {f"{name}.json": proof.document, f"{name}.json.proof.json": proof.proof}
    if proof.signature is not None:
        files[f"{name}.json.minisig"] = proof.signature
    return File(name, "zip", _zipped(files, layer.at))


def _zipped(files: dict[str, str], at: str) -> bytes:
    out = io.BytesIO()
    day = moment_of(at).timetuple()[:6]
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as packed:
        for name, text in sorted(files.items()):
            about = zipfile.ZipInfo(name, day)
            about.compress_type = zipfile.ZIP_DEFLATED
            about.external_attr = 0o644 << 16
            packed.writestr(about, text.encode())
    return out.getvalue()
