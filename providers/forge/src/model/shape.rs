//! How large a model is in each direction.

use super::ModelError;
use serde::{Deserialize, Serialize};

const LAYERS_MAX: usize = 64;
const WIDTH_MAX: usize = 4096;
const FEED_FORWARD_MAX: usize = 16_384;
/// Tokens are stored as 16 bits.
const VOCABULARY_MAX: usize = 65_536;
const CONTEXT_TOKENS_MAX: usize = 8192;
const PARAMETERS_MAX: usize = 100_000_000;

/// The shape of a llama whose output matrix is its embedding.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Shape {
    /// Layers, each of attention and a feed-forward network.
    pub layers: usize,
    /// Numbers of a token between layers.
    pub width: usize,
    /// Heads of attention; they share the width.
    pub heads: usize,
    /// Heads of keys and values; each serves equally many heads.
    pub kv_heads: usize,
    /// Numbers of a token inside the feed-forward network.
    pub feed_forward: usize,
    /// Tokens there are.
    pub vocabulary: usize,
    /// Tokens of the longest conversation.
    pub context: usize,
    /// The base of the rotary embedding's wavelengths.
    pub rope_theta: f32,
    /// What keeps a norm from dividing by zero.
    pub norm_epsilon: f32,
}

/// The sizes that are trained and compared.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Size {
    /// 256 wide, 4 layers.
    NanoS,
    /// 256 wide, 8 layers.
    NanoM,
    /// 512 wide, 6 layers.
    NanoL,
}

impl Size {
    /// All of them, smallest first.
    pub const ALL: [Self; 3] = [Self::NanoS, Self::NanoM, Self::NanoL];

    /// What it is called.
    pub fn name(self) -> &'static str {
        match self {
            Self::NanoS => "nano-s",
            Self::NanoM => "nano-m",
            Self::NanoL => "nano-l",
        }
    }

    /// Its shape for so many tokens. Widths are multiples of 256, so that every block format of GGUF fits.
    pub fn shape(self, vocabulary: usize, context: usize) -> Shape {
        let (layers, width, kv_heads, feed_forward) = match self {
            Self::NanoS => (4, 256, 4, 768),
            Self::NanoM => (8, 256, 4, 768),
            Self::NanoL => (6, 512, 4, 1536),
        };
        Shape {
            layers,
            width,
            heads: width / 64,
            kv_heads,
            feed_forward,
            vocabulary,
            context,
            rope_theta: 10_000.0,
            norm_epsilon: 1e-5,
        }
    }
}

impl Shape {
    /// Numbers of one head.
    pub fn head_size(&self) -> usize {
        self.width / self.heads
    }

    /// Numbers of a token's keys (or values) of all heads.
    pub fn kv_width(&self) -> usize {
        self.kv_heads * self.head_size()
    }

    /// Numbers of a token's queries, keys and values.
    pub(crate) fn qkv_width(&self) -> usize {
        self.width + 2 * self.kv_width()
    }

    /// Weights of such a model.
    pub fn parameters(&self) -> usize {
        let attention = self.width * (self.qkv_width() + self.width);
        let feed_forward = 3 * self.width * self.feed_forward;
        let norms = 2 * self.width;
        self.vocabulary * self.width + self.layers * (attention + feed_forward + norms) + self.width
    }

    /// Floating-point operations of the matrix products of a training step, for a token that is read and (beside that)
    /// one that is predicted; attention, which grows with the length, is left out.
    pub fn training_operations(&self) -> (f64, f64) {
        let matrices = self.parameters() - self.vocabulary * self.width;
        let head = self.vocabulary * self.width;
        (6.0 * matrices as f64, 6.0 * head as f64)
    }

    /// Fails when the numbers contradict each other or a bound.
    pub fn check(&self) -> Result<(), ModelError> {
        let bounded = [
            ("layers", self.layers, LAYERS_MAX),
            ("width", self.width, WIDTH_MAX),
            ("heads", self.heads, self.width),
            ("kv_heads", self.kv_heads, self.heads),
            ("feed_forward", self.feed_forward, FEED_FORWARD_MAX),
            ("vocabulary", self.vocabulary, VOCABULARY_MAX),
            ("context", self.context, CONTEXT_TOKENS_MAX),
        ];
        for (name, value, most) in bounded {
            if value == 0 || value > most {
                return Err(ModelError::Shape(format!(
                    "`{name}` is {value}, which is not from 1 to {most}"
                )));
            }
        }
        if !self.width.is_multiple_of(self.heads) || !self.head_size().is_multiple_of(2) {
            let why = format!(
                "a width of {} is not an even number for each of {} heads",
                self.width, self.heads
            );
            return Err(ModelError::Shape(why));
        }
        if !self.heads.is_multiple_of(self.kv_heads) {
            let why = format!("{} heads cannot share {} kv_heads", self.heads, self.kv_heads);
            return Err(ModelError::Shape(why));
        }
        if !(self.rope_theta.is_finite() && self.rope_theta > 1.0) {
            return Err(ModelError::Shape("`rope_theta` is not above 1".to_owned()));
        }
        if !(self.norm_epsilon > 0.0 && self.norm_epsilon < 1.0) {
            return Err(ModelError::Shape(
                "`norm_epsilon` is not between 0 and 1".to_owned(),
            ));
        }
        if self.parameters() > PARAMETERS_MAX {
            let why = format!(
                "{} weights are more than {PARAMETERS_MAX}: make it narrower or give it fewer layers",
                self.parameters()
            );
            return Err(ModelError::Shape(why));
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::{Shape, Size};

    fn shape() -> Shape {
        Size::NanoS.shape(4096, 1024)
    }

    #[test]
    fn sizes_are_usable_and_as_small_as_told() {
        for (size, millions) in [(Size::NanoS, 4.5), (Size::NanoM, 7.9), (Size::NanoL, 21.0)] {
            let shape = size.shape(4096, 1024);
            shape.check().expect("usable");
            let told = shape.parameters() as f64 / 1e6;
            assert!((told - millions).abs() < 0.1, "{}: {told} million", size.name());
            assert_eq!(shape.width % 256, 0);
            assert_eq!(shape.feed_forward % 256, 0);
        }
    }

    #[test]
    fn contradictions_are_named() {
        let cases: [(Shape, &str); 7] = [
            (Shape { layers: 0, ..shape() }, "`layers` is 0"),
            (
                Shape {
                    heads: 3,
                    kv_heads: 1,
                    ..shape()
                },
                "3 heads",
            ),
            (
                Shape {
                    heads: 256,
                    kv_heads: 1,
                    ..shape()
                },
                "256 heads",
            ),
            (
                Shape {
                    kv_heads: 3,
                    ..shape()
                },
                "3 kv_heads",
            ),
            (
                Shape {
                    vocabulary: 70_000,
                    ..shape()
                },
                "`vocabulary` is 70000",
            ),
            (
                Shape {
                    rope_theta: f32::NAN,
                    ..shape()
                },
                "rope_theta",
            ),
            (
                Shape {
                    layers: 64,
                    width: 1024,
                    heads: 16,
                    feed_forward: 4096,
                    ..shape()
                },
                "narrower",
            ),
        ];
        for (shape, named) in cases {
            let told = shape.check().expect_err(named).to_string();
            assert!(told.contains(named), "{told}");
        }
    }
}
