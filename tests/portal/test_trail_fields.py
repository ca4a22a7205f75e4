"""The trail takes ids, states and fingerprints; no password, token, answer or file finds a field in it."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import func, select

from portal.policy import ACTIONS
from portal.store.tables import log
from portal.trail import Entry, append
from portal.trail_fields import COMMON, FIELDS, HIDDEN, LONGEST, Undisclosed, allowed
from tests.portal.trails import moment

NEVER = (
    *("password", "old_password", "token", "api_token", "secret", "cookie", "authorization", "session"),
    *("value", "content", "text", "answer", "note", "document", "file", "body", "private_key"),
)
SECRETS = (
    "$argon2id$v=19$m=19456,t=2,p=1$c29tZXNhbHQ$aGFzaA",
    "Bearer abcdef",
    "eyJhbGciOiJFZERTQSJ9.eyJzdWIiOiIxIn0.c2ln",
    "-----BEGIN PRIVATE KEY-----\nMC4CAQ",
    "RWQAAEIyAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAwg3UBLFifa8=",
)


@pytest.mark.parametrize("name", NEVER)
def test_no_action_has_a_field_for_what_must_not_be_told(name):
    for action in [*ACTIONS, *FIELDS, "something.new"]:
        with pytest.raises(Undisclosed, match="no field"):
            allowed(action, {name: "x"})


@pytest.mark.parametrize(
    "value",
    [
        "x" * 2001,
        "nul\x00",
        "\ud800",
        b"bytes",
        1.5,
        object(),
        ["x" * 2001],
        {"password": "x"},
        {"new": {"session_token": "x"}},
        {"a": {"b": {"c": {"d": 1}}}},
        {1: 2},
        [["ok", ["deep", ["too deep"]]]],
    ],
)
def test_what_has_no_place_is_refused_and_not_told(value):
    with pytest.raises(Undisclosed) as told:
        allowed("account.disable", {"reason": value})
    assert "xx" not in str(told.value)


@pytest.mark.parametrize("secret", SECRETS)
def test_what_looks_like_a_secret_is_hidden_wherever_it_stands(secret):
    found = allowed(
        "answer.save", {"reason": f"说明：{secret}", "saved": [["a", secret]], "source": {secret: 1}}
    )
    assert found["reason"] == f"说明：{HIDDEN}"
    assert secret not in json.dumps(found, ensure_ascii=False)


@pytest.mark.parametrize(
    "details",
    [
        {},
        {"subject": "01ABC", "fact": "canteen.staff", "version": 3, "sha256": "0" * 64},
        {"saved": [["01ABC", f"canteen.fact_{n}", 1, "0" * 64] for n in range(2000)], "at": moment(1)},
        {"reason": "材料不全，退回补充。" * 100, "from": "已提交", "to": "填报中"},
        {"source": {"ids": ["a", "b"], "whole": True, "nothing": None}},
    ],
)
def test_what_a_use_case_has_to_say_is_taken_as_it_is(details):
    assert allowed("answer.save", details) == details


def test_a_file_does_not_fit_in_pieces_either():
    with pytest.raises(Undisclosed, match="fingerprints"):
        allowed("answer.save", {"saved": ["x" * 200] * (LONGEST // 200 + 1)})


def test_every_action_of_the_table_of_permissions_that_changes_something_is_listed():
    reads = {one for one in ACTIONS if one.split(".")[1].startswith("read")} - {"evidence.read"}
    assert set(ACTIONS) - reads <= set(FIELDS)


def test_a_line_that_is_refused_leaves_nothing(database):
    line = Entry("op", "u:1", moment(1), "u1", "account.manage", "u1", {"password": "hunter2"})
    with pytest.raises(Undisclosed) as told:
        database.write(lambda c: append(c, line))
    assert "hunter2" not in str(told.value)
    with database.read() as connection:
        assert connection.execute(select(func.count()).select_from(log)).scalar_one() == 0


def test_without_the_list_it_would_be_written(database, monkeypatch):
    monkeypatch.setattr("portal.trail.allowed", lambda _, details: details)
    line = Entry("op", "u:1", moment(1), "u1", "account.manage", "u1", {"password": "hunter2"})
    database.write(lambda c: append(c, line))
    with database.read() as connection:
        assert "hunter2" in connection.execute(select(log.c.details)).scalar_one()


@given(st.dictionaries(st.text(max_size=12), st.text(max_size=30), max_size=4))
def test_only_listed_names_pass(details):
    try:
        found = allowed("claim.save", details)
    except Undisclosed:
        return
    assert set(found) == set(details) <= COMMON | FIELDS["claim.save"]
