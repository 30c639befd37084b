"""Codes about dashboards as a whole: the file, the places of panels, links, and variables."""

from __future__ import annotations

from typing import Final

from generators.grafana.lint.codes.code import ERROR, WARNING, Code

WHOLE: Final = (
    Code(
        "D800",
        "dashboard-file",
        ERROR,
        "Not a dashboard",
        "The file holds classic JSON as Grafana exports it: alone, in the answer of the API, in a resource of kind "
        "`Dashboard`, or in a ConfigMap. What has another shape is not loaded, or loaded without that part.",
        '{"title": "Hits", "panels": {"0": {}}}',
        '{"title": "Hits", "panels": [{}]}',
    ),
    Code(
        "D815",
        "uneditable-dashboard",
        WARNING,
        "Dashboard that can be edited in the browser",
        "What is changed there is lost at the next deployment, or differs from what was reviewed.",
        '{"editable": true}',
        '{"editable": false}',
    ),
    Code(
        "D820",
        "dashboard-uid",
        ERROR,
        "Uid that links cannot rely on",
        "Without a uid, Grafana invents one at each import, and links to the dashboard die; of two dashboards with one "
        "uid the second overwrites the first. At most 40 of a-z, A-Z, 0-9, `-` and `_`.",
        '{"uid": "my dashboard"}',
        '{"uid": "my-dashboard"}',
    ),
    Code(
        "D821",
        "panel-id",
        WARNING,
        "Panel without an id of its own",
        "Links, shared panels and alerts find a panel by its id. Where it is missing or taken, Grafana gives another "
        "when it opens the page, and not always the same.",
        '[{"id": 1, "title": "Hits"}, {"id": 1, "title": "Errors"}]',
        '[{"id": 1, "title": "Hits"}, {"id": 2, "title": "Errors"}]',
    ),
    Code(
        "D822",
        "panel-overlap",
        WARNING,
        "Panel out of place",
        "The grid has 24 columns, and Grafana moves a panel that leaves them or lies on another to where it fits.",
        '{"gridPos": {"x": 16, "y": 0, "w": 12, "h": 8}}',
        '{"gridPos": {"x": 12, "y": 0, "w": 12, "h": 8}}',
    ),
    Code(
        "D826",
        "link-target",
        WARNING,
        "Link to no dashboard",
        "Files that are named together are taken to be deployed together; a link to a uid that none of them has leads "
        "to an error page.",
        '{"url": "/d/chrun"}',
        '{"url": "/d/churn"}',
    ),
    Code(
        "D827",
        "schema-version",
        WARNING,
        "Schema of another Grafana",
        "Grafana migrates an older schema in the browser, each time the dashboard is opened, and the older, the more "
        "is guessed; what is newer than it knows is not read.",
        '{"schemaVersion": 16}',
        '{"schemaVersion": 41}',
    ),
    Code(
        "D833",
        "panel-budget",
        WARNING,
        "Too many queries at once",
        "What is open at first asks no more than 60 queries: each is evaluated for everyone who opens the page, which "
        "during an incident is everyone. Rows that are folded ask nothing.",
        '{"panels": […61 panels…]}',
        '{"panels": [{"type": "row", "collapsed": true, "panels": […]}]}',
    ),
)

VARIABLES: Final = (
    Code(
        "D801",
        "template-datasource",
        WARNING,
        "No choice of the data source",
        "A variable `datasource` chooses where figures are read from, so that one file serves every environment.",
        '{"templating": {"list": []}}',
        '{"name": "datasource", "type": "datasource", "query": "prometheus"}',
    ),
    Code(
        "D802",
        "template-job",
        WARNING,
        "No variable for `job`",
        "Where series carry `job`, a queried variable of several values narrows them by it.",
        '{"name": "job", "type": "query", "multi": false}',
        '{"name": "job", "type": "query", "multi": true, "allValue": ".+"}',
    ),
    Code(
        "D803",
        "template-instance",
        WARNING,
        "No variable for `instance`",
        "Where series carry `instance`, a queried variable of several values narrows them by it.",
        '{"name": "instance", "type": "query", "allValue": ".*"}',
        '{"name": "instance", "type": "query", "multi": true, "allValue": ".+"}',
    ),
    Code(
        "D804",
        "template-label-promql",
        ERROR,
        "Variable that cannot be asked",
        "The query of a variable is one of Grafana's functions of labels and metrics, and PromQL in it can be read.",
        '{"query": "label_values(up{, job)"}',
        '{"query": "label_values(up, job)"}',
    ),
    Code(
        "D805",
        "template-on-time-change-reload",
        WARNING,
        "Variable that is asked only once",
        "A variable that is not asked again when the time range changes misses what ran only then.",
        '{"type": "query", "refresh": 1}',
        '{"type": "query", "refresh": 2}',
    ),
    Code(
        "D824",
        "variable-matcher",
        ERROR,
        "Several values where one is compared",
        "Of several values Grafana makes a pattern, which `=` compares to the letter: nothing matches.",
        'up{job="$job"}',
        'up{job=~"$job"}',
    ),
    Code(
        "D830",
        "fixed-datasource",
        WARNING,
        "Data source of its own",
        "Variables and annotations read the data source that the variable chooses; another shows another environment.",
        '{"name": "job", "datasource": {"uid": "PBFA97CFB590B2093"}}',
        '{"name": "job", "datasource": {"uid": "${datasource}"}}',
    ),
    Code(
        "D831",
        "unknown-variable",
        ERROR,
        "Variable that does not exist",
        "Grafana leaves an unknown variable as it is, so the query asks for the text `$jop`, and finds nothing.",
        'up{job=~"$jop"}',
        'up{job=~"$job"}',
    ),
)
