"""Coming in and going out: what was ended is refused with the next click, and guessing waits without hurting anybody else."""

import logging
import threading
from dataclasses import replace
from datetime import timedelta

import pytest
from argon2 import PasswordHasher
from people_world import GOOD, HERE, THERE, actor, code, lines, op, person, role, world
from sqlalchemy import event, select, update

from portal.moment import text_of
from portal.people import passwords, sessions, throttle
from portal.people.actors import OPERATOR
from portal.people.secrets import fingerprint
from portal.people.sweep import sweep
from portal.policy import Actor
from portal.refusal import Refusal
from portal.store.tables import accounts, attempts, metadata
from portal.store.tables import sessions as kept
from portal.use_cases import sign_in as module
from portal.use_cases.accounts import (
    change_password,
    create_account,
    disable_account,
    enable_account,
    first_administrator,
    grant,
    reset_password,
    revoke,
    sign_in,
    sign_out,
    who_am_i,
)

OTHER = "另一句话 with herons"


@pytest.fixture
def portal(database, tmp_path, monkeypatch):
    return world(database, tmp_path, monkeypatch)


def who(portal, token) -> Actor | None:
    found = who_am_i(portal, token)
    return None if isinstance(found, Refusal) else found


# ------------------------------------------------------------------------------------------------- sessions


def test_only_the_hash_of_a_session_is_kept(portal):
    """ASVS 7.2.3: 256 bits of chance; 11.4: not to be had from the store."""
    account, token = person(portal, "li", role("filler", "U1"))
    assert token.startswith("zss_")
    with portal.database.read() as connection:
        for table in metadata.sorted_tables:
            for row in connection.execute(select(table)):
                assert token not in map(str, row)
                assert GOOD not in map(str, row)
        assert (
            connection.scalar(select(kept.c.account_id).where(kept.c.token_hash == fingerprint(token)))
            == account
        )


def test_every_sign_in_gives_a_new_session_and_ends_the_one_the_browser_held(portal):
    """ASVS 7.2.4: a session fixed by somebody else is worth nothing after signing in."""
    person(portal, "li")
    planted = "zss_planted-by-somebody-else"
    first = sign_in(portal, "li", GOOD, HERE, old=planted)
    second = sign_in(portal, "li", GOOD, HERE, old=first.token)
    assert len({planted, first.token, second.token}) == 3
    assert who(portal, planted) is None
    assert who(portal, first.token) is None
    assert who(portal, second.token) is not None


def test_a_session_ends_when_nobody_clicks_and_in_any_case_after_a_day_of_work(portal):
    """ASVS 7.3.1, 7.3.2."""
    _, token = person(portal, "li")
    for _ in range(5):
        portal.clock.pass_by(hours=1, minutes=59)
        assert who(portal, token) is not None
    portal.clock.pass_by(hours=2)
    assert who(portal, token) is None
    portal.clock.pass_by(
        hours=-2
    )  # even if the clock goes back it had been noted, but it is not asked of the wall
    _, token = person(portal, "wang")
    start = portal.clock.now
    while portal.clock.now < start + sessions.LONGEST - timedelta(minutes=30):
        assert who(portal, token) is not None
        portal.clock.pass_by(minutes=30)
    assert who(portal, token) is not None
    portal.clock.pass_by(minutes=30)
    assert who(portal, token) is None


def test_reading_stays_reading(portal, monkeypatch):
    _, token = person(portal, "li")
    portal.clock.pass_by(minutes=2)
    assert who(portal, token) is not None
    monkeypatch.setattr(portal.database, "write", lambda *_: pytest.fail("a click within the minute wrote"))
    portal.clock.pass_by(seconds=59)
    assert who(portal, token) is not None


def test_signing_out_bites_with_the_next_click(portal):
    """ASVS 7.4.1."""
    _, token = person(portal, "li")
    other = sign_in(portal, "li", GOOD, THERE)
    sign_out(portal, token)
    sign_out(portal, token)
    sign_out(portal, "zss_unknown")
    assert who(portal, token) is None
    assert who(portal, other.token) is not None
    assert lines(portal, "session.sign_out") == 1


