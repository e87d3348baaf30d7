"""The real voice: repeatable, never too long a run, words timed where they sound."""

from __future__ import annotations

import dataclasses
import json
import statistics
from concurrent.futures import ThreadPoolExecutor
from itertools import pairwise

import numpy as np
import pytest
from conftest import MakeSentence
from piper import PiperVoice
from piper.config import PiperConfig

from narrator.engines import Engine, load, segment_key
from narrator.engines.catalogue import default_voice, find_voice, verified_files
from narrator.engines.piper import LONGEST_RUN, PiperEngine
from narrator.engines.piper_blocks import block_size
from narrator.engines.piper_graph import NOISE_INPUTS, split
from narrator.engines.piper_windows import Decoder, session, windows
from narrator.errors import SpeechError, UnknownLanguage, UnknownVoice, VoiceError

PROSE = [
    "The committee met on Tuesday, and nobody was surprised by the outcome.",
    "Some of the people in the back of the room had been there since dawn.",
    "Bread, butter, cheese.",
    "Yes.",
    "Could it be done again, and would anyone pay for it?",
    "The pilot took the package to the top of the tower before the storm came back.",
]


def test_the_same_bytes_in_any_order_and_thread(joe: Engine, sentence: MakeSentence) -> None:
    sentences = [sentence(text) for text in PROSE]
    alone = [joe.speak(s, 1.0) for s in sentences]
    with ThreadPoolExecutor(2) as pool:
        together = list(pool.map(lambda s: joe.speak(s, 1.0), reversed(sentences)))
    for one, other in zip(alone, reversed(together), strict=True):
        assert one.key == other.key
        assert np.array_equal(one.samples, other.samples)
        assert one.words == other.words


LONG = ", ".join(["the river rose past the old stone bridge and the empty houses"] * 9) + "."
"""More than one run of the model can say."""


@pytest.mark.parametrize("text", [*PROSE, LONG])
def test_what_is_heard_early_is_the_segment(
    joe: Engine, tone: Engine, sentence: MakeSentence, text: str
) -> None:
    for engine in (joe, tone):
        heard: list[np.ndarray] = []
        segment = engine.speak(sentence(text), 1.0, heard.append)
        assert np.array_equal(np.concatenate(heard), segment.samples)
        assert np.array_equal(engine.speak(sentence(text), 1.0).samples, segment.samples)
        if engine is joe and segment.duration > 1:
            assert len(heard[0]) < 0.7 * segment.sample_rate


@pytest.mark.parametrize("block", [block_size(), 1])
def test_the_rewritten_model_in_windows_is_the_original(block: int) -> None:
    """Without noise the original says the same each time, and so do our halves of it; with blocks
    of 1 the decoder is not rewritten."""
    original, config = verified_files(default_voice("en"))
    whole = session(original)
    halves = split(original, block)
    encoder, decoder = session(halves.encoder), Decoder(halves.decoder)
    assert (len(halves.decoder) > 1) == (block > 1)
    voice = PiperVoice(whole, PiperConfig.from_dict(json.loads(config)))
    worst = np.inf
    for text in [
        *PROSE,
        LONG[:200],
        "A few words, and then some more of them, until it is enough.",
    ]:
        (phonemes,) = voice.phonemize(text)
        ids = np.array([voice.phonemes_to_ids(phonemes)], np.int64)
        feeds = {
            "input": ids,
            "input_lengths": np.array([ids.size], np.int64),
            "scales": np.array([0, 1, 0], np.float32),
        }
        (expected,) = whole.run(None, feeds)
        silence = {
            name: np.zeros((1, channels, 8 * ids.size), np.float32)
            for name, channels in zip(NOISE_INPUTS, halves.noise_channels, strict=True)
        }
        frames, _ = encoder.run(None, feeds | silence)
        difference = np.concatenate(list(decoder.sound(frames))) - expected.reshape(-1)
        worst = min(worst, 10 * np.log10((expected**2).sum() / max((difference**2).sum(), 1e-20)))
    print(f"worst {worst:.0f} dB")
    assert worst >= 100


def test_windows_cover_every_position_once() -> None:
    for length in (1, 47, 48, 49, 60, 147, 148, 149, 1000):
        for size in (48, 96, 480):
            spans = list(windows(length, size, 48))
            covered = [position for start, end in spans for position in range(start, end)]
            assert covered == list(range(length))
            assert all(end - start >= min(length, 48) for start, end in spans)


def test_a_second_engine_says_the_same(joe: Engine, sentence: MakeSentence) -> None:
    again = load(default_voice("en-US"))
    assert again.identity == joe.identity
    s = sentence(PROSE[0])
    assert np.array_equal(again.speak(s, 1.0).samples, joe.speak(s, 1.0).samples)


def test_different_sentences_have_different_noise(joe: Engine, sentence: MakeSentence) -> None:
    assert segment_key(sentence("Yes."), joe.identity, 1.0) != segment_key(
        sentence("Yes!"), joe.identity, 1.0
    )


def test_words_are_timed_in_order_inside_the_segment(joe: Engine, sentence: MakeSentence) -> None:
    for text in PROSE:
        s = sentence(text)
        segment = joe.speak(s, 1.0)
        assert len(segment.words) == len(s.words)
        assert not segment.estimated
        for word in segment.words:
            assert 0 <= word.start < word.end <= segment.duration
        for one, other in pairwise(segment.words):
            assert one.end <= other.start + 1e-9


def test_words_that_espeak_joins_share_the_time(joe: Engine, sentence: MakeSentence) -> None:
    s = sentence("He is one of the members of the board in the end.")
    segment = joe.speak(s, 1.0)
    assert min(word.end - word.start for word in segment.words) > 0.02


