"""The commands: one module or folder each, named in ``generators.cli.parser.COMMANDS``."""
