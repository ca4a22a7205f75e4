"""Every use case there is, asked for by somebody without a role: nothing is told and nothing changes.

A use case is called with what its parameters are named for, on things that exist. One that cannot be called this way
fails here: say in `ARGUMENTS` what its new parameter stands for.
"""

import importlib
import inspect
import pkgutil
from collections.abc import Iterable

import pytest
from people_world import op, role, round_values, world
from sqlalchemy import insert, select
from sqlalchemy import inspect as look_at

import portal.use_cases
from portal.policy import Actor
from portal.portal import USE_CASES
from portal.refusal import Refusal
from portal.store.tables import accounts, assessments, metadata, rounds, subjects, universities

for _module in pkgutil.walk_packages(portal.use_cases.__path__, "portal.use_cases."):
    importlib.import_module(_module.name)

ASSESSMENT, SUBJECT, ACCOUNT, UNIVERSITY, ROUND = ("01" + letter * 24 for letter in "ASCVR")
ARGUMENTS = {
    "assessment": ASSESSMENT,
    "assessments": (ASSESSMENT,),
    "account": ACCOUNT,
    "inspector": ACCOUNT,
    "reviewer": ACCOUNT,
    "university": UNIVERSITY,
    "universities": (UNIVERSITY,),
    "round_id": ROUND,
    "round": ROUND,
    "subject": SUBJECT,
    "subjects": (SUBJECT,),
    "member": role("filler", UNIVERSITY),
    "issuer": "https://id.example.edu.cn",
    "version": 1,
    "base": 0,
}
"""What a parameter of a name stands for, beyond what its type says."""
BY_TYPE = {"str": "x" * 12, "int": 1, "bool": True, "Any": None, "bytes": b"x"}
STRANGER = Actor("stranger", "陌生人", ())


def argument(name: str, parameter: inspect.Parameter):
    if name == "op_id":
        return op()
    if name in ARGUMENTS:
        return ARGUMENTS[name]
    kind = str(parameter.annotation).removeprefix("typing.").removeprefix("collections.abc.")
    if "None" in kind:
        return None
    if any(
        one in kind for one in ("Sequence[", "Iterable[", "Iterator[", "tuple[", "Collection[", "frozenset[")
    ):
        return ()
    if any(one in kind for one in ("Mapping[", "dict[")):
        return {}
    plain = (
        parameter.annotation
        if isinstance(parameter.annotation, str)
        else getattr(parameter.annotation, "__name__", "")
    )
    if plain in BY_TYPE:
        return BY_TYPE[plain]
    options = getattr(parameter.annotation, "__args__", None)  # a Literal: any of them
    assert options, f"say in ARGUMENTS what {name}: {parameter.annotation} stands for"
    return options[0]


def everything(database):
    with database.read() as connection:
        there = set(look_at(connection).get_table_names())
        return {
            table.name: connection.execute(select(table)).all()
            for table in metadata.sorted_tables
            if table.name in there
        }


@pytest.fixture
def portal_(database, tmp_path, monkeypatch):
    found = world(database, tmp_path, monkeypatch)
    at = found.at()

    def settle(connection):
        connection.execute(
            insert(universities).values(id=UNIVERSITY, code="10357", title="某大学", created_at=at)
        )
        connection.execute(insert(rounds).values(round_values(at) | {"id": ROUND}))
        connection.execute(insert(accounts).values(id=ACCOUNT, login="li", name="李", created_at=at))
        connection.execute(
            insert(assessments).values(
                id=ASSESSMENT, round_id=ROUND, university_id=UNIVERSITY, state="评审中", created_at=at
            )
        )
        connection.execute(
            insert(subjects).values(
                id=SUBJECT, assessment_id=ASSESSMENT, slug="whole", title="全校", kind="university"
            )
        )

    database.write(settle)
    return found


def guarded():
    return [one for one in USE_CASES.values() if one.action is not None]


def test_a_stranger_is_told_nothing_and_changes_nothing(portal_):
    """ASVS 8.2.1, 8.2.2, 8.3.1: every use case has its denial here, also one that is written tomorrow."""
    before = everything(portal_.database)
    open_to_strangers = []
    for one in guarded():
        parameters = list(inspect.signature(one.run).parameters.items())
        assert [name for name, _ in parameters[:2]] == ["portal", "actor"], one.name
        named = {
            name: argument(name, parameter)
            for name, parameter in parameters[2:]
            if parameter.default is inspect.Parameter.empty
        }
        answer = one.run(portal_, STRANGER, **named)
        nothing = isinstance(answer, Iterable) and not list(answer)
        if not nothing and not isinstance(answer, Refusal):
            open_to_strangers.append((one.name, answer))
        if isinstance(answer, Refusal) and answer.kind not in (
            "forbidden",
            "missing",
            "signed_out",
            "invalid",
        ):
            open_to_strangers.append((one.name, answer))
    assert not open_to_strangers
    assert everything(portal_.database) == before
    assert guarded()
