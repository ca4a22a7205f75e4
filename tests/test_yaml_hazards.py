"""What other readers of YAML guess, ours refuses with a code and the very place; what it takes, they read the same."""

import datetime as dt
import random
import re
from decimal import Decimal

import pytest
import yaml

from engine.strict_yaml import MAX_DIGITS, read_yaml
from tests.size import sized

# The hazard stands where ⟦ is; the sign itself is taken out before reading.
HAZARDS = [
    ("truth-no", "truth", "a: 1\nb: ⟦no\n"),
    ("truth-on", "truth", "- 甲\n- ⟦on\n"),
    ("truth-yes-in-a-list", "truth", "a: [甲, ⟦Yes]\n"),
    ("truth-y", "truth", "a: {b: ⟦y}\n"),
    ("truth-in-capitals", "truth", "a:\n  b: ⟦TRUE\n"),
    ("null-in-capitals", "null", "a: ⟦NULL\n"),
    ("octal", "octal", "id: ⟦010\n"),
    ("octal-below-zero", "octal", "id: ⟦-017\n"),
    ("octal-of-the-new-kind", "octal", "id: ⟦0o17\n"),
    ("hexadecimal", "octal", "- id: ⟦0x1F\n"),
    ("binary", "octal", "id: ⟦0b101\n"),
    ("time-of-day", "sexagesimal", "at: ⟦12:30:45\n"),
    ("ratio", "sexagesimal", "- a\n- ⟦3:2\n"),
    ("exponent-without-dot", "odd-number", "a: ⟦1e3\n"),
    ("exponent-with-dot", "odd-number", "a: ⟦1.0e+3\n"),
    ("underscores", "odd-number", "a: ⟦1_000\n"),
    ("dot-first", "odd-number", "a: ⟦.5\n"),
    ("dot-last", "odd-number", "a: ⟦5.\n"),
    ("infinity", "odd-number", "a: ⟦.inf\n"),
    ("not-a-number", "odd-number", "a: ⟦.NaN\n"),
    ("more-digits-than-anybody-means", "digits", f"a: 1\nb: ⟦{'9' * (MAX_DIGITS + 1)}\n"),
    ("key-twice", "duplicate-key", "a: 1\nb: 2\n⟦a: 3\n"),
    ("key-twice-below", "duplicate-key", "x:\n  a: 1\n  ⟦a: 2\n"),
    ("key-twice-in-braces", "duplicate-key", "x: {a: 1, ⟦a: 2}\n"),
    ("number-as-key-twice", "duplicate-key", "1: a\n⟦1: b\n"),
    ("merge-key", "merge", "a: &x {b: 1}\nc:\n  ⟦<<: *x\n"),
    ("key-that-is-a-list", "key", "? ⟦[a, b]\n: 1\n"),
    ("key-that-is-a-mapping", "key", "⟦{a: 1}: 2\n"),
    ("tag-of-python", "tag", "a: ⟦!!python/object:os.system x\n"),
    ("tag-of-ours", "tag", "a: ⟦!secret x\n"),
    ("tag-on-a-list", "tag", "a: ⟦!!set [b]\n"),
    ("bare-tag", "tag", "- ⟦!\n"),
    ("tag-that-makes-text", "tag", "a: ⟦!!str 1\n"),
    ("tag-that-makes-a-number", "tag", "a: ⟦!!int '5'\n"),
    ("tag-that-makes-a-fraction", "tag", "a: ⟦!!float 1\n"),
    ("tag-that-makes-nothing", "tag", "a: ⟦!!null 甲\n"),
    ("tag-that-makes-a-day", "tag", "a: ⟦!!timestamp '2024-01-01'\n"),
    ("binary-tag", "tag", "- ⟦!!binary aGk=\n"),
    ("second-document", "syntax", "a: 1\n⟦---\nb: 2\n"),
    ("tab-before-a-key", "syntax", "a:\n⟦\tb: 1\n"),
    ("full-width-colon", "syntax", "a: 1\nb⟦：2\nc: 3\n"),
    ("full-width-blank-in-a-key", "hidden", "a:\n  b: 1\n⟦\u3000c: 2\n"),
    ("no-blank-after-colon", "syntax", "a: 1\nb⟦:2\nc: 3\n"),
    ("colon-in-a-value", "syntax", "a: 标准: 甲\n"),
    ("open-quote", "syntax", "a: ⟦'甲\nb: 1\n"),
    ("open-bracket", "syntax", "a: ⟦[甲, 乙\nb: 1\n"),
    ("escape-that-is-none", "syntax", 'a: "C:⟦\\work"\n'),
    ("at-sign-first", "syntax", "a: ⟦@all\n"),
    ("alias-of-nothing", "syntax", "a: ⟦*x\n"),
    ("anchor-twice", "syntax", "a: &x 1\nb: ⟦&x 2\n"),
    ("bell", "control", "a: 甲⟦\x07乙\n"),
    ("lone-half-of-a-pair", "control", "a: 甲⟦\ud800\n"),
    ("mark-of-byte-order-inside", "control", "a: 1\n⟦\ufeffb: 2\n"),
    ("zero-width-in-a-key", "hidden", "甲: 1\n⟦甲\u200b: 2\n"),
    ("turning-text-around-in-a-key", "hidden", "⟦a\u202eb: 2\n"),
    ("alias-within-itself", "depth", "a: ⟦&x [*x]\n"),
    ("too-deep", "depth", "[" * 40 + "⟦[" + "]" * 41 + "\n"),
    ("not-utf-8", "encoding", b"a: 1\nb: \xb1\xea\xd7\xbc\n"),
]


