"""The API: every use case has its address or a reason, every address a guard, and what it does is what the pages do."""

import itertools
import json

import desks
import pytest
from starlette.applications import Starlette
from starlette.routing import Mount
from starlette.testclient import TestClient

from portal.api.app import PREFIX, create
from portal.api.table import CALLS, NOT_HERE, STREAMED
from portal.health import Doctor
from portal.metrics import Metrics
from portal.people import tokens
from portal.portal import USE_CASES
from portal.store.database import Unavailable
from portal.store.tables import subjects
from portal.use_cases import register_all
from portal.watch import Watched
from tests.portal.good_files import photo


class Calling:
    """The world of filling in, asked over HTTP with each person's token."""

    def __init__(self, desk):
        self.desk, self.count = desk, itertools.count(1)
        self.client = TestClient(create(desk.portal), raise_server_exceptions=False)
        self.tokens = {name: self.token(one) for name, one in desk.people.items()}

    def token(self, actor):
        now = self.desk.time[0]
        issued = self.desk.portal.database.write(
            lambda connection: tokens.issue(connection, actor.id, "系统", 180, now)
        )
        return issued[1]

    def __call__(self, method, path, *, who="filler", key=None, **more):
        headers = {"Authorization": f"Bearer {self.tokens[who]}"} if who else {}
        if method != "GET":
            headers["Idempotency-Key"] = key or f"call-{next(self.count)}"
        return self.client.request(method, path, headers=headers | more.pop("headers", {}), **more)

    def answer(self, fact, subject="canteen"):
        return f"/assessments/{self.desk.ids['a']}/subjects/{self.desk.ids[subject]}/answers/{fact}"

    def slug(self, name):
        return self.desk.rows(subjects, subjects.c.id == self.desk.ids[name])[0].slug


@pytest.fixture
def call(database, tmp_path):
    return Calling(desks.make(database, tmp_path / "blobs"))


def told(response, status, code=None):
    """Check that an answer says no as it should: a problem, in Chinese, with a next step."""
    assert response.status_code == status, response.text[:500]
    body = response.json()
    assert response.headers["content-type"] == "application/problem+json"
    assert body["status"] == status
    assert "。" in body["detail"]
    assert "Traceback" not in response.text
    assert code in (None, body["code"]), body
    return body


def test_every_use_case_has_an_address_or_a_reason():
    register_all()
    here = [call.use_case for call in CALLS]
    assert sorted([*here, *STREAMED, *NOT_HERE]) == sorted(USE_CASES)


def test_every_route_is_a_use_case_and_asks_for_a_token(call):
    paths = call.client.app.openapi()["paths"]
    asked = 0
    for path, methods in paths.items():
        for method, route in methods.items():
            assert route["x-use-case"] in USE_CASES
            assert route["security"] == [{"HTTPBearer": []}]
            where = path.replace("{number}", "0").replace("{", "").replace("}", "")
            told(call(method.upper(), where, who=None), 401)
            asked += 1
    assert asked == len(CALLS) + len(STREAMED)


def test_reading_and_writing_agree_with_their_methods():
    register_all()
    for one in CALLS:
        assert USE_CASES[one.use_case].writes is (one.method != "GET"), one


def test_the_description_is_openapi_3_1(call):
    made = call("GET", "/openapi.json", who=None).json()
    assert made["openapi"].startswith("3.1")


def test_an_answer_is_saved_read_and_scored(call):
    saved = call("PUT", call.answer("c.staff"), json={"value": 40, "base": 0})
    assert (saved.status_code, saved.json()["version"]) == (200, 1)
    form = call("GET", call.answer("").rstrip("/")).json()
    assert form["answers"]["c.staff"]["value"] == 40
    assert form["answers"]["c.staff"]["origin"] == "api"
    score = call("GET", f"/assessments/{call.desk.ids['a']}/score").json()
    assert score["standard"] == "t" or score["format"]


def test_asked_twice_done_once(call):
    first = call("PUT", call.answer("c.staff"), key="same", json={"value": 40, "base": 0})
    again = call("PUT", call.answer("c.staff"), key="same", json={"value": 40, "base": 0})
    assert first.json() == again.json()
    told(call("PUT", call.answer("c.passed"), key="same", json={"value": 1, "base": 0}), 409)


