"""Plan → artefacts: one module a target, found by discovery.

A target is a module of this package with a function ``emit(plan: Plan) -> Iterable[Artifact]``. A module with
``complete(plan: Plan, made: Sequence[Artifact]) -> Iterable[Artifact]`` runs after all of them and sees what they made.
"""
