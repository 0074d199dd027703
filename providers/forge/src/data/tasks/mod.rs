//! The tasks: each makes a conversation of one kind.

mod about;
mod calling;
mod injection;
mod plain;
mod reading;
mod results;

use super::example::{Example, Split, Task};
use super::material::documents::Document;
use super::material::{Size, Text};
use super::pools::Pools;
use super::random::Draw;
use super::tooling::offer::{Skill, own};
use super::{DataError, passages};

/// What a conversation is made with.
pub(crate) struct Scene<'a> {
    pub(crate) draw: Draw,
    pub(crate) pools: &'static Pools,
    pub(crate) documents: &'a [Document],
}

/// A conversation of a task; none where what was drawn does not make one.
pub(crate) fn make(task: Task, scene: &mut Scene<'_>) -> Result<Option<Example>, DataError> {
    match task {
        Task::Tool => calling::make(scene),
        Task::Result => results::make(scene),
        Task::Grounded => reading::make(scene, Task::Grounded),
        Task::Unknown => reading::make(scene, Task::Unknown),
        Task::About => about::make(scene),
        Task::Injection => injection::make(scene),
        Task::Plain => plain::make(scene),
    }
}

impl Scene<'_> {
    /// In train a context is asked many things, since reading it is what costs; held out, one.
    pub(crate) fn turns(&mut self, low: usize, high: usize) -> usize {
        if self.is_train() {
            self.draw.count(low, high)
        } else {
            1
        }
    }

    pub(crate) fn is_train(&self) -> bool {
        self.pools.split == Split::Train
    }

    /// How much there is to read.
    pub(crate) fn size(&mut self) -> Size {
        if self.is_train() {
            Size::learnt(&mut self.draw)
        } else {
            Size::measured(&mut self.draw)
        }
    }

    /// Instructions of an agent with tools; the first of the pool is our own `assistant`.
    pub(crate) fn system_of_tools(&mut self, own: bool) -> String {
        let systems = &self.pools.frames.systems_tools;
        match self.draw.below(10) {
            0..=1 => String::new(),
            2..=6 if own => systems[0].clone(),
            _ => self.draw.pick(systems).clone(),
        }
    }

    /// Instructions of an agent that reads; the first of the pool is our own `researcher`.
    pub(crate) fn system_of_passages(&mut self) -> String {
        let systems = &self.pools.frames.systems_passages;
        match self.draw.below(10) {
            0 => String::new(),
            1..=4 => systems[0].clone(),
            _ => self.draw.pick(systems).clone(),
        }
    }

    /// Gyre's own tools, all of them or the search and some others.
    pub(crate) fn own_tools(&mut self) -> Vec<Skill> {
        let mut skills = own();
        if self.draw.chance(25) {
            let keep = self.draw.count(1, 3);
            skills.truncate(keep);
        }
        skills
    }

    /// The texts as the content of a tool message.
    pub(crate) fn content(&mut self, texts: &[Text], first_mark: u32) -> Result<String, DataError> {
        Ok(passages::content(texts, first_mark, &mut self.draw)?)
    }
}
