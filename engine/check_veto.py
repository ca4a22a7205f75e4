"""What `zhunsheng check` finds in vetoes: conditions that never change anything, examples that do not come true."""

from collections.abc import Iterator
from typing import NamedTuple

from pydantic import ValidationError

from engine.answers import Stated, world_of
from engine.build.edition import Edition
from engine.cases import World, decide
from engine.models.submission import Given
from engine.models.veto import VetoExample, VetoState
from engine.problem import Path, Place, Problem
from engine.rulings import ruling, said_of
from engine.tree import All, Overrule


class Flaw(NamedTuple):
    """Something wrong with a veto, and where inside it."""

    path: Path
    what: str
    next: str
    code: str
    notice: bool = False


def veto_flaws(edition: Edition, veto: Overrule, world: World, day: str) -> Iterator[Flaw]:
    """Yield what is wrong with a veto; `day` is the day of assessment its examples assume."""
    who = f"否决项 {veto.id}"
    if veto.when is not None and veto.source.when_result is None:
        gate = () if veto.applies is None else (veto.applies,)
        found = list(_dead(veto, (*gate, veto.when), world))
        yield from found
        if not found:
            yield from _examples(edition, veto, day)
    elif veto.when is not None:
        yield from _dead(veto, (veto.when,), world)
    if veto.source.examples and veto.source.when_result is not None:
        what = f"{who} 按得分判断，例子算不出来"
        yield Flaw(("examples",), what, "请删去 examples，用填报样例来核对", "example")
    for missing, what in (
        (not veto.source.basis, "没有写依据（basis）"),
        (not veto.source.fix, "没有写怎么改（fix）"),
    ):
        if missing:
            yield Flaw(("id",), f"{who} {what}", "请补上", "house", notice=True)


def _dead(veto: Overrule, breach: tuple, world: World) -> Iterator[Flaw]:  # type: ignore[type-arg]
    """Yield conditions that always or never hold."""
    who = f"否决项 {veto.id}"
    results = {held for _, held in decide(All(breach), world)}
    if len(results) == 1:
        always = "永远成立" if True in results else "永远不成立"
        yield Flaw(("when",), f"{who} 的条件{always}", "请改条件", "dead-veto")
    if veto.applies is not None and len({held for _, held in decide(veto.applies, world)}) == 1:
        yield Flaw(
            ("applies_when",), f"{who} 的 applies_when 不管怎么填都一样", "请改条件，或删去", "dead-line"
        )
    if veto.doubt is None:
        return
    clear = (after for after, held in decide(All(breach), world) if not held)
    if not any(held for after in clear for _, held in decide(veto.doubt, after)):
        what = f"{who} 的 doubt_when 在没有违反时永远不成立"
        yield Flaw(("doubt_when",), what, "请改条件，或删去", "dead-line")


def _examples(edition: Edition, veto: Overrule, day: str) -> Iterator[Flaw]:
    for index, example in enumerate(veto.source.examples):
        path, who = ("examples", index), f"否决项 {veto.id} 的例子 {index + 1}"
        found, problems = run_veto_example(edition, veto, example, day)
        for problem in problems:
            yield Flaw((*path, "given"), f"{who}：{problem.what}", "请改例子", "example")
        if not problems and found != example.gives:
            what = f"{who} 写的是“{example.gives}”，按规则是“{found}”"
            yield Flaw((*path, "gives"), what, "请核对规则和例子，改错的那个", "example")


def run_veto_example(
    edition: Edition, veto: Overrule, example: VetoExample, day: str
) -> tuple[VetoState, list[Problem]]:
    """Judge a veto by what an example gives; problems tell of answers that cannot be read."""
    try:
        answers = {name: Given.model_validate(given_as(value)) for name, value in example.given.items()}
    except ValidationError:
        return "还不知道", [Problem(Place(veto.file), "evidence 写得不对", "请写成一个列表", "example")]
    stated = Stated(answers, {}, {}, example.as_of or day, example.region)
    world, problems = world_of(edition, stated, veto.vars)
    return said_of(ruling(veto, world)), problems


def given_as(value: object) -> object:
    """Let a plain value stand for an answer without evidence."""
    whole = isinstance(value, dict) and value.keys() <= {"value", "evidence", "note"}
    return value if whole else {"value": value}
