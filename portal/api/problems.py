"""How the API says no: `application/problem+json` (RFC 9457), in Chinese, with the place and the next step."""

import json
from collections.abc import Mapping, Sequence
from typing import Any

from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

from portal.refusal import STATUS, Refusal
from portal.store.database import Unavailable

MEDIA = "application/problem+json"

SAYS: dict[int, tuple[str, str]] = {
    400: ("请求读不懂", "请对照接口说明改正后再试"),
    401: ("没有登录，或者令牌已失效", "请在请求头写 Authorization: Bearer 令牌；令牌在“我的账号”里新建"),
    403: ("没有这项权限", "请联系秘书处或本单位负责人"),
    404: ("没有找到", "请核对地址后再试"),
    405: ("这个地址不能这样用", "请对照接口说明换一种方法"),
    406: ("没有这种格式", "请改要 application/json"),
    412: (
        "请求附带的条件（If-Match）在这里不成立",
        "请去掉这个请求头；改动要在正文里用 base 写明所依据的版本",
    ),
    413: ("内容太大", "请减小后再试"),
    414: ("地址太长", "请缩短查询条件"),
    415: ("内容的类型不对", "请用 Content-Type: application/json 发送，不压缩；证据文件的正文就是文件本身"),
    416: ("要的这一段不在文件里", "请核对 Range，或去掉它取整个文件"),
    422: ("有的内容不合要求", "请按 errors 里的位置逐项改正"),
    429: ("请求太频繁", "请按 Retry-After 等一会儿再试"),
    431: ("请求头太长", "请减少请求头"),
    500: ("程序出了意外，这次请求没有完成", "请把 request_id 发给维护人员"),
    503: ("现在存不进去，什么都没有改动", "请稍后用同一个 Idempotency-Key 再试"),
}
"""What is said for an answer that no use case has put into words."""

_FAULTS = {
    "missing": "缺少这一项",
    "extra_forbidden": "没有这一项",
    "string_type": "应为文字",
    "string_too_short": "太短",
    "string_too_long": "太长",
    "string_pattern_mismatch": "写法不对",
    "int_type": "应为整数",
    "int_parsing": "应为整数",
    "greater_than_equal": "太小",
    "less_than_equal": "太大",
    "greater_than": "太小",
    "less_than": "太大",
    "bool_type": "应为 true 或 false",
    "bool_parsing": "应为 true 或 false",
    "list_type": "应为列表",
    "dict_type": "应为一组键和值",
    "model_attributes_type": "应为一组键和值",
    "model_type": "应为一组键和值",
    "dataclass_type": "应为一组键和值",
    "literal_error": "不在允许的取值里",
    "enum": "不在允许的取值里",
    "too_long": "太多",
    "too_short": "太少",
    "date_from_datetime_parsing": "应为日期，如 2026-11-26",
    "value_error": "不合要求",
}
_ENDS = {"ge": "最小", "le": "最大", "min_length": "最少", "max_length": "最多"}
_PLACES = {"body": "正文", "query": "查询条件", "path": "地址", "header": "请求头", "form": "表单"}


SHAPE = {
    "type": "object",
    "required": ["status", "code", "title", "detail"],
    "properties": {
        "status": {"type": "integer"},
        "code": {"type": "string", "description": "给程序看的原因"},
        "title": {"type": "string", "description": "什么不对"},
        "detail": {"type": "string", "description": "什么不对，下一步做什么"},
        "details": {"type": "object", "description": "例如冲突时两边的内容"},
        "errors": {"type": "array", "description": "每一处：在哪里，什么不对"},
        "request_id": {"type": "string"},
    },
}
"""The schema of a problem."""

ANSWERS: dict[int | str, dict[str, Any]] = {
    status: {"description": said, "content": {MEDIA: {"schema": SHAPE}}}
    for status, said in (("4XX", "没有照办：原因和下一步"), ("5XX", "暂时办不了：稍后用同一个编号再试"))
}
"""What every route may answer instead."""


class Refused(HTTPException):
    """Carries a refusal out of a route, and out of the framework's reading of a body."""

    def __init__(self, refusal: Refusal) -> None:
        super().__init__(STATUS[refusal.kind], refusal.code)
        self.refusal = refusal


def problem(
    status: int,
    code: str,
    what: str,
    then: str,
    *,
    extra: Mapping[str, Any] | None = None,
    headers: Mapping[str, str] | None = None,
) -> Response:
    """Return the answer that says what is wrong and what to do."""
    body = {"status": status, "code": code, "title": what, "detail": f"{what}。{then}。", **(extra or {})}
    text = json.dumps(body, ensure_ascii=False, default=str)
    return Response(text, status, media_type=MEDIA, headers=dict(headers or {}))


def plain(status: int, *, headers: Mapping[str, str] | None = None, **extra: object) -> Response:
    """Return the answer of a status that no use case has put into words."""
    what, then = SAYS.get(status, SAYS[400])
    return problem(status, f"http-{status}", what, then, extra=extra, headers=headers)


def refused(refusal: Refusal) -> Response:
    """Return a refusal of a use case."""
    headers = {}
    if refusal.kind in ("too_often", "busy"):
        headers["Retry-After"] = str(refusal.details.get("seconds", 5))
    extra = {"details": dict(refusal.details)} if refusal.details else {}
    return problem(
        STATUS[refusal.kind], refusal.code, refusal.what, refusal.next, extra=extra, headers=headers
    )


async def on_refused(_request: Request, error: Exception) -> Response:
    """Answer a use case that was not carried out."""
    assert isinstance(error, Refused)
    return refused(error.refusal)


async def on_invalid(_request: Request, error: Exception) -> Response:
    """Answer input that has not the shape the route asks for: every place, none of the library's words."""
    assert isinstance(error, RequestValidationError)
    return invalid(error.errors())


def invalid(errors: Sequence[Mapping[str, Any]]) -> Response:
    """Return the answer to input that has not the shape asked for."""
    return plain(422, errors=[_fault(one) for one in errors[:50]])


def _fault(error: Mapping[str, Any]) -> dict[str, str]:
    place, *path = error["loc"] or ("body",)
    where = ".".join([_PLACES.get(str(place), str(place)), *map(str, path)])
    what = _FAULTS.get(str(error["type"]), "不合要求")
    ends = [f"{said} {error['ctx'][key]}" for key, said in _ENDS.items() if key in error.get("ctx", {})]
    return {"where": where[:200], "what": "，".join([what, *ends])}


async def on_http(_request: Request, error: Exception) -> Response:
    """Answer what the framework refuses by itself: no such route, no such method."""
    assert isinstance(error, HTTPException)
    return plain(error.status_code, headers=error.headers)


async def on_unavailable(_request: Request, error: Exception) -> Response:
    """Answer while the store cannot be reached."""
    assert isinstance(error, Unavailable)
    return plain(503, headers={"Retry-After": "5"})


HANDLERS: dict[int | type[Exception], Any] = {
    Refused: on_refused,
    RequestValidationError: on_invalid,
    HTTPException: on_http,
    Unavailable: on_unavailable,
}
