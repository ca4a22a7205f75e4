"""The table of permissions as a page that people read, docs/permissions.md; `python -m portal.policy_page` prints it."""

import sys
from collections.abc import Iterable

from portal.policy import (
    ACTIONS,
    BARS,
    BY_ACTION,
    GIVES,
    ROLES,
    SCOPES,
    STATES,
    TITLES,
    WITHOUT_RULE,
    Action,
    Bar,
    Relation,
    Role,
    State,
)

ACTION_TITLES: dict[Action, str] = {
    "answer.read": "看填报内容",
    "answer.save": "填报、修改回答",
    "answer.carry": "沿用上一批次的回答",
    "claim.save": "申报合理缺项",
    "evidence.read": "看证据",
    "evidence.add": "上传证据",
    "evidence.remove": "撤下证据",
    "assessment.submit": "提交自评",
    "assessment.withdraw": "撤回提交",
    "assessment.reopen": "退回重填",
    "assessment.advance": "推进到下一阶段",
    "finding.read": "看评审意见",
    "finding.save": "写评审意见",
    "finding.sign": "签署评审意见",
    "photo.add": "上传现场照片",
    "photo.read": "看现场照片",
    "photo.read_shown": "看提前出示的现场照片",
    "photo.show": "决定现场照片是否给学校看",
    "request.ask": "要求补材料",
    "request.answer": "答复补材料",
    "survey.save": "登记测评分",
    "appeal.file": "提出复核",
    "appeal.decide": "复核裁定",
    "score.read": "看自评成绩",
    "score.read_review": "看评审成绩",
    "round.read": "看批次",
    "round.manage": "管理批次",
    "round.publish": "公示、发布结果",
    "assignment.manage": "指派专家、登记回避",
    "cohort.read": "看各校汇总",
    "account.manage": "管理账号和角色",
    "trail.read": "看审计日志",
    "rules.read": "看规则文件的问题",
    "system.operate": "备份、恢复、维护系统",
}
RELATIONS: dict[Relation, str] = {
    "own": "本校",
    "assigned": "受指派的",
    "round": "所管批次",
    "any": "全部",
}
BAR_TITLES: dict[Bar, tuple[str, str]] = {
    "conflict": ("①", "本人属于该校，或已登记对该校回避"),
    "filled": ("②", "本人填报过这一份（回答、合理缺项或证据）"),
    "reviewed": ("③", "本人评审过这一份"),
}
SCOPE_TITLES = {"university": "学校", "round": "批次"}


def page() -> str:
    """Return the whole page."""
    lines = [
        "# 谁可以做什么",
        "",
        "<!-- Printed from portal/policy.py: python -m portal.policy_page > docs/permissions.md -->",
        "",
        "这张表就是程序判断权限时读的那一张：单个判断和列表筛选都由它生成，有一项测试逐格核对。",
        "表里没有写的，一律不许。格子里写的是对哪些对象、在哪些阶段可以做；“草稿”一栏也包括不属于某所学校的事",
        "（新建批次、管理账号、维护系统）。",
        "",
        f"阶段依次是：{' → '.join(STATES)}。",
        "",
        f"| 事项 | {' | '.join(TITLES[role] for role in ROLES)} |",
        f"|---|{'---|' * len(ROLES)}",
        *(_row(action) for action in ACTIONS),
        "",
        "## 职责分离",
        "",
        "标有下列记号的，遇到这种情形仍然不许：",
        "",
        *(f"- {BAR_TITLES[bar][0]} {BAR_TITLES[bar][1]}。" for bar in BARS),
        "",
        "给某校开通填报员或单位负责人的同时，就登记了对该校的回避；收回角色以后回避仍在，由秘书处解除。",
        "",
        "## 角色",
        "",
        "| 角色 | 必须限定在 | 可以限定在 | 可以开通和收回的角色 |",
        "|---|---|---|---|",
        *(_role(role) for role in ROLES),
        "",
        "开通和收回角色只在自己的范围以内，也不能给自己开通。一个账号可以有几个角色，限定在几处。",
        "停用账号、重置密码，要对这个账号的每一个角色都有上述权限。",
        "",
        "## 不查这张表的操作",
        "",
        *(f"- `{name}`：{why}。" for name, why in WITHOUT_RULE.items()),
        "",
    ]
    return "\n".join(lines)


def stages(states: Iterable[State]) -> str:
    """Return states as a person would say them: runs of neighbours as from and to."""
    places = sorted(STATES.index(one) for one in set(states))
    if len(places) == len(STATES):
        return "各阶段"
    runs: list[list[int]] = []
    for one in places:
        if runs and runs[-1][-1] == one - 1:
            runs[-1].append(one)
        else:
            runs.append([one])
    said = [
        "、".join(STATES[one] for one in run) if len(run) < 3 else f"{STATES[run[0]]}至{STATES[run[-1]]}"
        for run in runs
    ]
    return "、".join(said)


def _row(action: Action) -> str:
    return f"| {ACTION_TITLES[action]} `{action}` | {' | '.join(_cell(action, role) for role in ROLES)} |"


def _cell(action: Action, role: Role) -> str:
    together: dict[tuple[Relation, frozenset[Bar]], set[State]] = {}
    for rule in BY_ACTION[action]:
        if rule.role == role:
            together.setdefault((rule.relation, rule.unless), set()).update(rule.states)
    return "<br>".join(_said(*how, states) for how, states in together.items())


def _said(relation: Relation, unless: frozenset[Bar], states: Iterable[State]) -> str:
    marks = "".join(BAR_TITLES[bar][0] for bar in BARS if bar in unless)
    return f"{RELATIONS[relation]}：{stages(states)}{marks}"


def _role(role: Role) -> str:
    must, can = ("、".join(SCOPE_TITLES[one] for one in sorted(scopes)) or "—" for scopes in SCOPES[role])
    gives = "、".join(TITLES[one] for one in ROLES if one in GIVES[role]) or "—"
    return f"| {TITLES[role]} | {must} | {can} | {gives} |"


if __name__ == "__main__":
    sys.stdout.write(page())
