//! Inference of a sandbox as Spin has it (`fermyon:spin/llm@2.0.0`).
