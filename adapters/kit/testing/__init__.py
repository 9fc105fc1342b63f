"""What the conformance suite tests with: a scripted partner, spoilt bodies."""
