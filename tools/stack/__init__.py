"""The whole stack on the loopback of this machine, from what is rendered for an environment that Compose runs.

``python -m stack up``, ``down`` and ``status``, with ``tools`` on the path; ``make up`` and ``make down`` do that.
"""
