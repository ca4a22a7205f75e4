"""What pydantic finds wrong, said in Chinese at the place where it stands."""

from typing import Any, TypeVar

from pydantic import BaseModel, ValidationError

from engine.models.conditions import OPERATORS
from engine.problem import Path, Problem, listed, nearest
from engine.strict_yaml import Document

M = TypeVar("M", bound=BaseModel)

_SEE = "请看 docs/rule-language.md 里的写法"
_KEYS = ("“{key}”应是一组“键: 值”，现在是 {input}", _SEE)
_WHOLE = ("“{key}”应是整数，现在是 {input}", "请改成整数")
_SAYS = {
    "missing": ("缺少“{key}”", "请补上"),
    "string_type": ("“{key}”应是文字，现在是 {input}", "请改成文字，必要时加引号"),
    "string_too_short": ("“{key}”是空的", "请填写"),
    "string_too_long": ("“{key}”太长，最多 {max_length} 个字", "请缩短"),
    "string_pattern_mismatch": ("“{key}”的写法不对：{input}", "{pattern_hint}"),
    "literal_error": ("“{key}”写了 {input}，只能是 {expected}", "请改成其中之一"),
    "too_short": ("“{key}”太少，至少要 {min_length} 项", "请补上"),
    "nothing_inside": ("“{key}”后面不再写别的", "请删去"),
    "greater_than": ("“{key}”写了 {input}，应大于 {gt}", "请改正"),
    "greater_than_equal": ("“{key}”写了 {input}，应不小于 {ge}", "请改正"),
    "less_than_equal": ("“{key}”写了 {input}，应不大于 {le}", "请改正"),
    "int_type": _WHOLE,
    "int_parsing": _WHOLE,
    "int_from_float": _WHOLE,
    "bool_type": ("“{key}”应是 true 或 false，现在是 {input}", "请改成 true 或 false"),
    "model_type": _KEYS,
    "dict_type": _KEYS,
    "tuple_type": ("“{key}”应是一个列表，现在是 {input}", "请每项一行，以“- ”开头"),
    "pair": ("“{key}”应是两项的列表，现在是 {input}", "请写成 [甲, 乙]"),
    "number": ("“{key}”写了 {input}：{reason}", "请改成数字，如 95%、0.5、1,000"),
    "bound": ("“{key}”写了 {input}：{reason}", "请写数字，或另一个事实的号"),
    "literal": ("“{key}”应是一个值，现在是 {input}", "请写一个数字、日期、选项、true / false 或事实号"),
    "gives": ("“{key}”写了 {input}，不是分数", "请写分数、absent，或 [最低, 最高]"),
    "effect": ("“{key}”写了 {input}，没有这种效力", "请写 stop、deny、{{cap: 等级}} 或 {{drop: 级数}}"),
    "day": ("“{key}”写了 {input}，没有这一天", "请改成日历上有的日期"),
    "unknown_shape": (
        "“{key}”认不出是哪种计分形状：{input}",
        "请写分段列表，或 each、deduct_from、items、linear、judge、steps、parts、best_of、worst_of 之一",
    ),
    "empty_test": ("“{key}”没有写要求什么", "请写 at_least、one_of 等"),
    "empty_condition": ("“{key}”是空的条件", "请写“事实: 要求”"),
    "one_operator": (
        "“{key}”要写且只写一种算法，现在写了 {count} 种",
        f"可用的有 {'、'.join(OPERATORS)}",
    ),
}
"""What pydantic calls a mistake, and what we say: what is wrong, and what next."""

_HINTS = {
    r"^[a-z][a-z0-9_]*(\.[a-z][a-z0-9_]*)+$": "事实号写成“清单.名称”，用小写字母、数字和下划线",
    r"^[a-zA-Z0-9]+(-[a-zA-Z0-9]+)*$": "编号用字母、数字和连字符，如 staff-training",
    r"^[0-9]{4}-[0-9]{2}-[0-9]{2}$": "日期写成 2024-01-26",
    r"^[0-9a-f]{64}$": "指纹是 64 位十六进制",
    r"^(\.\./[a-z0-9-]+/(\.\./)?)?([a-z0-9-]+/)*[a-z0-9-]+\.yaml$": "文件名用小写字母、数字和连字符，以 .yaml 结尾",
    r"^[^\s.#@=:]+$": "列名里不能有空格和 . # @ = :",
}


