"""Documents → Catalog: references become objects, texts become values, defaults are laid below the specs."""
