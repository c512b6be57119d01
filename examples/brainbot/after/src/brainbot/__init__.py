"""A small chat application: people sign in, ask questions, keep conversations and documents."""
