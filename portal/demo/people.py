"""Accounts of the demonstration: one known password, and logins that say what they are for."""

from dataclasses import dataclass

from argon2.low_level import Type, hash_secret
from sqlalchemy import Connection, insert

from portal.moment import moment_of, new_id
from portal.people.passwords import HASHER
from portal.policy import TITLES, Actor, Member, Role
from portal.store.tables import accounts, memberships
from portal.trail import Entry, append

PASSWORD = "zhunsheng-demonstration"  # noqa: S105  everybody is meant to know it
"""Of every account of the demonstration. It is no default of anything else."""

INSPECTORS = 12
FEWEST_INSPECTORS = 3


def known_hash() -> str:
    """Return the hash of the known password, always the same: it hides nothing, so its salt need not be of chance."""
    made = hash_secret(
        PASSWORD.encode(),
        b"demonstration---",
        time_cost=HASHER.time_cost,
        memory_cost=HASHER.memory_cost,
        parallelism=HASHER.parallelism,
        hash_len=HASHER.hash_len,
        type=Type.ID,
    )
    return made.decode()


@dataclass(frozen=True, slots=True)
class Person:
    """An account to be made."""

    login: str
    name: str
    role: Role
    university: str | None = None


def staff() -> list[Person]:
    """Return the accounts that belong to no university."""
    found = [
        Person("admin", "管理员（演示）", "administrator"),
        Person("secretariat", "秘书处（演示）", "secretariat"),
        Person("observer", "观察员（演示）", "observer"),
    ]
    return found + [
        Person(f"inspector-{number:02}", f"评审专家 {number:02}（演示）", "inspector")
        for number in range(1, INSPECTORS + 1)
    ]


def of_university(code: str, title: str, university: str) -> list[Person]:
    """Return the two accounts of a university."""
    number = code.removeprefix("demo-")
    return [
        Person(f"filler-{number}", f"{title}填报员", "filler", university),
        Person(f"approver-{number}", f"{title}负责人", "approver", university),
    ]


def admit(connection: Connection, people: list[Person], at: str) -> dict[str, Actor]:
    """Make accounts, each with its role and its line in the trail, and return them by login."""
    kept, moment, found = known_hash(), moment_of(at), dict[str, Actor]()
    rows, roles = [], []
    for one in people:
        account = new_id(moment)
        rows.append(
            {
                "id": account,
                "login": one.login,
                "name": one.name,
                "password": kept,
                "created_at": at,
                "must_change": False,
            }
        )
        roles.append(
            {
                "id": new_id(moment),
                "account_id": account,
                "role": one.role,
                "university_id": one.university,
                "granted_at": at,
            }
        )
        found[one.login] = Actor(account, one.name, (Member(one.role, one.university),))
    connection.execute(insert(accounts), rows)
    connection.execute(insert(memberships), roles)
    for one in people:
        account = found[one.login].id
        told = {"login": one.login, "roles": [TITLES[one.role]]}
        append(
            connection,
            Entry(f"demo-{one.login}", f"u:{account}", at, "demo", "account.create", account, told),
        )
    return found
