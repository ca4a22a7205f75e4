"""Strict YAML: plain data with the place of every value, every mistake with its line.

What other readers guess, this one refuses: duplicate keys, `no` that turns into false, `0123` that
turns octal, `12:30` that turns into 750, anchors in bulk, merge keys, tags, depth and size.
Days stay text, decimals stay exact. It rests on the C parser of PyYAML where that was built.
"""

import re
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

import yaml

from engine.exact import MAX_DIGITS
from engine.problem import Path, Place, Problem

MAX_BYTES = 2_000_000
MAX_DEPTH = 40
MAX_ALIASES = 50
MAX_NODES = 200_000

_Loader: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)

_TAGS = {
    f"tag:yaml.org,2002:{name}"
    for name in ("str", "int", "float", "bool", "null", "timestamp", "merge", "value", "seq", "map")
}
_TAG_OF = {
    kind: f"tag:yaml.org,2002:{name}"
    for kind, name in ((str, "str"), (int, "int"), (Decimal, "float"), (bool, "bool"), (type(None), "null"))
}
_STILL_TEXT = {f"tag:yaml.org,2002:{name}" for name in ("timestamp", "merge", "value")}
_NULL = {"", "~", "null"}
_GUESSED_NULL = re.compile(r"Null|NULL")
_TRUTH = {"true": True, "false": False}
_GUESSED_TRUTH = re.compile(r"(?:y|n|yes|no|on|off|true|false)", re.IGNORECASE)
_INTEGER = re.compile(r"[+-]?(?:0|[1-9][0-9]*)")
_DECIMAL = re.compile(r"[+-]?(?:0|[1-9][0-9]*)\.[0-9]+")
_OCTAL = re.compile(r"[+-]?0[0-9_]+|[+-]?0[xob][0-9a-fA-F_]+")
_SEXAGESIMAL = re.compile(r"[+-]?[0-9][0-9_]*(?::[0-5]?[0-9])+(?:\.[0-9_]*)?")
_ODD_NUMBER = re.compile(
    r"[+-]?(?:[0-9][0-9_]*\.?[0-9_]*|\.[0-9_]+)(?:[eE][+-]?[0-9]+)?|[+-]?\.(?:inf|nan)", re.IGNORECASE
)
_BRACKET = re.compile(r"[\[\]{}]")
_DEEP_LINE = re.compile(r"^[ \-?]{100}", re.MULTILINE)
_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x84\x86-\x9f\ufeff\ud800-\udfff\ufffe\uffff]")


@dataclass(slots=True)
class Document:
    """What a file says, where each value stands, and what is wrong with it."""

    file: str
    data: Any = None
    places: dict[Path, tuple[int, int]] = field(default_factory=dict)
    keys: dict[Path, tuple[int, int]] = field(default_factory=dict)
    problems: list[Problem] = field(default_factory=list)

    def place(self, path: Path) -> Place:
        """Return the place of the value at the path, or of the nearest value around it."""
        for length in range(len(path), -1, -1):
            if path[:length] in self.places:
                return Place(self.file, *self.places[path[:length]])
        return Place(self.file)

    def key_place(self, path: Path) -> Place:
        """Return the place of the key that names the value at the path, or else of the value."""
        return Place(self.file, *self.keys[path]) if path in self.keys else self.place(path)

    def faulty(self, place: Place) -> bool:
        """Whether something is known to be wrong with what stands there: one mistake is told once."""
        return any(problem.place == place for problem in self.problems)


def read_yaml(text: bytes | str, file: str) -> Document:
    """Read one document; the result always comes back, with whatever could be read."""
    document = Document(file)
    source = _decoded(text, document)
    if source is None or _has_control(source, document) or _too_deep(source, document):
        return document
    try:
        root = yaml.compose(source, Loader=_Loader)
        document.data = None if root is None else _Builder(document).build(root, (), 0)
    except yaml.YAMLError as error:
        document.problems.append(_syntax(error, file, source.splitlines()))
    except _Overgrown:
        document.data = None
    return document


class _Overgrown(Exception):
    """The document is larger than it looks; nothing of it is kept."""


def _decoded(text: bytes | str, document: Document) -> str | None:
    size = len(text)
    if size > MAX_BYTES:
        _say(
            document,
            Place(document.file),
            f"文件有 {size:,} 字节，上限是 {MAX_BYTES:,}",
            "请拆成几个文件",
            "size",
        )
        return None
    if isinstance(text, str):
        return text.removeprefix("\ufeff")
    try:
        return text.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = text.count(b"\n", 0, error.start) + 1
        _say(
            document, Place(document.file, line), "这里不是 UTF-8 编码", "请用编辑器另存为 UTF-8", "encoding"
        )
        return None


