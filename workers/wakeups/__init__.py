"""How a worker learns that a lane has work, and which lane it takes."""
