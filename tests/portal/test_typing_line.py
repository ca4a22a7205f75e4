"""Saving over the connection that stays open: the same answers and refusals as by request, and no other way in."""

import json
from contextlib import contextmanager
from pathlib import Path

import desks
import pytest
from anyio import ClosedResourceError
from people_world import op
from pydantic import TypeAdapter
from shells import ORIGIN, WIRE, house
from starlette.testclient import TestClient
from starlette.websockets import WebSocketDisconnect

from portal.api import typing_line
from portal.api.app import create
from portal.live import Score
from portal.people.actors import OPERATOR
from portal.policy import Actor
from portal.store.database import Unavailable
from portal.use_cases.accounts import disable_account
from portal.use_cases.filling_in import score_of
from portal.use_cases.pulse import Pulse, pulse
from portal.web.gate import OVER, Visitor

ROOT = Path(__file__).resolve().parents[2]


class Talk:
    """One person's open connection, behind a gate that knows them."""

    def __init__(self, desk, line):
        self.desk, self.line, self.count = desk, line, 0

    def say(self, text):
        self.line.send_text(text)
        return json.loads(self.line.receive_text())

    def save(self, fact, value, base=0, op="op-1", subject="canteen", **more):
        self.count += 1
        entry = {"subject": self.desk.ids[subject], "fact": fact, "value": value, "base": base}
        return self.ask("fill.save", {"entries": [entry]}, op=op, **more)

    def ask(self, use, body, **more):
        return self.say(json.dumps({"id": self.count, "do": use, "body": body, **more}))


@contextmanager
def talking(desk, who="filler", assessment="a", subject="canteen", actor=None):
    api = create(desk.portal)

    async def known(scope, receive, send):
        if who:
            asking = actor or desk.people[who]
            scope["state"] = {"visitor": Visitor(asking, "", lambda: asking)}
        await api(scope, receive, send)

    path = f"/assessments/{desk.ids[assessment]}/subjects/{desk.ids[subject]}/typing"
    with TestClient(known).websocket_connect(path) as line:
        yield Talk(desk, line)


@pytest.fixture
def desk(sqlite_database, tmp_path):
    return desks.make(sqlite_database, tmp_path / "blobs")


def test_an_answer_is_saved_and_the_score_follows(desk):
    with talking(desk) as talk:
        said = talk.save("c.staff", 40)
    assert (said["id"], said["status"]) == (1, 200)
    assert said["body"]["saved"][0]["version"] == 1
    stands = score_of(desk.portal, desk.people["filler"], desk.ids["a"], desk.ids["canteen"])
    assert said["body"]["score"]["mark"] == stands.mark
    assert said["body"]["score"]["brief"]["low"] == stands.brief.low


def test_the_same_operation_is_done_once_whichever_way_it_comes(desk):
    with talking(desk) as talk:
        first, again = talk.save("c.staff", 40), talk.save("c.staff", 40)
    by_call = desk.save("filler", "c.staff", 40, op_id="op-1")
    assert first["body"]["saved"] == again["body"]["saved"]
    assert by_call.version == 1


def test_what_others_did_and_the_score_are_told_as_by_request(desk):
    filler, a, place = desk.people["filler"], desk.ids["a"], desk.ids["canteen"]
    with talking(desk) as talk:
        mark = talk.save("c.staff", 40)["body"]["score"]["mark"]
        news = talk.ask("fill.pulse", {"since": desk.portal.at()})
        score = talk.ask("fill.score", {"since": mark})
        bad = talk.ask("fill.pulse", {"since": "yesterday"})
    told = pulse(desk.portal, filler, a, place, since=desk.portal.at())
    assert news["body"] == TypeAdapter(Pulse).dump_python(told, mode="json")
    assert [one["fact"] for one in news["body"]["answers"]] == ["c.staff"]
    assert score["body"] == TypeAdapter(Score).dump_python(
        score_of(desk.portal, filler, a, place, since=mark), mode="json"
    )
    assert bad["status"] == 422


def test_two_values_that_meet_are_both_told(desk):
    with talking(desk) as talk:
        talk.save("c.staff", 40)
        (met,) = talk.save("c.staff", 41, op="op-2")["body"]["refused"]
    assert met["kind"] == "conflict"
    assert met["details"]["theirs"]["value"] == 40


