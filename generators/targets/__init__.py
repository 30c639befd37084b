"""Plan → artefacts: one module a target, found by discovery.

A target is a module of this package with a function ``emit(plan: Plan) -> Iterable[Artifact]``.
"""
