"""What the API's own description promises: every operation, asked at random within it and against it, keeps to it.

Each operation is asked with ids that exist and with made-up ones, by everybody in turn. No answer may be a fault of
ours, none of another type or shape than described, and none but a refusal may follow from what the description forbids.
"""

import itertools
import os
from functools import cache

import desks
import pytest
import schemathesis
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from schemathesis import GenerationMode
from schemathesis.checks import not_a_server_error
from schemathesis.core.failures import FailureGroup
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_schema_conformance,
    status_code_conformance,
)
from test_api import Calling

from portal.api.app import create
from portal.store.database import open_store
from portal.use_cases.uploads import add_evidence
from tests.portal.good_files import photo

WHO = ("filler", "secretary", "approver", "inspector", "stranger", "observer")
KEEPS_TO = (
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_schema_conformance,
)
EXAMPLES = 60 if os.environ.get("ZHUNSHENG_SOAK") else 6
"""Of each kind and operation: the whole walk has to fit into a minute."""


@cache
def described():
    """Return the description, and the operations in it by their ids."""
    found = create(None).openapi()
    names = {one["operationId"]: path for path, ways in found["paths"].items() for one in ways.values()}
    return found, names


class World(Calling):
    """One world for all operations: a round that is open, answers, a file."""

    def __init__(self, desk):
        super().__init__(desk)
        desk.save("filler", "c.staff", 40)
        place = (desk.ids["a"], desk.ids["canteen"], "c.licence")
        piece = add_evidence(
            desk.portal, desk.people["filler"], *place, "许可证.jpg", photo(), op_id=desk.op()
        )
        self.schema = schemathesis.openapi.from_asgi("/openapi.json", self.client.app)
        ids = list(desk.ids.values()) + [one.id for one in desk.people.values()]
        self.known = st.sampled_from([*ids, piece.id, "c.staff", "s.plan", "trained", "t", "1", "made-up"])


@pytest.fixture(scope="module")
def world(sqlite_template, tmp_path_factory):
    folder = tmp_path_factory.mktemp("schema")
    (folder / "zhunsheng.db").write_bytes(sqlite_template.read_bytes())
    store = open_store(str(folder / "zhunsheng.db"))
    yield World(desks.make(store, folder / "blobs"))
    store.close()


def likely(world, name):
    """Draw a value for a part of an address: mostly an id of the right kind."""
    ids = world.desk.ids
    right = {"assessment": ids["a"], "subject": ids["canteen"], "round_id": ids["round"], "fact": "c.staff"}
    right |= {"indicator": "trained", "university": ids["A"], "standard": "t", "edition": "1"}
    return st.one_of(st.just(right[name]), world.known) if name in right else world.known


def walk(world, name, mode):
    """Ask one operation some times, and hold each answer against the description."""
    operation = world.schema.find_operation_by_id(name)
    turn = itertools.cycle(WHO)

    @settings(
        max_examples=EXAMPLES,
        deadline=None,
        derandomize=True,
        database=None,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(operation.as_strategy(generation_mode=mode), st.data())
    def ask(case, data):
        for part in case.path_parameters or {}:
            if mode is GenerationMode.POSITIVE and part != "number":
                case.path_parameters[part] = data.draw(likely(world, part))
        answer = case.call(headers={"Authorization": f"Bearer {world.tokens[next(turn)]}"})
        case.validate_response(answer, checks=KEEPS_TO)
        if answer.status_code >= 400:
            assert "。" in answer.json()["detail"]
            assert "Traceback" not in answer.text

    ask()


@pytest.mark.parametrize(
    "mode", [GenerationMode.POSITIVE, GenerationMode.NEGATIVE], ids=["within", "against"]
)
@pytest.mark.parametrize("name", sorted(described()[1]))
def test_every_operation_keeps_to_its_description(world, name, mode):
    walk(world, name, mode)


def test_every_operation_is_walked():
    found, names = described()
    assert len(names) == sum(len(ways) for ways in found["paths"].values())
    assert len(names) > 80


def test_the_walk_bites(sqlite_address, tmp_path, monkeypatch):
    """A type of file that the description does not know, and a store that breaks, are found."""
    store = open_store(sqlite_address)
    world = World(desks.make(store, tmp_path / "blobs"))
    walk(world, "evidence_list", GenerationMode.POSITIVE)
    desks.prove(world.desk)
    with pytest.raises(FailureGroup, match="violates schema"):
        walk(world, "evidence_list", GenerationMode.POSITIVE)
    monkeypatch.setattr(type(store), "read", lambda _: 1 / 0)
    with pytest.raises(FailureGroup, match="Server error"):
        walk(world, "round_list", GenerationMode.POSITIVE)
    monkeypatch.undo()
    store.close()
