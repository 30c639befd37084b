"""Plan → artefacts: a folder a target, or a module where one is enough.

Each module that makes files ends with its ``TARGET`` (``target.py`` says what that is); ``generators/render.py`` lists
and runs them. What several targets share lies here: heads of files, links, and rules as text.
"""
