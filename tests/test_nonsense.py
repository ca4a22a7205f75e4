"""Twenty thousand things that are no number, no answer or no rule: each is refused in a sentence, none is a crash."""

import json
import random
from decimal import Decimal
from fractions import Fraction
from types import SimpleNamespace

import pytest

from engine.answers import Stated
from engine.exact import NotANumber, read_number
from engine.judge import judge
from engine.load import load_texts
from engine.models.submission import Given
from engine.reading import Unreadable, read_answer
from tests.size import sized
from tests.tiny import FACTS, files, item

MORE = """
- {id: c.money, ask: 金额, answer: {money: {at_least: 0, at_most: 1000000}}}
- {id: c.area, ask: 面积, answer: {number: {decimals: 2}, unit: 平方米}}
- {id: c.at, ask: 时刻, answer: datetime}
- {id: c.said, ask: 说明, answer: {text: {at_most: 20}}}
- {id: c.lots, ask: 抽检, answer: {table: {columns: {批次: text, 合格: yes_no, 数量: {integer: {at_most: 99}}, 日: date}, at_most: 5}}}
"""
LIBRARY, _ = load_texts(
    files(item("{each: c.faults, points: 1, up_to: 10}"), facts=FACTS.replace("derive:", f"{MORE}derive:"))
)

SIGNS = (
    "0123456789" * 3
    + "+-−.,，%％ eE_/×万亿人元年月日:T-()\t\n\x00\u200b\u3000０１２３．٣½²Ⅷ∞½nNaAiIfF三十是否\ud800😀"
)
ODD = [
    *(
        None,
        True,
        False,
        "",
        " ",
        0,
        -1,
        10**10_000,
        -(10**40),
        1.5,
        1e308,
        5e-324,
        -0.0,
        Decimal("1e1000000"),
    ),
    *(
        float("inf"),
        float("-inf"),
        float("nan"),
        Decimal("NaN"),
        Decimal("sNaN"),
        Decimal("-Infinity"),
        Decimal("1E-99"),
    ),
    *(
        Fraction(1, 3),
        "1e1000000",
        "9" * 5_000,
        "0." + "0" * 5_000 + "1",
        "1" + ",000" * 999,
        "%" * 999,
        b"12",
        object(),
    ),
    *(
        [],
        {},
        (),
        [[]],
        {"value": 1},
        [None],
        range(3),
        1j,
        "2024-02-30",
        "99999-01-01",
        "0000-00-00",
        "24:00",
    ),
]


def scribble(chance):
    """Make up what somebody, or a program, might put where an answer is asked for."""
    match chance.randrange(10):
        case 0:
            return chance.choice(ODD)
        case 1:
            return [scribble(chance) for _ in range(chance.randrange(4))]
        case 2:
            return {
                chance.choice(["批次", "合格", "数量", "日", "id", 1, ""]): scribble(chance)
                for _ in range(chance.randrange(4))
            }
        case 3:
            return [{"批次": scribble(chance), "数量": scribble(chance), "日": scribble(chance)}]
        case 4:
            return chance.uniform(-1, 1) * 10 ** chance.randrange(-30, 40)
        case 5:
            return Decimal(chance.randrange(-(10**12), 10**12)).scaleb(chance.randrange(-20, 20))
        case 6:
            return f"{chance.choice(['', '-', '+', '约'])}{chance.randrange(10 ** chance.randrange(1, 36))}{chance.choice(['', '%', ' 人', '.5', ',000', 'e3', '万元'])}"
    return "".join(chance.choices(SIGNS, k=chance.randrange(12)))


def crashes(count, seed=0):
    """Return what was neither read nor refused in a sentence, out of so many scribbles read in every way there is."""
    chance, found, read = random.Random(seed), [], 0  # noqa: S311  no secret
    facts = [fact for checklist in LIBRARY.checklists.values() for fact in checklist.facts]
    for number in range(count):
        value, fact = scribble(chance), facts[number % len(facts)]
        for reads in (read_number, lambda one, fact=fact: read_answer(fact, one, LIBRARY.words.domains)):
            try:
                result = reads(value)
            except (NotANumber, Unreadable) as refused:
                if not any("\u4e00" <= one <= "\u9fff" for one in str(refused)):
                    found.append((value, refused))
            except Exception as error:  # noqa: BLE001  that is what is looked for
                found.append((value, error))
            else:
                read += 1
                if reads is read_number and not isinstance(result, Fraction):
                    found.append((value, result))
    return found, read


def test_whatever_is_scribbled_into_a_form_is_read_or_refused():
    count = sized(20_000, 200_000)
    found, read = crashes(count)
    assert found == []
    assert read > count // 20


def test_a_reader_that_lets_an_error_through_would_be_found_out(monkeypatch):
    monkeypatch.setitem(globals(), "read_number", Fraction)
    found, _ = crashes(200)
    assert found


# ------------------------------------------------------------------------------------------------------ rules as nonsense

