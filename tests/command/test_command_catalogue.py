"""zhunsheng catalogue: every book as a page to read."""

from pathlib import Path

from tests.command.conftest import Type


def test_every_book_becomes_two_files(typed: Type, repository: Path) -> None:
    out = repository / "pages" / "new"
    done = typed("catalogue", "--out", out)
    assert (done.code, done.err) == (0, "")
    assert done.out.count("已写入") == 2
    assert sorted(path.name for path in out.iterdir()) == ["t-1.html", "t-1.md"]
    markdown, page = (out / "t-1.md").read_text("utf-8"), (out / "t-1.html").read_text("utf-8")
    assert markdown.startswith("# 试行标准")
    assert page.startswith('<!doctype html>\n<html lang="zh-CN">')
    assert "<li><a href=" in page
    assert "<table>" in page
    assert "http" not in page.replace("https://json-schema", "")


def test_one_book_only(typed: Type, repository: Path) -> None:
    assert typed("catalogue", "t", "--out", repository / "pages").out.count("已写入") == 2
    assert typed("catalogue", "x", "--out", repository / "pages").code == 2


def test_a_folder_that_cannot_be_made(typed: Type, repository: Path) -> None:
    (repository / "file").write_text("", "utf-8")
    done = typed("catalogue", "--out", repository / "file" / "below")
    assert done.code == 2
    assert done.err.startswith("建不了文件夹")
