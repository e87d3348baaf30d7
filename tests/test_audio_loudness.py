"""The envelope, the meter against pyloudnorm, the limiter against an oversampled peak."""

from __future__ import annotations

import numpy as np
import pyloudnorm
import pytest
from scipy.signal import resample_poly

from narrator.audio.envelope import HOP, STEPS, Tracer, gathered, traced
from narrator.audio.join import Piece
from narrator.audio.limiter import ATTACK, DELAY, Limiter, limited
from narrator.audio.loudness import SILENCE, Meter, loudness
from narrator.audio.mastering import CODEC_MARGIN, master
from narrator.audio.resample import Resampler, resampled
from narrator.model import Sound

RATE = 22050


def syllables(seconds: float, rate: int = RATE, level: float = 0.1, seed: int = 0) -> Sound:
    """Dark noise that swells and ebbs four times a second, with pauses, zero at both ends."""
    time = np.arange(round(seconds * rate)) / rate
    swell = np.sin(np.pi * 4 * time) ** 2 * (np.sin(2 * np.pi * time / 5) > -0.8)
    draw = np.random.default_rng(seed).standard_normal(len(time))
    dark = np.convolve(draw, np.hanning(9) / 2, mode="same")
    return (level * swell * dark * np.sin(np.pi * time / seconds) ** 0.2).astype(np.float32)


def peak_limited(sound: Sound, ceiling: float) -> Sound:
    """The sound as an intro that goes through mastering: nothing happens to it but the limiter."""
    intro = Piece(sound, RATE, 0, speech=False, brief=False, last=True)
    (out,) = master([intro], gain_db=0, ceiling=ceiling + CODEC_MARGIN)
    return out.sound


@pytest.mark.parametrize("rate", [16000, 22050, 44100, 48000])
@pytest.mark.parametrize("pitch", [60, 440, 1500, 5000])
def test_tones_are_as_loud_as_pyloudnorm_says(rate: int, pitch: int) -> None:
    tone = (0.2 * np.sin(2 * np.pi * pitch * np.arange(5 * rate) / rate)).astype(np.float32)
    judge = pyloudnorm.Meter(rate, filter_class="DeMan")
    assert loudness(tone, rate) == pytest.approx(judge.integrated_loudness(tone), abs=0.05)


@pytest.mark.parametrize("rate", [16000, 22050, 48000])
def test_noise_with_pauses_is_as_loud_as_pyloudnorm_says(rate: int) -> None:
    sound = syllables(20, rate)
    judge = pyloudnorm.Meter(rate, filter_class="DeMan")
    assert loudness(sound, rate) == pytest.approx(
        judge.integrated_loudness(sound.astype(np.float64)), abs=0.1
    )


