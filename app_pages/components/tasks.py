"""The words for what waits for somebody."""

from portal.use_cases.home import Task

WORDS: dict[Task, tuple[str, str]] = {
    "fill": ("填报", "已答 {done} / {of} 项"),
    "submit": ("填报并提交", "已答 {done} / {of} 项"),
    "reply": ("补充材料", "已回复 {done} / {of} 条"),
    "contest": ("核对公示的结果", "有异议可以提出"),
    "review": ("评审", "已有定论 {done} / {of} 项"),
    "decide": ("复核异议", ""),
    "remind": ("等学校提交", "已提交 {done} / {of} 所"),
    "assign": ("指派评审专家", "{count} 所"),
    "start": ("开始评审", "{count} 所"),
    "ask": ("转给学校补充材料", "{count} 所"),
    "resume": ("继续评审", "{count} 所，材料已交齐或已到期"),
    "finish": ("结束评审", "{count} 所，专家已全部签署"),
    "publicise": ("公示结果", "{count} 所"),
    "assign_appeal": ("指派复核专家", "{count} 所"),
    "grade": ("定级", "{count} 所"),
}
"""What there is to do, and how far it is."""
