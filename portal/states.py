"""How an assessment goes from one state to the next: a table of moves, each with its guards.

Who may make a move is the table of permissions; what must be the case is said here, in a sentence for who is refused.
"""

from collections.abc import Callable
from dataclasses import dataclass

from portal.moment import shown
from portal.policy import Action, State
from portal.refusal import Refusal


@dataclass(frozen=True, slots=True)
class Situation:
    """What the guards look at: the round, the deadlines that apply, and what is still open."""

    at: str
    round_state: str = "进行中"
    fill_until: str | None = None
    material_until: str | None = None
    publish_until: str | None = None
    appeal_until: str | None = None
    answered: int = 0
    inspectors: int = 0
    inspectors_at_least: int = 1
    unsigned: int = 0
    open_requests: int = 0
    open_appeals: int = 0


@dataclass(frozen=True, slots=True)
class Guard:
    """A condition of a move, and what to say when it does not hold; `{…}` names a field of the situation."""

    code: str
    holds: Callable[[Situation], bool]
    what: str
    next: str

    def refusal(self, now: Situation) -> Refusal:
        """Say why not."""
        times = ("fill_until", "material_until", "publish_until", "appeal_until")
        told = {name: shown(getattr(now, name) or now.at) for name in times}
        counts = (
            "answered",
            "inspectors",
            "inspectors_at_least",
            "unsigned",
            "open_requests",
            "open_appeals",
        )
        told |= {name: str(getattr(now, name)) for name in counts}
        return Refusal("state", self.code, self.what.format(**told), self.next.format(**told))


def _before(now: str, until: str | None) -> bool:
    return until is None or now <= until


RUNNING = Guard(
    "round_not_running",
    lambda now: now.round_state == "进行中",
    "这一批次没有开放",
    "请等秘书处开放批次，或向秘书处询问",
)
FILL_TIME = Guard(
    "late",
    lambda now: _before(now.at, now.fill_until),
    "填报已于 {fill_until} 截止",
    "如需继续填报，请联系秘书处延期",
)
MATERIAL_TIME = Guard(
    "late",
    lambda now: _before(now.at, now.material_until),
    "补充材料已于 {material_until} 截止",
    "如需继续补充，请联系秘书处延期",
)
ANSWERED = Guard("nothing_answered", lambda now: now.answered > 0, "还一项都没有填", "请先填报再提交")
INSPECTED = Guard(
    "too_few_inspectors",
    lambda now: now.inspectors >= now.inspectors_at_least,
    "至少要指派 {inspectors_at_least} 位评审专家，现在是 {inspectors} 位",
    "请先指派专家再开始评审",
)
SIGNED = Guard(
    "unsigned",
    lambda now: now.unsigned == 0,
    "还有 {unsigned} 位评审专家没有签署意见",
    "请等专家签署，或改派专家",
)
ASKED = Guard(
    "nothing_asked",
    lambda now: now.open_requests > 0,
    "没有等待回复的补材料要求",
    "请专家先写明要补什么材料",
)
REPLIED = Guard(
    "unanswered_requests",
    lambda now: now.open_requests == 0,
    "还有 {open_requests} 条补材料要求没有回复",
    "请逐条回复后再继续",
)
APPEALED = Guard("no_appeal", lambda now: now.open_appeals > 0, "没有待复核的异议", "没有异议的可以直接定级")
DECIDED = Guard(
    "undecided_appeals",
    lambda now: now.open_appeals == 0,
    "还有 {open_appeals} 条异议没有复核",
    "请复核后再定级",
)
PUBLIC_LONG_ENOUGH = Guard(
    "still_public",
    lambda now: now.publish_until is None or now.at > now.publish_until,
    "公示要到 {publish_until} 才结束",
    "请等公示期满再定级",
)
APPEALS_OVER = Guard(
    "appeals_open",
    lambda now: now.appeal_until is None or now.at > now.appeal_until,
    "提出异议的期限到 {appeal_until}",
    "请等期限过后再定级",
)


@dataclass(frozen=True, slots=True)
class Move:
    """One line of the table. With `reason`, whoever moves must say why."""

    name: str
    title: str
    start: State
    end: State
    action: Action
    guards: tuple[Guard, ...] = ()
    reason: bool = False


