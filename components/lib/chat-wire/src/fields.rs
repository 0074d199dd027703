//! Typed access to the fields of a JSON object; every refusal names the field. The other faces of the model API read
//! their requests with it too.

use crate::error::ApiError;
use serde_json::{Map, Value};

/// A JSON object and where it stands in the request.
#[derive(Debug, Clone)]
pub struct Fields<'a> {
    map: &'a Map<String, Value>,
    path: String,
}

impl<'a> Fields<'a> {
    /// Views `value` as an object.
    pub fn of(value: &'a Value, path: &str) -> Result<Self, ApiError> {
        match value {
            Value::Object(map) => Ok(Self {
                map,
                path: path.to_owned(),
            }),
            _ => Err(ApiError::invalid(path, format!("`{path}` must be an object"))),
        }
    }

    /// Full name of a field.
    pub fn name(&self, field: &str) -> String {
        if self.path.is_empty() {
            field.to_owned()
        } else {
            format!("{}.{field}", self.path)
        }
    }

    /// The field, unless it is absent or null.
    pub fn get(&self, field: &str) -> Option<&'a Value> {
        self.map.get(field).filter(|value| !value.is_null())
    }

    /// A refusal of a field.
    pub fn refuse(&self, field: &str, what: &str) -> ApiError {
        let name = self.name(field);
        ApiError::invalid(name.as_str(), format!("`{name}` {what}"))
    }

    /// A string, if present.
    pub fn string(&self, field: &str) -> Result<Option<&'a str>, ApiError> {
        self.get(field)
            .map(|value| {
                value
                    .as_str()
                    .ok_or_else(|| self.refuse(field, "must be a string"))
            })
            .transpose()
    }

    /// A string that must be there and not be empty.
    pub fn required(&self, field: &str) -> Result<&'a str, ApiError> {
        match self.string(field)? {
            Some(text) if !text.is_empty() => Ok(text),
            _ => Err(self.refuse(field, "is missing or empty")),
        }
    }

    /// A bool, false if absent.
    pub fn flag(&self, field: &str) -> Result<bool, ApiError> {
        match self.get(field) {
            None => Ok(false),
            Some(value) => value
                .as_bool()
                .ok_or_else(|| self.refuse(field, "must be true or false")),
        }
    }

    /// A whole number of at least 1, if present.
    pub fn count(&self, field: &str) -> Result<Option<u32>, ApiError> {
        self.get(field)
            .map(|value| {
                value
                    .as_u64()
                    .and_then(|count| u32::try_from(count).ok())
                    .filter(|count| *count > 0)
                    .ok_or_else(|| self.refuse(field, "must be a whole number from 1 to 4294967295"))
            })
            .transpose()
    }

    /// A whole number, if present.
    pub fn whole(&self, field: &str) -> Result<Option<u64>, ApiError> {
        let read = |value: &Value| {
            let what = "must be a whole number, 0 or more";
            value.as_u64().ok_or_else(|| self.refuse(field, what))
        };
        self.get(field).map(read).transpose()
    }

    /// The first field that is none of these.
    pub fn unknown(&self, known: &[&str]) -> Option<&'a str> {
        self.map
            .keys()
            .map(String::as_str)
            .find(|name| !known.contains(name))
    }

    /// Whether the field is there and null: what some writers make of a number that is none (NaN).
    #[must_use]
    pub fn is_null(&self, field: &str) -> bool {
        self.map.get(field).is_some_and(Value::is_null)
    }

    /// A number for which `allowed` holds, if present.
    pub fn number(
        &self,
        field: &str,
        allowed: impl Fn(f64) -> bool,
        range: &str,
    ) -> Result<Option<f32>, ApiError> {
        self.get(field)
            .map(|value| {
                let number = value.as_f64().filter(|number| allowed(*number));
                #[expect(
                    clippy::cast_possible_truncation,
                    reason = "a sampling parameter needs no more precision"
                )]
                let narrow = number.map(|number| number as f32);
                narrow.ok_or_else(|| self.refuse(field, &format!("must be a number {range}")))
            })
            .transpose()
    }

    /// An array of at most `items_max`, if present.
    pub fn array(&self, field: &str, items_max: usize) -> Result<Option<&'a Vec<Value>>, ApiError> {
        let Some(value) = self.get(field) else {
            return Ok(None);
        };
        let items = value
            .as_array()
            .ok_or_else(|| self.refuse(field, "must be an array"))?;
        if items.len() > items_max {
            return Err(self.refuse(
                field,
                &format!("holds {} items and may hold {items_max}", items.len()),
            ));
        }
        Ok(Some(items))
    }

    /// An object, if present.
    pub fn object(&self, field: &str) -> Result<Option<Fields<'a>>, ApiError> {
        self.get(field)
            .map(|value| Fields::of(value, &self.name(field)))
            .transpose()
    }
}

/// The body of a request as JSON.
pub fn parse_body(body: &[u8]) -> Result<Value, ApiError> {
    let value: Value = serde_json::from_slice(body).map_err(|error| {
        ApiError::new(
            400,
            "invalid_json",
            format!("the body is not JSON: {error}; hint: send one JSON object in UTF-8"),
        )
    })?;
    if value.is_object() {
        Ok(value)
    } else {
        Err(ApiError::new(
            400,
            "invalid_json",
            "the body must be a JSON object",
        ))
    }
}
