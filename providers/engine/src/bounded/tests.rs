use super::*;

const LIMITS: Limits = Limits {
    memory_bytes_max: 32 << 20,
    time_ms_max: 60_000,
};

#[test]
fn work_that_keeps_to_its_bounds_is_done_however_often() {
    for round in 0..100_u64 {
        let done = within(LIMITS, move || {
            // Much in all, little at one time.
            (0..10).map(|_| vec![1_u8; 20 << 20].len() as u64).sum::<u64>() + round
        });
        assert_eq!(done, Ok(200 * (1 << 20) + round));
    }
}

#[test]
fn what_takes_too_much_memory_is_stopped_and_others_go_on() {
    let doubled = within(LIMITS, || {
        let mut text = "x".to_owned();
        for _ in 0..60 {
            text = text.clone() + &text;
        }
        text.len()
    });
    assert_eq!(doubled, Err(Stopped::Memory(LIMITS.memory_bytes_max)));
    assert_eq!(within(LIMITS, || 7), Ok(7));
    // Memory is counted once however it grows.
    let grown = within(LIMITS, || {
        (0..100_000_u32)
            .fold(Vec::new(), |mut all, it| {
                all.push(it);
                all
            })
            .len()
    });
    assert_eq!(grown, Ok(100_000));
}

#[test]
fn what_takes_too_long_is_stopped_at_its_next_allocation() {
    let limits = Limits {
        time_ms_max: 1,
        ..LIMITS
    };
    let endless = within(limits, || {
        loop {
            drop(std::hint::black_box(vec![1_u8; 10]));
        }
    });
    assert_eq!(endless, Err::<(), _>(Stopped::Time(1)));
    assert_eq!(within(LIMITS, || 7), Ok(7));
}

#[test]
fn a_panic_is_told_and_frees_the_purse() {
    // Its backtrace takes more than this.
    let small = Limits {
        memory_bytes_max: 100_000,
        ..LIMITS
    };
    for _ in 0..40 {
        assert_eq!(
            within(small, || panic!("on purpose")),
            Err::<(), _>(Stopped::Panicked)
        );
    }
    assert_eq!(within(LIMITS, || 7), Ok(7));
}
