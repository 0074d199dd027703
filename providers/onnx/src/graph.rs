//! The writer.

use std::io::Write;
use std::path::Path;

use crate::protobuf::Message;
use crate::{Element, OnnxError};

/// Version of the format, that of ONNX 1.12.
const IR_VERSION: i64 = 8;
/// Version of the operators: the first with `LayerNormalization`.
const OPERATORS: i64 = 17;

/// A side of a tensor.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Side<'a> {
    /// Of this length.
    Of(i64),
    /// Of any length; sides of one name have one length.
    Any(&'a str),
}

/// A setting of an operator.
#[derive(Clone, Copy, Debug)]
pub enum Attribute<'a> {
    /// A whole number.
    Int(&'a str, i64),
    /// Whole numbers.
    Ints(&'a str, &'a [i64]),
    /// A float.
    Float(&'a str, f32),
}

/// A graph under construction. Tensors are known by name; what a method returns is the name of its tensor.
#[derive(Debug, Default)]
pub struct Graph {
    nodes: Vec<Message>,
    weights: Vec<Message>,
    inputs: Vec<Message>,
    outputs: Vec<Message>,
}

impl Graph {
    /// A tensor that a caller gives.
    pub fn input(&mut self, name: &str, element: Element, sides: &[Side<'_>]) {
        self.inputs.push(port(name, element, sides));
    }

    /// A tensor that a caller gets.
    pub fn output(&mut self, name: &str, element: Element, sides: &[Side<'_>]) {
        self.outputs.push(port(name, element, sides));
    }

    /// Floats that belong to the graph.
    pub fn floats(&mut self, name: &str, shape: &[i64], numbers: &[f32]) -> String {
        let data: Vec<u8> = numbers.iter().flat_map(|number| number.to_le_bytes()).collect();
        self.weight(name, Element::F32, shape, &data)
    }

    /// Whole numbers that belong to the graph, in a row.
    pub fn integers(&mut self, name: &str, numbers: &[i64]) -> String {
        let data: Vec<u8> = numbers.iter().flat_map(|number| number.to_le_bytes()).collect();
        self.weight(name, Element::I64, &[numbers.len() as i64], &data)
    }

    fn weight(&mut self, name: &str, element: Element, shape: &[i64], data: &[u8]) -> String {
        let mut tensor = Message::default();
        for side in shape {
            tensor.int(1, *side);
        }
        tensor.int(2, element as i64).text(8, name).bytes(9, data);
        self.weights.push(tensor);
        name.to_owned()
    }

    /// Applies an operator; its output gets a name of its own.
    pub fn apply(&mut self, operator: &str, inputs: &[&str], attributes: &[Attribute<'_>]) -> String {
        let output = format!("{operator}.{}", self.nodes.len());
        self.apply_as(&output, operator, inputs, attributes);
        output
    }

    /// Applies an operator; its output gets this name.
    pub fn apply_as(&mut self, output: &str, operator: &str, inputs: &[&str], attributes: &[Attribute<'_>]) {
        let mut node = Message::default();
        for input in inputs {
            node.text(1, input);
        }
        node.text(2, output).text(3, output).text(4, operator);
        for one in attributes {
            node.message(5, &attribute(*one));
        }
        self.nodes.push(node);
    }

    /// The bytes of the file.
    pub fn encode(&self) -> Vec<u8> {
        let mut graph = Message::default();
        let parts = [
            (1, &self.nodes),
            (5, &self.weights),
            (11, &self.inputs),
            (12, &self.outputs),
        ];
        for (field, messages) in parts {
            for message in messages {
                graph.message(field, message);
            }
        }
        graph.text(2, "gyre");
        let mut operators = Message::default();
        operators.text(1, "").int(2, OPERATORS);
        let mut model = Message::default();
        model
            .int(1, IR_VERSION)
            .text(2, "gyre")
            .message(8, &operators)
            .message(7, &graph);
        model.as_bytes().to_vec()
    }

    /// Writes the file under another name, then gives it its own: nobody ever sees a part of it.
    pub fn write(&self, path: &Path) -> Result<(), OnnxError> {
        write_whole(path, &self.encode())
    }
}

/// Writes a file so that nobody ever sees a part of it.
pub(crate) fn write_whole(path: &Path, bytes: &[u8]) -> Result<(), OnnxError> {
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty());
    let folder = folder.unwrap_or(Path::new("."));
    std::fs::create_dir_all(folder).map_err(OnnxError::Io)?;
    let mut part = tempfile::Builder::new()
        .prefix(".onnx-")
        .tempfile_in(folder)
        .map_err(OnnxError::Io)?;
    part.write_all(bytes).map_err(OnnxError::Io)?;
    part.as_file().sync_all().map_err(OnnxError::Io)?;
    make_readable(part.as_file()).map_err(OnnxError::Io)?;
    part.persist(path).map_err(|error| OnnxError::Io(error.error))?;
    Ok(())
}

/// Temporary files are for their owner only; a model is for every user of the machine.
#[cfg(unix)]
fn make_readable(file: &std::fs::File) -> std::io::Result<()> {
    use std::os::unix::fs::PermissionsExt as _;
    file.set_permissions(std::fs::Permissions::from_mode(0o644))
}

#[cfg(not(unix))]
fn make_readable(_: &std::fs::File) -> std::io::Result<()> {
    Ok(())
}

fn port(name: &str, element: Element, sides: &[Side<'_>]) -> Message {
    let mut shape = Message::default();
    for side in sides {
        let mut dimension = Message::default();
        match side {
            Side::Of(length) => dimension.int(1, *length),
            Side::Any(name) => dimension.text(2, name),
        };
        shape.message(1, &dimension);
    }
    let mut tensor = Message::default();
    tensor.int(1, element as i64).message(2, &shape);
    let mut kind = Message::default();
    kind.message(1, &tensor);
    let mut port = Message::default();
    port.text(1, name).message(2, &kind);
    port
}

fn attribute(attribute: Attribute<'_>) -> Message {
    const FLOAT: i64 = 1;
    const INT: i64 = 2;
    const INTS: i64 = 7;
    let mut message = Message::default();
    match attribute {
        Attribute::Int(name, number) => message.text(1, name).int(3, number).int(20, INT),
        Attribute::Float(name, number) => message.text(1, name).float(2, number).int(20, FLOAT),
        Attribute::Ints(name, numbers) => {
            message.text(1, name);
            for number in numbers {
                message.int(8, *number);
            }
            message.int(20, INTS)
        }
    };
    message
}