def _has_control(source: str, document: Document) -> bool:
    found = _CONTROL.search(source)
    if found:
        before = source[: found.start()]
        place = Place(document.file, before.count("\n") + 1, found.start() - before.rfind("\n"))
        what = f"这里有看不见的控制字符 U+{ord(found.group()):04X}"
        _say(document, place, what, "请删去这个字符，或从纯文本重新粘贴", "control")
    return found is not None


def _too_deep(source: str, document: Document) -> bool:
    """Refuse deep nesting before the recursive parser meets it; the exact walk is only for suspects."""
    depth = deepest = 0
    for found in _BRACKET.finditer(source):
        depth = depth + 1 if found.group() in "[{" else max(depth - 1, 0)
        deepest = max(deepest, depth)
    if deepest <= MAX_DEPTH and not _DEEP_LINE.search(source):
        return False
    depth = 0
    try:
        for event in yaml.parse(source, Loader=_Loader):
            if isinstance(event, yaml.CollectionStartEvent):
                depth += 1
                if depth > MAX_DEPTH:
                    mark = event.start_mark
                    assert mark is not None
                    place = Place(document.file, mark.line + 1, mark.column + 1)
                    _say(document, place, _DEEP, "请拆开写", "depth")
                    return True
            elif isinstance(event, yaml.CollectionEndEvent):
                depth -= 1
    except yaml.YAMLError:
        return False
    return False


_DEEP = f"嵌套超过 {MAX_DEPTH} 层"


def _say(document: Document, place: Place, what: str, next_: str, code: str) -> None:
    document.problems.append(Problem(place, what, next_, code))


_LINES = (
    (re.compile(r" *\t"), "缩进用了制表符（Tab）", "请改成空格"),
    (re.compile(r"[ -]*\u3000"), "缩进用了全角空格", "请改成半角空格"),
    (re.compile(r" *(?:- +)*[\w.-]+："), "键后面是全角冒号", "请改成半角冒号加一个空格"),
    (re.compile(r" *(?:- +)*[\w.-]+:(?=[^\s])"), "冒号后面少了空格", "请在冒号后面加一个空格"),
)
"""What a line that cannot be read often has."""

_CLOSE = "请检查这一行和上一行的缩进、冒号和引号"
_SYNTAX = {
    "could not find expected ':'": ("少了冒号", _CLOSE),
    "mapping values are not allowed": (
        "这里不能再写“键: 值”，多半是缩进不对，或值里有冒号没有加引号",
        "请对齐缩进，或给值加引号",
    ),
    "cannot start any token": ("这个字符不能开头", "文字请加引号"),
    "unexpected end of stream": ("引号没有收尾", "请补上引号"),
    "unknown escape character": (r"双引号里的反斜杠 \ 是转义符", r"请写成 \\，或改用单引号"),
    "while parsing a flow": ("方括号或花括号没有配好", "请检查逗号，补上收尾的括号"),
    "did not find expected": ("括号、引号或缩进没有配好", _CLOSE),
    "found undefined alias": ("引用了没有定义的锚点", "请把内容直接写出来；星号开头的文字请加引号"),
    "found duplicate anchor": ("锚点重名", "请把内容直接写出来"),
    "expected a single document": ("一个文件里只能有一份文档", "请删去多余的“---”"),
}
"""What the parser says, in our words."""


def _syntax(error: yaml.YAMLError, file: str, lines: list[str]) -> Problem:
    assert isinstance(error, yaml.MarkedYAMLError)
    mark = error.problem_mark
    assert mark is not None
    for number in (mark.line, mark.line - 1):
        for pattern, what, next_ in _LINES:
            found = pattern.match(lines[number]) if 0 <= number < len(lines) else None
            if found:
                return Problem(Place(file, number + 1, found.end()), f"这一行读不懂：{what}", next_, "syntax")
    said = next((key for key in _SYNTAX if key in str(error)), "")
    if said in ("unexpected end of stream", "while parsing a flow"):
        mark = error.context_mark
        assert mark is not None
    what, next_ = _SYNTAX.get(said, ("不合 YAML 写法", _CLOSE))
    return Problem(Place(file, mark.line + 1, mark.column + 1), f"这一行读不懂：{what}", next_, "syntax")


_ADVICE = {
    "truth": "是 / 否请写 true 或 false；文字请加引号",
    "null": "不填请留空；文字请加引号",
}


