"""The part of BPMN and of Camunda's extensions that we read; everything else is a silent trap and is refused."""

from __future__ import annotations

from collections.abc import Mapping

XSI_TYPE = "{http://www.w3.org/2001/XMLSchema-instance}type"
COLOURS = ("{http://bpmn.io/schema/bpmn/biocolor/1.0}", "{http://www.omg.org/spec/BPMN/non-normative/color/1.0}")
MODELER = "{http://camunda.org/schema/modeler/1.0}"
NAMED = frozenset({"id", "name"})
ID = frozenset({"id"})

ALLOWED: Mapping[str, frozenset[str]] = {
    "bpmn:definitions": NAMED | {
        "targetNamespace", "exporter", "exporterVersion", f"{MODELER}executionPlatform", f"{MODELER}executionPlatformVersion",
        "{http://www.w3.org/2001/XMLSchema-instance}schemaLocation",
    },
    "bpmn:collaboration": NAMED | {"isClosed"},
    "bpmn:participant": NAMED | {"processRef"},
    "bpmn:process": NAMED | {"isExecutable", "isClosed", "processType", "camunda:historyTimeToLive", "camunda:versionTag"},
    "bpmn:laneSet": NAMED,
    "bpmn:lane": NAMED,
    "bpmn:flowNodeRef": frozenset(),
    "bpmn:incoming": frozenset(),
    "bpmn:outgoing": frozenset(),
    "bpmn:documentation": ID,
    "bpmn:extensionElements": frozenset(),
    "bpmn:startEvent": NAMED,
    "bpmn:endEvent": NAMED,
    "bpmn:intermediateCatchEvent": NAMED,
    "bpmn:intermediateThrowEvent": NAMED,
    "bpmn:boundaryEvent": NAMED | {"attachedToRef", "cancelActivity"},
    "bpmn:userTask": NAMED,
    "bpmn:serviceTask": NAMED | {"camunda:expression"},
    "bpmn:subProcess": NAMED | {"triggeredByEvent"},
    "bpmn:exclusiveGateway": NAMED | {"default", "gatewayDirection"},
    "bpmn:inclusiveGateway": NAMED | {"default", "gatewayDirection"},
    "bpmn:parallelGateway": NAMED | {"gatewayDirection"},
    "bpmn:sequenceFlow": NAMED | {"sourceRef", "targetRef"},
    "bpmn:conditionExpression": ID | {XSI_TYPE},
    "bpmn:timerEventDefinition": ID,
    "bpmn:timeCycle": ID | {XSI_TYPE},
    "bpmn:timeDate": ID | {XSI_TYPE},
    "bpmn:timeDuration": ID | {XSI_TYPE},
    "bpmn:messageEventDefinition": ID | {"messageRef"},
    "bpmn:signalEventDefinition": ID | {"signalRef"},
    "bpmn:escalationEventDefinition": ID | {"escalationRef"},
    "bpmn:errorEventDefinition": ID | {"errorRef"},
    "bpmn:cancelEventDefinition": ID,
    "bpmn:compensateEventDefinition": ID | {"activityRef", "waitForCompletion"},
    "bpmn:conditionalEventDefinition": ID,
    "bpmn:linkEventDefinition": NAMED,
    "bpmn:terminateEventDefinition": ID,
    "bpmn:message": NAMED,
    "bpmn:signal": NAMED,
    "bpmn:escalation": NAMED | {"escalationCode"},
    "bpmn:textAnnotation": ID | {"textFormat"},
    "bpmn:text": frozenset(),
    "bpmn:association": ID | {"sourceRef", "targetRef", "associationDirection"},
    "bpmndi:BPMNDiagram": NAMED | {"documentation", "resolution"},
    "bpmndi:BPMNPlane": ID | {"bpmnElement"},
    "bpmndi:BPMNShape": ID | {"bpmnElement", "isExpanded", "isHorizontal", "isMarkerVisible"},
    "bpmndi:BPMNEdge": ID | {"bpmnElement", "sourceElement", "targetElement"},
    "bpmndi:BPMNLabel": ID,
    "dc:Bounds": frozenset({"x", "y", "width", "height"}),
    "di:waypoint": frozenset({"x", "y"}),
    "camunda:formData": frozenset(),
    "camunda:formField": frozenset({"id", "label", "type"}),
    "camunda:validation": frozenset(),
    "camunda:constraint": frozenset({"name", "config"}),
    "camunda:value": NAMED,
    "camunda:properties": frozenset(),
    "camunda:property": NAMED | {"value"},
}  # fmt: skip

DATA = ("data-object", "不支持数据对象和数据输入输出：变量只来自表单和系统。请删除。")
LISTENER = ("listener", "不支持监听器：这里不运行流程图带来的代码。请删除。")
ASSIGNEE = ("assignee", "由谁办理只看泳道。请删除，把步骤放进对应的泳道。")
INPUT_OUTPUT = ("input-output", "不支持输入输出参数和连接器：这里不运行流程图带来的代码。请删除。")
SCRIPT = ("script-task", "不支持脚本：这里不运行流程图带来的代码。请改用服务任务并写已登记的功能名。")
RULES = ("business-rule-task", "不支持业务规则任务和 DMN 决策表。请改用排他网关和条件。")
LOOP = ("multi-instance", "不支持多实例。请画成几个步骤，或用网关画出循环。")
CALLED = ("call-activity", "不支持调用活动：一个方案只有一张图。请把内容画进子流程。")
SERVICE = ("service-implementation", "服务任务只写 camunda:expression，内容是已登记的功能名。请删除其他实现方式。")
FORM_KEY = ("form-key", "不支持外部表单。请用表单项（camunda:formData）画出表单。")