@pytest.mark.parametrize("size", [1, 10, 999, 22050])
@pytest.mark.parametrize("count", [0, 1, 2200, 2215, 2216, 2217, 31234])
def test_an_envelope_does_not_hang_on_how_the_sound_is_cut(size: int, count: int) -> None:
    sound = syllables(2)[5000 : 5000 + count]
    tracer = Tracer(RATE)
    hops = [h for i in range(0, count, size) for h in tracer.feed(sound[i : i + size])]
    hops += tracer.rest()
    assert len(hops) == -(-count // tracer.hop)
    assert all(len(hop) == HOP for hop in hops)
    whole = traced(sound, RATE)
    assert np.array_equal(gathered(hops).peaks, whole.peaks)
    assert np.array_equal(gathered(hops).energies, whole.energies)


def test_the_envelope_holds_every_true_peak() -> None:
    sound = syllables(3, level=0.5)
    between = np.abs(resample_poly(sound, 4, 1))
    width = 4 * 22
    steps = between[: len(between) // width * width].reshape(-1, width).max(axis=1)
    peaks = traced(sound, RATE).peaks[: len(steps)]
    loud = steps > 0.05
    assert np.abs(peaks[loud] / steps[loud] - 1).max() < 0.02


def test_a_limiter_is_the_same_however_it_is_fed() -> None:
    excess = np.maximum(0, np.random.default_rng(0).standard_normal(1000) - 1) * 6
    limiter = Limiter()
    parts = [limiter.feed(excess[i : i + 100]) for i in range(0, 1000, 100)]
    parts.append(limiter.feed(np.zeros(DELAY)))
    assert np.allclose(np.concatenate(parts)[DELAY:], limited(excess), atol=1e-12)


def test_a_meter_is_the_same_however_it_is_fed() -> None:
    energies = traced(syllables(10), RATE).energies
    meters = Meter(), Meter()
    meters[0].add(energies)
    for start in range(0, len(energies), 177):
        meters[1].add(energies[start : start + 177])
    assert meters[0].integrated() == meters[1].integrated()


def test_silence_and_very_short_sounds() -> None:
    assert loudness(np.zeros(RATE, np.float32), RATE) == SILENCE
    assert loudness(np.zeros(0, np.float32), RATE) == SILENCE
    assert -40 < loudness(syllables(0.25), RATE) < -15


def true_peak(sound: Sound) -> float:
    return float(20 * np.log10(np.abs(resample_poly(sound, 4, 1)).max()))


@pytest.mark.parametrize("drive", [3, 6, 12])
def test_no_true_peak_passes_the_limiter(drive: int) -> None:
    sound = syllables(6, seed=drive) * np.float32(drive)
    out = peak_limited(sound, -2.0)
    assert len(out) == len(sound)
    assert true_peak(out) <= -2.0 + 0.05
    assert true_peak(out) > -3.0


def test_a_tone_that_peaks_between_samples_is_limited() -> None:
    phase = np.pi / 4 + np.pi / 2 * np.arange(RATE)
    sound = (np.sin(phase) * np.hanning(RATE) * 1.2).astype(np.float32)
    assert true_peak(peak_limited(sound, -1.0)) <= -0.9


def test_what_is_below_the_ceiling_is_left_alone() -> None:
    sound = syllables(3, level=0.05)
    assert np.array_equal(peak_limited(sound, -2.0), sound)


def test_the_gain_moves_smoothly_and_comes_back() -> None:
    sound = 0.5 * np.hanning(RATE).astype(np.float32) ** 0.1
    sound[RATE // 2 - 150 : RATE // 2 + 150] += 1.1 * np.hanning(300).astype(np.float32)
    gain = 20 * np.log10(peak_limited(sound, -2.0)[100:-100] / sound[100:-100])
    per_step = np.abs(np.diff(gain)).max() * RATE / STEPS
    assert gain.min() == pytest.approx(-20 * np.log10(1.6) - 2, abs=0.1)
    assert per_step < 2 * -gain.min() / ATTACK
    assert abs(gain[RATE * 3 // 4]) < 0.01


@pytest.mark.parametrize(("source", "target"), [(22050, 24000), (48000, 22050), (8000, 22050)])
def test_resampling_keeps_a_tone(source: int, target: int) -> None:
    tone = np.sin(2 * np.pi * 1000 * np.arange(2 * source) / source).astype(np.float32)
    out = resampled(tone, source, target)
    ideal = np.sin(2 * np.pi * 1000 * np.arange(len(out)) / target)
    assert abs(len(out) - 2 * target) <= 1
    assert np.abs((out - ideal)[target // 10 : -target // 10]).max() < 1e-3


def test_resampling_from_an_odd_rate() -> None:
    """No ratio of small numbers: as near as a millionth."""
    tone = np.sin(2 * np.pi * 1000 * np.arange(44056) / 44056).astype(np.float32)
    out = resampled(tone, 44056, 22050)
    ideal = np.sin(2 * np.pi * 1000 * np.arange(len(out)) / 22050)
    assert abs(len(out) - 22050) <= 1
    assert np.abs((out - ideal)[1000:-1000]).max() < 0.02


def test_resampling_folds_nothing_back() -> None:
    tone = np.sin(2 * np.pi * 15000 * np.arange(48000) / 48000).astype(np.float32)
    assert np.abs(resampled(tone, 48000, 22050)[1000:-1000]).max() < 1e-4


@pytest.mark.parametrize("size", [1, 999, 22050, 10**6])
def test_resampling_does_not_hang_on_how_the_sound_is_cut(size: int) -> None:
    sound = syllables(1.1)
    resampler = Resampler(22050, 24000)
    blocks = [b for i in range(0, len(sound), size) for b in resampler.feed(sound[i : i + size])]
    assert np.array_equal(
        np.concatenate([*blocks, *resampler.rest()]), resampled(sound, 22050, 24000)
    )
