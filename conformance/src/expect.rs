//! Matchers: what a case expects of an answer.
//!
//! A plain value must be equal; a map names the fields that matter; a list must match element by element. A map whose
//! only key begins with `$` is a matcher of its own (see [`Matcher::operator`]).

use serde_json::{Map, Value};

/// The first difference between what was expected and what came.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Mismatch {
    /// Where in the answer.
    pub(crate) path: String,
    /// What the case expects there.
    pub(crate) expected: String,
    /// What stands there.
    pub(crate) actual: String,
}

/// Matches `actual` against `pattern`; values under `$save` are returned by name.
pub(crate) fn matches(pattern: &Value, actual: &Value) -> Result<Map<String, Value>, Mismatch> {
    let mut matcher = Matcher { saved: Map::new() };
    matcher.value("", pattern, Some(actual))?;
    Ok(matcher.saved)
}

struct Matcher {
    saved: Map<String, Value>,
}

impl Matcher {
    fn value(&mut self, path: &str, pattern: &Value, actual: Option<&Value>) -> Result<(), Mismatch> {
        if let Some((operator, argument)) = operator(pattern) {
            return self.operator(path, operator, argument, actual);
        }
        let Some(actual) = actual else { return Err(mismatch(path, pattern, None)) };
        match (pattern, actual) {
            (Value::Object(fields), Value::Object(found)) => {
                for (name, pattern) in fields {
                    self.value(&format!("{path}.{name}"), pattern, found.get(name))?;
                }
                Ok(())
            }
            (Value::Array(patterns), Value::Array(found)) => {
                if patterns.len() != found.len() {
                    let expected = format!("{} elements", patterns.len());
                    return Err(mismatch_text(path, expected, Some(actual)));
                }
                for (index, (pattern, found)) in patterns.iter().zip(found).enumerate() {
                    self.value(&format!("{path}[{index}]"), pattern, Some(found))?;
                }
                Ok(())
            }
            _ if equal(pattern, actual) => Ok(()),
            _ => Err(mismatch(path, pattern, Some(actual))),
        }
    }

    /// - `$any: true`: anything that is there · `$absent: true`: nothing there, or null
    /// - `$gt`, `$gte`, `$lt`, `$lte`: numbers · `$len`: length of a list, text or map
    /// - `$not`: anything the inner pattern does not match · `$one_of`: any of the patterns · `$and`: all of them
    /// - `$contains`: each pattern matches some element · `$unordered`: the elements in any order, none left over
    /// - `$text`: a text that contains this one
    /// - `$each`: the pattern matches every element · `$save: name`: binds the value
    fn operator(
        &mut self,
        path: &str,
        operator: &str,
        argument: &Value,
        actual: Option<&Value>,
    ) -> Result<(), Mismatch> {
        let fail = || Err(mismatch_text(path, format!("{operator} {argument}"), actual));
        let check = |holds: bool| if holds { Ok(()) } else { fail() };
        if operator == "$absent" {
            return check(actual.is_none_or(Value::is_null) == (argument == &Value::Bool(true)));
        }
        let Some(found) = actual else { return fail() };
        let elements = found.as_array();
        let patterns = argument.as_array();
        match operator {
            "$any" => Ok(()),
            "$gt" | "$gte" | "$lt" | "$lte" => {
                let (Some(found), Some(bound)) = (found.as_f64(), argument.as_f64()) else { return fail() };
                check(match operator {
                    "$gt" => found > bound,
                    "$gte" => found >= bound,
                    "$lt" => found < bound,
                    _ => found <= bound,
                })
            }
            "$len" => {
                let length = match found {
                    Value::Array(elements) => elements.len(),
                    Value::String(text) => text.len(),
                    Value::Object(fields) => fields.len(),
                    _ => return fail(),
                };
                self.value(&format!("{path}.length"), argument, Some(&length.into()))
            }
            "$not" => check(matches(argument, found).is_err()),
            "$one_of" => {
                for pattern in patterns.into_iter().flatten() {
                    if let Ok(saved) = matches(pattern, found) {
                        self.saved.extend(saved);
                        return Ok(());
                    }
                }
                fail()
            }
            "$and" => {
                patterns.into_iter().flatten().try_for_each(|pattern| self.value(path, pattern, actual))
            }
            "$contains" => {
                let (Some(elements), Some(patterns)) = (elements, patterns) else { return fail() };
                for pattern in patterns {
                    let saved = elements.iter().find_map(|element| matches(pattern, element).ok());
                    let Some(saved) = saved else {
                        return Err(mismatch_text(path, format!("an element like {pattern}"), actual));
                    };
                    self.saved.extend(saved);
                }
                Ok(())
            }
            "$unordered" => {
                let (Some(elements), Some(patterns)) = (elements, patterns) else { return fail() };
                if elements.len() != patterns.len() {
                    return fail();
                }
                let mut left: Vec<_> = elements.iter().collect();
                for pattern in patterns {
                    let place = left.iter().position(|element| matches(pattern, element).is_ok());
                    let Some(place) = place else {
                        return Err(mismatch_text(path, format!("an element like {pattern}"), actual));
                    };
                    left.remove(place);
                }
                Ok(())
            }
            "$text" => {
                let (Some(found), Some(part)) = (found.as_str(), argument.as_str()) else { return fail() };
                check(found.contains(part))
            }
            "$each" => {
                let Some(elements) = elements else { return fail() };
                elements.iter().enumerate().try_for_each(|(index, element)| {
                    self.value(&format!("{path}[{index}]"), argument, Some(element))
                })
            }
            "$save" => {
                let Some(name) = argument.as_str() else { return fail() };
                self.saved.insert(name.to_owned(), found.clone());
                Ok(())
            }
            _ => Err(mismatch_text(path, format!("a known matcher, not {operator}"), actual)),
        }
    }
}

