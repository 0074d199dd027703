//! The product by AVX-512's `vdpbf16ps`.

use super::packed::Panels;
use crate::model::{View, ViewMut, Write};
use std::arch::x86_64::{
    __m512, __m512bh, __m512i, _mm512_add_ps, _mm512_dpbf16_ps, _mm512_mask_storeu_ps, _mm512_maskz_loadu_ps,
    _mm512_set1_epi32, _mm512_setzero_ps,
};
use std::cell::RefCell;
use std::mem::transmute;

/// Rows and columns of a tile: its sums stay in registers.
const TILE_ROWS: usize = 8;
const TILE_COLUMNS: usize = 32;
/// Rows of a panel: as many as a register has lanes, for packing's sake.
const PANEL_ROWS: usize = 16;
/// What is packed at once: what a tile reads fits into the first cache, all of it into the second.
const DEPTH: usize = 256;
const PACKED_ROWS: usize = 128;
const PACKED_COLUMNS: usize = 512;

const LANES: usize = 16;
type Sums = [[__m512; TILE_COLUMNS / LANES]; TILE_ROWS];

#[derive(Default)]
struct Memory {
    left: Panels<PANEL_ROWS>,
    right: Panels<TILE_COLUMNS>,
}

thread_local! {
    static MEMORY: RefCell<Memory> = RefCell::default();
}

/// Says that the processor has the operation.
pub(super) struct Wide(());

impl Wide {
    pub(super) fn new() -> Option<Self> {
        let has = std::is_x86_feature_detected!("avx512f")
            && std::is_x86_feature_detected!("avx512bw")
            && std::is_x86_feature_detected!("avx512bf16");
        has.then_some(Self(()))
    }

    #[expect(
        unsafe_code,
        reason = "the processor has what the function is compiled for, or there were no `self`"
    )]
    pub(super) fn multiply(&self, target: ViewMut<'_>, left: View<'_>, right: View<'_>, into: Write) {
        // SAFETY: see above.
        MEMORY.with_borrow_mut(|memory| unsafe { multiply(memory, target, left, right, into) });
    }
}

#[target_feature(enable = "avx512f,avx512bw,avx512bf16")]
fn multiply(memory: &mut Memory, mut target: ViewMut<'_>, left: View<'_>, right: View<'_>, into: Write) {
    let (rows, inner, columns) = (left.rows(), left.columns(), right.columns());
    if inner == 0 && into == Write::Replace {
        (0..rows).for_each(|row| target.part(row, 0, columns).fill(0.0));
    }
    // A right matrix's columns are packed as a left one's rows are.
    let right = right.transposed();
    for column in (0..columns).step_by(PACKED_COLUMNS) {
        let right = right.some_rows(column, PACKED_COLUMNS.min(columns - column));
        for depth in (0..inner).step_by(DEPTH) {
            let deep = DEPTH.min(inner - depth);
            memory.right.pack(right.some_columns(depth, deep));
            let add = into == Write::Add || depth > 0;
            for row in (0..rows).step_by(PACKED_ROWS) {
                let left = left.some_rows(row, PACKED_ROWS.min(rows - row));
                memory.left.pack(left.some_columns(depth, deep));
                let place = Place {
                    first: (row, column),
                    count: (left.rows(), right.rows()),
                    add,
                };
                tiles(memory, &mut target, &place);
            }
        }
    }
}

/// What part of the target is made of what is packed.
struct Place {
    first: (usize, usize),
    count: (usize, usize),
    add: bool,
}

#[target_feature(enable = "avx512f,avx512bw,avx512bf16")]
fn tiles(memory: &Memory, target: &mut ViewMut<'_>, place: &Place) {
    for (panel, column) in (0..place.count.1).step_by(TILE_COLUMNS).enumerate() {
        let right = memory.right.panel(panel);
        let columns = TILE_COLUMNS.min(place.count.1 - column);
        for (panel, row) in (0..place.count.0).step_by(TILE_ROWS).enumerate() {
            let rows = TILE_ROWS.min(place.count.0 - row);
            let left = memory.left.panel(panel * TILE_ROWS / PANEL_ROWS);
            let sums = tile(left, panel * TILE_ROWS % PANEL_ROWS, right);
            for (at, sums) in sums[..rows].iter().enumerate() {
                let part = target.part(place.first.0 + row + at, place.first.1 + column, columns);
                write(part, sums, place.add);
            }
        }
    }
}

#[target_feature(enable = "avx512f")]
#[expect(
    unsafe_code,
    reason = "a register's lanes beyond the end of the row are masked"
)]
fn write(part: &mut [f32], sums: &[__m512; TILE_COLUMNS / LANES], add: bool) {
    for (part, &sum) in part.chunks_mut(LANES).zip(sums) {
        let mask = u16::MAX >> (LANES - part.len());
        let place = part.as_mut_ptr();
        // SAFETY: the mask has as many bits as there are numbers.
        unsafe {
            let sum = match add {
                true => _mm512_add_ps(sum, _mm512_maskz_loadu_ps(mask, place)),
                false => sum,
            };
            _mm512_mask_storeu_ps(place, mask, sum);
        }
    }
}

#[target_feature(enable = "avx512f,avx512bw,avx512bf16")]
#[inline]
fn tile(left: &[[u32; PANEL_ROWS]], first: usize, right: &[[u32; TILE_COLUMNS]]) -> Sums {
    let mut sums = [[_mm512_setzero_ps(); TILE_COLUMNS / LANES]; TILE_ROWS];
    for (left, right) in left.iter().zip(right) {
        let right = words(right);
        for (sums, &left) in sums.iter_mut().zip(&left[first..first + TILE_ROWS]) {
            let left = _mm512_set1_epi32(left.cast_signed());
            for (sum, right) in sums.iter_mut().zip(right) {
                *sum = multiply_add(*sum, left, right);
            }
        }
    }
    sums
}

#[target_feature(enable = "avx512f,avx512bf16")]
#[expect(
    unsafe_code,
    reason = "the library converts no register of words to one of bfloat16 pairs"
)]
fn multiply_add(sum: __m512, left: __m512i, right: __m512i) -> __m512 {
    // SAFETY: both are 512 plain bits.
    let pairs = |words| unsafe { transmute::<__m512i, __m512bh>(words) };
    _mm512_dpbf16_ps(sum, pairs(left), pairs(right))
}

#[expect(unsafe_code, reason = "registers are plain bits, read where they lie")]
fn words(of: &[u32; TILE_COLUMNS]) -> [__m512i; TILE_COLUMNS / LANES] {
    // SAFETY: as many bits, all of which mean something in both.
    unsafe { transmute(*of) }
}
