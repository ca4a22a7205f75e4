"""One fact, one home: which standards each fact serves."""

from engine.load import load_texts
from engine.usage import uses
from tests.build.test_vetoes import OWN, books


def test_a_fact_of_two_standards_is_named_with_both() -> None:
    own = OWN.replace("c.gas: true", "c.kind: 自营")
    library, problems = load_texts(books(**{"rules/u/1/1-a.yaml": own}))
    assert problems == []
    found = {one.fact: one for one in uses(library)}
    assert found["c.staff"].standards == ("t", "u")
    assert found["c.staff"].shared
    assert (found["c.gas"].standards, found["c.kind"].standards) == (("t",), ("u",))
    assert not found["c.gas"].shared
    assert found["c.rules"].standards == ()


def test_facts_come_in_the_order_of_the_checklist() -> None:
    library, _ = load_texts(books())
    assert [one.fact for one in uses(library)][:3] == ["c.staff", "c.passed", "c.faults"]