class _Builder:
    """Turn composed nodes into plain data, noting places and mistakes on the way."""

    def __init__(self, document: Document) -> None:
        self.document = document
        self.seen: set[int] = set()
        self.aliases = 0
        self.nodes = 0

    def build(self, node: yaml.Node, path: Path, depth: int) -> Any:
        mark = node.start_mark
        self.document.places[path] = (mark.line + 1, mark.column + 1)
        self.nodes += 1
        self._limit(node, depth)
        if isinstance(node, yaml.ScalarNode):
            return self._scalar(node)
        if id(node) in self.seen:
            self.aliases += 1
        self.seen.add(id(node))
        self._no_tag(node)
        if isinstance(node, yaml.SequenceNode):
            return [self.build(child, (*path, i), depth + 1) for i, child in enumerate(node.value)]
        return self._mapping(node, path, depth)

    def _limit(self, node: yaml.Node, depth: int) -> None:
        if depth <= MAX_DEPTH and self.aliases <= MAX_ALIASES and self.nodes <= MAX_NODES:
            return
        found = (
            (depth > MAX_DEPTH, _DEEP, "请拆开写；锚点（&）不要引用自己", "depth"),
            (
                self.aliases > MAX_ALIASES,
                f"锚点引用（*）超过 {MAX_ALIASES} 处",
                "请把内容直接写出来",
                "alias",
            ),
            (True, f"内容超过 {MAX_NODES:,} 项", "请拆成几个文件", "nodes"),
        )
        what, next_, code = next(said for over, *said in found if over)
        self._say(node, what, next_, code)
        raise _Overgrown

    def _mapping(self, node: yaml.Node, path: Path, depth: int) -> dict[Any, Any]:
        result: dict[Any, Any] = {}
        lines: dict[Any, int] = {}
        for key_node, value_node in node.value:
            if not isinstance(key_node, yaml.ScalarNode):
                self._say(key_node, "键必须是一个词", "请写成“键: 值”", "key")
                continue
            if key_node.tag == "tag:yaml.org,2002:merge":
                self._say(key_node, "不接受合并键 <<", "请把内容直接写出来", "merge")
                continue
            key = self._scalar(key_node)
            if not isinstance(key, str | int) or isinstance(key, bool):
                key = key_node.value
            elif isinstance(key, str) and not key.isprintable():
                shown = "".join(char if char.isprintable() else f"[U+{ord(char):04X}]" for char in key)
                self._say(key_node, f"键 {shown} 里有看不见的字符", "请删去后重新输入", "hidden")
                continue
            line = key_node.start_mark.line + 1
            if key in result:
                self._say(
                    key_node, f"键 {key} 重复了，第 {lines[key]} 行已经写过", "请删去一处", "duplicate-key"
                )
                continue
            lines[key] = line
            here = (*path, key)
            self.document.keys[here] = (line, key_node.start_mark.column + 1)
            result[key] = self.build(value_node, here, depth + 1)
        return result

    def _scalar(self, node: yaml.ScalarNode) -> Any:
        """Read a value; a tag that makes something else of it than it is without (`!!str 1`) is refused like any."""
        told = len(self.document.problems)
        self._no_tag(node)
        value = self._value(node, node.value)
        if node.tag != _TAG_OF[type(value)] and len(self.document.problems) == told:
            text = isinstance(value, str) and not node.style
            if not (text and node.tag in _STILL_TEXT):
                self._refuse_tag(node)
        return value

    def _value(self, node: yaml.ScalarNode, text: str) -> Any:
        if node.style:
            return text
        if text in _NULL:
            return None
        if text in _TRUTH:
            return _TRUTH[text]
        if (
            len(text) > MAX_DIGITS
            and sum(map(str.isdigit, text)) > MAX_DIGITS
            and _ODD_NUMBER.fullmatch(text)
        ):
            self._say(node, f"数字超过 {MAX_DIGITS} 位：{text[:12]}…", "请检查是否多打了", "digits")
            return None
        return self._plain(node, text)

    def _plain(self, node: yaml.ScalarNode, text: str) -> Any:
        first = text[0]
        if first not in "0123456789+-.ynotfYNOTF":
            return text
        if _INTEGER.fullmatch(text):
            return int(text)
        if _DECIMAL.fullmatch(text):
            return Decimal(text)
        for pattern, what, code in (
            (_GUESSED_TRUTH, "会被有的程序读成是 / 否", "truth"),
            (_GUESSED_NULL, "会被有的程序读成空", "null"),
            (_OCTAL, "会被有的程序读成八进制或十六进制", "octal"),
            (_SEXAGESIMAL, "会被有的程序读成六十进制数", "sexagesimal"),
            (_ODD_NUMBER, "不是这里认得的数字写法", "odd-number"),
        ):
            if pattern.fullmatch(text):
                self._say(node, f"{text} {what}", _ADVICE.get(code, "数字请写十进制；文字请加引号"), code)
                return text
        return text

    def _no_tag(self, node: yaml.Node) -> None:
        if node.tag not in _TAGS:
            self._refuse_tag(node)

    def _refuse_tag(self, node: yaml.Node) -> None:
        shown = node.tag.replace("tag:yaml.org,2002:", "!!")
        self._say(node, f"不接受标签 {shown}", "请去掉以 ! 开头的标签", "tag")

    def _say(self, node: yaml.Node, what: str, next_: str, code: str) -> None:
        mark = node.start_mark
        _say(self.document, Place(self.document.file, mark.line + 1, mark.column + 1), what, next_, code)
