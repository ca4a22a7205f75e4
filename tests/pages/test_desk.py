"""The pieces that the pages of the secretariat share."""

from app_pages.components.desk import distinct, in_file, label, matches
from app_pages.components.tables import csv_of, table


def test_titles_that_are_there_twice_can_be_told_apart():
    assert distinct({"1": "张伟", "2": "李娜", "3": "张伟"}) == {"1": "张伟", "2": "李娜", "3": "张伟（2）"}


def test_a_file_opens_in_chinese_and_holds_no_formula():
    made = csv_of(("学校", "数"), [("=1+1", -3), ("@cmd", None), ("甲,乙", "+4.5%")])
    assert made.startswith(b"\xef\xbb\xbf")
    assert made.decode("utf-8-sig").splitlines() == ["学校,数", "'=1+1,-3", "'@cmd,", '"甲,乙",+4.5%']


def test_a_table_names_its_rows_and_leaves_blanks_out_on_a_phone():
    made = table(("学校", "<截止>"), [("甲", "—")], "表")
    assert '<th scope="row">甲</th>' in made
    assert '<td data-label="&lt;截止&gt;" class="zs-blank">' in made


def test_looking_for_words_and_naming_files_and_buttons():
    assert matches(" 甲 ", "甲大学")
    assert not matches("乙", "甲大学", "10001")
    assert in_file("a/b:c", "进度.csv") == "abc-进度.csv"
    assert (label("指派", 0, "对"), label("指派", 2, "对")) == ("指派", "指派 2 对")
