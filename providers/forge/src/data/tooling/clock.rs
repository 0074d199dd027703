//! The two tools of the clock.

use chrono::{DateTime, Datelike, Duration, Months, NaiveDate};
use serde_json::{Map, Value};

use super::Asked;
use super::own::{DATE_DIFFERENCE, NOW};
use crate::data::fill::fill;
use crate::data::frames::spoken;
use crate::data::pools::Pools;
use crate::data::random::Draw;
use crate::data::values::{MONTHS, date};

/// Asks for the time, here or there.
pub(crate) fn now(draw: &mut Draw, pools: &Pools) -> Asked {
    let seconds = draw.between(1_700_000_000, 1_900_000_000);
    let utc = DateTime::from_timestamp(seconds, 0)
        .unwrap_or_default()
        .naive_utc();
    let zone = draw.pick(&pools.zones);
    let mut arguments = Map::new();
    let (text, name, offset) = if draw.chance(25) {
        (draw.pick(&pools.frames.now_here).clone(), "UTC", 0)
    } else {
        arguments.insert("time_zone".to_owned(), Value::from(zone.name.as_str()));
        let frame = draw.pick(&pools.frames.now_there).clone();
        let said = if draw.chance(45) { &zone.name } else { &zone.city };
        (
            fill(&frame, &mut |_| said.clone()),
            zone.name.as_str(),
            zone.offset_hours,
        )
    };
    let local = utc + Duration::hours(offset);
    let (day, time) = (local.format("%A, %Y-%m-%d"), local.format("%H:%M:%S"));
    let ahead = if offset < 0 { '-' } else { '+' };
    Asked {
        text: spoken(&text, draw, pools),
        name: NOW.to_owned(),
        arguments,
        content: format!(
            "{day}T{time}{ahead}{:02}:00 ({name}); UTC: {}Z",
            offset.abs(),
            utc.format("%Y-%m-%dT%H:%M:%S")
        ),
        fields: Vec::new(),
        answer: format!("It is {day}, {} ({name}).", local.format("%H:%M")),
        tell: vec![local.format("%H:%M").to_string()],
    }
}

/// A day as people write it.
fn written(date: NaiveDate, draw: &mut Draw) -> String {
    let (year, month, day) = (date.year(), MONTHS[date.month0() as usize], date.day());
    match draw.below(10) {
        0..=6 => date.format("%Y-%m-%d").to_string(),
        7..=8 => format!("{day} {month} {year}"),
        _ => format!("{month} {day}, {year}"),
    }
}

/// Asks how far two days are apart.
pub(crate) fn difference(draw: &mut Draw, pools: &Pools) -> Asked {
    let (mut first, mut second) = (date(draw), date(draw));
    if first > second && draw.chance(85) {
        std::mem::swap(&mut first, &mut second);
    }
    let (from, to) = (written(first, draw), written(second, draw));
    let frame = draw.pick(&pools.frames.difference).clone();
    let text = fill(&frame, &mut |slot| {
        if slot == "from" { from.clone() } else { to.clone() }
    });
    let days = (second - first).num_days();
    let (years, months, rest) = span(first, second);
    let iso = |date: NaiveDate| date.format("%Y-%m-%d").to_string();
    Asked {
        text: spoken(&text, draw, pools),
        name: DATE_DIFFERENCE.to_owned(),
        arguments: Map::from_iter([
            ("from".to_owned(), Value::from(iso(first))),
            ("to".to_owned(), Value::from(iso(second))),
        ]),
        content: format!(
            "{days} days from {} {} to {} {}: {years} years, {months} months, {rest} days",
            first.format("%A"),
            iso(first),
            second.format("%A"),
            iso(second)
        ),
        fields: Vec::new(),
        answer: format!("{days} days: {years} years, {months} months, {rest} days."),
        tell: vec![format!("{days} days")],
    }
}

/// Whole years, months and days; all negative where the second day comes first.
fn span(first: NaiveDate, second: NaiveDate) -> (i64, i64, i64) {
    let (early, late) = (first.min(second), first.max(second));
    let between = (late.year() - early.year()) * 12 + late.month() as i32 - early.month() as i32;
    let mut months = u32::try_from(between).unwrap_or_default();
    let mut reached = early.checked_add_months(Months::new(months)).unwrap_or(late);
    if reached > late {
        months -= 1;
        reached = early.checked_add_months(Months::new(months)).unwrap_or(late);
    }
    let sign = if first <= second { 1 } else { -1 };
    let months = i64::from(months);
    (
        sign * (months / 12),
        sign * (months % 12),
        sign * (late - reached).num_days(),
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn days_apart_are_years_months_and_days() {
        let day = |text: &str| text.parse::<NaiveDate>().unwrap_or_default();
        for (from, to, apart) in [
            ("2026-01-31", "2026-03-01", (0, 1, 1)),
            ("2020-02-29", "2021-02-28", (1, 0, 0)),
            ("2026-03-10", "2024-03-09", (-2, 0, -1)),
            ("2026-05-05", "2026-05-05", (0, 0, 0)),
        ] {
            assert_eq!(span(day(from), day(to)), apart, "{from} {to}");
        }
    }
}
