"""Accounts: who may open, close and equip them, done once however often it is asked, and nobody for oneself."""

import pytest
from people_world import GOOD, HERE, actor, code, lines, op, person, role, world
from sqlalchemy import insert, select

from portal.people.actors import OPERATOR
from portal.people.roles import give
from portal.policy import Actor, Object, may
from portal.refusal import Refusal
from portal.store.tables import accounts, log
from portal.use_cases.accounts import (
    create_account,
    disable_account,
    enable_account,
    grant,
    issue_token,
    lift_recusal,
    link_identity,
    list_accounts,
    list_tokens,
    recuse,
    reset_password,
    revoke,
    revoke_token,
    sign_in,
    who_am_i,
    who_calls,
)

ISSUER = "https://id.example.edu.cn"


@pytest.fixture
def portal(database, tmp_path, monkeypatch):
    return world(database, tmp_path, monkeypatch)


@pytest.fixture
def cast(portal):
    """Give an actor for each kind of person, by name."""
    kinds = {
        "admin": role("administrator"),
        "secretary": role("secretariat"),
        "helper": role("secretariat", None, "R1"),
        "head": role("approver", "U1"),
        "other": role("approver", "U2"),
        "filler": role("filler", "U1"),
        "inspector": role("inspector"),
        "observer": role("observer"),
    }
    at = portal.at()

    def settle(connection):
        for name, one in kinds.items():
            connection.execute(insert(accounts).values(id=name, login=name, name=name, created_at=at))
            give(connection, name, one, OPERATOR, at)

    portal.database.write(settle)
    return {name: actor(portal, name) for name in kinds}


STRANGER = Actor("stranger", "陌生人", ())


def changes(portal):
    """Return everything that could have changed, to compare."""
    with portal.database.read() as connection:
        return (
            connection.execute(select(accounts).order_by(accounts.c.id)).all(),
            connection.execute(select(log.c.seq)).all(),
        )


def test_who_does_not_manage_accounts_changes_nothing(portal, cast):
    """ASVS 8.2.1, 8.3.1: every use case here is denied to them."""
    target = cast["other"].id
    membership = list_accounts(portal, cast["admin"])[-1].held[0].membership
    recusal = recuse(portal, cast["secretary"], op(), target, "U3", "亲属在该校任职")
    before = changes(portal)
    for who in (STRANGER, cast["filler"], cast["inspector"], cast["observer"]):
        tries = [
            create_account(portal, who, op(), "new", "新人", [role("filler", "U1")]),
            create_account(portal, who, op(), "new", "新人"),
            disable_account(portal, who, op(), target, "不许"),
            enable_account(portal, who, op(), target),
            reset_password(portal, who, op(), target),
            link_identity(portal, who, op(), target, ISSUER, "7"),
            grant(portal, who, op(), target, role("filler", "U1")),
            grant(portal, who, op(), who.id, role("administrator")),
            revoke(portal, who, op(), membership),
            recuse(portal, who, op(), target, "U2", "不许这样做"),
            lift_recusal(portal, who, op(), recusal, "不许这样做"),
            list_accounts(portal, who),
        ]
        assert all(isinstance(one, Refusal) and one.kind in ("forbidden", "missing") for one in tries)
        assert changes(portal) == before


def test_each_gives_only_what_the_table_says(portal, cast):
    target, _ = person(portal, "somebody")
    allowed = {
        "admin": {"filler U1", "filler U2", "inspector", "inspector R1", "secretariat", "administrator"},
        "secretary": {"filler U1", "filler U2", "inspector", "inspector R1"},
        "helper": {"inspector R1"},
        "head": {"filler U1"},
        "other": {"filler U2"},
    }
    members = {
        "filler U1": role("filler", "U1"),
        "filler U2": role("filler", "U2"),
        "inspector": role("inspector"),
        "inspector R1": role("inspector", None, "R1"),
        "secretariat": role("secretariat"),
        "administrator": role("administrator"),
    }
    for name, who in cast.items():
        given = {
            what for what, one in members.items() if isinstance(grant(portal, who, op(), target, one), str)
        }
        assert given == allowed.get(name, set()), name


@pytest.mark.parametrize(
    "member",
    [
        role("filler"),
        role("approver", None, "R1"),
        role("inspector", "U1"),
        role("administrator", "U1"),
        role("administrator", None, "R1"),
        role("secretariat", "U1"),
    ],
)
def test_a_role_holds_where_it_can_hold(portal, member):
    target, _ = person(portal, "somebody")
    assert code(grant(portal, OPERATOR, op(), target, member)) == "scope"
    assert code(create_account(portal, OPERATOR, op(), "new", "新人", [member])) == "scope"