fn operator(pattern: &Value) -> Option<(&str, &Value)> {
    let fields = pattern.as_object()?;
    let (name, argument) = fields.iter().next()?;
    (fields.len() == 1 && name.starts_with('$')).then_some((name.as_str(), argument))
}

fn equal(left: &Value, right: &Value) -> bool {
    left == right || matches!((left.as_f64(), right.as_f64()), (Some(left), Some(right)) if left == right)
}

fn mismatch(path: &str, expected: &Value, actual: Option<&Value>) -> Mismatch {
    mismatch_text(path, expected.to_string(), actual)
}

fn mismatch_text(path: &str, expected: String, actual: Option<&Value>) -> Mismatch {
    let path = if path.is_empty() { ".".to_owned() } else { path.to_owned() };
    let actual = actual.map_or_else(|| "nothing".to_owned(), ToString::to_string);
    Mismatch { path, expected, actual: shorten(actual) }
}

/// Answers can hold megabytes; a report needs their beginning.
pub(crate) fn shorten(mut text: String) -> String {
    const LIMIT: usize = 2_000;
    if text.len() > LIMIT {
        let end = (0..=LIMIT).rev().find(|end| text.is_char_boundary(*end)).unwrap_or(0);
        let left = text.len() - end;
        text.truncate(end);
        text.push_str(&format!("… ({left} bytes more)"));
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn holds(pattern: Value, actual: Value) -> bool {
        matches(&pattern, &actual).is_ok()
    }

    #[test]
    fn maps_name_what_matters_and_lists_are_exact() {
        assert!(holds(json!({"a": 1}), json!({"a": 1, "b": 2})));
        assert!(!holds(json!({"a": 1, "b": 3}), json!({"a": 1, "b": 2})));
        assert!(!holds(json!([1]), json!([1, 2])));
        assert!(!holds(json!({"a": null}), json!({})));
    }

    #[test]
    fn each_matcher_can_fail() {
        for (pattern, good, bad) in [
            (json!({"a": {"$absent": true}}), json!({"a": null}), json!({"a": 1})),
            (json!({"a": {"$any": true}}), json!({"a": 1}), json!({})),
            (json!({"$gte": 2}), json!(2), json!(1)),
            (json!({"$gt": 2}), json!(3), json!(2)),
            (json!({"$lt": 2}), json!(1), json!(2)),
            (json!({"$lte": 2}), json!(2), json!(3)),
            (json!({"$len": 2}), json!([1, 2]), json!([1])),
            (json!({"$len": {"$gt": 1}}), json!([1, 2]), json!([1])),
            (json!({"$not": 1}), json!(2), json!(1)),
            (json!({"$one_of": [1, 2]}), json!(2), json!(3)),
            (json!({"$and": [{"$gt": 1}, {"$lt": 3}]}), json!(2), json!(3)),
            (json!({"$contains": [{"a": 1}]}), json!([{"a": 2}, {"a": 1}]), json!([{"a": 2}])),
            (json!({"$unordered": [1, 2]}), json!([2, 1]), json!([2, 2])),
            (json!({"$text": "b c"}), json!("a b c"), json!("a bc")),
            (json!({"$each": {"$gt": 0}}), json!([1, 2]), json!([1, 0])),
            (json!({"$unheard": 1}), json!(null), json!(1)),
        ] {
            if pattern.get("$unheard").is_none() {
                assert!(holds(pattern.clone(), good.clone()), "{pattern} takes {good}");
            }
            assert!(!holds(pattern.clone(), bad.clone()), "{pattern} refuses {bad}");
        }
    }

    #[test]
    fn saved_values_come_back_by_name() {
        let saved = matches(&json!({"a": [{"$save": "first"}]}), &json!({"a": [7]}));
        assert_eq!(saved.ok().and_then(|saved| saved.get("first").cloned()), Some(json!(7)));
    }

    #[test]
    fn mismatch_names_its_place() {
        let mismatch = matches(&json!({"a": [{"b": 1}]}), &json!({"a": [{"b": 2}]})).unwrap_err();
        assert_eq!((mismatch.path.as_str(), mismatch.expected.as_str()), (".a[0].b", "1"));
        assert_eq!(mismatch.actual, "2");
    }
}
