//! The strict reader: everything is checked against the file's length before memory is taken.

mod cursor;

use std::collections::BTreeMap;
use std::fs::File;
use std::io::{BufReader, Read};
use std::path::Path;

use crate::tensor;
use crate::{
    ALIGNMENT_DEFAULT, ALIGNMENT_KEY, Array, GgufError, MAGIC, TensorInfo, VERSION, Value, ValueKind,
};
use cursor::Cursor;

const KEY_BYTES_MAX: u64 = 64 * 1024;
const STRING_BYTES_MAX: u64 = 16 * 1024 * 1024;
const DIMENSIONS_MAX: u32 = 4;
/// The key of the vocabulary.
const TOKENS_KEY: &str = "tokenizer.ggml.tokens";

/// A file whose header, metadata and tensor places are sound.
#[derive(Clone, Debug)]
pub struct Gguf {
    metadata: BTreeMap<String, Value>,
    tensors: Vec<TensorInfo>,
    data_at: u64,
}

impl Gguf {
    /// Reads and checks the file at `path`; tensor data is not read, only its extent is checked.
    pub fn open(path: &Path) -> Result<Self, GgufError> {
        let file = File::open(path).map_err(GgufError::Io)?;
        let length = file.metadata().map_err(GgufError::Io)?.len();
        Self::read(BufReader::new(file), length)
    }

    /// Reads and checks a file of `length` bytes.
    pub fn read(source: impl Read, length: u64) -> Result<Self, GgufError> {
        Self::read_with(source, length, false)
    }

    /// As [`Self::open`], with the texts of the vocabulary, which are many.
    pub fn open_with_tokens(path: &Path) -> Result<Self, GgufError> {
        let file = File::open(path).map_err(GgufError::Io)?;
        let length = file.metadata().map_err(GgufError::Io)?.len();
        Self::read_with(BufReader::new(file), length, true)
    }

    fn read_with(source: impl Read, length: u64, keep_tokens: bool) -> Result<Self, GgufError> {
        let mut cursor = Cursor {
            source,
            at: 0,
            length,
            keep_tokens,
        };
        if cursor.array::<4>()? != MAGIC {
            return Err(GgufError::malformed("it does not begin with `GGUF`"));
        }
        let version = cursor.u32()?;
        if version != VERSION {
            return Err(GgufError::malformed(format!(
                "its version is {version}, only {VERSION} is read"
            )));
        }
        let tensor_count = cursor.count()?;
        let entry_count = cursor.count()?;
        let metadata = read_metadata(&mut cursor, entry_count)?;
        let tensors = (0..tensor_count)
            .map(|_| read_tensor(&mut cursor))
            .collect::<Result<Vec<_>, _>>()?;
        let data_at = check_extents(&tensors, alignment(&metadata)?, &cursor)?;
        Ok(Self {
            metadata,
            tensors,
            data_at,
        })
    }

    /// The metadata value of this key.
    pub fn get(&self, key: &str) -> Option<&Value> {
        self.metadata.get(key)
    }

    /// The metadata text of this key.
    pub fn text(&self, key: &str) -> Option<&str> {
        self.get(key).and_then(Value::as_str)
    }

    /// The model's architecture, empty when the file names none.
    pub fn architecture(&self) -> &str {
        self.text("general.architecture").unwrap_or_default()
    }

    /// Its tensors, in the order of the file.
    pub fn tensors(&self) -> &[TensorInfo] {
        &self.tensors
    }

    /// Where the data of the tensors begins in the file.
    pub fn data_at(&self) -> u64 {
        self.data_at
    }

    /// The texts of the vocabulary, of a file opened by [`Self::open_with_tokens`].
    pub fn tokens(&self) -> Option<&[String]> {
        match self.get(TOKENS_KEY) {
            Some(Value::Array(Array::Strings(tokens))) => Some(tokens),
            _ => None,
        }
    }
}

fn read_metadata<R: Read>(cursor: &mut Cursor<R>, count: u64) -> Result<BTreeMap<String, Value>, GgufError> {
    let mut metadata = BTreeMap::new();
    for _ in 0..count {
        let key = cursor.string(KEY_BYTES_MAX)?;
        let kind = read_kind(cursor)?;
        let value = match kind {
            ValueKind::Array if key == TOKENS_KEY && cursor.keep_tokens => Value::Array(read_tokens(cursor)?),
            kind => read_value(cursor, kind)?,
        };
        if metadata.insert(key.clone(), value).is_some() {
            return Err(GgufError::malformed(format!("the key `{key}` is there twice")));
        }
    }
    Ok(metadata)
}

fn read_kind<R: Read>(cursor: &mut Cursor<R>) -> Result<ValueKind, GgufError> {
    let number = cursor.u32()?;
    ValueKind::from_number(number)
        .ok_or_else(|| GgufError::malformed(format!("there is no value type {number}")))
}

