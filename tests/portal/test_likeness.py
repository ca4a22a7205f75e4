"""Near-identical pictures are found, however they were scaled or saved; different ones are not taken for them."""

import io

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image, ImageEnhance

from portal.evidence.likeness import BANDS, BITS, NEAR, bands_of, distance, likeness_of
from tests.portal.good_files import saved, scene

HASHES = st.integers(0, 2**BITS - 1).map(lambda bits: f"{bits:032x}")


def again(picture, form="JPEG", **options):
    return Image.open(io.BytesIO(saved(picture, form, **options)))


@pytest.mark.parametrize(
    "change",
    [
        lambda one: again(one, quality=40),
        lambda one: again(one, "WEBP", quality=50),
        lambda one: one.resize((one.width // 2, one.height // 2)),
        lambda one: again(one.resize((one.width * 2 // 3, one.height * 2 // 3)), quality=60),
        lambda one: ImageEnhance.Brightness(one).enhance(0.85),
    ],
)
@pytest.mark.parametrize("seed", range(8))
def test_the_same_picture_looks_alike(change, seed):
    original = scene(800, 600, seed)
    assert distance(likeness_of(original), likeness_of(change(original))) <= NEAR


def test_different_pictures_do_not():
    hashes = [likeness_of(scene(800, 600, seed)) for seed in range(60)]
    assert min(distance(one, other) for at, one in enumerate(hashes) for other in hashes[:at]) > 2 * NEAR


@pytest.mark.parametrize("colour", ["white", "black", (200, 200, 205)])
def test_an_empty_picture_is_like_nothing(colour):
    assert likeness_of(Image.new("RGB", (400, 300), colour)) is None


@given(HASHES, st.sets(st.integers(0, BITS - 1), max_size=NEAR))
def test_near_ones_share_a_band(one, flipped):
    other = f"{int(one, 16) ^ sum(1 << bit for bit in flipped):032x}"
    assert distance(one, other) == len(flipped)
    assert set(bands_of(one)) & set(bands_of(other))


@given(HASHES)
def test_the_bands_are_the_whole_hash(one):
    bands = dict(bands_of(one))
    assert sorted(bands) == list(range(BANDS))
    assert sum(bits << BITS * band // BANDS for band, bits in bands.items()) == int(one, 16)
    assert max(bands.values()) < 2**31  # fits the column
