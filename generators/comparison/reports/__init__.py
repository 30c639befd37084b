"""Reports of changes: as text for a terminal, as Markdown for a pull request, as data for tools."""
