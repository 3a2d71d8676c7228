"""What each route does, in the words of those who call it; a test holds routes and words together."""

from __future__ import annotations

import re
from typing import Any

from flask import Flask

SUMMARIES = {
    "sessions.enter": "登录，取得令牌",
    "sessions.me": "查看本人身份和权限",
    "sessions.leave": "退出，令牌立即失效",
    "sessions.change_password": "修改本人密码",
    "accounts.index": "列出账号",
    "accounts.add": "开立账号",
    "accounts.change": "变更岗位，其登录随即失效",
    "accounts.close": "停用账号",
    "accounts.reopen": "恢复账号",
    "accounts.set_password": "重设密码",
    "accounts.tokens": "列出业务系统的令牌",
    "accounts.issue": "发放令牌，只显示这一次",
    "accounts.revoke": "撤销令牌",
    "accounts.hand_over": "把待办移交给同事",
    "accounts.appoint": "休假期间委托同事代办",
    "accounts.substitutions": "列出与本人有关的代办安排",
    "accounts.end": "提前结束代办",
    "catalogue.areas": "列出区划（四级）",
    "catalogue.departments": "列出部门",
    "catalogue.department": "查看部门及其版本（ETag）",
    "catalogue.edit": "修改部门，须带 If-Match",
    "catalogue.close_department": "撤并部门，在办工单转承接部门",
    "catalogue.entries": "列出窗口、终端、人员、事项、渠道",
    "catalogue.window_link": "取窗口的静态评价链接",
    "catalogue.terminal_link": "取自助终端的静态评价链接",
    "intake.records": "报送办件",
    "intake.reviews": "报送评价；差评当即立案",
    "intake.complaints": "登记 12345 投诉",
    "intake.progress": "按工单号查询办到哪一步",
    "intake.reasons": "列出全国统一的评价选项",
    "intake.review": "查看差评内容，评价人隐去",
    "intake.corrections": "查看评价对象的更正记录",
    "intake.correct": "更正评价对象，两个值都保留",
    "intake.ratings": "查看对本人的评价（中性概述）",
    "intake.record_link": "取一次服务的评价链接",
    "cases.index": "列出工单",
    "cases.show": "查看工单全部记录",
    "cases.timeline": "查看工单经过",
    "cases.deadlines": "查看各项期限及逐日说明",
    "cases.task": "查看一个环节及其表单",
    "cases.submit": "提交环节",
    "cases.sign": "审签",
    "cases.send_back": "退回修改",
    "cases.try_contact": "登记一次联系",
    "cases.reveal": "查看评价人联系方式，须写明用途",
    "cases.extend": "申请延期",
    "cases.bounce": "退单",
    "cases.ask_help": "请其他部门协办",
    "cases.help_out": "填写协办情况",
    "inbox.index": "列出本单位待办，先到期的在前",
    "inbox.counts": "待办、超期、今日到期各有几件",
    "deadlines.due": "计算一项期限并逐日说明",
    "appeals.index": "列出复核、认定申请与证据",
    "appeals.apply": "申请复核（附件3）",
    "appeals.give_evidence": "举证、申辩",
    "appeals.objections": "列出评价人的异议",
    "appeals.take_objection": "记录评价人的异议",
    "revisits.index": "列出回访抽取",
    "revisits.published": "公布一期抽取，可重算",
    "revisits.of_case": "列出工单的回访",
    "supervision.refer": "移交线索",
    "supervision.index": "列出移交线索",
    "supervision.answer": "填写线索办理结果",
    "privacy.index": "列出个人信息请求",
    "privacy.receive": "受理个人信息请求",
    "privacy.show": "答复查阅请求",
    "privacy.correct": "按请求更正",
    "privacy.delete": "按请求删除",
    "privacy.refuse": "拒绝请求并说明理由",
    "audit.streams": "列出记录流",
    "audit.entries": "列出审计记录",
    "audit.looks": "列出纪检监察的查阅",
    "audit.seals": "列出封存",
    "audit.make_seal": "现在封存",
    "audit.verification": "核验全部记录和封存",
    "programmes.index": "列出方案",
    "programmes.show": "查看方案",
    "programmes.elements": "列出流程图元素及其条款或解读",
    "programmes.diagram": "下载流程图",
}


def describe(app: Flask, paths: dict[str, Any]) -> None:
    """Give every operation of the description its summary."""
    for rule in app.url_map.iter_rules():
        operations = paths.get(re.sub(r"<(?:[^:<>]+:)?(\w+)>", r"{\1}", rule.rule), {})
        for method in (rule.methods or set()) & {name.upper() for name in operations}:
            operations[method.lower()]["summary"] = SUMMARIES[rule.endpoint]
