//! What a graph must take and give, to be one that embeds texts.

use crate::{Element, Header, Port, bert};

/// An output of this name is a vector for each text already.
const SENTENCE: &str = "sentence_embedding";

/// Whether the graph reads identifiers and gives vectors; what is wrong otherwise.
pub fn check(header: &Header) -> Result<(), String> {
    for input in &header.inputs {
        if !bert::INPUTS.contains(&input.name.as_str()) {
            let known = bert::INPUTS.join(", ");
            return Err(format!("it takes `{}`: only {known} are known", input.name));
        }
        if input.element != Some(Element::I64) {
            return Err(format!("its input `{}` is not I64", input.name));
        }
    }
    if !header.inputs.iter().any(|input| input.name == bert::INPUTS[0]) {
        return Err(format!("it does not take `{}`", bert::INPUTS[0]));
    }
    output_of(header).map(drop)
}

/// The name of the output that has the vectors: of texts, else of tokens, to be averaged.
pub fn output_of(header: &Header) -> Result<&str, String> {
    let sides = |port: &Port| port.sides.as_ref().map_or(0, Vec::len);
    let floats = || {
        header
            .outputs
            .iter()
            .filter(|output| output.element == Some(Element::F32))
    };
    floats()
        .find(|output| output.name == SENTENCE && sides(output) == 2)
        .or_else(|| floats().find(|output| output.name == bert::OUTPUT))
        .or_else(|| floats().find(|output| sides(output) == 3))
        .map(|output| output.name.as_str())
        .ok_or_else(|| "it gives no FP32 tensor of batch, sequence and width".to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn port(name: &str, element: Element, sides: usize) -> Port {
        Port {
            name: name.to_owned(),
            element: Some(element),
            sides: Some(vec![None; sides]),
        }
    }

    #[test]
    fn an_encoder_is_told_by_its_ports() {
        let ids = || {
            vec![
                port("input_ids", Element::I64, 2),
                port("attention_mask", Element::I64, 2),
            ]
        };
        let states = || port("hidden", Element::F32, 3);
        let header = |inputs, outputs| Header {
            inputs,
            outputs,
            ..Header::default()
        };
        let pooled = port(SENTENCE, Element::F32, 2);
        assert_eq!(output_of(&header(ids(), vec![states(), pooled])), Ok(SENTENCE));
        let logits = port("logits", Element::F32, 2);
        assert_eq!(
            output_of(&header(ids(), vec![logits.clone(), states()])),
            Ok("hidden")
        );
        let cases = [
            (
                header(vec![port("pixels", Element::F32, 4)], vec![states()]),
                "`pixels`",
            ),
            (
                header(vec![port("input_ids", Element::I32, 2)], vec![states()]),
                "not I64",
            ),
            (header(Vec::new(), vec![states()]), "does not take"),
            (header(ids(), vec![logits]), "gives no FP32"),
        ];
        for (header, part) in cases {
            let wrong = check(&header).expect_err("is no encoder");
            assert!(wrong.contains(part), "{wrong}");
        }
    }
}
