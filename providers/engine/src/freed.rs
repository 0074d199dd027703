//! Memory that a model leaves behind, given back to the kernel.

/// Hands back what was freed. glibc keeps freed blocks for the next ones: of a MiniLM that was unloaded the process went
/// on holding all 120 MB, and more with each time it was loaded.
#[cfg(all(target_os = "linux", target_env = "gnu"))]
#[expect(
    unsafe_code,
    reason = "glibc's malloc_trim has no safe wrapper; it takes a number and touches only what is free"
)]
pub(crate) fn give_back() {
    // SAFETY: it takes no pointer, locks the allocator's own tables, and leaves every block in use as it is.
    unsafe {
        libc::malloc_trim(0);
    }
}

/// Other allocators do so by themselves, or cannot.
#[cfg(not(all(target_os = "linux", target_env = "gnu")))]
pub(crate) fn give_back() {}
