// Conversations as people read them.