def test_a_stale_save_is_told_both_values(call):
    call("PUT", call.answer("c.staff"), json={"value": 40, "base": 0})
    body = told(call("PUT", call.answer("c.staff"), json={"value": 41, "base": 0}), 409)
    assert "40" in json.dumps(body["details"], ensure_ascii=False)


def test_a_draft_of_another_university_is_not_there(call):
    call("PUT", call.answer("c.staff"), json={"value": 40, "base": 0})
    told(call("GET", call.answer("").rstrip("/"), who="stranger"), 404)
    told(call("PUT", call.answer("c.staff"), who="stranger", json={"value": 1, "base": 1}), 404)
    told(call("GET", f"/assessments/{call.desk.ids['a']}/score", who="stranger"), 404)


def test_a_token_that_is_withdrawn_opens_nothing(call):
    now = call.desk.time[0]
    filler = call.desk.people["filler"]
    assert call("GET", "/assessments").status_code == 200
    call.desk.portal.database.write(lambda connection: tokens.end_all(connection, filler.id, now))
    told(call("GET", "/assessments"), 401)


def test_the_store_away_is_told_and_may_be_tried_again(call, monkeypatch):
    def away(*_args, **_more):
        raise Unavailable("disk full")

    monkeypatch.setattr(type(call.desk.portal.database), "write", away)
    answer = call("PUT", call.answer("c.staff"), json={"value": 40, "base": 0})
    told(answer, 503)
    assert answer.headers["retry-after"]
    assert "disk" not in answer.text


def test_what_nobody_foresaw_is_told_without_its_insides(call, monkeypatch):
    def broken(*_args, **_more):
        raise RuntimeError("secret inside")

    monkeypatch.setattr(type(call.desk.portal.database), "read", broken)
    answer = call("GET", "/rounds")
    body = told(answer, 500)
    assert body["request_id"] == answer.headers["x-request-id"]
    assert "secret" not in answer.text


def test_every_answer_carries_headers_that_let_nothing_run(call):
    for answer in (call("GET", "/rounds"), call("GET", "/rounds", who=None), call("GET", "/nothing")):
        assert answer.headers["x-content-type-options"] == "nosniff"
        assert answer.headers["cache-control"] == "no-store"
        assert "default-src 'none'" in answer.headers["content-security-policy"]


def test_photos_taken_on_site_go_up_and_come_down(call):
    desk = call.desk
    desk.save("filler", "c.staff", 10)
    desk.submit()
    assign = {"account": desk.people["inspector"].id}
    where = f"/assessments/{desk.ids['a']}"
    assert call("POST", where + "/assignments", who="secretary", json=assign).status_code == 200
    desk.advance("评审中")
    spot = f"{where}/subjects/{desk.ids['canteen']}/photos/c.staff?name=a.jpg"
    told(call("POST", spot, content=photo()), 403)
    taken = call("POST", spot, who="inspector", key="photo", content=photo())
    assert taken.status_code == 200, taken.text
    assert call("POST", spot, who="inspector", key="photo", content=photo()).json() == taken.json()
    (listed,) = call("GET", where + "/photos", who="secretary").json()
    assert listed["id"] == taken.json()["id"]
    fetched = call("GET", f"/photos/{listed['id']}", who="secretary")
    assert (fetched.status_code, fetched.headers["content-type"]) == (200, "image/jpeg")
    assert call("GET", f"/photos/{listed['id']}?original=true", who="inspector").content == photo()
    told(call("GET", f"/photos/{listed['id']}"), 404)
    body = {"shown": True, "reason": "请整改"}
    shown = call("POST", f"/photos/{listed['id']}/showing", who="secretary", json=body)
    assert shown.status_code == 200, shown.text
    assert call("GET", f"/photos/{listed['id']}").status_code == 200