def test_the_missing_is_missing(portal):
    target, _ = person(portal, "somebody")
    assert code(grant(portal, OPERATOR, op(), target, role("filler", "U9"))) == "missing"
    assert code(grant(portal, OPERATOR, op(), "nobody", role("filler", "U1"))) == "missing"
    assert code(revoke(portal, OPERATOR, op(), "nothing")) == "missing"
    assert code(disable_account(portal, OPERATOR, op(), "nobody", "理由")) == "missing"
    assert code(recuse(portal, OPERATOR, op(), target, "U1", "亲属在该校")) == "forbidden"
    assert code(create_account(portal, OPERATOR, op(), "new", "新人", [role("filler", "U9")])) == "missing"


def test_nobody_equips_or_closes_oneself(portal, cast):
    me = cast["admin"]
    assert code(grant(portal, me, op(), me.id, role("secretariat"))) == "oneself"
    assert code(disable_account(portal, me, op(), me.id, "不干了")) == "oneself"
    assert code(reset_password(portal, me, op(), me.id)) == "oneself"
    mine = next(one for one in list_accounts(portal, me) if one.account == me.id).held[0].membership
    assert code(revoke(portal, me, op(), mine)) == "oneself"
    recusal = recuse(portal, cast["secretary"], op(), cast["secretary"].id, "U3", "曾在该校任职")
    assert code(lift_recusal(portal, cast["secretary"], op(), recusal, "已经满三年")) in (
        "oneself",
        "missing",
    )


def test_no_way_up_by_way_of_an_account_that_may_more(portal, cast):
    """ASVS 8.2.1: who resets a password can come in with it; so it takes the right to give every role of that account."""
    for above in ("admin", "secretary"):
        for below in ("helper", "head", "filler"):
            assert isinstance(reset_password(portal, cast[below], op(), cast[above].id), Refusal)
            assert isinstance(
                link_identity(portal, cast[below], op(), cast[above].id, ISSUER, below), Refusal
            )
    assert isinstance(reset_password(portal, cast["secretary"], op(), cast["admin"].id), Refusal)
    grant(portal, OPERATOR, op(), cast["filler"].id, role("inspector"))  # a filler of U1 who also inspects
    assert isinstance(reset_password(portal, cast["head"], op(), cast["filler"].id), Refusal)
    assert not isinstance(reset_password(portal, cast["secretary"], op(), cast["filler"].id), Refusal)


def test_the_last_administrator_stays(portal, cast):
    assert code(disable_account(portal, OPERATOR, op(), cast["admin"].id, "不用了")) == "last_administrator"
    second, _ = person(portal, "second", role("administrator"))
    assert disable_account(portal, OPERATOR, op(), cast["admin"].id, "不用了") == cast["admin"].id
    held = next(one for one in list_accounts(portal, OPERATOR) if one.account == second).held
    assert code(revoke(portal, OPERATOR, op(), held[0].membership)) == "last_administrator"


def test_two_administrators_do_not_close_each_other(portal, cast):
    import threading  # noqa: PLC0415

    second, _ = person(portal, "second", role("administrator"))
    pair = {cast["admin"].id: second, second: cast["admin"].id}
    found, ready = [], threading.Barrier(2)

    def close(me, other):
        who = actor(portal, me)
        ready.wait()
        found.append(disable_account(portal, who, op(), other, "互相停用"))

    threads = [threading.Thread(target=close, args=two) for two in pair.items()]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(isinstance(one, Refusal) for one in found) == [False, True]


