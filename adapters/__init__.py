"""Partners' systems, one package each; `kit` is what they share."""
