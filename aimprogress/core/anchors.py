"""A daily anchor over the heads of all audit chains. Kept outside, it finds a chain that was rewritten whole, head and all."""

import hashlib
import json
from collections.abc import Iterator, Mapping

from .audit import Act, AuditChain, AuditEvent, BrokenLink, append
from .ids import NO_ORGANISATION

ACTION = "core.anchor_chains"
Heads = Mapping[str, list]


def anchor_chains() -> str:
    """Put the heads of all chains on the record of the portal's own chain. Returns their digest. Needs to act as SYSTEM."""
    heads = {str(head.pk): [head.seq, head.hash] for head in AuditChain.objects.order_by("pk")}
    digest = digest_of(heads)
    append([Act(ACTION, None, body={"heads": heads, "digest": digest})])
    return digest


def digest_of(heads: Heads) -> str:
    """The sha256 that stands for all heads of a day: this is what is kept outside."""
    return hashlib.sha256(json.dumps(heads, sort_keys=True).encode()).hexdigest()


def anchors() -> Iterator[AuditEvent]:
    """The anchors whose bodies retention has not dropped, oldest first. Needs to act as SYSTEM."""
    rows = AuditEvent.objects.filter(organisation_id=NO_ORGANISATION, action=ACTION).order_by("seq")
    return (event for event in rows.iterator(chunk_size=500) if event.body)


def broken_anchors() -> list[BrokenLink]:
    """Events that are not what an anchor says of them. Needs to act as SYSTEM."""
    broken: list[BrokenLink] = []
    for anchor in anchors():
        heads = anchor.body["heads"]
        if digest_of(heads) != anchor.body["digest"]:
            broken.append(BrokenLink(NO_ORGANISATION, anchor.seq, "the digest of this anchor does not fit its heads"))
        wanted = {(organisation_id, seq): hash_ for organisation_id, (seq, hash_) in heads.items() if seq}
        events = AuditEvent.objects.filter(organisation_id__in=heads, seq__in={seq for _id, seq in wanted})
        found = {(str(event.organisation_id), event.seq): event.hash for event in events}
        broken += [
            BrokenLink(organisation_id, seq, f"it is not the event that the anchor of {anchor.at:%Y-%m-%d} names")
            for (organisation_id, seq), hash_ in wanted.items()
            if found.get((organisation_id, seq)) != hash_
        ]
    return broken


def anchor_with(digest: str) -> AuditEvent | None:
    """The anchor that a digest kept outside belongs to, or None: then the portal's own chain was rewritten since."""
    return next((event for event in anchors() if event.body["digest"] == digest.strip().lower()), None)
