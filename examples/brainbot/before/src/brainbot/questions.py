"""Questions that are the same to the cache."""


def one_spelling(question: str) -> str:
    """Without differences of case and of blanks."""
    return " ".join(question.casefold().split())
