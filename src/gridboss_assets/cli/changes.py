"""How commands show what a plan consists of: as lines of text, and as JSON."""

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterable

    from rich.text import Text

    from gridboss_assets.changes import Change, Note


def change_line(change: "Change") -> "Text":
    """Write a change as a plan shows it: its reason, and what it changes, a part a line."""
    from rich.text import Text  # noqa: PLC0415 - keeps --help fast

    from gridboss_assets.changes import leaves  # noqa: PLC0415

    sign, style = {"add": ("+", "green"), "change": ("~", "yellow"), "remove": ("-", "red")}[
        change.action.value
    ]
    text = Text(f"{sign} {change.name}: {change.reason}", style=style)
    before = leaves(change.before) if change.before is not None else {}
    after = leaves(change.after) if change.after is not None else {}
    for path in dict.fromkeys([*before, *after]):
        old, new = before.get(path), after.get(path)
        if old == new or path in {"ID", "Sid"}:  # the name stands in the line above
            continue
        label = f"\n    {path}: " if path else "\n    "
        if old is not None and new is not None:
            text.append(f"{label}{old} → {new}")
        elif after is not None and new is None:
            text.append(f"{label}{old} → nothing")
        else:
            text.append(f"{label}{new if old is None else old}")
    return text


def change_data(change: "Change") -> dict[str, Any]:
    """Write a change for machines."""
    return {
        "action": change.action.value,
        "name": change.name,
        "before": change.before,
        "after": change.after,
        "reason": change.reason,
    }


def notes_data(notes: "Iterable[Note]") -> list[dict[str, str]]:
    """Write notes for machines."""
    return [{"subject": note.subject, "text": note.text} for note in notes]
