"""What a use case answers when it does not do what was asked: a sentence for a person, a code for a program."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

Kind = Literal[
    "signed_out", "forbidden", "missing", "conflict", "invalid", "state", "busy", "too_large", "too_often"
]
"""Why: nobody known is asking, not allowed, not there, changed meanwhile, not acceptable, not at this stage, not now,
too big, too often."""

STATUS: dict[Kind, int] = {
    "signed_out": 401,
    "forbidden": 403,
    "missing": 404,
    "conflict": 409,
    "invalid": 422,
    "state": 409,
    "busy": 503,
    "too_large": 413,
    "too_often": 429,
}
"""The answer over HTTP."""


@dataclass(frozen=True, slots=True)
class Refusal:
    """A use case that was not carried out; nothing was changed. `what` and `next` are Chinese sentences."""

    kind: Kind
    code: str
    what: str
    next: str
    details: Mapping[str, Any] = field(default_factory=dict)

    @property
    def message(self) -> str:
        """The whole message."""
        return f"{self.what}。{self.next}。"


FORBIDDEN = Refusal("forbidden", "forbidden", "没有这项权限", "请联系秘书处或本单位负责人")
MISSING = Refusal("missing", "missing", "没有找到", "请核对后再试")
"""Also the answer for what exists and is not for these eyes: whether it exists is no one's business."""
SIGNED_OUT = Refusal("signed_out", "signed_out", "登录已失效或尚未登录", "请重新登录后再试，已保存的内容都在")
