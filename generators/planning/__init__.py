"""Catalog → Plan: what must exist so that every objective, threshold and figure of the catalog is watched."""