def test_figures_by_route_hold_no_ids(call):
    """Counted and timed by method, pattern and class of status, also below the address where the API is mounted."""
    metrics = Metrics()
    mounted = Starlette(routes=[Mount(PREFIX, call.client.app)])
    client = TestClient(Watched(mounted, Doctor({}), metrics))
    ids = [*call.desk.ids.values(), "made-up"]
    for one in ids:
        for who in ("filler", None):
            headers = {"Authorization": f"Bearer {call.tokens[who]}"} if who else {}
            client.get(f"{PREFIX}/assessments/{one}/score", headers=headers)
            client.get(f"{PREFIX}/nothing/{one}", headers=headers)
    text = metrics.text().decode()
    name = 'method="GET",route="/assessments/{assessment}/score",status='
    assert f'zhunsheng_requests_total{{{name}"2xx"}} 1.0' in text
    assert f'zhunsheng_requests_total{{{name}"4xx"}} {2 * len(ids) - 1}.0' in text
    assert f'zhunsheng_request_seconds_count{{{name}"2xx"}} 1.0' in text
    assert f'zhunsheng_requests_total{{method="GET",route="{PREFIX}",status="4xx"}} {2 * len(ids)}.0' in text
    assert not [one for one in ids if one in text]


# A whole submission --------------------------------------------------------------------------------------------


def document(call, **more):
    return {
        "standard": "t",
        "edition": "1",
        "as_of": "2026-09-30",
        "origin": "invented",
        "subject": {"id": call.slug("school"), "title": "A 大学", "kind": "学校"},
        "answers": {"s.plan": True},
        "units": [
            {
                "subject": {"id": call.slug("canteen"), "title": "A 一食堂", "kind": "食堂"},
                "answers": {"c.staff": 40, "c.passed": {"value": 39, "note": "两人补考"}},
                "not_applicable": {"cold": "没有凉菜间"},
            }
        ],
    } | more


def test_a_whole_submission_is_taken(call):
    path = f"/assessments/{call.desk.ids['a']}/submission"
    done = call("POST", path, key="whole", json={"submission": document(call)})
    assert done.status_code == 200, done.text
    assert [one["name"] for one in done.json()["answers"]] == ["s.plan", "c.staff", "c.passed"]
    assert [one["name"] for one in done.json()["claims"]] == ["cold"]
    again = call("POST", path, key="whole", json={"submission": document(call)})
    assert again.json() == done.json()


def test_what_somebody_answered_meanwhile_is_not_overwritten(call):
    call("PUT", call.answer("c.staff"), json={"value": 41, "base": 0})
    path = f"/assessments/{call.desk.ids['a']}/submission"
    done = call("POST", path, json={"submission": document(call)}).json()
    assert [one["name"] for one in done["answers"]] == ["s.plan", "c.passed"]
    assert [one["kind"] for one in done["refused"]] == ["conflict"]
    based = {call.slug("canteen"): {"c.staff": 1}}
    body = {"submission": document(call), "versions": based}
    assert "c.staff" in [one["name"] for one in call("POST", path, json=body).json()["answers"]]


@pytest.mark.parametrize(
    ("wrong", "code"),
    [
        ({"standard": "u"}, "schema"),
        ({"answers": {"c.unknown": 1}}, "schema"),
        ({"answers": {"s.plan": "也许"}}, "schema"),
        ({"answers": {"s.meetings": 13}}, "schema"),
        ({"judged": {"plan": {"points": 2, "reason": "好"}}}, "schema"),
        ({"subject": {"id": "elsewhere", "title": "别处", "kind": "学校"}}, "subject"),
    ],
)
def test_a_submission_that_does_not_fit_is_not_taken_at_all(call, wrong, code):
    path = f"/assessments/{call.desk.ids['a']}/submission"
    body = told(call("POST", path, json={"submission": document(call, **wrong)}), 422, code)
    assert body["detail"]
    assert desks.standing(call.desk) == {}


def test_the_schema_of_a_round_is_given_to_who_takes_part(call):
    path = f"/rounds/{call.desk.ids['round']}/schema"
    made = call("GET", path).json()
    assert "c.staff" in made["$defs"]["Answers"]["properties"]
    told(call("GET", "/rounds/nothing/schema"), 404)
