//! What a graph takes and gives, read within bounds and without its weights.

use std::collections::HashSet;
use std::fs::File;
use std::io::{BufReader, Read, Seek};
use std::path::Path;

use crate::scan::{Field, Scan};
use crate::{Element, OnnxError};

const NAME_BYTES_MAX: u64 = 1024;
/// Inputs, outputs, sides of one tensor or sets of operators.
const PORTS_MAX: usize = 256;
/// Fields of a message that are looked at, nodes and weights included.
const FIELDS_MAX: usize = 1 << 20;

/// A tensor that a graph takes or gives.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Port {
    /// Its name.
    pub name: String,
    /// What it is made of; none for what no guest can give: texts, sequences, maps.
    pub element: Option<Element>,
    /// Its sides; none of any length. None at all where the graph does not say.
    pub sides: Option<Vec<Option<u64>>>,
}

/// A set of operators that a graph uses.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Operators {
    /// Whose they are; empty for ONNX itself.
    pub domain: String,
    /// The version of the set.
    pub version: u64,
}

/// A file whose outline is sound.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Header {
    /// Version of the format.
    pub ir_version: u64,
    /// The operators it may use.
    pub operators: Vec<Operators>,
    /// What callers give, in order.
    pub inputs: Vec<Port>,
    /// What callers get, in order.
    pub outputs: Vec<Port>,
}

impl Header {
    /// Reads the outline of the file at `path`.
    pub fn open(path: &Path) -> Result<Self, OnnxError> {
        let file = File::open(path).map_err(OnnxError::Io)?;
        let length = file.metadata().map_err(OnnxError::Io)?.len();
        Self::read(BufReader::new(file), length)
    }

    /// Reads the outline of a file of `length` bytes.
    pub fn read(source: impl Read + Seek, length: u64) -> Result<Self, OnnxError> {
        let mut scan = Scan::new(source, length);
        let mut header = Self::default();
        let mut graphs = 0;
        let end = scan.length();
        let mut count = Count::default();
        while let Some((number, field)) = scan.next(end)? {
            count.one()?;
            match (number, field) {
                (1, Field::Int(version)) => header.ir_version = version,
                (7, Field::Extent { end }) => {
                    graphs += 1;
                    read_graph(&mut scan, end, &mut header)?;
                }
                (8, Field::Extent { end }) => push(&mut header.operators, read_operators(&mut scan, end)?)?,
                (_, field) => scan.pass(field)?,
            }
        }
        if header.ir_version == 0 || graphs != 1 {
            return Err(OnnxError::malformed("it holds no version of ONNX and one graph"));
        }
        if header.outputs.is_empty() {
            return Err(OnnxError::malformed("its graph has no output"));
        }
        Ok(header)
    }
}

fn read_operators<R: Read + Seek>(scan: &mut Scan<R>, end: u64) -> Result<Operators, OnnxError> {
    let mut operators = Operators::default();
    let mut count = Count::default();
    while let Some((number, field)) = scan.next(end)? {
        count.one()?;
        match (number, field) {
            (1, field) => operators.domain = scan.text(field, NAME_BYTES_MAX)?,
            (2, Field::Int(version)) => operators.version = version,
            (_, field) => scan.pass(field)?,
        }
    }
    Ok(operators)
}

fn read_graph<R: Read + Seek>(scan: &mut Scan<R>, end: u64, header: &mut Header) -> Result<(), OnnxError> {
    let mut weights = HashSet::new();
    let mut count = Count::default();
    while let Some((number, field)) = scan.next(end)? {
        count.one()?;
        match (number, field) {
            (5, Field::Extent { end }) => {
                weights.insert(read_weight(scan, end)?);
            }
            (11, Field::Extent { end }) => push(&mut header.inputs, read_port(scan, end)?)?,
            (12, Field::Extent { end }) => push(&mut header.outputs, read_port(scan, end)?)?,
            (_, field) => scan.pass(field)?,
        }
    }
    // Before version 4 of the format weights were listed as inputs, too.
    header.inputs.retain(|input| !weights.contains(&input.name));
    Ok(())
}

/// The name of a weight, whose numbers must be in this file.
fn read_weight<R: Read + Seek>(scan: &mut Scan<R>, end: u64) -> Result<String, OnnxError> {
    let mut name = String::new();
    let mut count = Count::default();
    while let Some((number, field)) = scan.next(end)? {
        count.one()?;
        match (number, field) {
            (8, field) => name = scan.text(field, NAME_BYTES_MAX)?,
            (13, _) | (14, Field::Int(1)) => {
                return Err(OnnxError::malformed(
                    "its weights lie in other files: save it as one file, without external data",
                ));
            }
            (_, field) => scan.pass(field)?,
        }
    }
    Ok(name)
}

fn read_port<R: Read + Seek>(scan: &mut Scan<R>, end: u64) -> Result<Port, OnnxError> {
    let mut port = Port {
        name: String::new(),
        element: None,
        sides: None,
    };
    let mut count = Count::default();
    // The value, its type, the type of its tensor: each a message within the other.
    let mut ends = vec![end];
    while let Some(end) = ends.last().copied() {
        let Some((number, field)) = scan.next(end)? else {
            ends.pop();
            continue;
        };
        count.one()?;
        match (ends.len(), number, field) {
            (1, 1, field) => port.name = scan.text(field, NAME_BYTES_MAX)?,
            (1, 2, Field::Extent { end }) | (2, 1, Field::Extent { end }) => ends.push(end),
            (3, 1, Field::Int(number)) => port.element = Element::from_number(number),
            (3, 2, Field::Extent { end }) => port.sides = Some(read_shape(scan, end)?),
            (_, _, field) => scan.pass(field)?,
        }
    }
    Ok(port)
}

fn read_shape<R: Read + Seek>(scan: &mut Scan<R>, end: u64) -> Result<Vec<Option<u64>>, OnnxError> {
    let mut sides = Vec::new();
    while let Some((number, field)) = scan.next(end)? {
        let Field::Extent { end } = field else { continue };
        if number != 1 {
            scan.pass(field)?;
            continue;
        }
        let mut side = None;
        while let Some((number, field)) = scan.next(end)? {
            match (number, field) {
                (1, Field::Int(length)) => side = Some(length),
                (_, field) => scan.pass(field)?,
            }
        }
        push(&mut sides, side)?;
    }
    Ok(sides)
}

fn push<T>(list: &mut Vec<T>, one: T) -> Result<(), OnnxError> {
    if list.len() == PORTS_MAX {
        return Err(OnnxError::malformed(format!(
            "it has over {PORTS_MAX} inputs, outputs, sides or sets of operators"
        )));
    }
    list.push(one);
    Ok(())
}

/// Fields seen of one message.
#[derive(Default)]
struct Count(usize);

impl Count {
    fn one(&mut self) -> Result<(), OnnxError> {
        self.0 += 1;
        if self.0 > FIELDS_MAX {
            return Err(OnnxError::malformed(format!("it has over {FIELDS_MAX} fields")));
        }
        Ok(())
    }
}
