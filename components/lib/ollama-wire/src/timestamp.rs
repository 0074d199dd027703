//! Times as this API writes them: RFC 3339 in UTC.

const DAY_MS: u64 = 86_400_000;
/// Days from 1 March of the year 0 to the Unix epoch, in the Gregorian calendar counted backwards.
const EPOCH_DAYS: u64 = 719_468;
const ERA_DAYS: u64 = 146_097;

/// Go's time that is none: what is not known stands so.
pub(crate) const NEVER: &str = "0001-01-01T00:00:00Z";

/// A time in milliseconds since the Unix epoch. Years count from March, so that a leap day is the last of its year.
pub(crate) fn rfc3339(unix_ms: u64) -> String {
    let days = unix_ms / DAY_MS + EPOCH_DAYS;
    let (era, day_of_era) = (days / ERA_DAYS, days % ERA_DAYS);
    let leaps = day_of_era / 1_460 + day_of_era / (ERA_DAYS - 1);
    let year_of_era = (day_of_era + day_of_era / 36_524 - leaps) / 365;
    let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let month_from_march = (5 * day_of_year + 2) / 153;
    let day = day_of_year - (153 * month_from_march + 2) / 5 + 1;
    let month = (month_from_march + 2) % 12 + 1;
    let year = era * 400 + year_of_era + u64::from(month <= 2);
    let (seconds, ms) = (unix_ms % DAY_MS / 1_000, unix_ms % 1_000);
    let (hour, minute, second) = (seconds / 3_600, seconds / 60 % 60, seconds % 60);
    format!("{year:04}-{month:02}-{day:02}T{hour:02}:{minute:02}:{second:02}.{ms:03}Z")
}

#[cfg(test)]
mod tests {
    use super::{DAY_MS, rfc3339};
    use proptest::prelude::*;

    #[test]
    fn known_times() {
        for (ms, text) in [
            (0, "1970-01-01T00:00:00.000Z"),
            (951_782_399_999, "2000-02-28T23:59:59.999Z"),
            (951_782_400_000, "2000-02-29T00:00:00.000Z"),
            (951_868_800_000, "2000-03-01T00:00:00.000Z"),
            (1_798_761_599_000, "2026-12-31T23:59:59.000Z"),
            (4_107_542_400_000, "2100-03-01T00:00:00.000Z"),
        ] {
            assert_eq!(rfc3339(ms), text);
        }
    }

    proptest! {
        /// The next day is the next number, or the first of the next month; and texts order as times do.
        #[test]
        fn days_follow_each_other(day in 0u64..2_000_000, ms in 0..DAY_MS) {
            let (one, next) = (rfc3339(day * DAY_MS + ms), rfc3339((day + 1) * DAY_MS + ms));
            prop_assert!(one < next);
            let number = |text: &str, at: std::ops::Range<usize>| text[at].parse::<u32>().expect("digits");
            let follows = number(&next, 8..10) == number(&one, 8..10) + 1;
            prop_assert!(follows || (&next[8..10] == "01" && number(&one, 8..10) >= 28), "{one} {next}");
        }
    }
}