MOVES: tuple[Move, ...] = (
    Move("open", "开放填报", "草稿", "填报中", "round.manage", (RUNNING,)),
    Move("submit", "提交", "填报中", "已提交", "assessment.submit", (RUNNING, FILL_TIME, ANSWERED)),
    Move("withdraw", "撤回", "已提交", "填报中", "assessment.withdraw", (RUNNING, FILL_TIME), reason=True),
    Move("reopen", "退回重填", "已提交", "填报中", "assessment.reopen", (RUNNING,), reason=True),
    Move("reopen", "退回重填", "评审中", "填报中", "assessment.reopen", (RUNNING,), reason=True),
    Move("reopen", "退回重填", "补充材料", "填报中", "assessment.reopen", (RUNNING,), reason=True),
    Move("review", "开始评审", "已提交", "评审中", "assessment.advance", (RUNNING, INSPECTED)),
    Move("ask", "要求补充材料", "评审中", "补充材料", "assessment.advance", (RUNNING, ASKED)),
    Move(
        "submit",
        "提交补充材料",
        "补充材料",
        "评审中",
        "assessment.submit",
        (RUNNING, MATERIAL_TIME, ANSWERED, REPLIED),
    ),
    Move("resume", "继续评审", "补充材料", "评审中", "assessment.advance", (RUNNING,), reason=True),
    Move(
        "finish",
        "结束评审",
        "评审中",
        "评审完成",
        "assessment.advance",
        (RUNNING, INSPECTED, SIGNED, REPLIED),
    ),
    Move("publish", "公示", "评审完成", "公示", "round.publish", (RUNNING,)),
    Move("appeal", "进入复核", "公示", "复核", "assessment.advance", (RUNNING, APPEALED)),
    Move(
        "grade",
        "定级",
        "公示",
        "定级",
        "round.publish",
        (RUNNING, PUBLIC_LONG_ENOUGH, APPEALS_OVER, DECIDED),
    ),
    Move("grade", "定级", "复核", "定级", "round.publish", (RUNNING, PUBLIC_LONG_ENOUGH, DECIDED)),
    Move("archive", "归档", "定级", "归档", "assessment.advance", (RUNNING,)),
)
"""Every move there is; what is not here does not happen."""


SAVING: dict[State, tuple[Guard, ...]] = {
    "填报中": (RUNNING, FILL_TIME),
    "补充材料": (RUNNING, MATERIAL_TIME),
}
"""Where answers, claims and evidence may change, and until when."""


def forbids_saving(state: State, now: Situation) -> Refusal | None:
    """Return why nothing may be filled in now; None when it may."""
    if state not in SAVING:
        what, next_ = f"现在是“{state}”，填报内容不能改动", "如需修改，请单位负责人撤回，或请秘书处退回重填"
        return Refusal("state", "not_filling", what, next_, {"state": state})
    return next((guard.refusal(now) for guard in SAVING[state] if not guard.holds(now)), None)


def move_named(name: str, start: State) -> Move | None:
    """Return the move of that name from a state."""
    return next((one for one in MOVES if one.name == name and one.start == start), None)


def move_between(start: State, end: State, action: Action | None = None) -> Move | None:
    """Return the move from one state to another, of that action where one is named."""
    return next(
        (
            one
            for one in MOVES
            if one.start == start and one.end == end and (action is None or one.action == action)
        ),
        None,
    )


def forbids(move: Move, now: Situation, reason: str = "") -> Refusal | None:
    """Return why a move cannot be made now; None when it can."""
    if move.reason and not reason.strip():
        return Refusal(
            "invalid", "reason", f"{move.title}要写明理由", "请写一句理由再试", {"field": "reason"}
        )
    return next((guard.refusal(now) for guard in move.guards if not guard.holds(now)), None)


def unmovable(name: str, state: State) -> Refusal:
    """Say that there is no such move from a state, and which there are."""
    title = next((one.title for one in MOVES if one.name == name), name)
    legal = "、".join(dict.fromkeys(one.title for one in MOVES if one.start == state))
    next_ = f"现在可以：{legal}" if legal else "这个阶段已经结束，不能再变动"
    return Refusal("state", "no_such_move", f"现在是“{state}”，不能{title}", next_, {"state": state})
