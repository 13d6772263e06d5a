"""POST forms: what is signed is stored, and whatever was altered is refused.

S3 API Reference, "Creating a POST Policy": a form must match its policy, and every field of it
must be named there.
"""

from collections.abc import Callable

from gridboss_assets.doctor.probes.base import (
    Need,
    Observation,
    Probe,
    Result,
    Subject,
    hidden,
    kept_out,
    smuggled,
    works,
)
from gridboss_assets.doctor.probes.bench import CONTENT_TYPE, DATA, FILENAME, Bench

_UNSAFE = "Uploads by form are not safe here: "


def _valid(bench: Bench) -> Observation:
    key = bench.key("form")
    answer = bench.post(bench.form(key))
    if not answer.ok:
        return works(answer, fine=False, otherwise="")
    stored = bench.read(key)
    if stored.body != DATA or not stored.ok:
        return Observation(Result.NOT_ENFORCED, f"answered {answer}, but not stored as sent")
    if stored.headers.get("content-type") != CONTENT_TYPE:
        return Observation(Result.NOT_ENFORCED, "stored with another content type than signed")
    name, value = next(iter(FILENAME.items()))
    fine = stored.headers.get(name) == value
    return works(answer, fine=fine, otherwise=f"stored without the signed {name}")


def _other_type(bench: Bench) -> Observation:
    key = bench.key("form-type")
    return kept_out(bench, bench.post(bench.form(key), changes={"Content-Type": "text/html"}), key)


def _metadata(bench: Bench) -> Observation:
    key, name = bench.key("form-metadata"), "x-amz-meta-doctor"
    answer = bench.post(bench.form(key), changes={name: "added"})
    stored = bench.read(key)
    return smuggled(answer, stored, arrived=name in stored.headers)


def _other_key(bench: Bench) -> Observation:
    own, other = bench.key("form-own"), bench.key("form-other")
    return kept_out(bench, bench.post(bench.form(own), changes={"key": other}), other)


def _forged(bench: Bench) -> Observation:
    key = bench.key("form-forged")
    form = bench.form(key)
    signature = altered(form.fields["x-amz-signature"])
    return kept_out(bench, bench.post(form, changes={"x-amz-signature": signature}), key)


def _sized(size: int) -> Callable[[Bench], Observation]:
    def run(bench: Bench) -> Observation:
        key = bench.key("form-size")
        return kept_out(bench, bench.post(bench.form(key), b"x" * size), key)

    return run


def _expired(bench: Bench) -> Observation:
    key = bench.key("form-expired")
    return kept_out(bench, bench.post(bench.form(key, age=600, expires_in=60)), key)


def _public(bench: Bench) -> Observation:
    key = bench.key("form-public")
    answer = bench.post(bench.form(key), changes={"acl": "public-read"})
    return hidden(bench, key, answer)


def altered(signature: str) -> str:
    """Change the last digit of a signature."""
    return signature[:-1] + ("0" if signature[-1] != "0" else "1")


FORMS = Subject(
    "POST forms",
    Probe(
        "form",
        "a signed form is stored as signed",
        Need.FORM,
        "Uploads can't go by form here, so they go by PUT.",
        _valid,
    ),
    (
        Probe(
            "form-key",
            "a form for another key is refused",
            Need.FORM,
            _UNSAFE + "whoever may upload a file may overwrite any other.",
            _other_key,
        ),
        Probe(
            "form-content-type",
            "a form with another content type is refused",
            Need.FORM,
            _UNSAFE + "the signed content type does not hold.",
            _other_type,
        ),
        Probe(
            "form-metadata",
            "a form with metadata of its own is refused",
            Need.FORM,
            "Nothing of a pending object's metadata is believed or kept, but a form's policy "
            "should name every field.",
            _metadata,
        ),
        Probe(
            "form-acl",
            "a form can't make its file public",
            Need.FORM,
            _UNSAFE + "whoever may upload can publish files that were never inspected.",
            _public,
        ),
        Probe(
            "form-signature",
            "a forged form is refused",
            Need.FORM,
            _UNSAFE + "anybody can write, signed or not.",
            _forged,
        ),
        Probe(
            "form-expired",
            "an expired form is refused",
            Need.FORM,
            _UNSAFE + "a form that leaked is good for ever.",
            _expired,
        ),
        Probe(
            "form-too-large",
            "a file over the limit is refused",
            Need.FORM,
            _UNSAFE + "anybody who may upload can fill the bucket.",
            _sized(len(DATA) + 1),
        ),
        Probe(
            "form-empty",
            "an empty file is refused",
            Need.FALLBACK,
            "Empty files are stored, and refused only by `complete`.",
            _sized(0),
        ),
    ),
)