def test_disabling_bites_with_the_next_click_and_enabling_brings_no_session_back(portal):
    """ASVS 7.4.2."""
    account, token = person(portal, "li", role("filler", "U1"))
    assert who(portal, token) is not None
    assert disable_account(portal, OPERATOR, op(), account, "调离") == account
    assert who(portal, token) is None
    assert code(sign_in(portal, "li", GOOD, HERE)) == "disabled"
    assert code(sign_in(portal, "li", "a wrong password", HERE)) == "sign_in"
    enable_account(portal, OPERATOR, op(), account)
    assert who(portal, token) is None
    assert who(portal, sign_in(portal, "li", GOOD, HERE).token) is not None


def test_an_account_that_is_disabled_is_out_even_where_its_sessions_were_not_ended(portal):
    account, token = person(portal, "li")
    portal.database.write(
        lambda c: c.execute(update(accounts).where(accounts.c.id == account).values(disabled_at=portal.at()))
    )
    assert who(portal, token) is None


def test_a_role_given_or_taken_counts_with_the_next_click(portal):
    """ASVS 8.3.2."""
    account, token = person(portal, "li")
    assert who(portal, token).members == ()
    membership = grant(portal, OPERATOR, op(), account, role("inspector"))
    assert who(portal, token).members == (role("inspector"),)
    revoke(portal, OPERATOR, op(), membership)
    assert who(portal, token).members == ()


def test_a_new_password_ends_every_session(portal):
    """ASVS 7.4.3, 6.2.2, 6.2.3."""
    _, token = person(portal, "li", role("filler", "U1"))
    other = sign_in(portal, "li", GOOD, THERE)
    assert code(change_password(portal, token, "not the password", OTHER, HERE)) == "password_current"
    assert code(change_password(portal, token, GOOD, GOOD, HERE)) == "password_same"
    assert code(change_password(portal, token, GOOD, "too short", HERE)) == "password_short"
    assert who(portal, other.token) is not None
    changed = change_password(portal, token, GOOD, OTHER, HERE)
    assert who(portal, token) is None
    assert who(portal, other.token) is None
    assert who(portal, changed.token) is not None
    assert code(sign_in(portal, "li", GOOD, THERE)) == "sign_in"
    assert sign_in(portal, "li", OTHER, THERE).name == "li先生"
    assert code(change_password(portal, token, OTHER, GOOD, HERE)) == "signed_out"


def test_nobody_has_a_role_before_the_first_password_is_changed(portal):
    """ASVS 6.4.1: a first password is good for coming in once to change it, and for two weeks only."""
    made = create_account(portal, OPERATOR, op(), "li", "李", [role("administrator")])
    first = sign_in(portal, "li", made.password, HERE)
    assert first.must_change
    assert who(portal, first.token).members == ()
    assert who(portal, first.token).must_change
    changed = change_password(portal, first.token, made.password, GOOD, HERE)
    assert not changed.must_change
    assert who(portal, changed.token).members == (role("administrator"),)
    late = create_account(portal, OPERATOR, op(), "wang", "王")
    portal.clock.pass_by(days=14)
    assert code(sign_in(portal, "wang", late.password, HERE)) == "password_expired"
    again = reset_password(portal, OPERATOR, op(), late.account)
    assert code(sign_in(portal, "wang", late.password, HERE)) == "sign_in"
    assert sign_in(portal, "wang", again.password, HERE).must_change


def test_a_password_kept_with_older_settings_is_kept_anew(portal, monkeypatch):
    account, _ = person(portal, "li")
    monkeypatch.setattr(passwords, "HASHER", PasswordHasher(time_cost=2, memory_cost=16, parallelism=1))
    assert not isinstance(sign_in(portal, "li", GOOD, HERE), Refusal)
    with portal.database.read() as connection:
        assert "m=16,t=2" in connection.scalar(select(accounts.c.password).where(accounts.c.id == account))
    assert not isinstance(sign_in(portal, "li", GOOD, HERE), Refusal)


def test_a_login_is_the_same_however_it_is_typed(portal):
    person(portal, "li.ming")
    for typed in ("LI.Ming", " li.ming ", "ｌｉ．ｍｉｎｇ"):
        assert not isinstance(sign_in(portal, typed, GOOD, HERE), Refusal)


# ------------------------------------------------------------------------------------------------- guessing


def guess(portal, login="li", address=HERE, times=1):
    return [code(sign_in(portal, login, f"wrong guess {n}", address)) for n in range(times)]


