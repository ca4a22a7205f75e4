"""The process that writes is killed with signal 9: no acknowledged answer is lost, none is there twice."""

from killing import kill_and_look


def test_killing_the_writer_loses_nothing_and_doubles_nothing(store_address):
    acknowledged, _, wrong = kill_and_look(store_address, kills=25)
    assert wrong == []
    assert acknowledged >= 25


def test_it_would_be_noticed_if_answers_were_acknowledged_too_early(store_address):
    _, _, wrong = kill_and_look(store_address, kills=300, too_early=True)
    assert any("is lost" in said for said in wrong)