@pytest.mark.parametrize(("code", "text"), [one[1:] for one in HAZARDS], ids=[one[0] for one in HAZARDS])
def test_a_hazard_is_refused_where_it_stands(code, text):
    if isinstance(text, bytes):
        (problem,) = read_yaml(text, "a.yaml").problems
        assert (problem.code, problem.place.line, problem.place.column) == (code, 2, 0)
        return
    before, found, _ = text.partition("⟦")
    (problem,) = read_yaml(text.replace("⟦", "", 1), "a.yaml").problems
    assert problem.code == code
    if found:
        assert (problem.place.line, problem.place.column) == (
            before.count("\n") + 1,
            len(before) - before.rfind("\n"),
        )


def test_there_are_hazards_of_every_kind():
    assert len(HAZARDS) >= 30
    assert len({name for name, *_ in HAZARDS}) == len(HAZARDS)


# ------------------------------------------------------------------------------------------- what is taken is unambiguous

SCALARS = [
    *(
        "甲",
        "a b",
        "12",
        "-3",
        "0",
        "0.50",
        "95%",
        "1,000",
        "2024-01-26",
        "2024-01-26 15:00",
        "true",
        "false",
        "~",
        "",
    ),
    *(
        "null",
        "'no'",
        '"010"',
        "'12:30'",
        "十二",
        "a#b",
        "a:b",
        "'a: b'",
        '"\\u6807\\n"',
        "http://x/y",
        "<b>",
        "1e",
        "3A",
    ),
    *(
        "no",
        "010",
        "12:30:45",
        "1e3",
        "1_000",
        ".5",
        "*x",
        "&x 1",
        "!!str 1",
        "@a",
        "'open",
        "[1, 2",
        "{a: 1}",
        "[甲, 2]",
    ),
    *(
        "=",
        "- a",
        "? a",
        "|",
        ">",
        "%a",
        "a: b",
        "# c",
        "a # c",
        "0o7",
        "+12",
        "1.10",
        "2024-13-40",
        "`a",
        "１２",
    ),
]
KEYS = ["a", "b", "甲", "1", "a-b", "'q'", "2024", "a b", "no", "-"]
"""But true, ~ and 1.50: as keys they are words to us, and a test says so."""

