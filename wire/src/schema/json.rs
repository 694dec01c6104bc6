//! The JSON form of a value tree: Kafka's own field names, bytes in base64, uuids in Kafka's base64url form.

use std::fmt;

use super::value::{StructValue, Value};
use crate::uuid_text;

impl fmt::Display for Value {
    /// One line of JSON; `{:#}` gives an indented form.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let pretty = f.alternate();
        Writer { out: f, pretty, depth: 0 }.value(self)
    }
}

struct Writer<'a, 'b> {
    out: &'a mut fmt::Formatter<'b>,
    pretty: bool,
    depth: usize,
}

impl Writer<'_, '_> {
    fn value(&mut self, value: &Value) -> fmt::Result {
        match value {
            Value::Null => self.out.write_str("null"),
            Value::Bool(value) => write!(self.out, "{value}"),
            Value::Int(value) => write!(self.out, "{value}"),
            Value::Float(value) if value.is_finite() => write!(self.out, "{value:?}"),
            // JSON has no such numbers.
            Value::Float(value) => write!(self.out, "\"{value:?}\""),
            Value::Uuid(uuid) => write!(self.out, "\"{}\"", uuid_text::to_text(*uuid)),
            Value::String(text) => self.string(text),
            Value::Bytes(bytes) => write!(self.out, "\"{}\"", base64(bytes)),
            Value::Array(elements) => {
                self.sequence('[', ']', elements.len(), |writer, index| writer.value(&elements[index]))
            }
            Value::Struct(structure) => self.structure(structure),
        }
    }

    fn structure(&mut self, structure: &StructValue) -> fmt::Result {
        let fields: Vec<_> = structure.iter().collect();
        let unknown = &structure.unknown_tagged_fields;
        let len = fields.len() + usize::from(!unknown.is_empty());
        self.sequence('{', '}', len, |writer, index| match fields.get(index) {
            Some((name, value)) => {
                writer.name(name)?;
                writer.value(value)
            }
            None => {
                writer.name("_unknownTaggedFields")?;
                writer.sequence('{', '}', unknown.len(), |writer, index| {
                    let (tag, bytes) = &unknown[index];
                    writer.name(&tag.to_string())?;
                    write!(writer.out, "\"{}\"", base64(bytes))
                })
            }
        })
    }

    fn sequence(
        &mut self,
        open: char,
        close: char,
        len: usize,
        mut item: impl FnMut(&mut Self, usize) -> fmt::Result,
    ) -> fmt::Result {
        write!(self.out, "{open}")?;
        self.depth += 1;
        for index in 0..len {
            if index > 0 {
                self.out.write_str(",")?;
            }
            self.new_line()?;
            item(self, index)?;
        }
        self.depth -= 1;
        if len > 0 {
            self.new_line()?;
        }
        write!(self.out, "{close}")
    }

    fn new_line(&mut self) -> fmt::Result {
        if self.pretty { write!(self.out, "\n{:1$}", "", self.depth * 2) } else { Ok(()) }
    }

    fn name(&mut self, name: &str) -> fmt::Result {
        self.string(name)?;
        self.out.write_str(if self.pretty { ": " } else { ":" })
    }

    fn string(&mut self, text: &str) -> fmt::Result {
        self.out.write_str("\"")?;
        for letter in text.chars() {
            match letter {
                '"' => self.out.write_str("\\\"")?,
                '\\' => self.out.write_str("\\\\")?,
                '\n' => self.out.write_str("\\n")?,
                '\r' => self.out.write_str("\\r")?,
                '\t' => self.out.write_str("\\t")?,
                // Also DEL and the C1 controls: a peer's text must not drive a terminal.
                letter if letter.is_control() => write!(self.out, "\\u{:04x}", letter as u32)?,
                letter => write!(self.out, "{letter}")?,
            }
        }
        self.out.write_str("\"")
    }
}

const STANDARD: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

fn base64(bytes: &[u8]) -> String {
    let mut text = String::with_capacity(bytes.len().div_ceil(3) * 4);
    for chunk in bytes.chunks(3) {
        let [a, b, c] = [chunk[0], chunk.get(1).copied().unwrap_or(0), chunk.get(2).copied().unwrap_or(0)];
        let group = u32::from_be_bytes([0, a, b, c]);
        for place in 0..4 {
            if place <= chunk.len() {
                text.push(char::from(STANDARD[(group >> (18 - 6 * place) & 0x3f) as usize]));
            } else {
                text.push('=');
            }
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;
    use kafka_protocol::protocol::StrBytes;

    #[test]
    fn base64_pads_as_the_standard_says() {
        let text = |bytes: &[u8]| base64(bytes);
        assert_eq!(
            [text(b""), text(b"f"), text(b"fo"), text(b"foo"), text(b"foob")],
            ["", "Zg==", "Zm8=", "Zm9v", "Zm9vYg=="]
        );
    }

    #[test]
    fn control_characters_are_escaped() {
        let value = Value::String(StrBytes::from_static_str("a\u{1b}[2J\"\n\u{9b}"));
        assert_eq!(value.to_string(), r#""a\u001b[2J\"\n\u009b""#);
    }

    #[test]
    fn the_indented_form_puts_a_field_on_each_line() {
        let mut structure = StructValue::new();
        structure.set("a", Value::Array(vec![Value::Int(1)])).set("b", Value::Null);
        let value = Value::Struct(structure);
        assert_eq!(value.to_string(), r#"{"a":[1],"b":null}"#);
        assert_eq!(format!("{value:#}"), "{\n  \"a\": [\n    1\n  ],\n  \"b\": null\n}");
    }
}
