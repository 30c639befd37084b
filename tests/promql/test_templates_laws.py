from hypothesis import given, settings
from hypothesis import strategies as st

from generators.promql.templates import ALERTMANAGER, escape, parse_template
from generators.promql.templates.expansion import expand
from generators.promql.templates.label_references import references

PIECES = st.sampled_from(
    [
        *(
            "{{",
            "}}",
            "{{-",
            "-}}",
            " ",
            "\n",
            ".",
            "$labels",
            "$x",
            ":=",
            "=",
            "|",
            "(",
            ")",
            '"a"',
            "`b`",
            "1",
            "2.5",
        ),
        *("if", "else", "end", "range", "with", "define", "template", "block", "break", "continue", '"t"', ",", "nil"),
        *(
            ".Labels.job",
            "humanize",
            "printf",
            '"%d %v"',
            "index",
            "query",
            "and",
            "eq",
            "/*",
            "*/",
            "'",
            "\\",
            "é",
            "-",
        ),
        *('{{ template "t" . }}', '{{ define "t" }}', "{{ end }}", "{{ range 3 }}", "{{ $x := print $x $x }}"),
    ]
)
SOUP = st.lists(PIECES, max_size=24).map("".join)


@settings(derandomize=True, deadline=None)
@given(SOUP)
def test_no_text_crashes_or_hangs(text: str) -> None:
    template, problems = parse_template(text)
    assert (template is None) == bool(problems)
    if template is not None:
        references(template)
        assert isinstance(expand(template, {"job": "a"}, 1.0), str)


@settings(derandomize=True, deadline=None)
@given(st.text() | SOUP)
def test_escaped_text_expands_to_itself(text: str) -> None:
    template, problems = parse_template(escape(text))
    assert problems == ()
    assert template is not None
    assert expand(template, {}, 0.0) == text


@settings(derandomize=True, deadline=None)
@given(st.text() | SOUP)
def test_problems_point_into_the_text(text: str) -> None:
    for problem in parse_template(text)[1]:
        assert 0 <= problem.span.start <= len(text)
        assert problem.message


def test_endless_recursion_and_doubling_strings_end_in_an_error_text() -> None:
    for text in (
        '{{ define "t" }}{{ template "t" . }}{{ end }}{{ template "t" . }}',
        '{{ $x := "ab" }}{{ range 99 }}{{ $x = print $x $x }}{{ end }}',
        "{{ range 1000000000000 }}x{{ end }}",
        "{{ range 1000 }}{{ range 1000 }}{{ end }}{{ end }}",
    ):
        template, _ = parse_template(text)
        assert template is not None
        assert expand(template, {}, 1.0).startswith("<error expanding template: ")


def test_deep_nesting_is_a_problem() -> None:
    for text in ("{{ " + "(" * 5000 + "1" + ")" * 5000 + " }}", "{{ if 1 }}" * 5000 + "{{ end }}" * 5000):
        template, problems = parse_template(text)
        assert template is None
        assert len(problems) == 1


def test_all_unknown_names_are_reported_with_a_guess() -> None:
    _, problems = parse_template("{{ humanise $lables.job }} {{ nope }}")
    assert [problem.message for problem in problems] == [
        'function "humanise" not defined',
        'undefined variable "$lables"',
        'function "nope" not defined',
    ]
    assert problems[0].help == "did you mean `humanize`?"
    assert problems[1].help == "did you mean `$labels`?"


def test_alertmanager_templates_have_functions_and_variables_of_their_own() -> None:
    text = '{{ range .Alerts.Firing }}{{ .Labels.SortedPairs.Values | join ", " }}{{ end }}{{ .CommonLabels.job }}'
    assert parse_template(text, ALERTMANAGER)[1] == ()
    assert parse_template(text)[1][0].message == 'function "join" not defined'
    assert parse_template("{{ $labels.job }}", ALERTMANAGER)[1][0].code == "Q503"


def names(text: str) -> list[str]:
    template, problems = parse_template(text)
    assert template is not None, problems
    return [reference.name for reference in references(template).labels]


def test_labels_are_found_however_they_are_written() -> None:
    assert names("{{ $labels.a }}{{ .Labels.b }}{{ $.Labels.c }}") == ["a", "b", "c"]
    assert names('{{ index $labels "a" }}{{ index .Labels "b-c" }}') == ["a", "b-c"]
    assert names("{{ with $labels }}{{ .a }}{{ end }}{{ with .Labels.b }}{{ . }}{{ end }}") == ["a", "b"]
    assert names('{{ define "t" }}{{ .Labels.a }}{{ end }}{{ template "t" . }}') == ["a"]
    assert names("{{ $l := $labels }}{{ $l.a }}") == ["a"]
    assert names('{{ range query "up" }}{{ .Labels.x }}{{ end }}') == []
    assert names("{{ if eq $labels.a $externalLabels.b }}{{ end }}") == ["a"]


def test_a_reference_knows_where_it_stands() -> None:
    text = "of {{ $labels.job | title }}"
    template, _ = parse_template(text)
    assert template is not None
    (reference,) = references(template).labels
    assert text[reference.span.start : reference.span.end] == "$labels.job"


def test_labels_that_are_read_all_at_once_are_dynamic() -> None:
    for text, dynamic in (
        ("{{ range $k, $v := $labels }}{{ $k }}{{ end }}", True),
        ("{{ $labels }}", True),
        ('{{ index $labels (printf "a") }}', True),
        ("{{ $labels.a }}", False),
        ("{{ if $labels.a }}x{{ end }}", False),
    ):
        template, _ = parse_template(text)
        assert template is not None
        assert references(template).dynamic is dynamic


def test_the_value_is_seen_to_be_used() -> None:
    for text, used in (("{{ $value }}", True), ("{{ .Value | humanize }}", True), ("{{ $labels.a }}", False)):
        template, _ = parse_template(text)
        assert template is not None
        assert references(template).value is used
