//! Dates and times, which the server counts from the beginning of the year 2000.

use super::Wrong;
use chrono::{DateTime, Datelike, Days, NaiveDate, NaiveDateTime, NaiveTime, TimeDelta, Timelike};

pub(super) type Date = (i32, u8, u8);
pub(super) type Time = (u8, u8, u8, u32);
pub(super) type Datetime = (i32, u8, u8, u8, u8, u8, u32);

const SECOND: i64 = 1_000_000;
const MINUTE: i64 = 60 * SECOND;
const HOUR: i64 = 60 * MINUTE;
const DAY: i64 = 24 * HOUR;

fn epoch() -> NaiveDate {
    // The first day there is: of the year 2000 it is a constant.
    NaiveDate::from_ymd_opt(2000, 1, 1).unwrap_or_default()
}

pub(super) fn date_from_days(days: i32) -> Result<Date, Wrong> {
    if [i32::MIN, i32::MAX].contains(&days) {
        return Err("an infinite date has no form here".into());
    }
    let far = Days::new(days.unsigned_abs().into());
    let date = if days < 0 {
        epoch().checked_sub_days(far)
    } else {
        epoch().checked_add_days(far)
    };
    parts(date.ok_or("a date that is too far away")?)
}

fn parts(date: NaiveDate) -> Result<Date, Wrong> {
    Ok((date.year(), date.month().try_into()?, date.day().try_into()?))
}

pub(super) fn days_from_date((year, month, day): Date) -> Result<i32, String> {
    let date = NaiveDate::from_ymd_opt(year, month.into(), day.into()).ok_or("there is no such date")?;
    let days = (date - epoch()).num_days();
    i32::try_from(days).map_err(|_too_far| "a date that is too far away".to_owned())
}

pub(super) fn time_from_micros(micros: i64) -> Result<Time, Wrong> {
    // The server has 24:00:00, which is why this counts by itself.
    if !(0..=DAY).contains(&micros) {
        return Err("a time that is not of one day".into());
    }
    Ok((
        (micros / HOUR).try_into()?,
        (micros % HOUR / MINUTE).try_into()?,
        (micros % MINUTE / SECOND).try_into()?,
        (micros % SECOND * 1_000).try_into()?,
    ))
}

pub(super) fn micros_from_time((hour, minute, second, nanosecond): Time) -> Result<i64, String> {
    if (hour, minute, second, nanosecond) == (24, 0, 0, 0) {
        return Ok(DAY);
    }
    NaiveTime::from_hms_nano_opt(hour.into(), minute.into(), second.into(), nanosecond)
        .filter(|_| nanosecond < 1_000_000_000)
        .map(|time| i64::from(time.num_seconds_from_midnight()) * SECOND + i64::from(nanosecond) / 1_000)
        .ok_or_else(|| "there is no such time".to_owned())
}

pub(super) fn datetime_from_micros(micros: i64) -> Result<Datetime, Wrong> {
    if [i64::MIN, i64::MAX].contains(&micros) {
        return Err("an infinite time has no form here".into());
    }
    let since = TimeDelta::microseconds(micros);
    let time = epoch().and_time(NaiveTime::MIN).checked_add_signed(since);
    let time = time.ok_or("a time that is too far away")?;
    let (year, month, day) = parts(time.date())?;
    let (hour, minute, second) = (time.hour(), time.minute(), time.second());
    Ok((
        year,
        month,
        day,
        hour.try_into()?,
        minute.try_into()?,
        second.try_into()?,
        time.nanosecond(),
    ))
}

pub(super) fn micros_from_datetime(datetime: Datetime) -> Result<i64, String> {
    let (year, month, day, hour, minute, second, nanosecond) = datetime;
    let days = i64::from(days_from_date((year, month, day))?);
    let micros = micros_from_time((hour, minute, second, nanosecond))?;
    days.checked_mul(DAY)
        .and_then(|start| start.checked_add(micros))
        .ok_or_else(|| "a time that is too far away".to_owned())
}

/// Micros since 2000 of seconds since 1970.
pub(super) fn micros_from_unix(seconds: i64) -> Result<i64, String> {
    let time: Option<NaiveDateTime> = DateTime::from_timestamp(seconds, 0).map(|time| time.naive_utc());
    time.map(|time| time - epoch().and_time(NaiveTime::MIN))
        .and_then(|since| since.num_microseconds())
        .ok_or_else(|| "a time that is too far away".to_owned())
}
