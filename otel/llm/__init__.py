"""Calls of LLMs: their answers, tokens, money and verdicts, and who asked."""
