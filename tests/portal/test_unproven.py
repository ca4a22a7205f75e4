"""Facts that were stated and lack proof, on both stores."""

import desks
import pytest

from portal.unproven import unproven


@pytest.fixture
def desk(database, tmp_path):
    return desks.make(database, tmp_path / "blobs")


def lacking(desk):
    edition = desk.portal.library().editions["t", "1"]
    with desk.portal.database.read() as connection:
        return unproven(connection, edition, [desk.ids["a"], desk.ids["b"]])


def test_only_what_was_stated_and_asks_for_proof_is_counted(desk):
    assert lacking(desk) == ()
    desk.save("filler", "c.staff", 40)
    desk.save("filler", "c.licence", False)
    assert lacking(desk) == ()
    desk.save("filler", "c.licence", True, base=1)
    desk.save("stranger", "c.licence", True, subject="other canteen", assessment="b")
    (one,) = lacking(desk)
    assert (one.fact, one.title, one.proof) == ("c.licence", "许可证有效", "许可证照片")
    assert (one.stated, one.lacking, one.share) == (2, 2, "100")
    desks.prove(desk)
    assert [(one.stated, one.lacking, one.share) for one in lacking(desk)] == [(2, 1, "50")]