def test_done_once_however_often_asked(portal, cast):
    secretary = cast["secretary"]
    one = op()
    first = create_account(portal, secretary, one, "new", "新人", [role("inspector")])
    again = create_account(portal, secretary, one, "new", "新人", [role("inspector")])
    assert (again.account, again.password) == (first.account, None)
    assert sign_in(portal, "new", first.password, HERE).must_change  # asking again has not made it worthless
    assert code(create_account(portal, cast["admin"], one, "newer", "新人")) == "op_id_reused"
    assert code(create_account(portal, secretary, op(), "NEW", "新人", [role("inspector")])) == "login_taken"
    two = op()
    given = grant(portal, secretary, two, first.account, role("observer"))
    assert grant(portal, secretary, two, first.account, role("observer")) == given
    assert grant(portal, secretary, op(), first.account, role("observer")) == given
    three = op()
    assert revoke(portal, secretary, three, given) == revoke(portal, secretary, three, given) == given
    four = op()
    password = reset_password(portal, secretary, four, first.account).password
    assert reset_password(portal, secretary, four, first.account).password is None
    assert sign_in(portal, "new", password, HERE).must_change
    five = op()
    assert disable_account(portal, secretary, five, first.account, "停用") == first.account
    enable_account(portal, secretary, op(), first.account)
    assert disable_account(portal, secretary, five, first.account, "停用") == first.account
    assert not isinstance(
        sign_in(portal, "new", password, HERE), Refusal
    )  # an old request does not disable again
    done = {"account.create": 10, "account.disable": 1, "account.reset": 1, "role.revoke": 1, "role.grant": 2}
    assert {what: lines(portal, what) for what in done} == done | {
        "account.create": lines(portal, "account.create")
    }


@pytest.mark.parametrize("bad", ["", "x" * 65, "有中文", "a b", "a\nb"])
def test_operations_have_ids_that_can_be_kept(portal, bad):
    target, _ = person(portal, "somebody")
    for answer in (
        create_account(portal, OPERATOR, bad, "new", "新人"),
        grant(portal, OPERATOR, bad, target, role("inspector")),
        revoke(portal, OPERATOR, bad, "m"),
        disable_account(portal, OPERATOR, bad, target, "理由"),
        recuse(portal, Actor(target, "某人", ()), bad, target, "U1", "亲属在该校"),
        issue_token(portal, Actor(target, "某人", ()), bad, "教务系统"),
    ):
        assert code(answer) == "op_id"


@pytest.mark.parametrize(
    ("login", "name", "why"),
    [
        ("x", "名", "login"),
        ("a b", "名", "login"),
        ("a\x00b", "名", "login"),
        ("x" * 81, "名", "login"),
        ("<script>", "名", "login"),
        ("good", "", "name"),
        ("good", "  ", "name"),
        ("good", "a\x00b", "name"),
        ("good", "x" * 201, "name"),
        ("good", "名\u202e字", "name"),
    ],
)
def test_names_that_can_be_read(portal, login, name, why):
    assert code(create_account(portal, OPERATOR, op(), login, name)) == why


def test_who_belonged_to_a_university_keeps_away_from_it_until_the_secretariat_says_so(portal, cast):
    target, _ = person(portal, "mover", role("filler", "U1"))
    held = next(one for one in list_accounts(portal, OPERATOR) if one.account == target).held[0].membership
    revoke(portal, OPERATOR, op(), held)
    grant(portal, cast["secretary"], op(), target, role("inspector"))
    own = Object("R1", "U1", "评审中", frozenset({target}))
    foreign = Object("R1", "U2", "评审中", frozenset({target}))
    assert not may(actor(portal, target), "answer.read", own)
    assert may(actor(portal, target), "answer.read", foreign)
    recusal = recuse(portal, cast["secretary"], op(), target, "U1", "本单位人员")
    assert lift_recusal(portal, cast["secretary"], op(), recusal, "离开满三年") == recusal
    assert may(actor(portal, target), "answer.read", own)
    assert recuse(portal, actor(portal, target), op(), target, "U2", "配偶在该校任职")  # oneself, at any time
    assert not may(actor(portal, target), "answer.read", foreign)
    assert code(recuse(portal, actor(portal, target), op(), target, "U2", " ")) == "reason"


def test_a_secretary_of_one_round_declares_recusals_and_lifts_none(portal, cast):
    """A recusal holds in every round: who runs one of them may only make it stricter."""
    who = cast["inspector"].id
    recusal = recuse(portal, cast["helper"], op(), who, "U1", "配偶在该校任职", round_id="R1")
    own = Object("R1", "U1", "评审中", frozenset({who}))
    assert not may(actor(portal, who), "answer.read", own)
    assert code(recuse(portal, cast["helper"], op(), who, "U2", "配偶在该校任职")) == "forbidden"
    assert code(lift_recusal(portal, cast["helper"], op(), recusal, "已经离任")) == "missing"
    assert not may(actor(portal, who), "answer.read", own)
    assert lift_recusal(portal, cast["secretary"], op(), recusal, "已经离任") == recusal
    assert may(actor(portal, who), "answer.read", own)


