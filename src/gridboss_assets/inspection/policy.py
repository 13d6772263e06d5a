"""What careful engineers disagree about: one named setting each, with its default.

``refuse``: the file is refused. ``warn``: it is accepted, and the answer to ``complete`` names the
finding in ``warnings``. ``accept``: nothing is said.

The defaults fit the exports of a league: refused is what can act when it is opened (scripts,
programs) and what can't be inspected (encrypted content); warned about is what is harmless in
itself and may surprise.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from typing import Any, Literal, Self, get_args

Choice = Literal["refuse", "warn", "accept"]


def _described(text: str) -> dict[str, str]:
    return {"description": text}


@dataclass(frozen=True, slots=True, kw_only=True)
class InspectionPolicy:
    """The policy of one deployment. Each finding's code in ``warnings`` is its field's name.

    Every field's metadata holds its ``description``. ``InspectionPolicy(**asdict(policy))`` is an
    equal policy, also by way of JSON. Raises ``ValueError`` for a value that no field takes.
    """

    csv_formulas: Choice = field(
        default="warn",
        metadata=_described(
            "CSV cells that a spreadsheet takes for a formula: they begin with `=` or `@`, or with "
            "`+` or `-` and are no number, also after a quoted tab or line break."
        ),
    )
    csv_control_characters: Choice = field(
        default="refuse",
        metadata=_described(
            "CSV text with ASCII control characters other than tab and line breaks. NUL is refused "
            "whatever stands here."
        ),
    )
    csv_utf16: Choice = field(
        default="refuse",
        metadata=_described(
            "CSV in UTF-16 with a byte order mark, as older spreadsheets save “Unicode text”. JSON "
            "in UTF-16 is always refused (RFC 8259 §8.1)."
        ),
    )
    json_lines: Choice = field(
        default="refuse",
        metadata=_described("NDJSON: one JSON document a line where one document belongs."),
    )
    json_bom: Choice = field(
        default="warn",
        metadata=_described(
            "JSON that begins with a byte order mark, which readers may refuse (RFC 8259 §8.1)."
        ),
    )
    json_lone_surrogates: Choice = field(
        default="warn",
        metadata=_described(
            "JSON strings that escape half of a surrogate pair: allowed by the grammar, but no "
            "Unicode text (RFC 8259 §8.2)."
        ),
    )
    json_duplicate_keys: Choice = field(
        default="accept",
        metadata=_described(
            "JSON objects that hold a name twice: readers keep the first or the last. Looking "
            "for them takes ten times as long as everything else, so the default does not look."
        ),
    )
    json_depth: int = field(
        default=512,
        metadata=_described(
            "The deepest nesting of arrays and objects in JSON. PHP reads 512 levels, Python about "
            "990, Java's Jackson 1,000; Python's recursion limit is the most that can be set."
        ),
    )
    pdf_encrypted: Choice = field(
        default="refuse",
        metadata=_described(
            "Encrypted PDF, also when it opens without a password. One that needs a password can't "
            "be inspected, whatever stands in the other fields."
        ),
    )
    pdf_scripts: Choice = field(
        default="refuse",
        metadata=_described(
            "PDF that carries JavaScript, XFA forms, or actions that launch programs."
        ),
    )
    pdf_actions: Choice = field(
        default="refuse",
        metadata=_described(
            "PDF actions that send or fetch data or open other files (SubmitForm, ImportData, "
            "GoToR, GoToE). Ordinary links and destinations are no finding."
        ),
    )
    pdf_attachments: Choice = field(
        default="warn",
        metadata=_described("PDF with files attached to it."),
    )
    pdf_executables: Choice = field(
        default="refuse",
        metadata=_described(
            "PDF with an attached file that is a program by its content or its name."
        ),
    )
    pdf_multimedia: Choice = field(
        default="warn",
        metadata=_described("PDF with films, sounds, 3D models or Flash."),
    )
    zip_encrypted: Choice = field(
        default="refuse",
        metadata=_described("ZIP with encrypted entries. Their content can't be inspected."),
    )
    zip_methods: Choice = field(
        default="refuse",
        metadata=_described(
            "ZIP entries compressed by another method than Deflate (bzip2, LZMA, Zstandard …), "
            "which many systems can't open. Their content is not inspected."
        ),
    )
    zip_executables: Choice = field(
        default="refuse",
        metadata=_described(
            "ZIP with programs, by their content or their name, or with Office macros; also a Java "
            "or Android program that was declared to be a ZIP."
        ),
    )
    zip_office: Choice = field(
        default="warn",
        metadata=_described(
            "Office files inside a ZIP, or an Office file that was declared to be a ZIP."
        ),
    )
    zip_nested: Choice = field(
        default="warn",
        metadata=_described(
            "Archives inside a ZIP. They are not unpacked, so nothing inside them is inspected."
        ),
    )
    zip_duplicate_names: Choice = field(
        default="refuse",
        metadata=_described(
            "ZIP with two entries of one name: readers take the first or the last."
        ),
    )
    zip_backslashes: Choice = field(
        default="warn",
        metadata=_described(
            "ZIP names with backslashes where slashes belong, as older Windows tools write them."
        ),
    )
    zip_max_entries: int = field(
        default=10_000,
        metadata=_described("The most entries of a ZIP."),
    )
    zip_max_expanded: int = field(
        default=512 * 1024 * 1024,
        metadata=_described(
            "The most bytes that all entries of a ZIP expand to. Apart from this, anything that "
            "expands to more than 10 MiB may do so a hundredfold at most."
        ),
    )

    @classmethod
    def of(cls, choices: Mapping[str, str]) -> Self:
        """Make the policy that differs from the defaults in these choices, given as text.

        Raises ``ValueError`` for a name that there is not, and lists those that there are.
        """
        known = {each.name: each.default for each in fields(cls)}
        unknown = sorted(choices.keys() - known.keys())
        if unknown:
            raise ValueError(f"there is no {unknown[0]}; there are {', '.join(known)}")
        values: dict[str, Any] = {
            name: int(text) if isinstance(known[name], int) and text.isdecimal() else text
            for name, text in choices.items()
        }
        return cls(**values)

    def __post_init__(self) -> None:
        for each in fields(self):
            value = getattr(self, each.name)
            if isinstance(each.default, int):
                if not isinstance(value, int) or isinstance(value, bool) or value < 1:
                    raise ValueError(f"{each.name}: give a whole number from 1 on")
            elif value not in get_args(Choice):
                raise ValueError(f"{each.name}: give one of {', '.join(get_args(Choice))}")


DEFAULT_POLICY = InspectionPolicy()
