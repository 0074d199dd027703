//! The parts of flat slices that belong to one weight each.

use crate::model::{Kind, Table};

/// A weight, its moments and its gradient.
pub(super) struct Part<'a> {
    pub(super) kind: Kind,
    pub(super) rows: usize,
    pub(super) columns: usize,
    pub(super) weights: &'a mut [f32],
    pub(super) first: &'a mut [f32],
    pub(super) second: &'a mut [f32],
    pub(super) gradient: &'a [f32],
}

/// Flat slices, each as long as all weights.
pub(super) struct Flat<'a> {
    pub(super) weights: &'a mut [f32],
    pub(super) first: &'a mut [f32],
    pub(super) second: &'a mut [f32],
    pub(super) gradient: &'a [f32],
}

/// The weights one by one.
pub(super) fn parts<'a>(table: &Table, flat: Flat<'a>) -> Vec<Part<'a>> {
    let Flat {
        mut weights,
        mut first,
        mut second,
        gradient,
    } = flat;
    let parts = table.all.iter().map(|parameter| {
        let count = parameter.at.len();
        Part {
            kind: parameter.kind,
            rows: parameter.rows,
            columns: parameter.columns,
            weights: front(&mut weights, count),
            first: front(&mut first, count),
            second: front(&mut second, count),
            gradient: &gradient[parameter.at.clone()],
        }
    });
    parts.collect()
}

fn front<'a>(slice: &mut &'a mut [f32], count: usize) -> &'a mut [f32] {
    let (front, rest) = std::mem::take(slice).split_at_mut(count);
    *slice = rest;
    front
}
