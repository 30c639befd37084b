"""Objects of a cluster: rules, routes, Collectors, scraping, scaling, and the Kustomization that lists them."""
