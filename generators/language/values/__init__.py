"""Values with a grammar of their own, read exactly: quantities, comparisons, units in words, money."""