BREAKS = ["\n", "\n", "\n", "\n", "\r\n", "\n\n", " \n", "\n# c\n", "\t\n", "\x85", "\u2028"]


def made_up(chance, depth=0):
    """Return the lines of a document that might be meant: mostly well-formed, with everything people slip into."""
    lines, pad = [], "  " * depth
    for _ in range(chance.randrange(1, 4)):
        head = (
            chance.choice(("- ", f"{chance.choice(KEYS)}: ", f"{chance.choice(KEYS)}: ", "- "))
            if not lines
            else ("- " if lines[0].lstrip().startswith("- ") else f"{chance.choice(KEYS)}: ")
        )
        if depth < 3 and chance.random() < 0.25:
            lines += [f"{pad}{head.rstrip()}", *made_up(chance, depth + 1)]
        elif chance.random() < 0.06:
            lines += [f"{pad}{head}|", f"{pad}    {chance.choice(SCALARS)}", f"{pad}    乙"]
        else:
            lines.append(f"{pad}{head}{chance.choice(SCALARS)}")
    return lines


def documents(count, seed=0):
    """Make up documents, some of them spoilt by a letter too few or too many."""
    chance = random.Random(seed)  # noqa: S311  no secret
    for _ in range(count):
        text = "".join(f"{line}{chance.choice(BREAKS)}" for line in made_up(chance))
        if chance.random() < 0.3:
            at = chance.randrange(len(text) + 1)
            text = (
                text[:at] + chance.choice(" :-'\"[]{}#\t，：\u3000&*!|>%@") + text[at + chance.randrange(2) :]
            )
        yield text


KNOWN = (
    "month must be in",
    "day is out of range",
    "tag:yaml.org,2002:value",
    "found character '\\t'",
    "but found",
)
"""Why others refuse what we take: a day that is none stays text with us until a date is asked for; an equals sign is
text; and PyYAML in Python refuses a tab or a comment at the end of a line where PyYAML in C does not."""


def same(ours, theirs):
    """Whether others read the same: exact decimals as the nearest double, a day as the text it stands as."""
    match theirs:
        case dt.date():
            return isinstance(ours, str) and ours[:10] == theirs.isoformat()[:10]
        case dict():
            alike = isinstance(ours, dict) and ours.keys() == theirs.keys()
            return alike and all(same(ours[key], theirs[key]) for key in ours)
        case list():
            return isinstance(ours, list) and len(ours) == len(theirs) and all(map(same, ours, theirs))
        case float():
            return isinstance(ours, Decimal) and float(ours) == theirs
    return type(ours) is type(theirs) and ours == theirs


def differences(count, seed=0):
    """Return how many documents were taken, and those that PyYAML in C or in Python reads otherwise."""
    taken, other = 0, []
    for text in documents(count, seed):
        document = read_yaml(text, "a.yaml")
        if document.problems:
            continue
        taken += 1
        for loader in (yaml.SafeLoader, yaml.CSafeLoader):
            try:
                theirs = yaml.load(text, Loader=loader)  # noqa: S506  both are safe
            except (yaml.YAMLError, ValueError) as error:
                if not any(why in str(error) for why in KNOWN):
                    other.append((text, document.data, error))
                continue
            if not same(document.data, theirs):
                other.append((text, document.data, theirs))
    return taken, other


def test_what_is_taken_is_read_the_same_by_others():
    count = sized(20_000, 200_000)
    taken, other = differences(count)
    assert taken > count // 5
    assert other == []


def test_a_lenient_reader_would_be_found_out(monkeypatch):
    """The comparison bites: let 010 pass as ten, and somebody else reads eight."""
    monkeypatch.setattr("engine.strict_yaml._INTEGER", re.compile(r"[+-]?[0-9]+"))
    _, other = differences(1_000)
    assert other
