"""Which kinds a distribution serves: asked by its behaviours and by the bucket policy alike."""

from gridboss_assets.kinds import Kind, Kinds


def served_kinds(kinds: Kinds, *, signed: bool) -> list[Kind]:
    """Return the kinds that an edge may fetch from the bucket.

    ``signed`` tells whether it checks signatures with a key group. Only then may it have what not
    everybody may read.
    """
    return [kind for kind in kinds.values() if signed or kind.is_public]