FACT_IDS = [
    "c.staff",
    "c.passed",
    "c.faults",
    "c.licence",
    "c.kind",
    "c.rules",
    "c.share",
    "c.accident",
    "c.rate",
    "c.days",
]
WORDS = [
    "at_least",
    "at_most",
    "more_than",
    "less_than",
    "equals",
    "one_of",
    "none_of",
    "includes",
    "before",
    "after",
]
WORDS += ["within_months", "older_than_months"]
LITERALS = [
    0,
    1,
    6,
    10,
    "90%",
    "50%",
    "1.5",
    "0",
    "自营",
    "托管",
    "留样",
    True,
    False,
    "2024-01-31",
    "c.staff",
    "c.passed",
]
JUNK = [
    None,
    "",
    -1,
    "1e9",
    10**29,
    "9" * 31,
    "c.nothing",
    "2024-02-30",
    [],
    {},
    "__import__('os')",
    "c.staff + 1",
    "1/0",
    {"all": []},
]


def literal(chance):
    return chance.choice(JUNK) if chance.random() < 0.04 else chance.choice(LITERALS)


def condition(chance, depth=0):
    """Make up a condition, most of it in the words of the language."""
    kind = chance.randrange(10) if depth < 4 else 9
    if kind < 2:
        return {
            chance.choice(["all", "any"]): [
                condition(chance, depth + 1) for _ in range(chance.randrange(1, 4))
            ]
        }
    if kind == 2:
        return {"not": condition(chance, depth + 1)}
    if kind == 3:
        return {"evidenced": chance.choice(FACT_IDS)}
    fact = chance.choice(FACT_IDS)
    if chance.random() < 0.4:
        return {fact: literal(chance)}
    word = chance.choice(WORDS)
    one = chance.randrange(1, 40) if word.endswith("months") else literal(chance)
    return {fact: {word: [one] if word.endswith("_of") else one}}


def part(chance, depth=0):
    """Make up a way to earn points."""

    def points():
        return chance.choice([0, 1, 2, 5, 10, "0.5", 3, 4])

    def lines():
        return [{"points": points(), "when": condition(chance)} for _ in range(chance.randrange(1, 4))]

    match chance.randrange(9) if depth < 3 else chance.randrange(5):
        case 0:
            return lines()
        case 1:
            more = {key: literal(chance) for key in ("over", "under", "per") if chance.random() < 0.2}
            return {"each": chance.choice(FACT_IDS), "points": points(), "up_to": 10, **more}
        case 2:
            return {
                "linear": chance.choice(FACT_IDS),
                "from": [literal(chance), 0],
                "to": [literal(chance), 10],
            }
        case 3:
            return {"judge": 10, "guide": "看现场", "step": points()}
        case 4:
            return {"points": points(), "when": condition(chance)}
        case 5:
            return {
                "deduct_from": 10,
                "items": [part(chance, depth + 1) for _ in range(chance.randrange(1, 3))],
            }
        case 6:
            return {"parts": [part(chance, depth + 1) for _ in range(chance.randrange(1, 3))], "up_to": 10}
        case 7:
            return {chance.choice(["best_of", "worst_of"]): [part(chance, depth + 1) for _ in range(2)]}
    return {"items": [{"when": condition(chance)} for _ in range(3)], "by_count": {1: 2, 2: 5, 3: 10}}


def judged(chance, count):
    """Load so many made-up rules and judge by those that are sound; return how many were."""
    sound = 0
    for _ in range(count):
        score = json.dumps(part(chance), ensure_ascii=False)
        built, problems = load_texts(files(item(score)))
        assert all(problem.code and str(problem).endswith(("。", "？")) for problem in problems), score
        of = built.editions.get(("t", "1"))
        if of is None or any(problem.severity == "error" for problem in problems):
            continue
        sound += 1
        for _ in range(3):
            given = {name: Given(value=scribble(chance)) for name in of.facts if chance.random() < 0.3}
            given |= {name: Given(value=value) for name, value in sensible(chance).items()}
            card = judge(of, Stated(given, {}, {}, "2024-06-30", None))
            assert 0 <= card.low <= card.high <= 10 * of.per_point, score
    return sound


def sensible(chance):
    """Answer a few questions as they are meant."""
    answers = {
        "c.staff": 40,
        "c.passed": 30,
        "c.faults": 3,
        "c.licence": True,
        "c.kind": "自营",
        "c.rules": ["留样"],
        "c.share": "80%",
        "c.accident": "2024-01-01",
    }
    return {name: value for name, value in answers.items() if chance.random() < 0.6}


@pytest.mark.parametrize("seed", range(2))
def test_whatever_is_written_as_a_rule_is_judged_or_told(seed):
    count = sized(1_000, 10_000)
    assert judged(random.Random(seed), count) > count // 20  # noqa: S311  no secret


def test_a_judge_that_gives_too_much_would_be_found_out(monkeypatch):
    monkeypatch.setitem(globals(), "judge", lambda of, _: SimpleNamespace(low=0, high=11 * of.per_point))
    with pytest.raises(AssertionError):
        judged(random.Random(0), 300)  # noqa: S311
