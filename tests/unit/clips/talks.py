"""Talks with synthetic word times, for tests of sentences, moments and texts. Written for these tests."""

from __future__ import annotations

import json
from collections.abc import Sequence
from itertools import pairwise

from reelprint.core.transcript import Transcript, Word
from tests.media import FOOTAGE

LETTER_S, GAP_S = 0.06, 0.06
COMMA_PAUSE_S, SENTENCE_PAUSE_S = 0.25, 0.7

SLEEP = """
Hello everyone and welcome back to the channel. Um, before we start, please subscribe and check out our
sponsor. Today I want to talk about sleep. What if everything you believe about sleep is wrong? For three
years I slept four hours a night, and I was proud of it. I thought I was winning. Then one morning I fell
asleep at the wheel, and the car stopped two metres from a wall. I was terrified. And, um, so that was the day
I went to see a doctor. She asked me one question. How many days in a row can you remember your dreams? I
laughed, but I could not answer. It turns out that dreams are the first thing a tired brain throws away. They
are not a luxury. They are how memory is written down. In one study, students who slept for eight hours
remembered forty percent more than those who stayed awake. So, you know, I made a simple rule. No screens
after nine, and the bedroom stays cold, around eighteen degrees. The first week was horrible. I lay there and
I hated every minute of it. But on day eight something changed. I woke up before the alarm, and for the first
time in years I was not angry at the morning. That's why I never set an alarm today. Now let me tell you about
coffee. Coffee does not give you energy, it borrows energy from the afternoon. The average cup needs about six
hours to lose half of its strength. So if you drink one at four, half of it is still there at ten. My friend
Dr. Ellen Marsh calls it the longest loan in the world. I like that. Well, um, yeah, it is what it is. Would
you take a loan every single day, without reading the contract? Most of us do. And then there is light.
Morning light is free, it is strong, and nobody uses it. Ten minutes outside before breakfast are worth more
than an hour in the gym in the evening. I walk to the bakery, I say good morning to the dog next door, and I
come home awake. It sounds too simple to be true. But simple things are hard to sell, so nobody sells them.
Here is the thing about sleep. You cannot force it, you can only invite it. Make the room dark, make the
evening boring, and forgive yourself for the bad nights. In the end it is not about discipline. It is about
trust. Thanks for watching, and see you next time.
"""
GERMAN = """
Guten Tag und herzlich willkommen. Heute geht es um Brot, z.B. um Sauerteig aus Roggen. Warum schmeckt das
Brot vom Bäcker anders als das aus dem Supermarkt? Am 3. Mai habe ich angefangen, jede Woche ein Brot zu
backen. Nach zehn Wochen hatte ich dreißig Brote verschenkt und kein einziges weggeworfen! Dr. Weber sagt,
dass Geduld die wichtigste Zutat ist. Der Teig braucht Zeit, und wir haben keine Zeit mehr. Ein Sauerteig
lebt, und er lebt bei jedem anders. Meiner steht in der Küche, heißt Gustav und ist 2,5 Jahre alt. Wenn ich
verreise, nimmt ihn die Nachbarin in Pflege. Das klingt verrückt, aber seitdem kennen wir uns im ganzen Haus.
Brot verbindet Menschen, die sich sonst nie begegnet wären.
"""
JAPANESE = """
皆さん、こんにちは。今日は睡眠についてお話しします。なぜ私たちは眠るのでしょうか？実は、コーヒーの効果は六時間も続きます。
夜にスマートフォンを見ると、脳が昼だと勘違いします。私は毎朝、散歩をしています。朝の光は無料で、とても強いです！
夢は記憶を整理する時間です。だから、夢を見ない人は忘れやすいのです。眠りは努力ではなく、信頼です。
"""
ARABIC = """
مرحبا بكم جميعا. اليوم نتحدث عن النوم والقهوة. لماذا ننام كل ليلة؟ القهوة لا تعطيك الطاقة، بل تستعيرها من المساء.
في الصباح أمشي عشر دقائق قبل الفطور! الضوء مجاني وقوي. النوم لا يأتي بالقوة، النوم يحتاج إلى الثقة.
"""


def spoken(text: str, language: str | None = "en", *, at_s: float = 0.4, lasting: float = 1.0) -> Transcript:
    """A talk: words as long as their letters, pauses after marks. Scripts without spaces: one letter, one word.

    ``lasting`` stretches words and pauses.
    """
    unspaced = language in ("ja", "zh")
    units = [char for char in text if not char.isspace()] if unspaced else text.split()
    merged: list[str] = []
    for unit in units:
        if unspaced and merged and unit in "。、？！":
            merged[-1] += unit
        else:
            merged.append(unit)
    words, time_s = [], at_s
    for unit in merged:
        end_s = time_s + lasting * (LETTER_S * (3 if unspaced else max(2, len(unit))))
        joined = unspaced and bool(words)
        words.append(Word(text=unit, start_s=round(time_s, 3), end_s=round(end_s, 3), probability=0.9, joined=joined))
        mark = unit[-1]
        pause_s = SENTENCE_PAUSE_S if mark in ".?!。？！؟" else COMMA_PAUSE_S if mark in ",;:、،" else GAP_S
        time_s = end_s + lasting * (0.0 if unspaced and pause_s == GAP_S else pause_s)
    return Transcript(language=language, language_probability=0.9, model="hand", words=tuple(words))


def timed(words: Sequence[tuple[str, float, float]], language: str | None = "en") -> Transcript:
    """A transcript of (text, start, end)."""
    return Transcript(
        language=language,
        model="hand",
        words=tuple(Word(text=text, start_s=start, end_s=end, probability=0.9) for text, start, end in words),
    )


def lengths_s(transcript: Transcript) -> float:
    """Seconds from 0 to the last word's end."""
    return transcript.words[-1].end_s


def gaps_s(transcript: Transcript) -> list[float]:
    """Silence between each two words."""
    return [after.start_s - word.end_s for word, after in pairwise(transcript.words)]


def sonnets() -> Transcript | None:
    """The three sonnets of the shared footage with their known lines, or None when the footage is absent."""
    path = FOOTAGE / "sonnets_talk_158s.gt.json"
    if not path.is_file():
        return None
    sections = json.loads(path.read_text(encoding="utf-8"))["sections"]
    return spoken(" ".join(line for section in sections for line in section["lines"][1:]), lasting=1.4)
