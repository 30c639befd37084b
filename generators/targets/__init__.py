"""Plan → artefacts: one module a target, found by discovery.

A target is a module of this package with a function ``emit(plan: Plan) -> Iterable[Artifact]`` for what is about the
whole plan, a function ``emit_model(everywhere: ModelEverywhere) -> Iterable[Artifact]`` for what is about one model, or
both. A module with ``complete(plan: Plan, made: Sequence[Artifact]) -> Iterable[Artifact]`` runs after all of them and
sees what they made.
"""
