"""The reference pages of ``docs/reference``, one module a page: each turns what the code says into Markdown."""
