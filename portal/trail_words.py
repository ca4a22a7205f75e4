"""The trail in words for people: what was done, and under which heading one looks for it."""

from collections.abc import Mapping

GROUPS: Mapping[str, tuple[str, ...]] = {
    "填报": ("answer.", "claim."),
    "证据": ("evidence.add", "evidence.remove", "photo.add", "photo.show"),
    "流转": ("assessment.", "round.", "subject."),
    "评审": ("finding.", "review.", "request.", "assignment.", "scorecard.", "survey."),
    "复核": ("appeal.",),
    "查阅": ("evidence.read", "photo.read"),
}
"""Headings to look under, each with how its actions begin."""

TITLES: Mapping[str, str] = {
    "answer.accept_offer": "采用已有的回答",
    "answer.carry": "沿用上一批次的回答",
    "answer.save": "保存回答",
    "appeal.assign": "指派复核专家",
    "appeal.decide": "复核裁定",
    "appeal.file": "提出异议",
    "assessment.advance": "流转",
    "assessment.reopen": "退回重填",
    "assessment.submit": "提交",
    "assessment.withdraw": "撤回",
    "assignment.assign": "指派评审专家",
    "assignment.end": "撤下评审专家",
    "claim.save": "申报合理缺项",
    "evidence.add": "上传证据",
    "evidence.read": "查看证据",
    "evidence.remove": "撤下证据",
    "finding.save": "记下评审意见",
    "finding.sign": "签署",
    "photo.add": "上传现场照片",
    "photo.read": "查看现场照片",
    "photo.show": "决定照片是否给学校看",
    "request.answer": "答复补材料",
    "request.ask": "要求补材料",
    "request.withdraw": "收回补材料要求",
    "review.bulk_agree": "批量认可",
    "review.hand_back": "退回签署",
    "review.save_note": "记下备注",
    "review.save_seen": "记下现场所见",
    "review.undo_bulk": "撤销批量认可",
    "round.choose_subjects": "选定参评对象",
    "round.invite": "邀请参评",
    "round.open": "开放填报",
    "round.publish": "公示、定级",
    "scorecard.keep": "保存成绩",
    "survey.save": "登记测评分",
}
"""What was done, by action. Only actions of an assessment's chain; a test sees that none is missing."""

DETAILS: Mapping[str, str] = {
    "subject": "对象",
    "indicator": "指标",
    "fact": "问题",
    "name": "文件",
    "count": "项数",
    "number": "第几次提交",
    "reason": "理由",
}
"""What a line says besides, as far as people read it."""


def title_of(action: str) -> str:
    """Return an action in words."""
    return TITLES.get(action, action)