def parse(model: type[M], document: Document) -> tuple[M | None, list[Problem]]:
    """Read a document as a model; mistakes come back as problems with their places."""
    if document.data is None and not document.problems:
        return None, [Problem(document.place(()), "文件是空的", "请按 docs/rule-language.md 填写", "empty")]
    try:
        return model.model_validate(document.data), []
    except ValidationError as error:
        found = [_problem(one, document) for one in _own(error.errors(include_url=False))]
        return None, [problem for problem in found if not document.faulty(problem.place)]


def _own(errors: list[Any]) -> list[Any]:
    """Leave out what only follows from another mistake: a misspelt key is missing, a bad item does not count."""
    misspelt = {(*one["loc"], _meant(one["ctx"])) for one in errors if one["type"] == "unknown_key"}
    return [
        one
        for one in errors
        if not (one["type"] == "missing" and one["loc"] in misspelt)
        and not (one["type"] == "too_short" and len(one["input"]) >= one["ctx"]["min_length"])
    ]


def _meant(context: Any) -> str:
    return nearest(context["key"], set(context["legal"]) - set(context["written"]))


def _problem(error: Any, document: Document) -> Problem:
    path = real_path(error["loc"], document.data)
    context, kind = dict(error.get("ctx") or {}), error["type"]
    if kind == "unknown_key":
        return _unknown_key(document, path, context)
    if kind in ("too_short", "too_long") and isinstance(error["input"], str):
        kind = f"string_{kind}"
    elif kind == "too_long" and context["max_length"] == 0:
        kind = "nothing_inside"
    named = [step for step in path if isinstance(step, str)]
    key = str(error["loc"][-1]) if kind == "missing" else named[-1] if named else "整个文件"
    what, next_ = _SAYS.get(kind, ("“{key}”写得不对：{input}", _SEE))
    words = context | {
        "key": key,
        "input": brief(error.get("input")),
        "expected": str(context.get("expected", ""))
        .replace("'", "")
        .replace(" or ", "、")
        .replace(", ", "、"),
        "pattern_hint": _HINTS.get(str(context.get("pattern")), "请改正"),
        "le": "1(100%)" if context.get("le") == 1 else context.get("le"),
    }
    place = document.key_place(path) if "[key]" in error["loc"] else document.place(path)
    return Problem(place, what.format(**words), next_.format(**words), kind.replace("_", "-"))


def _unknown_key(document: Document, path: Path, context: dict[str, Any]) -> Problem:
    key, near, legal = context["key"], _meant(context), context["legal"]
    place = document.key_place(real_path((*path, key), document.data))
    if len(legal) == 1 and legal[0] in ("all", "any", "not", "evidenced"):
        what = f"{legal[0]} 旁边不能再写别的要求“{key}”"
        return Problem(place, what, "请用 all 把几个条件列在一起", "unknown-key")
    what = f"不认识的键“{key}”。这里可以写：{listed(legal, 40)}"
    return Problem(place, what, f"最接近的是 {near}" if near else "请改成其中之一，或删去", "unknown-key")


def real_path(location: tuple[Any, ...], data: Any) -> Path:
    """Drop the tags of unions from a location, so that it leads through the document."""
    path: list[str | int] = []
    for step in location:
        number = int(step) if isinstance(data, dict) and str(step).isdecimal() else step
        for key in (step, number):
            if (isinstance(data, dict) and key in data) or (
                isinstance(data, list) and isinstance(key, int) and key < len(data)
            ):
                data = data[key]
                path.append(key)
                break
    return tuple(path)


def brief(value: Any) -> str:
    """Show an offending value in a few characters."""
    if isinstance(value, dict):
        return "一组键值（" + listed(map(str, value), 3) + "）"
    if isinstance(value, list | tuple):
        return f"一个列表（{len(value)} 项）"
    if value is None:
        return "空"
    if isinstance(value, bool):
        return "true" if value else "false"
    text = str(value)
    return text if len(text) <= 40 else text[:40] + "…"
