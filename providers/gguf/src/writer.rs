//! The writer.

use std::io::{self, BufWriter, Write};
use std::path::Path;

use crate::{ALIGNMENT_DEFAULT, Array, GgufError, MAGIC, TensorType, VERSION, Value, tensor};

/// A file to be written.
#[derive(Debug)]
pub struct Builder {
    metadata: Vec<(String, Value)>,
    tensors: Vec<Tensor>,
}

#[derive(Debug)]
struct Tensor {
    name: String,
    shape: Vec<u64>,
    kind: TensorType,
    data: Vec<u8>,
}

impl Builder {
    /// A file of a model of this architecture.
    pub fn new(architecture: &str) -> Self {
        let metadata = vec![(
            "general.architecture".to_owned(),
            Value::String(architecture.to_owned()),
        )];
        Self {
            metadata,
            tensors: Vec::new(),
        }
    }

    /// Adds a metadata value. A key may be set once.
    pub fn set(&mut self, key: &str, value: Value) -> &mut Self {
        self.metadata.push((key.to_owned(), value));
        self
    }

    /// Adds a tensor; `shape` is fastest dimension first. Fails when the numbers do not fill it.
    pub fn tensor(
        &mut self,
        name: &str,
        shape: &[u64],
        kind: TensorType,
        numbers: &[f32],
    ) -> Result<&mut Self, GgufError> {
        if shape.iter().product::<u64>() != numbers.len() as u64 {
            let message = format!(
                "the tensor `{name}` has {} numbers for the shape {shape:?}",
                numbers.len()
            );
            return Err(GgufError::unconvertible(message));
        }
        tensor::bytes(shape, kind as u32)
            .map_err(|error| GgufError::unconvertible(format!("the tensor `{name}`: {error}")))?;
        let data = kind.encode(numbers);
        self.tensors.push(Tensor {
            name: name.to_owned(),
            shape: shape.to_vec(),
            kind,
            data,
        });
        Ok(self)
    }

    /// Writes the file under another name, then gives it its own: nobody ever sees a part of it.
    pub fn write(&self, path: &Path) -> Result<(), GgufError> {
        let folder = path
            .parent()
            .filter(|folder| !folder.as_os_str().is_empty())
            .unwrap_or(Path::new("."));
        std::fs::create_dir_all(folder).map_err(GgufError::Io)?;
        let part = tempfile::Builder::new()
            .prefix(".gguf-")
            .tempfile_in(folder)
            .map_err(GgufError::Io)?;
        let mut sink = BufWriter::new(part.as_file());
        self.write_to(&mut sink)
            .and_then(|()| sink.flush())
            .map_err(GgufError::Io)?;
        drop(sink);
        part.as_file().sync_all().map_err(GgufError::Io)?;
        make_readable(part.as_file()).map_err(GgufError::Io)?;
        part.persist(path).map_err(|error| GgufError::Io(error.error))?;
        Ok(())
    }

    /// Writes the bytes of the file.
    pub fn write_to(&self, sink: &mut impl Write) -> io::Result<()> {
        let head = self.head();
        sink.write_all(&head)?;
        sink.write_all(&padding(head.len()))?;
        for tensor in &self.tensors {
            sink.write_all(&tensor.data)?;
            sink.write_all(&padding(tensor.data.len()))?;
        }
        Ok(())
    }

    fn head(&self) -> Vec<u8> {
        let mut head = MAGIC.to_vec();
        head.extend(VERSION.to_le_bytes());
        head.extend((self.tensors.len() as u64).to_le_bytes());
        head.extend((self.metadata.len() as u64).to_le_bytes());
        for (key, value) in &self.metadata {
            put_string(&mut head, key);
            head.extend((value.kind() as u32).to_le_bytes());
            put_value(&mut head, value);
        }
        let mut offset = 0;
        for tensor in &self.tensors {
            put_string(&mut head, &tensor.name);
            head.extend((tensor.shape.len() as u32).to_le_bytes());
            head.extend(tensor.shape.iter().flat_map(|side| side.to_le_bytes()));
            head.extend((tensor.kind as u32).to_le_bytes());
            head.extend(u64::to_le_bytes(offset));
            offset += (tensor.data.len() as u64).next_multiple_of(ALIGNMENT_DEFAULT);
        }
        head
    }
}

fn padding(written: usize) -> Vec<u8> {
    let alignment = ALIGNMENT_DEFAULT as usize;
    vec![0; written.next_multiple_of(alignment) - written]
}

fn put_string(head: &mut Vec<u8>, text: &str) {
    head.extend((text.len() as u64).to_le_bytes());
    head.extend(text.as_bytes());
}

fn put_value(head: &mut Vec<u8>, value: &Value) {
    match value {
        Value::U8(number) => head.push(*number),
        Value::I8(number) => head.extend(number.to_le_bytes()),
        Value::U16(number) => head.extend(number.to_le_bytes()),
        Value::I16(number) => head.extend(number.to_le_bytes()),
        Value::U32(number) => head.extend(number.to_le_bytes()),
        Value::I32(number) => head.extend(number.to_le_bytes()),
        Value::F32(number) => head.extend(number.to_le_bytes()),
        Value::Bool(flag) => head.push(u8::from(*flag)),
        Value::String(text) => put_string(head, text),
        Value::Array(array) => put_array(head, array),
        Value::U64(number) => head.extend(number.to_le_bytes()),
        Value::I64(number) => head.extend(number.to_le_bytes()),
        Value::F64(number) => head.extend(number.to_le_bytes()),
    }
}

fn put_array(head: &mut Vec<u8>, array: &Array) {
    head.extend((array.kind() as u32).to_le_bytes());
    let mut count = |len: usize| head.extend((len as u64).to_le_bytes());
    match array {
        Array::Strings(texts) => {
            count(texts.len());
            texts.iter().for_each(|text| put_string(head, text));
        }
        Array::F32(numbers) => {
            count(numbers.len());
            head.extend(numbers.iter().flat_map(|number| number.to_le_bytes()));
        }
        Array::I32(numbers) => {
            count(numbers.len());
            head.extend(numbers.iter().flat_map(|number| number.to_le_bytes()));
        }
        // What was read without its items is written without them.
        Array::Skipped { .. } => count(0),
    }
}

/// A temporary file is its owner's only; a model may be read by all.
#[cfg(unix)]
fn make_readable(file: &std::fs::File) -> io::Result<()> {
    use std::os::unix::fs::PermissionsExt;
    file.set_permissions(std::fs::Permissions::from_mode(0o644))
}

#[cfg(not(unix))]
fn make_readable(_: &std::fs::File) -> io::Result<()> {
    Ok(())
}