REFUSED_ELEMENTS: Mapping[str, tuple[str, str]] = {
    "bpmn:task": ("plain-task", "普通任务没有人办，流程会直接通过。请改成用户任务或服务任务。"),
    "bpmn:manualTask": ("manual-task", "人工任务不留记录。请改成用户任务。"),
    "bpmn:scriptTask": SCRIPT,
    "bpmn:script": SCRIPT,
    "camunda:script": SCRIPT,
    "bpmn:sendTask": ("send-task", "发送任务会悄悄通过，什么也不发。请改成服务任务。"),
    "bpmn:receiveTask": ("receive-task", "接收任务可能不等消息就通过。请改成中间消息事件。"),
    "bpmn:businessRuleTask": RULES,
    "bpmn:callActivity": CALLED,
    "bpmn:callConversation": CALLED,
    "bpmn:transaction": ("transaction", "不支持事务子流程。请改成普通子流程。"),
    "bpmn:adHocSubProcess": ("ad-hoc", "不支持特别子流程：步骤的先后必须画明。请改成普通子流程。"),
    "bpmn:complexGateway": ("complex-gateway", "不支持复杂网关。请改成排他网关。"),
    "bpmn:eventBasedGateway": ("event-based-gateway", "不支持事件网关。请改用边界消息事件。"),
    "bpmn:multiInstanceLoopCharacteristics": LOOP,
    "bpmn:standardLoopCharacteristics": ("standard-loop", "不支持循环任务。请用网关画出循环。"),
    "bpmn:ioSpecification": DATA,
    "bpmn:property": DATA,
    "bpmn:performer": ASSIGNEE,
    "bpmn:potentialOwner": ASSIGNEE,
    "bpmn:humanPerformer": ASSIGNEE,
    "bpmn:resourceRole": ASSIGNEE,
    "bpmn:resource": ASSIGNEE,
    "bpmn:messageFlow": ("message-flow", "不支持消息流：只有一个泳池。请删除。"),
    "bpmn:import": ("import", "不读取别的文件。请删除 import，把内容画进本图。"),
    "bpmn:childLaneSet": ("nested-lanes", "不支持嵌套泳道。请把泳道摊平成一层。"),
    "bpmn:eventDefinitionRef": ("shared-event-definition", "事件的定义要写在事件里：引用的定义会被悄悄当成空事件。"),
    "bpmn:eventDefinition": ("shared-event-definition", "事件的定义要写在事件里，用明确的类型。"),
    "camunda:executionListener": LISTENER,
    "camunda:taskListener": LISTENER,
    "camunda:inputOutput": INPUT_OUTPUT,
    "camunda:connector": INPUT_OUTPUT,
    "camunda:in": CALLED,
    "camunda:out": CALLED,
    "camunda:field": SERVICE,
    "camunda:failedJobRetryTimeCycle": ("unknown-element", "没有作业重试：每一步是一个事务。请删除。"),
}
# By part of the element's name, when it is not listed above.
REFUSED_FAMILIES: Mapping[str, tuple[str, str]] = {
    "data": DATA,
    "Data": DATA,
    "correlation": ("correlation", "不支持关联键：消息由系统按差评编号送达。请删除。"),
    "Listener": LISTENER,
    "Parameter": INPUT_OUTPUT,
    "EventDefinition": ("event-kind", "流程引擎不认识这种事件，会悄悄当成空事件通过。请改用消息、信号或限时事件。"),
    "conversation": ("unknown-element", "不支持会话图。请删除。"),
    "choreography": ("unknown-element", "不支持编排图。请删除。"),
    "decision": RULES,
}
REFUSED_ATTRIBUTES: Mapping[str, tuple[str, str]] = {
    "camunda:assignee": ASSIGNEE,
    "camunda:candidateUsers": ASSIGNEE,
    "camunda:candidateGroups": ASSIGNEE,
    "camunda:delegateExpression": SERVICE,
    "camunda:class": SERVICE,
    "camunda:type": SERVICE,
    "camunda:topic": SERVICE,
    "camunda:resultVariable": SERVICE,
    "camunda:expression": ("service-implementation", "只有服务任务可以写功能名。请删除。"),
    "camunda:formKey": FORM_KEY,
    "camunda:formRef": FORM_KEY,
    "camunda:formRefBinding": FORM_KEY,
    "camunda:formRefVersion": FORM_KEY,
    "camunda:formHandlerClass": FORM_KEY,
    "camunda:decisionRef": RULES,
    "camunda:resource": SCRIPT,
    "camunda:dueDate": ("assignee", "期限只写在限时边界事件里。请删除。"),
    "camunda:followUpDate": ("assignee", "期限只写在限时边界事件里。请删除。"),
    "defaultValue": ("form-default", "表单项不能带默认值：它不会生效，也不会被计算。请删除。"),
    "datePattern": ("form-default", "日期的写法固定，不能另定。请删除。"),
    "isForCompensation": ("compensation", "不支持补偿。请画出办理的步骤。"),
    "language": ("unknown-attribute", "条件和时限只用本系统的写法，不能另选语言。请删除。"),
}
