"""Returns over the Open API: who asks, who takes the goods, who decides about the money."""
