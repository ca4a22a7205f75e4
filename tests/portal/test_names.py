"""Names are for showing only: one line, nothing invisible, no path, a safe header."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portal.evidence.limits import NAME_BYTES
from portal.evidence.names import INVISIBLE, check_name, disposition, shown_name
from portal.evidence.said import Said, is_day, refused
from portal.evidence.verdict import NotTaken


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        ("许可证.pdf", "许可证.pdf"),
        ("invoice\u202egpj.exe", "invoicegpj.exe"),
        ("a\u200bb\ufeff.jpg", "ab.jpg"),
        ("line\nbreak\t.txt", "linebreak.txt"),
        ("  . .hidden. ", "hidden"),
        ("CON.pdf", "_CON.pdf"),
        ("com1", "_com1"),
        ("console.pdf", "console.pdf"),
        ("a:b*c?.pdf", "a_b_c_.pdf"),
        ("e\u0301.txt", "é.txt"),
        ("\ud800.txt", "txt"),
        ("", "未命名"),
        ("\u202e", "未命名"),
        ("照" * 100 + ".jpeg", "照" * 57 + "…" + ".jpeg"),
    ],
)
def test_names_are_cleaned(name, shown):
    assert shown_name(name) == shown


@given(st.text(max_size=300))
def test_whatever_the_name_it_can_be_shown_and_sent(name):
    shown = shown_name(name)
    assert shown == shown_name(shown)
    assert 0 < len(shown.encode()) <= NAME_BYTES + 1
    assert not INVISIBLE.search(shown)
    assert not set(shown) & set('/\\:*?"<>|\r\n\0')
    header = disposition(name, "pdf")
    assert header.isascii()
    assert header.isprintable()
    assert header.startswith("attachment; filename=\"evidence.pdf\"; filename*=UTF-8''")
    assert header.endswith(("pdf", "PDF"))


@pytest.mark.parametrize("name", ["a/b.txt", "a\\b.txt", "C:\\a.txt", "c:a", "..", ".", "", "  ", "a\0.txt"])
def test_paths_are_refused(name):
    with pytest.raises(NotTaken):
        check_name(name)


@pytest.mark.parametrize(
    ("said", "words"),
    [
        (Said(dated="2026-02-30"), "出具日期“2026-02-30”不是日期。请写成 2026-03-01 这样。"),
        (Said(valid_until="2026/3/1"), "有效期“2026/3/1”不是日期。请写成 2026-03-01 这样。"),
        (Said(valid_until="２０２６-03-01"), "有效期“２０２６-03-01”不是日期。请写成 2026-03-01 这样。"),
        (
            Said(dated="2026-03-02", valid_until="2026-03-01"),
            "有效期 2026-03-01 早于出具日期 2026-03-02。请核对这两个日期。",
        ),
        (Said(title="长" * 201), "标题有 201 个字，上限是 200 个。请写短一些。"),
        (Said(issuer="a\0"), "发证单位里有不可见的字符。请重新输入，不要从别处粘贴。"),
    ],
)
def test_what_is_said_of_a_file_is_checked(said, words):
    found = refused(said)
    assert found is not None
    assert found.message == words


def test_what_may_be_said():
    assert refused(Said()) is None
    assert refused(Said("食品经营许可证", "2024-03-01", "2029-02-28", "合肥市市场监督管理局")) is None
    assert is_day("2024-02-29")
