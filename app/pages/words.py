"""The words of the record for people: what was done, what it was called."""

from __future__ import annotations

ACTS = {
    "open": "收到差评，立案",
    "forward": "转办",
    "verify": "核查",
    "submit": "提交审签",
    "sign": "审签通过",
    "return": "审签退回",
    "complete": "办完",
    "close": "办结",
    "end": "结束",
    "escalate": "到时提醒或上报",
    "skip_levels": "略过已过的提醒",
    "bounce": "退单",
    "rule_bounce": "裁定退单",
    "take_over": "承接部门接手",
    "hand_over": "移交同事",
    "begin_round": "开始新一轮",
    "claim": "提出误评申诉",
    "appeal": "申请复核",
    "evidence": "补充证据",
    "rule": "裁定",
    "void": "评价不予采纳",
    "object": "评价人提出异议",
    "request_extension": "申请延期",
    "rule_extension": "裁定延期",
    "extension_moot": "延期申请失效",
    "retime": "日历变动，期限重算",
    "ask_for_help": "请求协办",
    "contribute": "协办单位提交材料",
    "contact_try": "联系评价人",
    "reveal": "查看联系方式",
    "answer": "答复评价人",
    "revisit": "回访",
    "decide_round": "决定是否再办一轮",
    "correct_rated": "更正评价对象",
    "incident": "流程故障，暂停",
    "resume": "故障排除，继续",
}
LEVELS = {"remind": "提醒承办人", "overdue": "超期，报本部门负责人", "supervise": "督办，报监督单位", "leaders": "报领导"}
STATUS = {"open": "在办", "closed": "已办结", "ended": "已结束"}
