//! Rows as tiles read them.

use crate::model::View;
use std::arch::x86_64::{
    __m256bh, __m256i, __m512, __m512i, _mm512_cvtepu16_epi32, _mm512_cvtne2ps_pbh, _mm512_cvtneps_pbh,
    _mm512_or_si512, _mm512_shuffle_i32x4, _mm512_slli_epi32, _mm512_unpackhi_epi32, _mm512_unpackhi_epi64,
    _mm512_unpacklo_epi32, _mm512_unpacklo_epi64,
};
use std::mem::transmute;

const LANES: usize = 16;

/// Rows in panels of `P`. Two neighbours of a row share a word; the words of a panel's rows lie side by side, and those
/// of the next two numbers follow. What is missing of the last panel and of an odd row's last word is 0.
#[derive(Default)]
pub(super) struct Panels<const P: usize> {
    words: Vec<u32>,
    /// Words of a row.
    pairs: usize,
}

impl<const P: usize> Panels<P> {
    /// Packs all of a view.
    #[target_feature(enable = "avx512f,avx512bw,avx512bf16")]
    pub(super) fn pack(&mut self, view: View<'_>) {
        self.pairs = view.columns().div_ceil(2);
        let words = view.rows().div_ceil(P) * self.pairs * P;
        if self.words.len() < words {
            self.words.resize(words, 0);
        }
        let panels = self.words[..words].as_chunks_mut::<P>().0;
        if view.rows_are_whole() {
            for (panel, first) in panels.chunks_exact_mut(self.pairs).zip((0..).step_by(P)) {
                pack_rows(view.some_rows(first, P.min(view.rows() - first)), panel);
            }
        } else {
            pack_columns(view, panels);
        }
    }

    #[inline(always)]
    pub(super) fn panel(&self, at: usize) -> &[[u32; P]] {
        self.words[at * self.pairs * P..][..self.pairs * P].as_chunks().0
    }
}

/// Packs one panel, where the numbers of a row lie side by side.
#[target_feature(enable = "avx512f,avx512bw,avx512bf16")]
fn pack_rows<const P: usize>(view: View<'_>, panel: &mut [[u32; P]]) {
    for (places, first) in panel.chunks_mut(LANES).zip((0..).step_by(2 * LANES)) {
        for rows in (0..P).step_by(LANES) {
            let mut block = [[0; LANES]; LANES];
            for (words, row) in block.iter_mut().zip(rows..view.rows()) {
                let numbers = &view.row(row)[first..];
                *words = match numbers.first_chunk() {
                    Some(numbers) => neighbours(numbers),
                    None => neighbours(&padded(numbers)),
                };
            }
            for (place, words) in places.iter_mut().zip(transposed(block)) {
                place[rows..rows + LANES].copy_from_slice(&words);
            }
        }
    }
}

/// Packs all panels, where the numbers of a column lie side by side.
#[target_feature(enable = "avx512f,avx512bw,avx512bf16")]
fn pack_columns<const P: usize>(view: View<'_>, panels: &mut [[u32; P]]) {
    let pairs = view.columns().div_ceil(2);
    for pair in 0..pairs {
        let (low, high) = (view.column(2 * pair), 2 * pair + 1);
        let high = (high < view.columns()).then(|| view.column(high));
        for (block, low) in low.chunks(LANES).enumerate() {
            let high = high.map_or(&[][..], |high| &high[block * LANES..][..low.len()]);
            let words = match (low.as_array(), high.as_array()) {
                (Some(low), Some(high)) => side_by_side(low, high),
                _ => side_by_side(&padded(low), &padded(high)),
            };
            let place = &mut panels[block * LANES / P * pairs + pair];
            place[block * LANES % P..][..LANES].copy_from_slice(&words);
        }
    }
}

/// Rows as columns.
#[target_feature(enable = "avx512f")]
#[expect(unsafe_code, reason = "registers are plain bits")]
fn transposed(of: [[u32; LANES]; LANES]) -> [[u32; LANES]; LANES] {
    // SAFETY: as many bits, all of which mean something in both.
    let mut rows: [__m512i; LANES] = unsafe { transmute(of) };
    // Four rounds, each of which halves what is apart: single words, pairs, quarters of a register, halves.
    for at in (0..LANES).step_by(2) {
        let (one, two) = (rows[at], rows[at + 1]);
        (rows[at], rows[at + 1]) = (_mm512_unpacklo_epi32(one, two), _mm512_unpackhi_epi32(one, two));
    }
    for at in [0, 1, 4, 5, 8, 9, 12, 13] {
        let (one, two) = (rows[at], rows[at + 2]);
        (rows[at], rows[at + 2]) = (_mm512_unpacklo_epi64(one, two), _mm512_unpackhi_epi64(one, two));
    }
    for at in [0, 1, 2, 3, 8, 9, 10, 11] {
        let (one, two) = (rows[at], rows[at + 4]);
        rows[at] = _mm512_shuffle_i32x4::<0x88>(one, two);
        rows[at + 4] = _mm512_shuffle_i32x4::<0xdd>(one, two);
    }
    for at in 0..LANES / 2 {
        let (one, two) = (rows[at], rows[at + 8]);
        rows[at] = _mm512_shuffle_i32x4::<0x88>(one, two);
        rows[at + 8] = _mm512_shuffle_i32x4::<0xdd>(one, two);
    }
    // The second round left two and two the wrong way round.
    for at in (1..LANES).step_by(4) {
        rows.swap(at, at + 1);
    }
    // SAFETY: the same.
    unsafe { transmute(rows) }
}

fn padded<const N: usize>(numbers: &[f32]) -> [f32; N] {
    let mut all = [0.0; N];
    all[..numbers.len()].copy_from_slice(numbers);
    all
}

/// Words of numbers and those after them.
#[target_feature(enable = "avx512f,avx512bf16")]
#[expect(unsafe_code, reason = "registers are plain bits")]
fn neighbours(of: &[f32; 2 * LANES]) -> [u32; LANES] {
    // SAFETY: as many bits, all of which mean something in both.
    let [low, high] = unsafe { transmute::<[f32; 2 * LANES], [__m512; 2]>(*of) };
    // SAFETY: the same.
    unsafe { transmute(_mm512_cvtne2ps_pbh(high, low)) }
}

/// Words of one's numbers and the other's.
#[target_feature(enable = "avx512f,avx512bw,avx512bf16")]
#[expect(unsafe_code, reason = "registers are plain bits")]
fn side_by_side(low: &[f32; LANES], high: &[f32; LANES]) -> [u32; LANES] {
    // SAFETY: as many bits, all of which mean something in both.
    let wide = |numbers: &[f32; LANES]| unsafe {
        let halves = _mm512_cvtneps_pbh(transmute::<[f32; LANES], __m512>(*numbers));
        _mm512_cvtepu16_epi32(transmute::<__m256bh, __m256i>(halves))
    };
    let words = _mm512_or_si512(wide(low), _mm512_slli_epi32::<16>(wide(high)));
    // SAFETY: the same.
    unsafe { transmute(words) }
}
