"""What the store says when it cannot do its work: one exception, with a sentence for the person who was saving."""

from typing import Literal

from sqlalchemy.exc import DBAPIError, InterfaceError, OperationalError
from sqlalchemy.exc import TimeoutError as NoConnection

from portal.refusal import Refusal

Reason = Literal["full", "read_only", "busy", "damaged", "unreachable", "closed"]

SENTENCES: dict[Reason, tuple[str, str]] = {
    "full": (
        "数据库所在的磁盘已满，这次的改动没有写入，以前保存的内容都在",
        "请联系管理员腾出磁盘空间，之后再保存一次",
    ),
    "read_only": (
        "数据库现在只能读、不能写，这次的改动没有写入，以前保存的内容都在",
        "请联系管理员检查磁盘和写入权限，之后再保存一次",
    ),
    "busy": (
        "数据库正忙，等了很久仍没有轮到，这次的改动没有写入，以前保存的内容都在",
        "请过一分钟再保存一次；若一再如此，请联系管理员",
    ),
    "damaged": (
        "数据库文件已损坏，为免扩大损失，这次的改动没有写入",
        "请马上联系管理员：不要删除任何文件，先另存一份，再从备份恢复（zhunsheng restore）",
    ),
    "unreachable": (
        "数据库联系不上，这次的改动可能没有写入，以前保存的内容都在",
        "请过一分钟再保存一次，不会存成两份；若一再如此，请联系管理员",
    ),
    "closed": (
        "系统正在关闭或重启，这次的改动没有写入，以前保存的内容都在",
        "请过一分钟再保存一次",
    ),
}
"""What is so, and what to do next."""

_SQLITE: dict[int, Reason] = {
    5: "busy",
    6: "busy",
    7: "busy",  # out of memory
    8: "read_only",
    10: "unreachable",  # the disk answers with an error
    11: "damaged",
    13: "full",
    14: "unreachable",
    15: "busy",  # the locking protocol gave up
    26: "damaged",
}
"""By SQLite's primary result code. Whatever else it says is a programmer's mistake."""

_POSTGRESQL: dict[str, Reason] = {
    "25006": "read_only",
    "25P03": "busy",
    "40001": "busy",
    "40P01": "busy",
    "53100": "full",
    "53200": "busy",
    "53300": "busy",
    "53400": "busy",
    "55P03": "busy",
    "57014": "busy",
    "57P01": "unreachable",
    "57P02": "unreachable",
    "57P03": "unreachable",
    "58030": "unreachable",
    "XX001": "damaged",
    "XX002": "damaged",
}
"""By PostgreSQL's SQLSTATE; class 08 is unreachable as a whole."""


class Unavailable(Exception):
    """The store cannot be reached or written to at the moment; nothing was changed as far as can be known.

    `str()` of it is what the library said, for logs; `message` and `refusal` are for people.
    """

    def __init__(self, said: str, reason: Reason = "unreachable") -> None:
        super().__init__(said)
        self.reason: Reason = reason

    @property
    def refusal(self) -> Refusal:
        """Return it as what a use case answers."""
        what, following = SENTENCES[self.reason]
        return Refusal("busy", f"store-{self.reason.replace('_', '-')}", what, following)

    @property
    def message(self) -> str:
        """Return the sentence for the person who was saving."""
        return self.refusal.message


def reason_of(error: BaseException) -> Reason | None:
    """Return why the store did not do its work; None when the work itself was wrong."""
    if isinstance(error, NoConnection):
        return "busy"
    if not isinstance(error, DBAPIError):
        return None
    code = getattr(error.orig, "sqlite_errorcode", None)
    if code is not None:
        return _SQLITE.get(code & 0xFF)
    state = getattr(error.orig, "sqlstate", None)
    if state is None:  # libpq says why in English only: no connection, or lost
        lost = error.connection_invalidated or isinstance(error, OperationalError | InterfaceError)
        return "unreachable" if lost and _is_postgresql(error) else None
    return "unreachable" if state.startswith("08") else _POSTGRESQL.get(state)


def unavailable(error: BaseException) -> Unavailable | None:
    """Return an error of a library as `Unavailable`; None when it is not of that kind."""
    reason = reason_of(error)
    if reason is None:
        return None
    found = Unavailable(str(getattr(error, "orig", None) or error), reason)
    found.__cause__ = error
    return found


def _is_postgresql(error: DBAPIError) -> bool:
    return type(error.orig).__module__.startswith("psycopg")
