"""Examples of pipelines that check specs and say in a pull request what a change means.

They install watchspec from where the platform says, pinned by a hash. An index of packages is never asked for the name,
which anybody could register there.
"""

from __future__ import annotations

import shlex
from collections.abc import Iterator
from typing import Final

from generators.artifact import Artifact
from generators.planning.plan import Plan
from generators.targets.files import yaml_file
from generators.targets.target import Target

FOLDER = "ci"

_CHECK = "watchspec check"
_RENDER = "watchspec render --check"
_REPORT = "report.md"


def emit(plan: Plan) -> Iterator[Artifact]:
    """Render ``ci/github-actions.yaml`` and ``ci/gitlab-ci.yaml``, where the platform says what they install."""
    source = plan.catalog.platform.install
    if not source:
        return
    install = f"python -m pip install {shlex.quote(f'watchspec @ {source}')}"
    pinned = "It installs watchspec from where `ci.install` of the platform says, pinned by a hash."
    github = "A workflow for GitHub: copy it to .github/workflows/watchspec.yaml."
    gitlab = (
        "A pipeline for GitLab: include it, or copy it to .gitlab-ci.yml. The comment needs a token with the scope "
        "api in the masked variable WATCHSPEC_TOKEN."
    )
    for name, steps, what in (
        ("github-actions", _github(install), github),
        ("gitlab-ci", _gitlab(install, has_git=source.startswith("git+")), gitlab),
    ):
        yield yaml_file(f"{FOLDER}/{name}.yaml", f"{what}\n\n{pinned}", (), steps)


def _github(install: str) -> dict[str, object]:
    comment = f'gh pr comment "$NUMBER" --edit-last --create-if-none --body-file {_REPORT}'
    return {
        "name": "watchspec",
        "on": {"pull_request": {}, "push": {"branches": ["main"]}},
        "permissions": {"contents": "read", "pull-requests": "write"},
        "concurrency": {"group": "watchspec-${{ github.ref }}", "cancel-in-progress": True},
        "jobs": {
            "check": {
                "runs-on": "ubuntu-latest",
                "timeout-minutes": 10,
                "steps": [
                    {"uses": "actions/checkout@v5", "with": {"fetch-depth": 0, "persist-credentials": False}},
                    {"uses": "actions/setup-python@v6", "with": {"python-version": "3.12"}},
                    {"name": "Install", "run": install},
                    {"name": "Check the specs", "run": _CHECK},
                    {"name": "Compare with what is rendered", "run": _RENDER},
                    {
                        "name": "Say what the change means",
                        "if": "github.event_name == 'pull_request'",
                        "env": {"BASE": "${{ github.event.pull_request.base.sha }}"},
                        "run": f'watchspec diff --format markdown "$BASE" > {_REPORT}',
                    },
                    {
                        "name": "Comment on the pull request",
                        "if": (
                            "github.event_name == 'pull_request' && "
                            "github.event.pull_request.head.repo.full_name == github.repository"
                        ),
                        "env": {
                            "GH_TOKEN": "${{ github.token }}",
                            "GH_REPO": "${{ github.repository }}",
                            "NUMBER": "${{ github.event.pull_request.number }}",
                        },
                        "run": comment,
                    },
                ],
            }
        },
    }


def _gitlab(install: str, *, has_git: bool) -> dict[str, object]:
    merge_request = {"if": '$CI_PIPELINE_SOURCE == "merge_request_event"'}
    notes = '"$CI_API_V4_URL/projects/$CI_PROJECT_ID/merge_requests/$CI_MERGE_REQUEST_IID/notes"'
    return {
        "stages": ["check", "report"],
        "watchspec-check": {
            "stage": "check",
            "image": "python:3.12" if has_git else "python:3.12-slim",
            "rules": [merge_request, {"if": "$CI_COMMIT_BRANCH == $CI_DEFAULT_BRANCH"}],
            "script": [install, _CHECK, _RENDER],
        },
        "watchspec-diff": {
            "stage": "report",
            "image": "python:3.12",
            "rules": [merge_request],
            "variables": {"GIT_DEPTH": "0"},
            "script": [
                install,
                f'watchspec diff --format markdown "$CI_MERGE_REQUEST_DIFF_BASE_SHA" > {_REPORT}',
                (
                    'if [ -n "$WATCHSPEC_TOKEN" ]; then curl --fail --silent --show-error --request POST '
                    f'--header "PRIVATE-TOKEN: $WATCHSPEC_TOKEN" --data-urlencode "body@{_REPORT}" {notes}; fi'
                ),
            ],
            "artifacts": {"paths": [_REPORT], "expire_in": "30 days"},
        },
    }


TARGET: Final = Target("ci", of_plan=emit)
