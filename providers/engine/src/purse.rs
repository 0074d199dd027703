//! The process's allocator, which counts what some threads hold.
//!
//! Code that was not made to be bounded in memory runs in a thread with a purse. An allocation that the purse does not
//! cover is never made: an allocator may neither fail without ending the process nor unwind, so the thread stops there
//! for good, with what it holds. Purses are few, so what is lost that way is bounded.

use std::alloc::{GlobalAlloc, Layout, System};
use std::cell::Cell;
use std::panic;
use std::sync::Once;
use std::sync::atomic::{AtomicI64, AtomicU8, Ordering};
use std::time::Duration;

/// More than models that can be at work at once; each that was emptied stays so.
const PURSES: usize = 16;

const FREE: u8 = 0;
const OPEN: u8 = 1;
const DONE: u8 = 2;
const GIVEN_UP: u8 = 3;
const EMPTIED: u8 = 4;

static ALL: [Purse; PURSES] = [const { Purse::new() }; PURSES];

thread_local! {
    /// The purse of this thread. It allocates nothing itself and needs no destructor.
    static OWN: Cell<Option<&'static Purse>> = const { Cell::new(None) };
}

static SPARES_PANICS: Once = Once::new();

/// Who panics pays no more: a backtrace takes much memory, and a thread that stopped within one would hold what all panics
/// wait for.
fn spare_panics() {
    let told = panic::take_hook();
    panic::set_hook(Box::new(move |panicked| {
        OWN.set(None);
        told(panicked);
    }));
}

/// Memory that a thread may still take.
pub(crate) struct Purse {
    left_bytes: AtomicI64,
    state: AtomicU8,
}

/// What became of a thread that has a purse.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Fate {
    Runs,
    Done,
    /// It stands still for ever.
    Stopped,
}

impl Purse {
    const fn new() -> Self {
        Self {
            left_bytes: AtomicI64::new(0),
            state: AtomicU8::new(FREE),
        }
    }

    /// A purse for one thread, if there is one left.
    pub(crate) fn take(bytes: i64) -> Option<&'static Self> {
        SPARES_PANICS.call_once(spare_panics);
        let taken = |it: &&Self| it.moves(FREE, OPEN);
        let purse = ALL.iter().find(taken)?;
        purse.left_bytes.store(bytes, Ordering::SeqCst);
        Some(purse)
    }

    /// Whether none will be free again.
    pub(crate) fn all_stopped() -> bool {
        ALL.iter().all(|it| it.fate() == Fate::Stopped)
    }

    /// Does `work` in the thread that calls it, which pays with this purse meanwhile.
    pub(crate) fn pays<T>(&'static self, work: impl FnOnce() -> T) -> T {
        struct Back;
        impl Drop for Back {
            fn drop(&mut self) {
                OWN.set(None);
            }
        }
        OWN.set(Some(self));
        let _back = Back;
        work()
    }

    /// The thread has done its work. Where nobody waits for it any more, the purse is free.
    pub(crate) fn done(&self) {
        if !self.moves(OPEN, DONE) {
            self.moves(GIVEN_UP, FREE);
        }
    }

    /// Nobody waits for the thread any more: it stops at its next allocation. `false` if it has done its work.
    pub(crate) fn give_up(&self) -> bool {
        self.moves(OPEN, GIVEN_UP) || self.fate() == Fate::Stopped
    }

    /// What came of the work was taken.
    pub(crate) fn free(&self) {
        self.moves(DONE, FREE);
    }

    pub(crate) fn fate(&self) -> Fate {
        match self.state.load(Ordering::SeqCst) {
            OPEN | GIVEN_UP => Fate::Runs,
            EMPTIED => Fate::Stopped,
            _ => Fate::Done,
        }
    }

    fn moves(&self, from: u8, to: u8) -> bool {
        let moved = self
            .state
            .compare_exchange(from, to, Ordering::SeqCst, Ordering::SeqCst);
        moved.is_ok()
    }

    fn spend(&self, bytes: usize) {
        let bytes = i64::try_from(bytes).unwrap_or(i64::MAX);
        let left = self.left_bytes.load(Ordering::Relaxed).saturating_sub(bytes);
        self.left_bytes.store(left, Ordering::Relaxed);
        if left < 0 || self.state.load(Ordering::Relaxed) == GIVEN_UP {
            self.state.store(EMPTIED, Ordering::SeqCst);
            loop {
                std::thread::sleep(Duration::from_secs(3600));
            }
        }
    }

    fn put_back(&self, bytes: usize) {
        let bytes = i64::try_from(bytes).unwrap_or(i64::MAX);
        let left = self.left_bytes.load(Ordering::Relaxed).saturating_add(bytes);
        self.left_bytes.store(left, Ordering::Relaxed);
    }
}

/// The system's allocator. Threads that have a purse pay for what they take before they take it.
pub(crate) struct Counting;

#[expect(
    unsafe_code,
    reason = "an allocator is made of unsafe functions; these hand what they are given to the system's"
)]
// SAFETY: each function keeps the contract of the function of the system's that it calls with the same arguments. What it
// does before neither allocates nor unwinds: it changes two numbers, and may not return.
unsafe impl GlobalAlloc for Counting {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        spend(layout.size());
        // SAFETY: as the caller promises.
        unsafe { System.alloc(layout) }
    }

    unsafe fn alloc_zeroed(&self, layout: Layout) -> *mut u8 {
        spend(layout.size());
        // SAFETY: as the caller promises.
        unsafe { System.alloc_zeroed(layout) }
    }

    unsafe fn realloc(&self, place: *mut u8, layout: Layout, size: usize) -> *mut u8 {
        // Both may be there for a moment.
        spend(size);
        // SAFETY: as the caller promises.
        let moved = unsafe { System.realloc(place, layout, size) };
        put_back(layout.size());
        moved
    }

    unsafe fn dealloc(&self, place: *mut u8, layout: Layout) {
        // SAFETY: as the caller promises.
        unsafe { System.dealloc(place, layout) };
        put_back(layout.size());
    }
}

fn spend(bytes: usize) {
    if let Ok(Some(purse)) = OWN.try_with(Cell::get) {
        purse.spend(bytes);
    }
}

fn put_back(bytes: usize) {
    if let Ok(Some(purse)) = OWN.try_with(Cell::get) {
        purse.put_back(bytes);
    }
}
