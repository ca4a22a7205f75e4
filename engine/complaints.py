"""What pydantic finds wrong, said in Chinese at the place where it stands."""

from typing import Any, TypeVar

from pydantic import BaseModel, ValidationError

from engine.problem import Path, Problem, listed, nearest
from engine.strict_yaml import Document

M = TypeVar("M", bound=BaseModel)

_SAYS = {
    "missing": ("缺少“{key}”", "请补上"),
    "string_type": ("“{key}”应是文字,现在是 {input}", "请改成文字,必要时加引号"),
    "string_too_short": ("“{key}”是空的", "请填写"),
    "string_too_long": ("“{key}”太长,最多 {max_length} 个字", "请缩短"),
    "string_pattern_mismatch": ("“{key}”的写法不对:{input}", "{pattern_hint}"),
    "literal_error": ("“{key}”写了 {input},只能是 {expected}", "请改成其中之一"),
    "too_short": ("“{key}”太少,至少要 {min_length} 个", "请补上"),
    "too_long": ("“{key}”太多,最多 {max_length} 个", "请删去多余的"),
    "greater_than": ("“{key}”写了 {input},应大于 {gt}", "请改正"),
    "greater_than_equal": ("“{key}”写了 {input},应不小于 {ge}", "请改正"),
    "less_than_equal": ("“{key}”写了 {input},应不大于 {le}", "请改正"),
    "int_type": ("“{key}”应是整数,现在是 {input}", "请改成整数"),
    "int_parsing": ("“{key}”应是整数,现在是 {input}", "请改成整数"),
    "int_from_float": ("“{key}”应是整数,现在是 {input}", "请改成整数"),
    "bool_type": ("“{key}”应是 true 或 false,现在是 {input}", "请改成 true 或 false"),
    "bool_parsing": ("“{key}”应是 true 或 false,现在是 {input}", "请改成 true 或 false"),
    "model_type": ("“{key}”应是一组“键: 值”,现在是 {input}", "请看 docs/rule-language.md 里的写法"),
    "model_attributes_type": (
        "“{key}”应是一组“键: 值”,现在是 {input}",
        "请看 docs/rule-language.md 里的写法",
    ),
    "dict_type": ("“{key}”应是一组“键: 值”,现在是 {input}", "请看 docs/rule-language.md 里的写法"),
    "tuple_type": ("“{key}”应是一个列表,现在是 {input}", "请每项一行,以“- ”开头"),
    "number": ("“{key}”写了 {input}:{reason}", "请改成数字,如 95%、0.5、1,000"),
    "unknown_shape": ("认不出这是哪种计分形状:{input}", "可用的有 {shapes}"),
    "empty_test": ("“{key}”没有写要求什么", "请写 at_least、one_of 等"),
    "empty_condition": ("“{key}”是空的条件", "请写“事实: 要求”"),
    "one_operator": ("“{key}”{reason_count}", "可用的算法有 {operators}"),
}
_HINTS = {
    r"^[a-z][a-z0-9_]*(\.[a-z][a-z0-9_]*)+$": "事实号写成“清单.名称”,用小写字母、数字和下划线",
    r"^[a-zA-Z0-9]+(-[a-zA-Z0-9]+)*$": "编号用字母、数字和连字符,如 staff-training",
    r"^[0-9]{4}-[0-9]{2}-[0-9]{2}$": "日期写成 2024-01-26",
    r"^[0-9a-f]{64}$": "指纹是 64 位十六进制",
}


def parse(model: type[M], document: Document) -> tuple[M | None, list[Problem]]:
    """Read a document as a model; mistakes come back as problems with their places."""
    if document.data is None and not document.problems:
        return None, [Problem(document.place(()), "文件是空的", "请按 docs/rule-language.md 填写", "empty")]
    try:
        return model.model_validate(document.data), []
    except ValidationError as error:
        return None, [_problem(one, document) for one in error.errors(include_url=False)]


def _problem(error: Any, document: Document) -> Problem:
    path = real_path(error["loc"], document.data)
    context = dict(error.get("ctx") or {})
    if error["type"] == "unknown_key":
        key, legal = context["key"], context["legal"]
        near = nearest(key, legal)
        what = f"不认识的键“{key}”。这里可以写:{listed(legal, 40)}"
        return Problem(
            document.place((*path, key)),
            what,
            f"最接近的是 {near}" if near else "请改成其中之一,或删去",
            "unknown-key",
        )
    missing = error["type"] == "missing"
    key = (
        str(error["loc"][-1]) if missing else next((p for p in reversed(path) if isinstance(p, str)), "文件")
    )
    what, next_ = _SAYS.get(error["type"], ("“{key}”写得不对:{input}", "请看 docs/rule-language.md 里的写法"))
    words = context | {
        "key": key,
        "input": brief(error.get("input")),
        "expected": str(context.get("expected", ""))
        .replace("'", "")
        .replace(" or ", "、")
        .replace(", ", "、"),
        "pattern_hint": _HINTS.get(str(context.get("pattern")), "请改正"),
        "reason_count": f"要写且只写一种算法,现在写了 {context.get('count', '')} 种",
        "shapes": "each、deduct_from、items、linear、judge、steps、parts、best_of、worst_of,或分段列表",
        "operators": "ratio、sum、difference、times、mean、weighted_mean、least、greatest、count、share、days、"
        "workdays、deadline、months_covered、latest、choose",
    }
    return Problem(
        document.place(path), what.format(**words), next_.format(**words), error["type"].replace("_", "-")
    )


def real_path(location: tuple[Any, ...], data: Any) -> Path:
    """Drop the tags of unions from a location, so that it leads through the document."""
    path: list[str | int] = []
    for step in location:
        if isinstance(data, dict) and step in data:
            data = data[step]
        elif isinstance(data, dict) and str(step).isdigit() and int(step) in data:
            step = int(step)
            data = data[step]
        elif isinstance(data, list) and isinstance(step, int) and step < len(data):
            data = data[step]
        else:
            continue
        path.append(step)
    return tuple(path)


def brief(value: Any) -> str:
    """Show an offending value in a few characters."""
    if isinstance(value, dict):
        return "一组键值(" + listed(map(str, value), 3) + ")"
    if isinstance(value, list | tuple):
        return f"一个列表({len(value)} 项)"
    if value is None:
        return "空"
    if isinstance(value, bool):
        return "true" if value else "false"
    text = str(value)
    return text if len(text) <= 40 else text[:40] + "…"
