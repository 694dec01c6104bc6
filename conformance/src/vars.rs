//! Variables of a case: `${path}` and small integer expressions inside its steps.

use serde_json::{Map, Value};

/// The names a case can use.
#[derive(Clone, Debug, Default)]
pub(crate) struct Vars {
    names: Map<String, Value>,
}

impl Vars {
    /// Binds a name, in place of an earlier value.
    pub(crate) fn set(&mut self, name: &str, value: impl Into<Value>) {
        self.names.insert(name.to_owned(), value.into());
    }

    /// `value` with all variables replaced. A string that is nothing but one `${…}` takes the variable's own type,
    /// unless it is written `${…:text}`.
    ///
    /// An element of a list that has the key `$times` becomes that many elements, each with its own `${i}`.
    pub(crate) fn fill(&self, value: &Value) -> Result<Value, String> {
        Ok(match value {
            Value::String(text) => self.fill_text(text)?,
            Value::Array(elements) => {
                let mut filled = Vec::with_capacity(elements.len());
                for element in elements {
                    self.fill_element(element, &mut filled)?;
                }
                Value::Array(filled)
            }
            Value::Object(fields) => {
                let mut filled = Map::with_capacity(fields.len());
                for (name, value) in fields {
                    let name = match self.fill_text(name)? {
                        Value::String(name) => name,
                        other => other.to_string(),
                    };
                    filled.insert(name, self.fill(value)?);
                }
                Value::Object(filled)
            }
            other => other.clone(),
        })
    }

    fn fill_element(&self, element: &Value, filled: &mut Vec<Value>) -> Result<(), String> {
        let Some(times) = element.get("$times") else {
            filled.push(self.fill(element)?);
            return Ok(());
        };
        let times = self.fill(times)?.as_u64().ok_or("$times takes a count")?;
        let mut template = element.clone();
        if let Some(fields) = template.as_object_mut() {
            fields.remove("$times");
        }
        let mut inner = self.clone();
        for index in 0..times {
            inner.set("i", index);
            filled.push(inner.fill(&template)?);
        }
        Ok(())
    }

    fn fill_text(&self, text: &str) -> Result<Value, String> {
        let mut out = String::new();
        let mut rest = text;
        while let Some(start) = rest.find("${") {
            let end =
                rest[start..].find('}').ok_or_else(|| format!("unclosed variable in {text:?}"))? + start;
            let expression = &rest[start + 2..end];
            let value = match expression.strip_suffix(":text") {
                Some(expression) => match self.evaluate(expression)? {
                    Value::String(text) => Value::String(text),
                    other => Value::String(other.to_string()),
                },
                None => self.evaluate(expression)?,
            };
            if start == 0 && end + 1 == text.len() {
                return Ok(value);
            }
            out.push_str(&rest[..start]);
            match value {
                Value::String(part) => out.push_str(&part),
                other => out.push_str(&other.to_string()),
            }
            rest = &rest[end + 1..];
        }
        out.push_str(rest);
        Ok(Value::String(out))
    }

    /// `term (op term)*`, from left to right, no precedence.
    fn evaluate(&self, expression: &str) -> Result<Value, String> {
        let (mut term, mut rest) = split_term(expression);
        let mut value = self.term(term)?;
        while let Some(operator) = rest.chars().next() {
            (term, rest) = split_term(&rest[1..]);
            let (left, right) = (value.as_i64(), self.term(term)?.as_i64());
            let result = match (left, right) {
                (Some(left), Some(right)) => match operator {
                    '+' => left.checked_add(right),
                    '-' => left.checked_sub(right),
                    '*' => left.checked_mul(right),
                    _ => left.checked_rem(right),
                },
                _ => None,
            };
            value = result.ok_or_else(|| format!("cannot compute {expression:?}"))?.into();
        }
        Ok(value)
    }

    fn term(&self, term: &str) -> Result<Value, String> {
        let term = term.trim();
        if let Ok(number) = term.parse::<i64>() {
            return Ok(number.into());
        }
        let mut parts = term.split('.');
        let first = parts.next().unwrap_or_default();
        let mut value = self.names.get(first).ok_or_else(|| format!("no variable {first:?}"))?;
        for part in parts {
            let inner = match part.parse::<usize>() {
                Ok(index) => value.get(index),
                Err(_) => value.get(part),
            };
            value = inner.ok_or_else(|| format!("no {part:?} in variable {term:?}"))?;
        }
        Ok(value.clone())
    }
}

fn split_term(expression: &str) -> (&str, &str) {
    let end = expression.find(['+', '-', '*', '%']).unwrap_or(expression.len());
    expression.split_at(end)
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn vars() -> Vars {
        let mut vars = Vars::default();
        vars.set("t", "topic-7");
        vars.set("sent", json!({"results": [{"offset": 41}]}));
        vars
    }

    #[test]
    fn lone_variable_keeps_its_type_and_others_become_text() {
        let vars = vars();
        assert_eq!(vars.fill(&json!("${sent.results.0.offset}")), Ok(json!(41)));
        assert_eq!(vars.fill(&json!("${sent.results.0.offset:text}")), Ok(json!("41")));
        assert_eq!(vars.fill(&json!("${sent.results.0.offset+1}")), Ok(json!(42)));
        assert_eq!(vars.fill(&json!("a-${t}-${3*4%5}")), Ok(json!("a-topic-7-2")));
    }

    #[test]
    fn times_repeats_an_element_with_its_index() {
        let filled = vars().fill(&json!([{"$times": 3, "topic": "${t}", "partition": "${i%2}"}]));
        let one = |partition: i64| json!({"topic": "topic-7", "partition": partition});
        assert_eq!(filled, Ok(json!([one(0), one(1), one(0)])));
    }

    #[test]
    fn unknown_names_are_errors() {
        assert!(vars().fill(&json!("${nobody}")).is_err());
        assert!(vars().fill(&json!("${sent.nothing}")).is_err());
        assert!(vars().fill(&json!("${t+1}")).is_err());
    }
}
