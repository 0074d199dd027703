//! Times for people.

use std::time::{SystemTime, UNIX_EPOCH};

const SECOND_MS: u64 = 1000;
const MINUTE_MS: u64 = 60 * SECOND_MS;
const HOUR_MS: u64 = 60 * MINUTE_MS;
const DAY_MS: u64 = 24 * HOUR_MS;

/// Milliseconds since 1970.
pub(crate) fn now_ms() -> u64 {
    // A clock before 1970 is as good as none.
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    u64::try_from(since.as_millis()).unwrap_or(u64::MAX)
}

/// How long ago: `12 s ago`, `3 min ago`, `5 h ago`, `2 days ago`.
pub(crate) fn ago(at_ms: u64, now_ms: u64) -> String {
    match now_ms.saturating_sub(at_ms) {
        gone if gone < SECOND_MS => "now".to_owned(),
        gone if gone < MINUTE_MS => format!("{} s ago", gone / SECOND_MS),
        gone if gone < HOUR_MS => format!("{} min ago", gone / MINUTE_MS),
        gone if gone < DAY_MS => format!("{} h ago", gone / HOUR_MS),
        gone if gone < 2 * DAY_MS => "1 day ago".to_owned(),
        gone => format!("{} days ago", gone / DAY_MS),
    }
}

/// `0.012 s`: from one moment to a later one.
pub(crate) fn between(from_ms: u64, to_ms: u64) -> String {
    let gone = to_ms.saturating_sub(from_ms);
    format!("{}.{:03} s", gone / SECOND_MS, gone % SECOND_MS)
}

/// `2026-11-21 15:04:07 UTC`.
pub(crate) fn utc(at_ms: u64) -> String {
    let Parts { date, time } = parts(at_ms);
    format!(
        "{:04}-{:02}-{:02} {:02}:{:02}:{:02} UTC",
        date[0], date[1], date[2], time[0], time[1], time[2]
    )
}

/// `20261121-150407`, for names.
pub(crate) fn stamp(at_ms: u64) -> String {
    let Parts { date, time } = parts(at_ms);
    format!(
        "{:04}{:02}{:02}-{:02}{:02}{:02}",
        date[0], date[1], date[2], time[0], time[1], time[2]
    )
}

/// Year, month, day; hour, minute, second.
struct Parts {
    date: [u64; 3],
    time: [u64; 3],
}

fn parts(at_ms: u64) -> Parts {
    let time = [
        at_ms % DAY_MS / HOUR_MS,
        at_ms % HOUR_MS / MINUTE_MS,
        at_ms % MINUTE_MS / SECOND_MS,
    ];
    Parts {
        date: date(at_ms / DAY_MS),
        time,
    }
}

/// The Gregorian date so many days after 1970-01-01. Years are counted from March on, so that a leap day is a
/// year's last, in eras of 400 years, which have all the same days.
fn date(days: u64) -> [u64; 3] {
    const DAYS_BEFORE_1970: u64 = 719_468;
    const ERA_DAYS: u64 = 146_097;
    let day = (days + DAYS_BEFORE_1970) % ERA_DAYS;
    let era = (days + DAYS_BEFORE_1970) / ERA_DAYS;
    let year = (day - day / 1460 + day / 36_524 - day / 146_096) / 365;
    let day_of_year = day - (365 * year + year / 4 - year / 100);
    let from_march = (5 * day_of_year + 2) / 153;
    let month = if from_march < 10 {
        from_march + 3
    } else {
        from_march - 9
    };
    let day_of_month = day_of_year - (153 * from_march + 2) / 5 + 1;
    [era * 400 + year + u64::from(month <= 2), month, day_of_month]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_written_as_people_do() {
        let cases = [
            (0, "1970-01-01 00:00:00 UTC"),
            (951_782_399_000, "2000-02-28 23:59:59 UTC"),
            (951_782_400_000, "2000-02-29 00:00:00 UTC"),
            (1_709_251_199_999, "2024-02-29 23:59:59 UTC"),
            (1_735_689_600_000, "2025-01-01 00:00:00 UTC"),
            (4_107_542_400_000, "2100-03-01 00:00:00 UTC"),
        ];
        for (at_ms, expected) in cases {
            assert_eq!(utc(at_ms), expected);
        }
        assert_eq!(stamp(1_709_251_199_999), "20240229-235959");
        // A server may say anything.
        assert!(utc(u64::MAX).ends_with("UTC"));
    }

    #[test]
    fn distances_are_in_the_unit_that_fits() {
        let cases = [
            (0, "now"),
            (1_000, "1 s ago"),
            (60_000, "1 min ago"),
            (2 * HOUR_MS, "2 h ago"),
            (DAY_MS, "1 day ago"),
            (3 * DAY_MS, "3 days ago"),
        ];
        for (gone, expected) in cases {
            assert_eq!(ago(1_000_000, 1_000_000 + gone), expected);
        }
        assert_eq!(ago(5, 0), "now", "clocks differ");
        assert_eq!(between(10, 1_022), "1.012 s");
    }
}