@pytest.mark.parametrize("word", ["Adjective", "Papa", "Katherine", "Tobacco", "Pocket"])
def test_the_first_word_starts_where_the_energy_does(
    joe: Engine, sentence: MakeSentence, word: str
) -> None:
    segment = joe.speak(sentence(f"{word} it is."), 1.0)
    onset = first_energy(segment.samples, segment.sample_rate)
    assert abs(segment.words[0].start - onset) < 0.08


def test_word_times_agree_with_the_energy_over_fifty_words(
    joe: Engine, sentence: MakeSentence
) -> None:
    """Words after a comma start after a silence, which energy alone can find."""
    words = (
        "paper table kitchen garden picture doctor bottle candle button pencil "
        "tiger cotton parcel kettle basket turkey packet dinner butter copper "
        "pepper tunnel castle number dollar people corner carpet puppet ticket "
        "temple corner pocket target budget kitten turtle dragon garlic bucket "
        "barrel cattle dagger puzzle tablet banner cousin pigeon powder border"
    ).split()
    errors = []
    for group in range(0, 50, 5):
        chunk = words[group : group + 5]
        s = sentence(", ".join(chunk).capitalize() + ".")
        segment = joe.speak(s, 1.0)
        onsets = onsets_after_silence(segment.samples, segment.sample_rate)
        for timed in segment.words:
            assert 0 <= timed.start < timed.end <= segment.duration
            errors.append(min(abs(timed.start - onset) for onset in onsets))
    assert len(errors) == 50
    print(f"median {statistics.median(errors):.3f} s, worst {max(errors):.3f} s")
    assert statistics.median(errors) <= 0.06


def test_a_long_sentence_is_split_and_keeps_every_word(joe: Engine, sentence: MakeSentence) -> None:
    assert isinstance(joe, PiperEngine)
    clause = "the river rose slowly past the old stone bridge and the empty houses"
    s = sentence(", ".join([clause] * 12).capitalize() + ".")
    phonemes = joe.phonemes(s)
    assert 2 * len(phonemes) > LONGEST_RUN
    segment = joe.speak(s, 1.0)
    assert len(segment.words) == len(s.words)
    lengths = [word.end - word.start for word in segment.words]
    assert min(lengths) > 0.02
    assert max(lengths) < 1.2


def test_a_word_without_end_is_spoken(joe: Engine, sentence: MakeSentence) -> None:
    segment = joe.speak(sentence("Lo" + "lo" * 700), 1.0)
    assert segment.duration > 20


def test_phonemes_of_the_lexicon_are_said(joe: Engine, sentence: MakeSentence) -> None:
    assert isinstance(joe, PiperEngine)
    ipa = "ˌaɪˌɛmˈɛf"
    said = "".join(joe.phonemes(sentence("The IMF said so.", {"IMF": ipa})))
    assert ipa in said
    assert said.startswith("ðɪ")  # "the" before a vowel
    assert "ɪmf" not in said


def test_speed_changes_length(joe: Engine, sentence: MakeSentence) -> None:
    s = sentence(PROSE[0])
    slow, fast = joe.speak(s, 0.8), joe.speak(s, 1.6)
    assert slow.duration > 1.5 * fast.duration
    assert slow.key != fast.key


def test_brackets_are_never_phonemes(joe: Engine, sentence: MakeSentence) -> None:
    assert isinstance(joe, PiperEngine)
    plain = joe.phonemes(sentence("Say abc now."))
    bracketed = joe.phonemes(sentence("Say [[abc]] now."))
    assert [p for p in plain if p.isalpha()] == [p for p in bracketed if p.isalpha()]


def test_a_sentence_without_sound_is_an_error(joe: Engine, sentence: MakeSentence) -> None:
    with pytest.raises(SpeechError, match="lexicon"):
        joe.speak(sentence("..."), 1.0)


def test_the_level_does_not_jump_between_sentences(joe: Engine, sentence: MakeSentence) -> None:
    """Each sentence keeps the voice's own level; scaled ones would all peak at full scale."""
    peaks = [np.abs(joe.speak(sentence(text), 1.0).samples).max() for text in PROSE]
    assert max(peaks) < 0.95 * 32767


def test_a_changed_model_file_is_refused() -> None:
    joe = default_voice("en")
    other = dataclasses.replace(joe, files=((joe.files[0][0], "0" * 64), joe.files[1]))
    with pytest.raises(VoiceError, match="sha256"):
        verified_files(other)


def test_a_missing_voice_package_is_named() -> None:
    other = dataclasses.replace(default_voice("en"), source="package:no_such_voice/data")
    with pytest.raises(VoiceError, match="pip install no-such-voice"):
        verified_files(other)


def test_unknown_voices_and_languages_are_refused() -> None:
    with pytest.raises(UnknownVoice, match="en_US-joe-medium"):
        find_voice("nobody")
    with pytest.raises(UnknownLanguage, match="--voice"):
        default_voice("tlh")


def first_energy(samples: np.ndarray, rate: int) -> float:
    """Seconds until the sound first rises to a tenth of its loud parts: an independent measure."""
    return onsets_after_silence(samples, rate)[0]


def onsets_after_silence(samples: np.ndarray, rate: int) -> list[float]:
    """Where sound begins after at least 40 ms of near silence, seconds."""
    hop = rate // 200
    frames = samples[: len(samples) // hop * hop].reshape(-1, hop).astype(float)
    level = np.sqrt((frames**2).mean(axis=1))
    loud = level > 0.04 * np.percentile(level, 95)
    onsets = []
    quiet = 8
    for i, is_loud in enumerate(loud):
        if is_loud and quiet >= 8:
            onsets.append(i * hop / rate)
        quiet = 0 if is_loud else quiet + 1
    return onsets
