"""Watchspec's compiler: model specs in, monitoring artefacts out."""