def test_the_sixth_wrong_try_waits_and_the_wait_grows(portal):
    """ASVS 6.3.1."""
    person(portal, "li")
    assert guess(portal, times=7) == ["sign_in"] * 5 + ["sign_in_wait"] * 2
    waits = []
    for _ in range(8):
        refused = sign_in(portal, "li", GOOD, HERE)
        assert refused.kind == "too_often"
        waits.append(refused.details["seconds"])
        portal.clock.pass_by(seconds=waits[-1])
        assert guess(portal) == ["sign_in"]
    assert waits == [30, 60, 120, 240, 480, 900, 900, 900]
    portal.clock.pass_by(minutes=15)
    assert not isinstance(sign_in(portal, "li", GOOD, HERE), Refusal)
    assert guess(portal, times=5) == ["sign_in"] * 5  # right once: it begins anew


def test_the_victim_comes_in_from_the_own_address_all_the_same(portal):
    """ASVS 6.3.1: nobody can lock a colleague out."""
    person(portal, "li")
    guess(portal, address=THERE, times=5)
    assert guess(portal, address=THERE) == ["sign_in_wait"]
    assert not isinstance(sign_in(portal, "li", GOOD, HERE), Refusal)


def test_nor_can_the_whole_world_guessing_at_once(portal, monkeypatch):
    """ASVS 6.3.1: from many addresses the account is counted; where its owner has been before, that does not hold."""
    person(portal, "li")
    person(portal, "wang")
    monkeypatch.setitem(throttle.LIMITS, "account", replace(throttle.LIMITS["account"], free=25))
    tries = [guess(portal, address=f"203.0.113.{n}")[0] for n in range(35)]
    assert tries == ["sign_in"] * 25 + ["sign_in_wait"] * 10
    assert not isinstance(sign_in(portal, "li", GOOD, HERE), Refusal)
    assert code(sign_in(portal, "li", GOOD, THERE)) == "sign_in_wait"  # never been there: has to wait
    assert not isinstance(sign_in(portal, "wang", GOOD, THERE), Refusal)


def test_one_address_trying_many_accounts_waits_but_its_regulars_do_not(portal):
    """ASVS 6.3.1: also behind one address of a whole campus."""
    person(portal, "li")  # has been here
    person(portal, "wang")
    portal.database.write(
        lambda c: c.execute(update(kept).where(kept.c.account_id != "").values(address=HERE))
    )
    tries = [guess(portal, login=f"guess{n}")[0] for n in range(40)]
    assert tries == ["sign_in"] * 30 + ["sign_in_wait"] * 10
    assert not isinstance(sign_in(portal, "li", GOOD, HERE), Refusal)
    assert not isinstance(sign_in(portal, "wang", GOOD, HERE), Refusal)
    made = create_account(portal, OPERATOR, op(), "new", "新人")
    assert code(sign_in(portal, "new", made.password, HERE)) == "sign_in_wait"
    assert not isinstance(sign_in(portal, "new", made.password, THERE), Refusal)


def test_a_campus_that_signs_in_at_once_is_not_taken_for_a_guesser(portal):
    made = [create_account(portal, OPERATOR, op(), f"p{n}", "某人") for n in range(35)]
    for one in made:
        assert not isinstance(sign_in(portal, one.login, one.password, THERE), Refusal)