def test_a_list_shows_whom_one_looks_after(portal, cast):
    def names(who):
        return {one.login for one in list_accounts(portal, cast[who])}

    everybody = set(cast)
    assert names("admin") == names("secretary") == everybody
    assert names("head") == {"head", "filler"}
    assert names("other") == {"other"}
    assert names("helper") == {"helper"}
    grant(portal, OPERATOR, op(), cast["filler"].id, role("inspector"))
    seen = next(one for one in list_accounts(portal, cast["head"]) if one.login == "filler")
    assert [one.role for one in seen.held] == [
        "filler"
    ]  # what else the account does is not the head's business
    page = list_accounts(portal, cast["admin"], limit=3)
    rest = list_accounts(portal, cast["admin"], after=page[-1].login)
    assert [one.login for one in (*page, *rest)] == sorted(everybody)


def test_an_identity_of_single_sign_on_replaces_the_password(portal, cast):
    made = create_account(portal, OPERATOR, op(), "sso", "单点", issuer=ISSUER, subject="1")
    assert made.password is None
    target, token = person(portal, "somebody")
    assert code(link_identity(portal, OPERATOR, op(), target, ISSUER, "1")) == "login_taken"
    assert link_identity(portal, OPERATOR, op(), target, ISSUER, "2") == target
    assert isinstance(who_am_i(portal, token), Refusal)
    assert code(sign_in(portal, "somebody", GOOD, HERE)) == "sign_in"
    assert code(reset_password(portal, OPERATOR, op(), target)) == "sso_only"
    for issuer, subject in ((ISSUER, None), (None, "1"), ("ftp://x", "1"), (ISSUER, "")):
        assert (
            code(create_account(portal, OPERATOR, op(), "new", "新", issuer=issuer, subject=subject))
            == "identity"
        )
    assert (
        code(create_account(portal, OPERATOR, op(), "new", "新", issuer=ISSUER, subject="2")) == "login_taken"
    )


# ------------------------------------------------------------------------------------------------- tokens


def test_a_token_does_what_its_owner_does_and_ends_with_the_account(portal, cast):
    """ASVS 7.4.2, 8.3.2."""
    head = cast["head"]
    made = issue_token(portal, head, op(), "后勤系统", 30)
    assert made.token.startswith("zst_")
    assert who_calls(portal, made.token) == actor(portal, head.id)
    assert isinstance(who_am_i(portal, made.token), Refusal)  # a token is no session, nor a session a token
    portal.clock.pass_by(days=29, hours=23)
    assert not isinstance(who_calls(portal, made.token), Refusal)
    portal.clock.pass_by(hours=1)
    assert code(who_calls(portal, made.token)) == "signed_out"
    for ending in (disable_account, reset_password):
        another = issue_token(portal, actor(portal, head.id), op(), "后勤系统")
        more = ("停用",) if ending is disable_account else ()
        assert not isinstance(ending(portal, OPERATOR, op(), head.id, *more), Refusal)
        assert code(who_calls(portal, another.token)) == "signed_out"
        enable_account(portal, OPERATOR, op(), head.id)
        assert code(who_calls(portal, another.token)) == "signed_out"


def test_tokens_are_each_ones_own_shown_once_and_not_without_number(portal, cast):
    head, other = cast["head"], cast["other"]
    one = op()
    made = issue_token(portal, head, one, "后勤系统")
    assert issue_token(portal, head, one, "后勤系统") == type(made)(made.id, None, None)
    assert code(revoke_token(portal, other, op(), made.id)) == "missing"
    assert list_tokens(portal, other) == ()
    assert revoke_token(portal, head, op(), made.id) == made.id
    assert code(who_calls(portal, made.token)) == "signed_out"
    (line,) = list_tokens(portal, head)
    assert line.revoked_at is not None
    assert made.token not in str(line)
    for _ in range(20):
        assert not isinstance(issue_token(portal, head, op(), "后勤系统"), Refusal)
    assert code(issue_token(portal, head, op(), "后勤系统")) == "tokens_most"
    assert code(issue_token(portal, other, op(), " ")) == "title"
    assert code(issue_token(portal, other, op(), "后勤系统", 400)) == "days"
    fresh = Actor(other.id, other.name, (), must_change=True)
    assert code(issue_token(portal, fresh, op(), "后勤系统")) == "forbidden"
    assert code(issue_token(portal, STRANGER, op(), "后勤系统")) == "forbidden"
