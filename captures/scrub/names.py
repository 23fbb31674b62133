"""People's names, learnt while scrubbing, so that they are replaced wherever they occur."""

from __future__ import annotations

import re

from captures.scrub.allow_list import ONLINE_IDS, PERSONAL, is_one_word
from captures.scrub.vocabulary import WORDS


class LearntNames:
    """The names learnt so far. Upper and lower case are the same."""

    def __init__(self) -> None:
        self._words: set[str] = set()
        self._whole: set[str] = set()
        """Whole names of people, without those that are one harmless word and identify nobody."""

    def learn(self, text: str, key: str) -> None:
        """Learn from a value. `key` is the name of its field, in lower case."""
        if key in ONLINE_IDS and not is_one_word(text):
            self._whole.add(text.casefold())
        if key in PERSONAL:
            self._words.update(word.casefold() for word in re.findall(r"\w+", text))

    def is_name(self, text: str) -> bool:
        return text.casefold() in self._whole

    def is_harmless(self, word: str) -> bool:
        """Return whether a word is one of the protocol and part of nobody's name."""
        return word.casefold() in WORDS and word.casefold() not in self._words