fn read_value<R: Read>(cursor: &mut Cursor<R>, kind: ValueKind) -> Result<Value, GgufError> {
    Ok(match kind {
        ValueKind::U8 => Value::U8(u8::from_le_bytes(cursor.array()?)),
        ValueKind::I8 => Value::I8(i8::from_le_bytes(cursor.array()?)),
        ValueKind::U16 => Value::U16(u16::from_le_bytes(cursor.array()?)),
        ValueKind::I16 => Value::I16(i16::from_le_bytes(cursor.array()?)),
        ValueKind::U32 => Value::U32(cursor.u32()?),
        ValueKind::I32 => Value::I32(i32::from_le_bytes(cursor.array()?)),
        ValueKind::F32 => Value::F32(f32::from_le_bytes(cursor.array()?)),
        ValueKind::Bool => Value::Bool(cursor.array::<1>()? != [0]),
        ValueKind::String => Value::String(cursor.string(STRING_BYTES_MAX)?),
        ValueKind::Array => Value::Array(read_array(cursor)?),
        ValueKind::U64 => Value::U64(cursor.u64()?),
        ValueKind::I64 => Value::I64(i64::from_le_bytes(cursor.array()?)),
        ValueKind::F64 => Value::F64(f64::from_le_bytes(cursor.array()?)),
    })
}

fn read_tokens<R: Read>(cursor: &mut Cursor<R>) -> Result<Array, GgufError> {
    if read_kind(cursor)? != ValueKind::String {
        return Err(GgufError::malformed("its vocabulary is no list of texts"));
    }
    let count = cursor.u64()?;
    // Each text takes 8 bytes at least, so a false length ends at the file's end.
    let tokens = (0..count).map(|_| cursor.string(KEY_BYTES_MAX));
    Ok(Array::Strings(tokens.collect::<Result<_, _>>()?))
}

fn read_array<R: Read>(cursor: &mut Cursor<R>) -> Result<Array, GgufError> {
    let kind = read_kind(cursor)?;
    let len = cursor.u64()?;
    match (kind, kind.size()) {
        (_, Some(size)) => {
            cursor.skip(
                len.checked_mul(size)
                    .ok_or_else(|| GgufError::malformed("an array is too long"))?,
            )?;
        }
        (ValueKind::String, None) => {
            // Each text takes 8 bytes at least, so a false length ends at the file's end.
            for _ in 0..len {
                cursor.string(STRING_BYTES_MAX)?;
            }
        }
        _ => return Err(GgufError::malformed("an array of arrays")),
    }
    Ok(Array::Skipped { kind, len })
}

fn read_tensor<R: Read>(cursor: &mut Cursor<R>) -> Result<TensorInfo, GgufError> {
    let name = cursor.string(KEY_BYTES_MAX)?;
    let dimensions = cursor.u32()?;
    if dimensions > DIMENSIONS_MAX {
        return Err(GgufError::malformed(format!(
            "the tensor `{name}` has {dimensions} dimensions"
        )));
    }
    let shape = (0..dimensions)
        .map(|_| cursor.u64())
        .collect::<Result<Vec<_>, _>>()?;
    let kind = cursor.u32()?;
    let offset = cursor.u64()?;
    let bytes = tensor::bytes(&shape, kind)
        .map_err(|wrong| GgufError::malformed(format!("the tensor `{name}`: {wrong}")))?;
    Ok(TensorInfo {
        name,
        shape,
        kind,
        offset,
        bytes,
    })
}

fn alignment(metadata: &BTreeMap<String, Value>) -> Result<u64, GgufError> {
    let Some(value) = metadata.get(ALIGNMENT_KEY) else {
        return Ok(ALIGNMENT_DEFAULT);
    };
    value
        .as_u64()
        .filter(|alignment| alignment.is_power_of_two() && *alignment <= 1 << 20)
        .ok_or_else(|| GgufError::malformed("its alignment is no power of two"))
}

/// Checks where tensors lie; says where their data begins.
fn check_extents<R>(tensors: &[TensorInfo], alignment: u64, cursor: &Cursor<R>) -> Result<u64, GgufError> {
    let data = cursor.at.next_multiple_of(alignment);
    for tensor in tensors {
        if tensor.offset % alignment != 0 {
            return Err(GgufError::malformed(format!(
                "the tensor `{}` is not aligned",
                tensor.name
            )));
        }
        let end = data
            .checked_add(tensor.offset)
            .and_then(|start| start.checked_add(tensor.bytes));
        let end =
            end.ok_or_else(|| GgufError::malformed(format!("the tensor `{}` is too far", tensor.name)))?;
        if end > cursor.length {
            return Err(GgufError::Truncated {
                wanted: end,
                there: cursor.length,
            });
        }
    }
    Ok(data)
}
