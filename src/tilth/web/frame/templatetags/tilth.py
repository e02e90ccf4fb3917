"""Tags and filters of the templates: what `printed` and `named` say, by its name."""

from __future__ import annotations

from django import template

from tilth.web.frame import named, printed

register = template.Library()
register.simple_tag(printed.mark)
register.filter("area", printed.area)
register.filter("exact", printed.exact)
register.filter("count", printed.count)
register.simple_tag(printed.share)
register.filter("day", printed.day)
register.filter("moment", printed.moment)
register.filter("said", named.said)
register.filter("local_id", named.local_id)
register.inclusion_tag("frame/figure.html", takes_context=True)(printed.figure)
register.inclusion_tag("frame/problem.html")(named.problem)
register.simple_tag(named.finding_words)
register.simple_tag(printed.cutlink, takes_context=True)
register.simple_tag(named.level_word)
register.simple_tag(named.land_word)
register.simple_tag(named.task_state)
register.simple_tag(named.task_move)
register.simple_tag(named.code_label)
register.filter("kind_label", named.kind_label)
register.simple_tag(named.why)
register.simple_tag(named.document_word)
register.simple_tag(named.document_state)
