"""The page over every sample: nothing breaks, and what it shows is what the engine says."""

from __future__ import annotations

import re
import shutil
from fractions import Fraction
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from app_pages.components import source
from app_pages.components.parts import count, indicator
from app_pages.components.words import FILTERS, passes, plain, span, state_of
from engine.exact import show
from engine.judge import judge
from engine.load import load
from engine.models.submission import Submission
from engine.rollup import stated_by
from engine.strict_yaml import read_yaml

ROOT = Path(__file__).resolve().parent.parent
BOOK = ("social-organisation", "2024-reference")
SAMPLES = sorted((ROOT / "samples" / "social-organisation").glob("*.yaml"))


@pytest.fixture(scope="module")
def library():
    return load(ROOT)[0]


def opened(sample: Path | None = None) -> AppTest:
    app = AppTest.from_file(str(ROOT / "app_pages/standards/samples.py"), default_timeout=180)
    app.session_state["edition"] = BOOK
    if sample is not None:
        app.session_state["sample"] = sample.relative_to(ROOT).as_posix()
    return app.run()


def html_of(app: AppTest) -> str:
    return "\n".join(element.proto.body for element in app.get("html"))


def card_of(library, sample: Path):
    document = read_yaml(sample.read_bytes(), sample.name)
    submission = Submission.model_validate(document.data)
    edition = library.editions[submission.standard, submission.edition]
    return judge(edition, stated_by(submission, document))


def found(**changes):
    return {"state": "settled", "mode": "", "low": "0", "high": "0", "points": "5"} | changes


@pytest.mark.parametrize("sample", SAMPLES, ids=lambda path: path.stem)
def test_page_shows_what_the_engine_says(library, sample):
    app = opened(sample)
    assert not app.exception
    assert not app.error
    card = card_of(library, sample)
    shown = {one.label: one.value for one in app.metric}
    low, high = (show(Fraction(points, card.edition.per_point)) for points in (card.low, card.high))
    assert shown["总分（满分 1000）"] == (low if low == high else f"{low}–{high}")
    assert (shown["等级"] == "待定") is (card.outcome.settled is None)
    assert shown["已答事实"] == f"{len(card.answered)} / {card.asked}"
    assert plain(card.edition.standard.disclaimer) in app.warning[0].value
    text = html_of(app)
    assert [leaf.title for leaf in card.edition.every_leaf if leaf.title not in text] == []
    assert [ruling.veto.title for ruling in card.rulings if ruling.veto.title not in text] == []


def test_first_sample_is_the_real_one_and_says_so():
    app = opened()
    labels = app.selectbox(key="sample").options
    assert labels[0].startswith("真实 · 安徽省高等院校后勤协会")
    assert [label for label in labels[1:] if not label.startswith("虚构 · ")] == []
    assert app.selectbox(key="sample").value == "samples/social-organisation/association-2023.yaml"


def test_filter_shows_only_what_it_names(library):
    sample = ROOT / "samples/social-organisation/typical.yaml"
    app = opened(sample)
    titles = [leaf.title for leaf in card_of(library, sample).edition.every_leaf]
    seen = {}
    for chosen in FILTERS:
        app.segmented_control(key="filter").set_value(chosen).run()
        assert not app.exception
        text = html_of(app)
        seen[chosen] = {title for title in titles if f">{title}</span>" in text}
    card = card_of(library, sample)
    absent = {f.leaf.title for f in card.findings.values() if f.state == "absent" or f.mode}
    bonus = {leaf.title for leaf in card.edition.every_leaf} - {leaf.title for leaf in card.edition.leaves}
    lost = {f.leaf.title for f in card.findings.values() if f.high < f.leaf.points} - absent - bonus
    assert seen == {"全部": set(titles), "失分": lost, "未定": set(), "缺项": absent}
    assert lost
    assert absent


def test_readme_prints_what_comes_out(library):
    readme = (ROOT / "README.md").read_text("utf-8")
    association = card_of(library, ROOT / "samples/social-organisation/association-2023.yaml")
    typical = ROOT / "samples/social-organisation/typical.yaml"
    edition = association.edition
    low, high = (show(Fraction(points, edition.per_point)) for points in (association.low, association.high))
    assert f"总分 {low}–{high} / " in readme
    assert f"已填 {len(association.answered)}/{len(edition.facts)} 个事实" in readme
    assert f"总分 {show(Fraction(card_of(library, typical).low, edition.per_point))}，" in readme
    text = typical.read_bytes()
    assert b"association.office_area: 18\n" in text
    changed = text.replace(b"association.office_area: 18\n", b"association.office_area: 20\n")
    card = source.scorecard(edition, edition.hash, "mine.yaml", changed, None)["document"]
    assert f"总分 {card['total']['low']}。" in readme
    file, line = re.search(r"^(rules/\S+\.yaml):(\d+):\d+ 错误", readme, re.MULTILINE).groups()
    assert "association.office_area" in (ROOT / file).read_text("utf-8").splitlines()[int(line) - 1]