@pytest.mark.parametrize(
    ("text", "status"),
    [
        ("hello", 422),
        ("[]", 422),
        ('{"id": 1}', 422),
        ('{"id": 1, "do": "fill.save", "body": {"entries": []}}', 422),
        ('{"id": 1, "do": "account.disable", "op": "a", "body": {}}', 422),
        ('{"id": 1, "do": "fill.pulse", "op": "a", "body": {"since": ""}}', 422),
        ('{"id": -1, "do": "fill.save", "op": "a", "body": {"entries": []}}', 422),
        ('{"id": 1, "do": "fill.save", "op": "a b", "body": {"entries": []}}', 422),
        ('{"id": 1, "do": "fill.save", "op": "a", "body": {"entries": [], "origin": "api"}}', 422),
        ('{"id": 1, "do": "fill.save", "op": "a", "body": {"entries": [{"subject": "x"}]}}', 422),
        ('{"id": 1, "do": "fill.save", "op": "a", "op": "b", "body": {"entries": []}}', 422),
    ],
)
def test_what_is_no_message_is_refused_with_its_place_and_the_line_stays_open(desk, text, status):
    with talking(desk) as talk:
        said = talk.say(text)
        assert (said["status"], said["body"]["status"]) == (status, status)
        assert said["body"].get("errors") or said["body"]["details"]["errors"]
        assert "。" in said["body"]["detail"]
        assert talk.save("c.staff", 40)["status"] == 200


def test_more_than_a_request_may_bring_is_refused(desk, monkeypatch):
    monkeypatch.setattr(typing_line, "MAX_BODY", 10)
    with talking(desk) as talk:
        assert talk.save("c.staff", 40)["status"] == 413


@pytest.mark.parametrize("who", ["stranger", "inspector"])
def test_who_may_not_fill_in_saves_nothing(desk, who):
    with talking(desk, who) as talk:
        assert talk.save("c.staff", 40)["status"] in (403, 404)
    assert desk.save("filler", "c.staff", 1).version == 1


def test_what_cannot_be_kept_now_is_said_so(desk, monkeypatch):
    def away(*_given, **_more):
        raise Unavailable("the store is away")

    with talking(desk) as talk:
        monkeypatch.setattr(desk.portal.database, "write", away)
        said = talk.save("c.staff", 40)
    assert said["status"] == 503
    assert "稍后" in said["body"]["detail"]


def test_while_it_cannot_be_asked_who_it_is_nothing_is_done(desk):
    def away():
        raise Unavailable("the store is away")

    where = desk.ids["a"], desk.ids["canteen"]
    text = json.dumps({"id": 7, "do": "fill.pulse", "body": {"since": ""}})
    said = json.loads(typing_line.answered(desk.portal, away, where, text))
    assert (said["id"], said["status"]) == (7, 503)


def test_nobody_gets_a_line(desk):
    with pytest.raises(WebSocketDisconnect) as ended, talking(desk, who=None):
        pass
    assert ended.value.code == typing_line.STRANGER == OVER


def test_each_message_is_on_behalf_of_who_is_asking_then(sqlite_database, tmp_path, monkeypatch):
    """The gate looks again before each message: what was taken away a moment ago is gone."""
    seen = []

    def heard(_portal, asking, *_where):
        actor = asking()
        seen.append(actor)
        return actor and "{}"

    monkeypatch.setattr(typing_line, "answered", heard)
    with house(sqlite_database, tmp_path, monkeypatch, ROOT) as home:
        li = home.browser()
        li.sign_in("li")
        path = f"{WIRE}/api/v1/assessments/a/subjects/s/typing"
        with li.websocket_connect(path, headers={"origin": ORIGIN}) as line:
            line.send_text("{}")
            line.receive_text()
            (one,) = seen
            assert isinstance(one, Actor)
            disable_account(home.portal, OPERATOR, op(), one.id, "离职")
            line.send_text("{}")
            with pytest.raises((WebSocketDisconnect, ClosedResourceError)):
                line.receive_text()
    assert seen in ([one], [one, None])
