"""Reference data and what is compared with it: profiles, the kind Baseline, drift, and the statistics of all three.

``statistics`` is pure mathematics. ``profile`` counts what a model's data look like, in an engine that ``engines``
knows, and ``document`` writes that down. ``comparison`` looks at two of them.
"""
