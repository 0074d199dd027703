//! Examples by their index.

use std::collections::HashSet;
use std::ops::Range;

use super::example::Example;
use super::pools::Pools;
use super::random::Draw;
use super::tasks::{Scene, make};
use super::{DataError, DataRecipe, Task};

/// What is drawn does not always make an example; it is drawn again so often at most.
const ATTEMPTS_MAX: usize = 64;

/// The examples of a range of indices, no two alike.
#[derive(Debug)]
pub struct Examples<'a> {
    recipe: &'a DataRecipe,
    pools: &'static Pools,
    range: Range<u64>,
    seen: HashSet<String>,
}

/// Makes the examples of these indices. Each depends on the recipe and its index alone, so a range may be cut in any way;
/// what comes twice within the range comes once.
pub fn generate(recipe: &DataRecipe, range: Range<u64>) -> Result<Examples<'_>, DataError> {
    recipe.check()?;
    Ok(Examples {
        recipe,
        pools: Pools::of(recipe.split)?,
        range,
        seen: HashSet::new(),
    })
}

impl Examples<'_> {
    /// Indices that are left.
    #[must_use]
    pub fn left(&self) -> u64 {
        self.range.end.saturating_sub(self.range.start)
    }

    fn of(&self, index: u64) -> Result<Option<Example>, DataError> {
        let mut draw = Draw::new(self.recipe.seed, self.recipe.split.name(), index);
        let task = Task::ALL[draw.weighted(&self.recipe.weights.in_order())];
        let mut scene = Scene {
            draw,
            pools: self.pools,
            documents: &self.recipe.documents,
        };
        for _ in 0..ATTEMPTS_MAX {
            if let Some(example) = make(task, &mut scene)? {
                return Ok(Some(example));
            }
        }
        Ok(None)
    }
}

impl Iterator for Examples<'_> {
    type Item = Result<Example, DataError>;

    fn next(&mut self) -> Option<Self::Item> {
        loop {
            let index = self.range.next()?;
            match self.of(index).transpose() {
                Some(Ok(example)) if !self.seen.insert(example.id.clone()) => {}
                Some(made) => return Some(made),
                None => {}
            }
        }
    }
}
