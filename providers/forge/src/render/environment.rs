//! The template in minijinja, set up as the engine sets it up.

use minijinja::{Environment, Error, ErrorKind, Value, context};

use super::conversation::{Guards, tool, turn};
use super::rendered::{Piece, Rendered};
use super::{TEMPLATE, TEXT_END, TURN_END, json};
use crate::data::{Message, Tool};

const NAME: &str = "chat";

/// Why a conversation cannot be rendered.
#[derive(Debug, thiserror::Error)]
pub enum RenderError {
    /// The template fails.
    #[error("the chat template fails ({0}); mend providers/forge/src/render/template.jinja")]
    Template(#[from] Error),
    /// The model would be asked for something that it cannot begin with.
    #[error(
        "the assistant's message {at} begins or ends with white space, which no answer does once it is read; trim it"
    )]
    Blank {
        /// Which message, from 0.
        at: usize,
    },
    /// A prompt is not the beginning of the whole.
    #[error(
        "the prompt before message {at} is not how the whole conversation begins: the template must write each message \
         whatever follows it"
    )]
    Unstable {
        /// Which message, from 0.
        at: usize,
    },
}

/// Renders conversations as the engine does.
pub struct Renderer {
    environment: Environment<'static>,
    guards: Guards,
}

impl Renderer {
    /// A renderer of [`TEMPLATE`].
    pub fn new() -> Result<Self, RenderError> {
        let mut environment = Environment::new();
        environment.set_trim_blocks(true);
        environment.set_lstrip_blocks(true);
        environment.set_unknown_method_callback(minijinja_contrib::pycompat::unknown_method_callback);
        environment.add_filter("tojson", json::to_json);
        environment.add_function("raise_exception", |message: String| -> Result<Value, Error> {
            Err(Error::new(ErrorKind::InvalidOperation, message))
        });
        environment.add_template(NAME, TEMPLATE)?;
        Ok(Self {
            environment,
            guards: Guards::new(),
        })
    }

    /// What the model is given before it writes the next message; it may hold marks of the guard.
    pub fn prompt(&self, tools: &[Tool], messages: &[Message]) -> Result<String, RenderError> {
        self.apply(tools, messages, true)
    }

    /// A whole conversation, in which each answer that is the model's own is a target.
    pub fn conversation(&self, tools: &[Tool], messages: &[Message]) -> Result<Rendered, RenderError> {
        let whole = self.apply(tools, messages, false)?;
        let mut pieces = Vec::new();
        let mut done = 0;
        for (at, message) in messages
            .iter()
            .enumerate()
            .filter(|(_, message)| message.is_target())
        {
            if message.content.trim() != message.content {
                return Err(RenderError::Blank { at });
            }
            let prompt = self.apply(tools, &messages[..at], true)?;
            let answered = self.apply(tools, &messages[..=at], false)?;
            let answered = answered.trim_end();
            if !whole.starts_with(answered) || !answered.starts_with(&prompt) || prompt.len() < done {
                return Err(RenderError::Unstable { at });
            }
            pieces.push(piece(&whole[done..prompt.len()], false));
            pieces.push(piece(&whole[prompt.len()..answered.len()], true));
            done = answered.len();
        }
        pieces.push(piece(&whole[done..], false));
        Ok(Rendered { pieces })
    }

    fn apply(&self, tools: &[Tool], messages: &[Message], prompted: bool) -> Result<String, RenderError> {
        let turns: Vec<Value> = messages
            .iter()
            .map(|message| turn(message, tools, &self.guards))
            .collect();
        let told: Option<Vec<Value>> =
            (!tools.is_empty()).then(|| tools.iter().map(|it| tool(it, &self.guards)).collect());
        let values = context! {
            messages => turns,
            tools => told,
            add_generation_prompt => prompted,
            bos_token => TEXT_END,
            eos_token => TURN_END,
        };
        Ok(self.environment.get_template(NAME)?.render(values)?)
    }
}

fn piece(text: &str, target: bool) -> Piece {
    Piece {
        text: text.to_owned(),
        target,
    }
}

#[cfg(test)]
mod tests;
