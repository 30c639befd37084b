"""YAML of specs, rule files and configurations: text to nodes that know their places, one behaviour for all readers."""
