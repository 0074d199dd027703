//! What needs no server: every form is there and back, or refused by name.

use super::encode::{Encoded, encode};
use super::{calendar, data_type, decode, numeric};
use crate::bindings::spin::postgres::postgres::{DbDataType, ParameterValue, RangeBoundKind};
use tokio_postgres::types::Type;

/// The wire form of a number: weight, sign, scale and digits.
fn wire(weight: i16, sign: u16, scale: u16, digits: &[u16]) -> Vec<u8> {
    let count = u16::try_from(digits.len()).expect("few");
    let head = [count, weight.cast_unsigned(), sign, scale];
    head.iter()
        .chain(digits)
        .flat_map(|word| word.to_be_bytes())
        .collect()
}

#[test]
fn numbers_of_any_size_are_text() {
    let cases = [
        (wire(0, 0, 0, &[]), "0"),
        (wire(0, 0, 2, &[12, 3400]), "12.34"),
        (wire(0, 0x4000, 2, &[12, 3400]), "-12.34"),
        (wire(1, 0, 0, &[1]), "10000"),
        (wire(2, 0, 0, &[1, 0, 7]), "100000007"),
        (wire(-1, 0, 4, &[5]), "0.0005"),
        (wire(-2, 0, 8, &[5]), "0.00000005"),
        (wire(-1, 0, 1, &[5000]), "0.5"),
        (wire(0, 0, 6, &[1]), "1.000000"),
        (wire(0, 0xC000, 0, &[]), "NaN"),
        (wire(0, 0xD000, 0, &[]), "Infinity"),
        (wire(0, 0xF000, 0, &[]), "-Infinity"),
    ];
    for (raw, text) in cases {
        assert_eq!(numeric::text(&raw).expect(text), text);
    }
    for wrong in [&b""[..], &[0, 1, 0, 0, 0, 0, 0, 0], &wire(0, 0, 0, &[10_000])] {
        assert!(numeric::text(wrong).is_err(), "{wrong:?}");
    }
}

#[test]
fn a_number_cannot_hold_another_value() {
    for number in ["0", "-1.5", "+.5", "1.", "1e5", "1.5E-7", "NaN", "-Infinity"] {
        assert_eq!(numeric::checked(number), Ok(number));
    }
    for wrong in [
        "", "-", ".", "1,2", "1}", "NULL", "1e", "e1", "0x1", " 1", "1;", "--1", "1.2.3",
    ] {
        assert!(numeric::checked(wrong).is_err(), "{wrong}");
    }
}

#[test]
fn dates_and_times_are_there_and_back() {
    for date in [
        (2000, 1, 1),
        (1999, 12, 31),
        (2024, 2, 29),
        (-44, 3, 15),
        (9999, 12, 31),
    ] {
        let days = calendar::days_from_date(date).expect("a date");
        assert_eq!(calendar::date_from_days(days).expect("a date"), date);
    }
    for time in [
        (0, 0, 0, 0),
        (23, 59, 59, 999_999_000),
        (24, 0, 0, 0),
        (1, 2, 3, 4_000),
    ] {
        let micros = calendar::micros_from_time(time).expect("a time");
        assert_eq!(calendar::time_from_micros(micros).expect("a time"), time);
    }
    let moment = (1969, 12, 31, 23, 59, 59, 1_000);
    let micros = calendar::micros_from_datetime(moment).expect("a moment");
    assert_eq!(calendar::datetime_from_micros(micros).expect("a moment"), moment);
    assert_eq!(calendar::micros_from_unix(946_684_800), Ok(0));
    assert_eq!(calendar::micros_from_unix(946_684_799), Ok(-1_000_000));
    for wrong in [(2023, 2, 29), (2023, 13, 1), (2023, 0, 1), (i32::MAX, 1, 1)] {
        assert!(calendar::days_from_date(wrong).is_err(), "{wrong:?}");
    }
    for wrong in [
        (24, 0, 0, 1),
        (25, 0, 0, 0),
        (0, 60, 0, 0),
        (0, 0, 59, 1_000_000_000),
    ] {
        assert!(calendar::micros_from_time(wrong).is_err(), "{wrong:?}");
    }
    for endless in [i32::MIN, i32::MAX] {
        assert!(calendar::date_from_days(endless).is_err());
    }
    assert!(calendar::datetime_from_micros(i64::MAX).is_err());
    assert!(calendar::micros_from_unix(i64::MAX).is_err());
}

fn text(value: &ParameterValue, ty: &Type) -> Result<String, String> {
    let Encoded { bytes, is_text } = encode(value, ty)?;
    assert!(is_text, "not text");
    Ok(String::from_utf8(bytes.expect("not null")).expect("UTF-8"))
}

#[test]
fn what_the_server_reads_is_written_as_it_reads_it() {
    use RangeBoundKind::{Exclusive, Inclusive};
    let decimal = |text: &str| text.to_owned();
    let cases = [
        (ParameterValue::Decimal(decimal("1.50")), Type::NUMERIC, "1.50"),
        (
            ParameterValue::ArrayDecimal(vec![Some(decimal("1")), None]),
            Type::NUMERIC_ARRAY,
            "{1,NULL}",
        ),
        (
            ParameterValue::ArrayDecimal(Vec::new()),
            Type::NUMERIC_ARRAY,
            "{}",
        ),
        (
            ParameterValue::RangeInt32((Some((1, Inclusive)), Some((5, Exclusive)))),
            Type::INT4_RANGE,
            "[1,5)",
        ),
        (
            ParameterValue::RangeInt64((None, Some((-5, Inclusive)))),
            Type::INT8_RANGE,
            "(,-5]",
        ),
        (
            ParameterValue::RangeDecimal((Some((decimal("0.5"), Exclusive)), None)),
            Type::NUM_RANGE,
            "(0.5,)",
        ),
        (
            ParameterValue::Jsonb(b"{\"a\":1}".to_vec()),
            Type::JSONB,
            "{\"a\":1}",
        ),
    ];
    for (value, ty, expected) in cases {
        assert_eq!(text(&value, &ty).expect(expected), expected);
    }
}

#[test]
fn a_parameter_that_does_not_fit_is_refused_without_its_value() {
    let secret = "secret".to_owned();
    let cases = [
        (
            ParameterValue::Str(secret.clone()),
            Type::INT4,
            "wants int4 and got str",
        ),
        (ParameterValue::Int32(7), Type::INT8, "wants int8 and got int32"),
        (ParameterValue::Uuid(secret.clone()), Type::UUID, "no UUID"),
        (
            ParameterValue::Decimal(secret),
            Type::NUMERIC,
            "no decimal number",
        ),
        (ParameterValue::Decimal("1".to_owned()), Type::TEXT, "wants text"),
        (
            ParameterValue::ArrayDecimal(vec![Some("1,2".to_owned())]),
            Type::NUMERIC_ARRAY,
            "no decimal number",
        ),
        (ParameterValue::Date((2023, 2, 30)), Type::DATE, "no such date"),
        (ParameterValue::Jsonb(vec![0xff]), Type::JSONB, "not UTF-8"),
    ];
    for (value, ty, said) in cases {
        let told = encode(&value, &ty).expect_err(said);
        assert!(told.contains(said) && !told.contains("secret"), "{told}");
    }
}

#[test]
fn a_type_without_a_form_comes_as_its_bytes() {
    let value = decode::decode(&Type::INET, b"raw").expect("bytes");
    assert_eq!(format!("{value:?}"), "DbValue::Unsupported([114, 97, 119])");
    assert!(matches!(data_type(&Type::INET), DbDataType::Other(name) if name == "inet"));
}
