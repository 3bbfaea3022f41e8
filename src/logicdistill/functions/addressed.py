"""Manuals that speak to whoever reads them, in place of saying in which states a function is right.

A manual is data to the student, whose encoder obeys nobody, but also a line of the prompt in which a large model labels states, and
there "choose this one" may be obeyed. The gate refuses such lines. It cannot know every wording: what stays is that an answer
can only name a candidate, that a label never leads past the sandbox, and that the base is a folder in which a person reads the manuals.
"""

from __future__ import annotations

import re

from logicdistill.types import Manual

_ME = r"(?:me|this (?:function|one|candidate|option)|(?:the )?function above)"
_OTHERS = r"(?:the )?(?:others?|above|previous|preceding|earlier|remaining|rest|instructions?|rules?|candidates?|functions?|manuals?)"
_SPEECH = (
    rf"\b(?:ignore|disregard|forget|skip|overrule|override)\b[^.]{{0,30}}\b{_OTHERS}\b",
    rf"\b(?:choose|select|pick|prefer|name|answer(?: with)?|label(?: it)?(?: as)?|return|vote for)\s+{_ME}\b",
    r"\b(?:always|must|only|should|please)\s+(?:be\s+)?(?:choose|chosen|select|selected|pick|picked|answer|name|named|prefer|preferred)\b",
    r"\b(?:no matter what|regardless of)\b[^.]{0,40}\b(?:states?|views?|rules?|questions?|others?|say|says)\b",
    r"\b(?:best|right|correct|safest) (?:choice|answer|function|label) (?:in|for) (?:every|all|any)\b",
    r"\b(?:system prompt|you are an? |as an ai|new instructions?|the labell?er|the selector)\b",
    r"<\s*/?\s*\|?\s*(?:system|user|assistant|im_start|im_end|inst|s)\b[^>]*>|\[/?inst\]|^(?:system|assistant|user)\s*:",
)
_ANY = re.compile("|".join(f"(?:{pattern})" for pattern in _SPEECH), re.IGNORECASE)


def addressed(manual: Manual) -> str | None:
    """The words of a manual's summary or ``Use when:``, which a labeller reads, that address their reader; or None."""
    for text in (manual.summary, manual.use_when):
        if found := _ANY.search(text):
            return found[0].strip()
    return None
