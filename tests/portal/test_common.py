"""What is guessed first is refused: what leaked anywhere, what is at hand on a campus, patterns; and little else."""

import itertools
import random

import pytest
from zxcvbn.frequency_lists import FREQUENCY_LISTS

from portal.people import common
from portal.people.common import is_common
from portal.people.passwords import refused

LEAKED = [one for one in FREQUENCY_LISTS["passwords"] if len(one) > 2]


def test_all_that_leaked_most_often_is_refused_whatever_stands_around_it():
    """ASVS 6.2.4: at least the 3,000 commonest that match our rule of length; we take 30,000."""
    assert len(LEAKED) > 29_000
    assert [one for one in LEAKED if not is_common(one)] == []
    long = [one for one in LEAKED if len(one) >= 10]
    assert len(long) > 1000
    assert [one for one in long if refused(one, "somebody") is None] == []
    stems = [one for one in LEAKED[:3000] if one[0].isalpha() and one[-1].isalpha()]
    assert [one for one in stems if not is_common(f"2026!{one.title()}#19")] == []


def test_without_the_lists_they_would_pass(monkeypatch):
    ours = frozenset(common._CAMPUS)
    monkeypatch.setattr(common, "_leaked", lambda: (ours, ours))
    passing = [one for one in LEAKED if len(one) >= 10 and refused(one, "somebody") is None]
    assert len(passing) > 900


@pytest.mark.parametrize(
    "password",
    [
        "houqinjituan2026",
        "Sh1tangGongyu",
        "zhaobiaocaigou",
        "lvsecanting888",
        "hefei20260901",
        "AnhuiGaoxiao!",
        "liqiang19900101",
        "mishuchu@123456",
        "michael1987#12",
        "basketball2024",
    ],
)
def test_a_word_of_the_campus_with_something_around_it_is_refused(password):
    assert is_common(password)
    assert refused(password, "somebody").code == "password_common"


def test_words_of_another_script_are_no_mere_signs_around_a_common_one():
    assert not is_common("四棵银杏在湖边 lantern")
    assert is_common("12，lantern。34")


def test_three_plain_words_or_ten_letters_of_chance_are_fine():
    chance = random.Random(7)  # noqa: S311  the same choices in every run
    plain = FREQUENCY_LISTS["english_wikipedia"][500:3000]
    three = ["".join(chance.choice(plain) for _ in range(3)) for _ in range(2000)]
    made = ["".join(chance.choices("abcdefghjkmnpqrstuvwxyz23456789", k=12)) for _ in range(2000)]
    assert [one for one in itertools.chain(three, made) if len(one) >= 10 and is_common(one)] == []