@pytest.mark.parametrize(
    ("finding", "state", "kept"),
    [
        (found(low="5", high="5"), "满分", {"全部"}),
        (found(), "失分", {"全部", "失分"}),
        (found(state="open", high="5"), "未定", {"全部", "未定"}),
        (found(state="open", high="4"), "未定", {"全部", "未定", "失分"}),
        (found(state="doubtful", high="5"), "适用未定", {"全部", "未定"}),
        (found(state="absent"), "缺项", {"全部", "缺项"}),
        (found(mode="full", low="5", high="5"), "缺项", {"全部", "缺项"}),
    ],
)
def test_states_and_filters(finding, state, kept):
    assert state_of(finding) == state
    assert {chosen for chosen in FILTERS if passes(finding, chosen)} == kept
    assert not passes(finding, "失分", bonus=True)


def test_counts_go_through_all_groups():
    part = {
        "groups": [{"groups": [], "indicators": [found(), found(low="5", high="5")]}],
        "indicators": [found()],
    }
    assert {chosen: count(part, chosen) for chosen in FILTERS} == {"全部": 3, "失分": 2, "未定": 0, "缺项": 0}


def test_text_from_files_stays_text():
    basis = [{"provenance": "proposed", "note": "<b>注</b>"}]
    texts = {"id": "x", "title": "<script>", "sentence": "a<b", "next": ["<i>"], "fix": "<u>", "key": True}
    text = indicator(found() | texts | {"provenance": "proposed", "basis": basis}, {})
    assert not any(tag in text for tag in ("<script>", "a<b", "<i>", "<u>", "<b>注"))
    assert "★" in text
    assert "建议稿" in text
    assert plain("**a** $x$ [b](c) :d:") == r"\*\*a\*\* \$x\$ \[b\]\(c\) \:d\:"


def test_interval_is_written_once_when_its_ends_meet():
    assert span({"low": "4", "high": "4"}) == "4"
    assert span({"low": "0", "high": "10"}) == "0–10"


@pytest.fixture
def copied(tmp_path, monkeypatch):
    """Show a copy of the rules, with no samples yet."""
    for folder in ("rules", "checklists"):
        shutil.copytree(ROOT / folder, tmp_path / folder)
    (tmp_path / "samples").mkdir()
    monkeypatch.setattr(source, "ROOT", tmp_path)
    return tmp_path


def test_broken_files_are_told_in_chinese_with_their_place(copied):
    good = (ROOT / "samples/social-organisation/typical.yaml").read_text("utf-8")
    (copied / "samples/no-day.yaml").write_text(good.replace("as_of: 2024-06-30\n", ""), "utf-8")
    (copied / "samples/twice.yaml").write_text("standard: a\nstandard: b\n", "utf-8")
    (copied / "checklists/torn.yaml").write_text("id: [torn\n", "utf-8")
    app = opened()
    assert not app.exception
    assert not app.error
    text = html_of(app)
    for place in ("checklists/torn.yaml:", "samples/twice.yaml:2", "samples/no-day.yaml"):
        assert place in text
    assert "缺少“as_of”" in text
    assert "Traceback" not in text
    assert not app.metric


def test_empty_folders_are_told(copied):
    app = opened()
    assert app.info[0].value == "这一版还没有样例。"
    shutil.rmtree(copied / "rules")
    app = app.run()
    assert "还没有可用的标准" in app.info[0].value
    assert not app.exception


def test_a_changed_rule_is_judged_anew(copied):
    shutil.copy(ROOT / "samples/social-organisation/typical.yaml", copied / "samples")
    app = opened()
    assert "独立办公用房" in html_of(app)
    file = next(path for path in copied.rglob("1-basics.yaml"))
    file.write_text(file.read_text("utf-8").replace("title: 独立办公用房", "title: 单独的办公用房"), "utf-8")
    text = html_of(app.run())
    assert "单独的办公用房" in text
    assert "独立办公用房≥" not in text


def test_units_can_be_chosen(copied):
    units = "\nunits:\n" + "".join(
        f"- {{subject: {{id: u{n}, title: 第{n}个, kind: 社会组织}}, answers: {{party.form: {form}}}}}\n"
        for n, form in enumerate(("功能型", "未开展"), start=1)
    )
    (copied / "samples/units.yaml").write_text(SAMPLES[0].read_text("utf-8") + units, "utf-8")
    app = opened()
    assert app.selectbox(key="unit").options == ["第1个", "第2个"]
    assert (app.header[0].value, app.metric[0].value) == ("第1个", "20")
    app.selectbox(key="unit").set_value(1).run()
    assert (app.header[0].value, app.metric[0].value) == ("第2个", "0")


def judged(library, more: bytes, unit: int | None = None):
    text = SAMPLES[0].read_bytes() + more
    sample = read_yaml(text, "sample.yaml").data
    edition = library.editions[sample["standard"], sample["edition"]]
    return source.scorecard(edition, edition.hash, "sample.yaml", text, unit)


def test_units_are_judged_one_by_one(library):
    unit = "\nunits:\n- {subject: {id: one, title: 第一个, kind: 社会组织}, answers: {party.form: 功能型}}\n".encode()
    whole, part = (judged(library, unit, index)["document"] for index in (None, 0))
    assert whole["subject"]["title"] != "第一个"
    assert part["subject"]["title"] == "第一个"
    assert whole["total"] != part["total"]


def test_a_pinned_hash_that_differs_is_told(library):
    assert judged(library, b"")["problems"] == []
    (problem,) = judged(library, b"\nhash: " + b"a" * 64 + b"\n")["problems"]
    assert "指纹" in problem["message"]
    assert problem["where"].startswith("sample.yaml:")
