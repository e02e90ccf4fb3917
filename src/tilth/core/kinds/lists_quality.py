"""Code lists of quality: the checklist of a visit, nonconformities, samples, causes of a miss."""

from __future__ import annotations

from tilth.core.kinds.shared import IMSMA, MDR, PRACTICE, RULES, codelist

__all__ = [
    "ANSWER",
    "NONCONFORMITY_TYPE",
    "QUESTION",
    "RECALL_CAUSE",
    "SAMPLE_RESULT",
    "SEVERITY",
    "STAGE",
    "VISIT_RESULT",
]

QUESTION = codelist(
    "checklist_question",
    f"{IMSMA}: the 31 enumerated columns of a QA record, by name as the first word of each; "
    "the questions are Tilth's own words",
    """
visit_status | Was the visit carried out to its end? | status
reference_type | Is it stated what the visit refers to, an order, a site or an office?
    | reference type
work_reference | Is the work inspected the work reported under this number? | hazreduc reference
contact | Was somebody in charge there to answer? | contact
object_type | Is the place of the kind that the order says? | object type
marking | Is the worksite marked as required? | marking
responsible_authority | Does the site know to which authority it answers?
    | responsible authority org
activity_type | Is the activity on the ground the one that was ordered? | activity type
debrief_provided | Were the results told on the spot? | debrief provided
debrief_accepted | Did the inspected accept what they were told? | debrief accepted
corrected | Was what earlier visits found put right? | non-compliance corrected
warning_delivered | Was a warning due, and given? | warning delivered
warning_explained | Was the warning explained? | warning explained
warning_received | Did the inspected confirm the warning? | warning received
special_monitoring | Is closer watching needed from now on? | special monitoring
operations_suspended | Was work stopped during the visit? | operations suspended
documentation | Are the papers of the site complete and at hand? | documentation
sop | Does the work follow the organisation's own procedures? | compliant with org sop
national_standards | Does the work follow the national standards?
    | compliant with national standards | ntsg
training_evidence | Are training and tests of the people at work on record? | evidence of t&e
accredited | Are organisation and team accredited for this work? | accredited
supervision | Are there enough supervisors where people work? | adequate supervision
equipment_suitable | Is the equipment fit for this ground and threat? | equipment suitable
facilities_suitable | Are camp, stores and control point fit for their use? | facilities suitable
equipment_stored | Is equipment kept as it should be? | equipment stored properly
personnel_qualified | Are the people at work qualified for what they do? | personnel qualified
medic | Is a qualified medic within reach? | qualified medic available
maintenance_log | Is the maintenance log up to date? | maintenance logs current
visitor_log | Is the visitors' log up to date? | visitor logs current
internal_qa_log | Is the log of internal quality checks up to date? | internal qa logs current
overall | Taken together, may the work go on as it is? | qa result status
""",
    open=True,
)

ANSWER = codelist(
    "checklist_answer",
    PRACTICE,
    """
yes | Yes | y | sí | si | oui | да | так | نعم | true | 1
no | No | n | non | нет | ні | لا | false | 0
not_applicable | Does not apply | n/a | na | no aplica | sans objet | не применимо | لا ينطبق
not_seen | Not looked at | not checked | no visto | non vu | не проверено | не перевірено
""",
)

STAGE = codelist(
    "inspection_stage",
    f"{RULES} §5: internal by the organisation itself, external by the authority or quality body",
    """
internal | Internal, by the organisation itself | own | interno | interna | interne
    | внутренний | внутрішній | داخلي
external | External, by the authority or a quality body | externo | externa | externe
    | внешний | зовнішній | خارجي
""",
)

VISIT_RESULT = codelist(
    "visit_result",
    f"{IMSMA}: QA result status; values: {PRACTICE}",
    """
satisfactory | Satisfactory | passed | ok | satisfactorio | satisfaisant | удовлетворительно
    | задовільно | مرض
improvement_needed | Improvement needed | needs improvement | mejorable | à améliorer
    | требуются улучшения | потребує поліпшення
unsatisfactory | Unsatisfactory | failed | insatisfactorio | insatisfaisant
    | неудовлетворительно | незадовільно | غير مرض
""",
)

NONCONFORMITY_TYPE = codelist(
    "nonconformity_type",
    f"{MDR}: type of nonconformity; values: {PRACTICE}",
    """
missed_item | Item missed in released ground | missed item | missed mine
coverage | Ground left out | coverage | gaps
depth | Required depth not reached | depth
method | Method not as ordered | method
marking | Marking missing or wrong | marking
equipment | Equipment unfit, untested or missing | equipment
training | People not trained or not accredited | training | accreditation
supervision | Supervision insufficient | supervision
medical | Medical cover or evacuation insufficient | medical
protection | Protective equipment not worn | ppe | personal protective equipment
safety_distance | Safety distances not kept | safety distance
explosives | Explosives kept or accounted for wrongly | explosives
documentation | Papers or logs incomplete | documentation | logs
reporting | Reports late or wrong | reporting
other | Other, see description | other | otro | otra | autre | другое | інше | أخرى
""",
    open=True,
)

SEVERITY = codelist(
    "severity",
    f"{MDR}: severity of nonconformities; values: {PRACTICE}",
    """
minor | Minor | menor | mineure | mineur | незначительное | незначна | بسيط
major | Major, blocks release and handover | mayor | majeure | majeur | значительное | значна
    | كبير
critical | Critical, stops the work | crítica | crítico | critique | критическое | критична | حرج
""",
)

SAMPLE_RESULT = codelist(
    "sample_result",
    PRACTICE,
    """
passed | Passed | pass | accepted | aprobado | accepté | принято | прийнято | مقبول
failed | Failed | fail | rejected | rechazado | rejeté | отклонено | відхилено | مرفوض
""",
)

RECALL_CAUSE = codelist(
    "recall_cause",
    f"{RULES}: what the miss is put down to; ground that shares it is recalled",
    """
team_and_method | How that team used that method | team and method | team | method
asset | The detector, machine or dog | equipment | detector | machine | dog
task | How the task was set or carried out | worksite | order
unknown | Not known | desconocido | inconnu | неизвестно | невідомо | غير معروف
""",
)
