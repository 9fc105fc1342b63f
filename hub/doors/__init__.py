"""What both doors, gateway and console, do alike: who stands before them, and what they bear."""
