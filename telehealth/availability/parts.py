"""Parts of the day and days of the week, as somebody wishes for them in their own zone."""

PARTS = {"morning": (0, 12), "afternoon": (12, 17), "evening": (17, 24)}  # hours [from, to)


def is_in(part: str, hour: int) -> bool:
    """Whether a start at this hour is in the part of the day; "" is any."""
    low, high = PARTS.get(part, (0, 24))
    return low <= hour < high


def days_from(text: str) -> tuple[int, ...]:
    """Days of the week, Monday 0, from digits such as "024"; all that is not one is passed over, none is any."""
    return tuple(sorted({int(each) for each in text if each in "0123456"}))


def text_of(days: tuple[int, ...]) -> str:
    """The same as digits."""
    return "".join(str(day) for day in days)
