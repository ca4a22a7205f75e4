"""zhunsheng facts: what is asked, and what serves several books."""

import json
from pathlib import Path

from tests.command.conftest import Type


def test_checklists_are_counted(typed: Type, repository: Path) -> None:
    done = typed("facts")
    assert (done.code, done.err) == (0, "")
    assert "共 9 个事实，0 个为两本以上的标准共用，其中 0 个为三本以上共用。" in done.out
    assert ["c", "9", "0", "t"] in [line.split() for line in done.out.splitlines()]


def test_facts_of_two_books(typed: Type, repository: Path) -> None:
    twin = repository / "rules/u/1"
    twin.mkdir(parents=True)
    for path in (repository / "rules/t/1").iterdir():
        (twin / path.name).write_text(path.read_text("utf-8").replace("id: t\n", "id: u\n"), "utf-8")
    listed = typed("facts", "--shared").out
    assert "c.staff  从业人员数  t、u" in listed
    assert "c.accident" not in listed
    assert "c.accident  最近一次事故日期  没有标准用到" in typed("facts", "--checklist", "c").out
    data = json.loads(typed("facts", "--json").out)
    assert (data["count"], data["shared"]) == (9, 5)
    assert data["facts"][0] == {
        "id": "c.staff",
        "title": "从业人员数",
        "checklist": "c",
        "subject": "",
        "standards": ["t", "u"],
    }
