"""Who may do what: one table, read by every use case and turned into the filter of every list.

A rule says: this role, in this relation to the object, while the object is in one of these states, may do this.
What no rule says is forbidden. Relations are facts about an actor and an object, never a matter of a page.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal, get_args

Role = Literal["filler", "approver", "inspector", "secretariat", "observer", "administrator"]
ROLES: tuple[Role, ...] = get_args(Role)
TITLES: dict[Role, str] = {
    "filler": "填报员",
    "approver": "单位负责人",
    "inspector": "评审专家",
    "secretariat": "秘书处",
    "observer": "观察员",
    "administrator": "管理员",
}

State = Literal["草稿", "填报中", "已提交", "评审中", "补充材料", "评审完成", "公示", "复核", "定级", "归档"]
STATES: tuple[State, ...] = get_args(State)
"""What an assessment (one university in one round) can be in, in their order."""

Relation = Literal["own", "assigned", "round", "any"]
"""Whose it is: of the actor's university, assigned to the actor, of a round the actor belongs to, or anybody's."""

Bar = Literal["conflict", "filled", "reviewed"]
"""Separations of duty: of this university or recused from it, filled it in, reviewed it."""
BARS: tuple[Bar, ...] = get_args(Bar)

Action = Literal[
    "answer.read",
    "answer.save",
    "answer.carry",
    "claim.save",
    "evidence.read",
    "evidence.add",
    "evidence.remove",
    "assessment.submit",
    "assessment.withdraw",
    "assessment.reopen",
    "assessment.advance",
    "finding.read",
    "finding.save",
    "finding.sign",
    "photo.add",
    "photo.read",
    "photo.read_shown",
    "photo.show",
    "request.ask",
    "request.answer",
    "survey.save",
    "appeal.file",
    "appeal.decide",
    "score.read",
    "score.read_review",
    "round.read",
    "round.manage",
    "round.publish",
    "assignment.manage",
    "cohort.read",
    "account.manage",
    "trail.read",
    "rules.read",
    "system.operate",
]
ACTIONS: tuple[Action, ...] = get_args(Action)


@dataclass(frozen=True, slots=True)
class Rule:
    """One line of the table. `unless` names separations of duty that forbid it all the same."""

    action: Action
    role: Role
    relation: Relation
    states: frozenset[State]
    unless: frozenset[Bar] = frozenset()


FILLING: tuple[State, ...] = ("填报中", "补充材料")
OPEN: tuple[State, ...] = STATES[1:]
SUBMITTED: tuple[State, ...] = STATES[2:]
NOT_A_DRAFT: tuple[State, ...] = ("草稿", *SUBMITTED)
"""Every state but 填报中: in 草稿 nothing is filled in yet, and it is also how a round or the system is asked about."""
REVIEWING: tuple[State, ...] = ("评审中", "补充材料")
REVIEWED: tuple[State, ...] = ("评审完成", "公示", "复核", "定级", "归档")
PUBLIC: tuple[State, ...] = ("公示", "复核", "定级", "归档")


def _rules(
    role: Role,
    relation: Relation,
    states: Iterable[State],
    *actions: Action,
    unless: Iterable[Bar] = (),
) -> tuple[Rule, ...]:
    return tuple(Rule(one, role, relation, frozenset(states), frozenset(unless)) for one in actions)


RULES: tuple[Rule, ...] = (
    # The university: who fills in, and who answers for it
    *_rules("filler", "own", OPEN, "answer.read", "evidence.read", "score.read", "round.read"),
    *_rules(
        "filler",
        "own",
        FILLING,
        "answer.save",
        "answer.carry",
        "claim.save",
        "evidence.add",
        "evidence.remove",
    ),
    *_rules("filler", "own", ("补充材料",), "request.answer"),
    *_rules("filler", "own", PUBLIC, "score.read_review", "finding.read", "photo.read"),
    *_rules("filler", "own", SUBMITTED, "photo.read_shown"),
    *_rules(
        "approver", "own", OPEN, "answer.read", "evidence.read", "score.read", "round.read", "trail.read"
    ),
    *_rules(
        "approver",
        "own",
        FILLING,
        "answer.save",
        "answer.carry",
        "claim.save",
        "evidence.add",
        "evidence.remove",
        "assessment.submit",
    ),
    *_rules("approver", "own", ("补充材料",), "request.answer"),
    *_rules("approver", "own", ("已提交",), "assessment.withdraw"),
    *_rules("approver", "own", PUBLIC, "score.read_review", "finding.read", "photo.read"),
    *_rules("approver", "own", SUBMITTED, "photo.read_shown"),
    *_rules("approver", "own", ("公示",), "appeal.file"),
    *_rules("approver", "own", STATES, "account.manage"),
    # The inspectors: only what is assigned to them, never their own university, never what they filled in
    *_rules(
        "inspector",
        "assigned",
        SUBMITTED,
        "answer.read",
        "evidence.read",
        "score.read",
        "round.read",
        unless=("conflict", "filled"),
    ),
    *_rules(
        "inspector",
        "assigned",
        REVIEWING,
        "finding.read",
        "finding.save",
        "finding.sign",
        "photo.add",
        "photo.read",
        "request.ask",
        unless=("conflict", "filled"),
    ),
    *_rules(
        "inspector",
        "assigned",
        REVIEWED,
        "finding.read",
        "photo.read",
        "score.read_review",
        unless=("conflict", "filled"),
    ),
    *_rules("inspector", "assigned", ("复核",), "appeal.decide", unless=("conflict", "filled", "reviewed")),
    # The secretariat: runs the rounds, and neither fills in nor scores; where it has a conflict it only keeps the dates
    *_rules(
        "secretariat", "round", STATES, "round.read", "round.manage", "assessment.advance", "account.manage"
    ),
    *_rules("secretariat", "round", STATES, "assignment.manage", unless=("conflict",)),
    *_rules("secretariat", "any", STATES, "rules.read"),
    *_rules(
        "secretariat",
        "round",
        SUBMITTED,
        "answer.read",
        "evidence.read",
        "score.read",
        "finding.read",
        "photo.read",
        "photo.show",
        unless=("conflict",),
    ),
    *_rules(
        "secretariat",
        "round",
        ("已提交", *REVIEWING),
        "survey.save",
        unless=("conflict", "filled", "reviewed"),
    ),
    *_rules("secretariat", "round", REVIEWED, "score.read_review", unless=("conflict",)),
    *_rules("secretariat", "round", REVIEWED, "cohort.read"),
    *_rules(
        "secretariat",
        "round",
        ("评审完成", "公示", "复核", "定级"),
        "round.publish",
        unless=("filled", "reviewed"),
    ),
    *_rules(
        "secretariat",
        "round",
        ("已提交", "评审中", "补充材料"),
        "assessment.reopen",
        unless=("conflict",),
    ),
    *_rules("secretariat", "round", NOT_A_DRAFT, "trail.read", unless=("conflict",)),
    # Observers see what is finished; the administrator keeps the machine running and sees no content
    *_rules("observer", "round", PUBLIC, "round.read", "score.read_review", "cohort.read"),
    *_rules("administrator", "any", STATES, "account.manage", "rules.read", "system.operate"),
    *_rules("administrator", "any", ("草稿",), "trail.read"),
)
BY_ACTION: dict[Action, tuple[Rule, ...]] = {
    action: tuple(rule for rule in RULES if rule.action == action) for action in ACTIONS
}

Scope = Literal["university", "round"]
SCOPES: dict[Role, tuple[frozenset[Scope], frozenset[Scope]]] = {
    # what a role must be tied to, and what it may be tied to
    "filler": (frozenset({"university"}), frozenset({"university", "round"})),
    "approver": (frozenset({"university"}), frozenset({"university", "round"})),
    "inspector": (frozenset(), frozenset({"round"})),
    "secretariat": (frozenset(), frozenset({"round"})),
    "observer": (frozenset(), frozenset({"round", "university"})),
    "administrator": (frozenset(), frozenset()),
}
GIVES: dict[Role, frozenset[Role]] = {
    "filler": frozenset(),
    "approver": frozenset({"filler"}),
    "inspector": frozenset(),
    "secretariat": frozenset({"filler", "approver", "inspector", "observer"}),
    "observer": frozenset(),
    "administrator": frozenset(ROLES),
}
"""Which roles a holder of a role may give and take, within its own scope, and never to or from oneself."""

TOLD_TO_ALL = (
    "answer.",
    "claim.",
    "evidence.",
    "assessment.",
    "request.answer",
    "appeal.file",
    "round.",
    "subject.",
)
"""Lines of the trail that say nothing of what inspectors found, by how their action begins."""

WITHOUT_RULE: dict[str, str] = {
    "session.sign_in": "登录：还不知道是谁",
    "session.sign_out": "退出：只结束手里这一次登录",
    "session.who": "每次点击时核对是谁",
    "session.alive": "核对开着的连接还能不能用，只答是或否",
    "token.who": "接口每次调用时核对是谁",
    "sso.begin": "单点登录：开始",
    "sso.finish": "单点登录：完成",
    "password.change": "改自己的密码，要先输对原密码",
    "token.issue": "给自己开接口令牌，权限不超过本人",
    "token.revoke": "吊销自己的接口令牌",
    "token.list": "查看自己的接口令牌",
    "standard.list": "有哪些标准，登录的人都可以看",
    "standard.read": "标准的内容，登录的人都可以看",
    "standard.item": "一个指标的判定表、例子和依据，登录的人都可以看",
    "standard.compare": "同一标准两版有什么不同，登录的人都可以看",
    "publication.list": "已公示的结果，谁都可以看",
    "publication.index": "公示过什么、哪些已撤回，谁都可以看",
    "publication.read": "一份公示的结果，谁都可以看",
    "publication.proof": "已公示的结果连同签名和证明，谁都可以核对",
    "report.check": "核验一份报告的真伪，谁都可以；什么都不保存",
    "trail.checkpoint": "审计日志的检查点，越多人保存，历史越不能悄悄改写",
    "account.first": "首次启动时建第一位管理员，只在一个账号都没有时有效",
}
"""The few use cases that no rule of the table decides, and why. Every other one names an action."""


@dataclass(frozen=True, slots=True)
class Member:
    """One role of an actor and where it holds: everywhere when both are empty."""

    role: Role
    university: str | None = None
    round: str | None = None


@dataclass(frozen=True, slots=True)
class Actor:
    """Who asks. `recused` are universities the actor must not see as an inspector; `employed` follows from roles.

    Whoever must change the password first has no roles until that is done.
    """

    id: str
    name: str
    members: tuple[Member, ...]
    recused: frozenset[str] = frozenset()
    must_change: bool = False

    @property
    def employed(self) -> frozenset[str]:
        """The universities the actor fills in or answers for."""
        return frozenset(
            one.university for one in self.members if one.role in ("filler", "approver") and one.university
        )


@dataclass(frozen=True, slots=True)
class Object:
    """What is asked about: an assessment, or a round or the system where the rest is empty."""

    round: str | None = None
    university: str | None = None
    state: State = "草稿"
    inspectors: frozenset[str] = frozenset()
    filled_by: frozenset[str] = frozenset()
    reviewed_by: frozenset[str] = frozenset()


def may(actor: Actor, action: Action, about: Object) -> bool:
    """Whether an actor may do something to an object."""
    return any(_grants(rule, actor, about) for rule in BY_ACTION[action])


def may_give(actor: Actor, role: Role, about: Object) -> bool:
    """Whether an actor may give or take a role tied to a university, a round or nothing."""
    return any(
        role in GIVES[one.role] and _related(rule.relation, one, actor, about)
        for rule in BY_ACTION["account.manage"]
        if about.state in rule.states and not barred(actor, about) & rule.unless
        for one in actor.members
        if one.role == rule.role
    )


def may_read_line(actor: Actor, line: str, about: Object) -> bool:
    """Whether an actor may read a line of the trail of an assessment; what a review says only when it may be read."""
    if not may(actor, "trail.read", about):
        return False
    return line.startswith(TOLD_TO_ALL) or may(actor, "finding.read", about)


def _grants(rule: Rule, actor: Actor, about: Object) -> bool:
    if about.state not in rule.states or barred(actor, about) & rule.unless:
        return False
    return any(_related(rule.relation, one, actor, about) for one in actor.members if one.role == rule.role)


def barred(actor: Actor, about: Object) -> frozenset[Bar]:
    """Return the separations of duty that stand between an actor and an object."""
    found = set[Bar]()
    if about.university in actor.recused or about.university in actor.employed:
        found.add("conflict")
    if actor.id in about.filled_by:
        found.add("filled")
    if actor.id in about.reviewed_by:
        found.add("reviewed")
    return frozenset(found)


def _related(relation: Relation, member: Member, actor: Actor, about: Object) -> bool:
    """Whether an object is within the scope of a role, and as near as the rule wants it. A scope never widens."""
    if member.round not in (None, about.round) or member.university not in (None, about.university):
        return False
    match relation:
        case "own":
            return member.university is not None
        case "assigned":
            return actor.id in about.inspectors
    return True
