"""The language: text to trees, trees to text, and walks over trees."""
