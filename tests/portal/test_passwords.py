"""Passwords: strong to keep, equal work for everybody, two at a time, and no rule about mixtures of characters."""

import threading

import pytest
from argon2 import PasswordHasher, extract_parameters
from hypothesis import example, given, settings
from hypothesis import strategies as st

from portal.people import passwords
from portal.people.passwords import LONGEST, SHORTEST, check, hash_of, refused
from portal.people.secrets import fingerprint, new_secret, one_time_password

GOOD = "湖边 the quiet heron 47"


def test_what_is_kept_is_argon2id_with_19_mib_and_two_passes():
    """ASVS 11.4.2 (kept with an approved, slow function)."""
    said = extract_parameters(hash_of(GOOD))
    assert (said.type.name, said.memory_cost, said.time_cost, said.parallelism) == ("ID", 19 * 1024, 2, 1)
    assert hash_of(GOOD) != hash_of(GOOD)


def test_a_password_fits_exactly_as_it_was_given():
    """ASVS 6.2.8: nothing is cut off, nothing changed in case, nothing trimmed."""
    kept = hash_of(GOOD)
    assert check(kept, GOOD) == passwords.Checked(fits=True)
    for other in (GOOD + " ", GOOD.upper(), GOOD[:-1], " " + GOOD, ""):
        assert not check(kept, other).fits
    long = "长" * LONGEST
    assert not check(hash_of(long), long[:-1]).fits


def test_what_is_kept_with_older_settings_is_made_anew():
    older = PasswordHasher(time_cost=1, memory_cost=8 * 1024, parallelism=1).hash(GOOD)
    assert check(older, GOOD) == passwords.Checked(fits=True, renew=True)
    assert not check(older, "something else").renew


@pytest.mark.parametrize("kept", [None, "", "no hash at all", "$argon2id$v=19$m=19456,t=2,p=1$AAAA$AAAA"])
def test_without_anything_kept_nothing_fits(kept):
    assert check(kept, "") == passwords.Checked(fits=False)
    assert not check(kept, GOOD).fits


def test_nobody_costs_as_much_as_somebody(monkeypatch):
    """ASVS 6.3.8: an unknown account is checked against a hash with the same settings, once."""
    asked = []

    class Watched:
        def verify(self, kept, password):
            asked.append(extract_parameters(kept))
            return PasswordHasher.verify(passwords_hasher, kept, password)

        def check_needs_rehash(self, _kept):
            return False

    passwords_hasher = passwords.HASHER
    kept = hash_of(GOOD)
    passwords._nobody()
    monkeypatch.setattr(passwords, "HASHER", Watched())
    check(kept, "wrong password")
    check(None, "wrong password")
    assert len(asked) == 2
    assert asked[0] == asked[1]


def test_two_are_worked_on_at_a_time(monkeypatch):
    inside, most, lock, leave = [0], [0], threading.Lock(), threading.Event()
    two = threading.Event()

    class Slow:
        def hash(self, _password):
            with lock:
                inside[0] += 1
                most[0] = max(most[0], inside[0])
                if inside[0] == passwords.AT_ONCE:
                    two.set()
            assert leave.wait(30)
            with lock:
                inside[0] -= 1
            return "kept"

    monkeypatch.setattr(passwords, "HASHER", Slow())
    threads = [threading.Thread(target=hash_of, args=(GOOD,)) for _ in range(8)]
    for thread in threads:
        thread.start()
    assert two.wait(30)
    monkeypatch.setattr(passwords, "PATIENCE", 0.01)
    with pytest.raises(passwords.Busy):
        hash_of(GOOD)
    leave.set()
    for thread in threads:
        thread.join()
    assert most[0] == passwords.AT_ONCE


@pytest.mark.parametrize(
    ("password", "why"),
    [
        ("short", "password_short"),
        ("九个字的密码不够啊", "password_short"),
        ("x" * (LONGEST + 1), "password_long"),
        ("li.ming has a horse", "password_login"),
        ("my LI.MING 4711 abc", "password_login"),
        ("password123", "password_common"),
        ("Passw0rd2026!", "password_common"),
        ("P@ssw0rd!!", "password_common"),
        ("1234567890", "password_common"),
        ("0987654321", "password_common"),
        ("qwertyuiop", "password_common"),
        ("1qaz2wsx3edc", "password_common"),
        ("qwer123456", "password_common"),
        ("aaaaaaaaaaaa", "password_common"),
        ("abcabcabcabc", "password_common"),
        ("12121212121", "password_common"),
        ("13812345678", "password_common"),
        ("+8613812345678", "password_common"),
        ("woaini1314520", "password_common"),
        ("zhunsheng2026", "password_common"),
        ("anhuidaxue123", "password_common"),
        ("adminadmin", "password_common"),
        ("zhangwei19880808", "password_common"),
        ("2026-11-26", "password_common"),
        ("abcd123456", "password_common"),
        ("!@#$%^&*()", "password_common"),
        ("good but\x00nothing", "password_characters"),
        ("half a pair \ud800", "password_characters"),
    ],
)
def test_what_is_guessed_first_is_refused(password, why):
    """ASVS 6.2.1, 6.2.4, 6.2.11."""
    found = refused(password, "li.ming")
    assert found is not None
    assert found.code == why
    assert password not in found.message


@pytest.mark.parametrize(
    "password",
    [
        GOOD,
        "correct horse battery",
        "tenletters",
        "alllowercaseletters",
        "7294018365",
        "一二三四五六七八九十",
        "🐎🔋📎🌳🎈🐟🚲🕰️🎻🍐",
        "   spaces   count   ",
        "湖" + "边走廊灯火书声" * 18,
    ],
)
def test_length_counts_and_mixtures_do_not(password):
    """ASVS 6.2.5, 6.2.9: any characters, no rule of composition, long ones too."""
    assert SHORTEST <= len(password) <= LONGEST
    assert refused(password, "li.ming") is None


@settings(max_examples=100)
@given(st.text(max_size=200), st.text(max_size=20))
@example("", "")
@example("\ud800" * 12, "ab")
def test_every_text_is_judged_and_never_repeated_to_the_reader(password, login):
    found = refused(password, login)
    if found is None:
        assert SHORTEST <= len(password) <= LONGEST
    assert len(fingerprint(password)) == 64


def test_a_first_password_is_of_chance_and_acceptable():
    """ASVS 6.4.1."""
    made = {one_time_password() for _ in range(200)}
    assert len(made) == 200
    assert all(refused(one, "admin") is None for one in made)
    assert len({new_secret() for _ in range(200)}) == 200
    assert all(len(new_secret()) == 43 for _ in range(10))  # 256 bits, six a letter
