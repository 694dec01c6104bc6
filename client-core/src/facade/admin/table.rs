//! The admin client's surface as data: operations, their parameters and results, the types in them.
//!
//! The rows are made by the same macros as the Rust types that are read from and written to JSON ([`super::shape`]), so
//! that neither can say anything else. Bindings generate their methods and types from here, documentation its pages.
//!
//! How values look in JSON:
//!
//! | type | JSON |
//! |---|---|
//! | [`Type::Unit`] | `null` |
//! | [`Type::Bool`], [`Type::Text`] | themselves |
//! | [`Type::I16`], [`Type::I32`], [`Type::I64`] | a number; an `I64` argument may be decimal text, too |
//! | [`Type::Duration`] | whole milliseconds, not negative |
//! | [`Type::List`] | an array |
//! | [`Type::Map`] | an object; its keys are texts |
//! | [`Type::Optional`] | `null` (or left out of an object, in arguments), or the value |
//! | [`Type::Struct`] | an object with every field; in arguments those with a default may be left out |
//! | [`Type::Enum`] | one of its words |
//! | [`Type::Error`] | what [`crate::facade::error_json`] says |
//! | [`Type::Results`] | an array of `{"key": …, "value": …}` or `{"key": …, "error": …}`, one for each item |

use std::collections::BTreeMap;

/// What a value is.
#[derive(Clone, Copy, Debug)]
pub enum Type {
    /// Nothing.
    Unit,
    /// True or false.
    Bool,
    /// A whole number of 16 bits.
    I16,
    /// A whole number of 32 bits.
    I32,
    /// A whole number of 64 bits.
    I64,
    /// Unicode text.
    Text,
    /// A span of time, to the millisecond.
    Duration,
    /// Any number of these.
    List(&'static Type),
    /// These by name.
    Map(&'static Type),
    /// This or nothing.
    Optional(&'static Type),
    /// A record of named fields.
    Struct(&'static StructRow),
    /// One of several words.
    Enum(&'static EnumRow),
    /// An error told as a value.
    Error,
    /// What became of each item of a call: by its key, a value or an error.
    Results(&'static Type, &'static Type),
}

/// A field of a struct, or a parameter of an operation.
#[derive(Clone, Copy, Debug)]
pub struct Field {
    /// Its name, in snake case. A span of time is named without a unit: a language whose times are numbers adds one.
    pub name: &'static str,
    /// What it is.
    pub value_type: Type,
    /// What it is when it is left out, as JSON text; `None` when it must be given.
    pub default: Option<&'static str>,
    /// What it means.
    pub doc: &'static str,
}

/// A type with fields.
#[derive(Clone, Copy, Debug)]
pub struct StructRow {
    /// Its name, in Pascal case.
    pub name: &'static str,
    /// What it is.
    pub doc: &'static str,
    /// Its fields, in the order to show them; those without a default come first.
    pub fields: &'static [Field],
    /// Whether it is made by callers, too; else it comes in results only.
    pub is_argument: bool,
}

/// One of several words.
#[derive(Clone, Copy, Debug)]
pub struct EnumRow {
    /// Its name, in Pascal case.
    pub name: &'static str,
    /// What it is.
    pub doc: &'static str,
    /// Its words, in upper case.
    pub values: &'static [EnumValue],
}

/// A word of an enumeration.
#[derive(Clone, Copy, Debug)]
pub struct EnumValue {
    /// The word: `EARLIEST_LOCAL`.
    pub name: &'static str,
    /// What it means.
    pub doc: &'static str,
}

/// An operation of the admin client.
#[derive(Clone, Copy, Debug)]
pub struct OperationRow {
    /// Its name, in snake case.
    pub name: &'static str,
    /// What it does.
    pub doc: &'static str,
    /// Which errors to expect, of the call or of its items.
    pub errors: &'static str,
    /// Which requests of Kafka's protocol it sends, and which KIPs say what they mean.
    pub source: &'static str,
    /// Its parameters, in the order to show them; those that must be given come first.
    pub parameters: &'static [Field],
    /// What it gives.
    pub result: Type,
}

/// Every operation, in the order to show them.
pub fn operations() -> Vec<&'static OperationRow> {
    super::entries().map(|entry| entry.row).collect()
}

/// Every struct that an operation takes or gives, by name.
pub fn types() -> Vec<&'static StructRow> {
    found().0
}

/// Every enumeration that an operation takes or gives, by name.
pub fn enums() -> Vec<&'static EnumRow> {
    found().1
}

fn found() -> (Vec<&'static StructRow>, Vec<&'static EnumRow>) {
    let mut structs = BTreeMap::new();
    let mut enums = BTreeMap::new();
    for row in operations() {
        row.parameters.iter().for_each(|field| collect(&field.value_type, &mut structs, &mut enums));
        collect(&row.result, &mut structs, &mut enums);
    }
    (structs.into_values().collect(), enums.into_values().collect())
}

fn collect(
    value_type: &Type,
    structs: &mut BTreeMap<&'static str, &'static StructRow>,
    enums: &mut BTreeMap<&'static str, &'static EnumRow>,
) {
    match value_type {
        Type::List(inner) | Type::Map(inner) | Type::Optional(inner) => collect(inner, structs, enums),
        Type::Results(key, value) => {
            collect(key, structs, enums);
            collect(value, structs, enums);
        }
        Type::Struct(row) => {
            structs.insert(row.name, row);
            row.fields.iter().for_each(|field| collect(&field.value_type, structs, enums));
        }
        Type::Enum(row) => {
            enums.insert(row.name, row);
        }
        Type::Unit
        | Type::Bool
        | Type::I16
        | Type::I32
        | Type::I64
        | Type::Text
        | Type::Duration
        | Type::Error => {}
    }
}