def test_many_at_once_are_no_more_than_one_after_another(portal):
    """ASVS 6.3.1: a try counts before the password is looked at."""
    person(portal, "li")
    found, lock = [], threading.Lock()

    def one(n):
        answer = code(sign_in(portal, "li", f"wrong guess {n}", THERE))
        with lock:
            found.append(answer)

    threads = [threading.Thread(target=one, args=(n,)) for n in range(20)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(found) == ["sign_in"] * 5 + ["sign_in_wait"] * 15


def test_the_wait_bites(portal, monkeypatch):
    """The test above fails without the protection."""
    person(portal, "li")
    monkeypatch.setattr(throttle, "admit", lambda *_: timedelta(0))
    assert guess(portal, times=20) == ["sign_in"] * 20


def test_an_unknown_account_costs_the_same_work_and_gets_the_same_answer(portal, monkeypatch):
    """ASVS 6.3.8: the same statements in the same order, the same number of hashes, the same words, the same wait."""
    person(portal, "li")
    create_account(portal, OPERATOR, op(), "sso", "单点", issuer="https://id.example.edu.cn", subject="1")
    work = {}
    for login in ("li", "nobody-of-that-name", "sso"):
        done = []

        def count(_c, _cursor, statement, _p, _x, _many, done=done):
            done.append(statement.split("\n")[0])

        real = passwords.check
        monkeypatch.setattr(
            module.passwords, "check", lambda k, p, d=done, r=real: (d.append("hash"), r(k, p))[1]
        )
        engines = [portal.database.engine]
        writer = getattr(portal.database, "_writer", None)
        engines += [writer.engine] if writer and writer.engine is not engines[0] else []
        for engine in engines:
            event.listen(engine, "before_cursor_execute", count)
        answers = [sign_in(portal, login, f"wrong guess {n}", THERE) for n in range(6)]
        for engine in engines:
            event.remove(engine, "before_cursor_execute", count)
        monkeypatch.setattr(module.passwords, "check", real)
        work[login] = (
            [one for one in done if not one.startswith(("SAVEPOINT", "RELEASE"))],
            [(one.kind, one.code, one.what, one.next) for one in answers],
        )
    assert work["li"] == work["nobody-of-that-name"] == work["sso"]
    assert work["li"][0].count("hash") == 5


def test_a_flood_gets_a_sentence(portal, monkeypatch):
    person(portal, "li")

    def too_many(*_):
        raise passwords.Busy

    monkeypatch.setattr(module.passwords, "check", too_many)
    assert code(sign_in(portal, "li", GOOD, HERE)) == "sign_in_busy"


def test_what_is_refused_is_logged_and_no_password_is(portal, caplog):
    """ASVS 16.3.1, 16.2.5: every try is on record, and a password typed into the field of the login is not."""
    account, _ = person(portal, "li")
    with caplog.at_level(logging.WARNING, "zhunsheng.people"):
        sign_in(portal, "li", "my wrong password", HERE)
        sign_in(portal, "my secret password", "x", HERE)
    known, unknown = caplog.records
    assert (known.message, known.address, known.about) == ("sign_in_refused", HERE, account)
    assert unknown.about != "my secret password"
    assert "password" not in caplog.text.replace("sign_in_refused", "")
    for line in lines(portal):
        assert GOOD not in line.details
        assert "zss_" not in line.details
        assert "argon2" not in line.details


@pytest.mark.parametrize(
    ("said", "counted"),
    [
        ("192.0.2.7", "192.0.2.7"),
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"),
        ("fe80::1%eth0", "fe80::/64"),
        ("::ffff:192.0.2.7", "192.0.2.7"),
        ("nonsense" * 20, ("nonsense" * 20)[:80]),
        ("", ""),
    ],
)
def test_addresses_are_counted_as_connections(said, counted):
    assert throttle.place(said) == counted


def test_tries_are_forgotten(portal):
    person(portal, "li")
    guess(portal, times=4)
    portal.clock.pass_by(hours=25)
    assert guess(portal, times=5) == ["sign_in"] * 5
    portal.clock.pass_by(hours=25)
    assert portal.database.write(lambda c: sweep(c, portal.clock())) > 0
    with portal.database.read() as connection:
        assert connection.execute(select(attempts)).all() == []
        assert connection.execute(select(kept)).all() != []
    portal.clock.pass_by(days=90)
    portal.database.write(lambda c: sweep(c, portal.clock()))
    with portal.database.read() as connection:
        assert connection.execute(select(kept)).all() == []


# ------------------------------------------------------------------------------------------------- the first one


def test_the_first_administrator_has_a_password_of_chance_and_there_is_only_one(portal):
    """ASVS 6.3.2: no default account."""
    first = first_administrator(portal)
    assert first.login == "admin"
    assert sign_in(portal, "admin", first.password, HERE).must_change
    assert code(first_administrator(portal)) == "not_first"
    for common in ("admin", "password", "admin123456", ""):
        assert code(sign_in(portal, "admin", common, THERE)) == "sign_in"


def test_two_machines_that_start_at_once_make_one_administrator(portal):
    found, lock, ready = [], threading.Lock(), threading.Barrier(6)

    def start(n):
        ready.wait()
        answer = first_administrator(portal, f"admin{n}")
        with lock:
            found.append(answer)

    threads = [threading.Thread(target=start, args=(n,)) for n in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sum(not isinstance(one, Refusal) for one in found) == 1
    assert lines(portal, "account.first") == 1
    assert text_of(portal.clock()) == portal.at()
    assert actor(portal, "nobody") is None
