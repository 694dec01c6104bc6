//! Any message of any version as a tree, decoded and encoded along its schema.
//!
//! For what the typed messages lack (streams groups, records of internal logs) and for showing a frame to a person.
//! Too slow for hot paths. The tree is what stood on the wire: a tagged field that was left out is absent.

use bytes::{BufMut, Bytes, BytesMut};
use kafka_protocol::protocol::StrBytes;
use uuid::Uuid;

use super::{Default as FieldDefault, Fault, Field, Message, Reader, Struct, Type};
use crate::{
    guard::{self, GuardError},
    varint::put_unsigned_varint,
};

/// A value of any type of the protocol.
#[derive(Debug, Clone, PartialEq)]
pub enum Value {
    /// Null string, bytes, array or struct.
    Null,
    /// `bool`.
    Bool(bool),
    /// Any integer type.
    Int(i64),
    /// `float64`.
    Float(f64),
    /// `uuid`.
    Uuid(Uuid),
    /// `string`.
    String(StrBytes),
    /// `bytes` or `records`.
    Bytes(Bytes),
    /// An array.
    Array(Vec<Value>),
    /// A struct.
    Struct(StructValue),
}

/// The fields of a struct, in the order of its schema.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct StructValue {
    fields: Vec<(&'static str, Value)>,
    /// Tagged fields the schema does not know, by ascending tag.
    pub unknown_tagged_fields: Vec<(u32, Bytes)>,
}

impl StructValue {
    /// No fields.
    pub fn new() -> Self {
        Self::default()
    }

    /// The field named `name`, if present.
    pub fn get(&self, name: &str) -> Option<&Value> {
        self.fields.iter().find(|(field, _)| *field == name).map(|(_, value)| value)
    }

    /// Sets a field, in place of an earlier value.
    pub fn set(&mut self, name: &'static str, value: Value) -> &mut Self {
        match self.fields.iter_mut().find(|(field, _)| *field == name) {
            Some((_, old)) => *old = value,
            None => self.fields.push((name, value)),
        }
        self
    }

    /// The fields present.
    pub fn iter(&self) -> impl Iterator<Item = (&'static str, &Value)> {
        self.fields.iter().map(|(name, value)| (*name, value))
    }
}

impl Value {
    /// A field of a struct; `None` for an absent field and for anything but a struct.
    pub fn get(&self, name: &str) -> Option<&Value> {
        match self {
            Value::Struct(structure) => structure.get(name),
            _ => None,
        }
    }

    /// The integer, if it is one.
    pub fn as_int(&self) -> Option<i64> {
        match self {
            Value::Int(value) => Some(*value),
            _ => None,
        }
    }

    /// The text, if it is a string.
    pub fn as_str(&self) -> Option<&str> {
        match self {
            Value::String(text) => Some(text),
            _ => None,
        }
    }

    /// The elements, if it is an array.
    pub fn as_array(&self) -> Option<&[Value]> {
        match self {
            Value::Array(elements) => Some(elements),
            _ => None,
        }
    }

    fn type_name(&self) -> &'static str {
        match self {
            Value::Null => "null",
            Value::Bool(_) => "a truth value",
            Value::Int(_) => "an integer",
            Value::Float(_) => "a float",
            Value::Uuid(_) => "a uuid",
            Value::String(_) => "a string",
            Value::Bytes(_) => "bytes",
            Value::Array(_) => "an array",
            Value::Struct(_) => "a struct",
        }
    }
}

/// A tree that its schema cannot say.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{message} version {version}, field {field}: {reason}")]
pub struct ValueError {
    /// Kafka's name of the message.
    pub message: &'static str,
    /// The version asked for.
    pub version: i16,
    /// The field that does not fit.
    pub field: String,
    /// Why not.
    pub reason: String,
}

/// Decodes a body after the guard has accepted it; strings and bytes are slices of `body`.
pub fn decode(message: &'static Message, version: i16, body: &Bytes) -> Result<Value, GuardError> {
    guard::check_message(message, version, body)?;
    let mut decoder =
        Decoder { reader: Reader::new(body), body, version, flexible: message.is_flexible(version) };
    decoder.structure(message.root).map(Value::Struct).map_err(|fault| GuardError {
        message: message.name,
        version,
        field: "",
        position: decoder.reader.position(),
        fault,
    })
}

struct Decoder<'a> {
    reader: Reader<'a>,
    body: &'a Bytes,
    version: i16,
    flexible: bool,
}

impl Decoder<'_> {
    fn structure(&mut self, structure: &'static Struct) -> Result<StructValue, Fault> {
        let mut value = StructValue::new();
        for field in structure.fields {
            if field.tag < 0 && field.versions.contains(self.version) {
                value.fields.push((field.name, self.field(field)?));
            }
        }
        if self.flexible {
            for _ in 0..self.reader.unsigned_varint()? {
                let tag = self.reader.unsigned_varint()?;
                let size = self.reader.unsigned_varint()? as usize;
                match tagged_field(structure, tag, self.version) {
                    Some(field) => value.fields.push((field.name, self.field(field)?)),
                    None => {
                        let bytes = self.body.slice_ref(self.reader.take(size)?);
                        value.unknown_tagged_fields.push((tag, bytes));
                    }
                }
            }
        }
        Ok(value)
    }

    fn field(&mut self, field: &'static Field) -> Result<Value, Fault> {
        let nullable = field.nullable.contains(self.version);
        self.value(&field.kind, self.flexible && !field.never_flexible, nullable)
    }

    fn value(&mut self, kind: &'static Type, flexible: bool, nullable: bool) -> Result<Value, Fault> {
        Ok(match kind {
            Type::Bool => Value::Bool(self.reader.i8()? != 0),
            Type::Int8 => Value::Int(self.reader.i8()?.into()),
            Type::Int16 => Value::Int(self.reader.i16()?.into()),
            Type::Uint16 => Value::Int(u16::from_be_bytes(self.reader.array()?).into()),
            Type::Int32 => Value::Int(self.reader.i32()?.into()),
            Type::Uint32 => Value::Int(u32::from_be_bytes(self.reader.array()?).into()),
            Type::Int64 => Value::Int(self.reader.i64()?),
            Type::Float64 => Value::Float(f64::from_be_bytes(self.reader.array()?)),
            Type::Uuid => Value::Uuid(Uuid::from_bytes(self.reader.array()?)),
            Type::String => match self.reader.text(flexible)? {
                Some(text) => {
                    let bytes = self.body.slice_ref(text.as_bytes());
                    Value::String(StrBytes::from_utf8(bytes).map_err(|_| Fault::NotUtf8)?)
                }
                None => Value::Null,
            },
            Type::Bytes | Type::Records => match self.reader.bytes(flexible)? {
                Some(bytes) => Value::Bytes(self.body.slice_ref(bytes)),
                None => Value::Null,
            },
            Type::Array(element) => {
                match self.reader.count(flexible, element.min_size(self.version, flexible))? {
                    Some(count) => {
                        let elements = (0..count).map(|_| self.value(element, flexible, false));
                        Value::Array(elements.collect::<Result<_, _>>()?)
                    }
                    None => Value::Null,
                }
            }
            Type::Struct(_) if nullable && !self.reader.presence()? => Value::Null,
            Type::Struct(structure) => Value::Struct(self.structure(structure)?),
        })
    }
}

fn tagged_field(structure: &'static Struct, tag: u32, version: i16) -> Option<&'static Field> {
    let mut fields = structure.fields.iter();
    fields.find(|field| u32::try_from(field.tag) == Ok(tag) && field.versions.contains(version))
}

/// The value of a field that is absent.
pub fn default_of(field: &'static Field, version: i16) -> Value {
    match (field.default, &field.kind) {
        (FieldDefault::Null, _) => Value::Null,
        (FieldDefault::Int(value), _) => Value::Int(value),
        (FieldDefault::Bool(value), _) => Value::Bool(value),
        (FieldDefault::Empty, Type::Bool) => Value::Bool(false),
        (FieldDefault::Empty, Type::Float64) => Value::Float(0.0),
        (FieldDefault::Empty, Type::Uuid) => Value::Uuid(Uuid::nil()),
        (FieldDefault::Empty, Type::String) => Value::String(StrBytes::new()),
        (FieldDefault::Empty, Type::Bytes | Type::Records) => Value::Bytes(Bytes::new()),
        (FieldDefault::Empty, Type::Array(_)) => Value::Array(Vec::new()),
        (FieldDefault::Empty, Type::Struct(structure)) => Value::Struct(default_struct(structure, version)),
        (FieldDefault::Empty, _) => Value::Int(0),
    }
}

/// The struct of defaults that a tagged field is compared with. Tagged fields within stay absent.
pub fn default_struct(structure: &'static Struct, version: i16) -> StructValue {
    let fields = structure.fields.iter();
    let fields = fields.filter(|field| field.tag < 0 && field.versions.contains(version));
    StructValue {
        fields: fields.map(|field| (field.name, default_of(field, version))).collect(),
        unknown_tagged_fields: Vec::new(),
    }
}

/// Encodes a tree. Absent fields take their default; tagged fields that hold it are left out, as Kafka does.
///
/// Refuses a field that the version lacks unless it holds its default, and a name the schema lacks.
pub fn encode(message: &'static Message, version: i16, value: &StructValue) -> Result<Bytes, ValueError> {
    let mut encoder = Encoder {
        buffer: BytesMut::new(),
        message,
        version,
        flexible: message.is_flexible(version),
        path: Vec::new(),
    };
    if !message.versions.contains(version) {
        return Err(encoder.error("there is no schema for this version"));
    }
    encoder.structure(message.root, value)?;
    Ok(encoder.buffer.freeze())
}

struct Encoder {
    buffer: BytesMut,
    message: &'static Message,
    version: i16,
    flexible: bool,
    path: Vec<&'static str>,
}

impl Encoder {
    fn error(&self, reason: impl Into<String>) -> ValueError {
        ValueError {
            message: self.message.name,
            version: self.version,
            field: self.path.join("."),
            reason: reason.into(),
        }
    }

    fn structure(&mut self, structure: &'static Struct, value: &StructValue) -> Result<(), ValueError> {
        for (name, value) in &value.fields {
            let Some(field) = structure.fields.iter().find(|field| field.name == *name) else {
                return Err(self.error(format!("there is no field {name}")));
            };
            if !field.versions.contains(self.version) && *value != default_of(field, self.version) {
                return Err(self.error(format!("this version has no field {name}")));
            }
        }
        for field in structure.fields {
            if field.tag < 0 && field.versions.contains(self.version) {
                match value.get(field.name) {
                    Some(value) => self.field(field, value)?,
                    None => self.field(field, &default_of(field, self.version))?,
                }
            }
        }
        if self.flexible { self.tagged_fields(structure, value) } else { Ok(()) }
    }

    fn tagged_fields(&mut self, structure: &'static Struct, value: &StructValue) -> Result<(), ValueError> {
        let mut tagged = Vec::new();
        for field in structure.fields {
            if let Ok(tag) = u32::try_from(field.tag)
                && field.versions.contains(self.version)
                && let Some(value) = value.get(field.name)
                && *value != default_of(field, self.version)
            {
                let outer = std::mem::take(&mut self.buffer);
                let encoded = self.field(field, value);
                let bytes = std::mem::replace(&mut self.buffer, outer).freeze();
                encoded?;
                tagged.push((tag, bytes));
            }
        }
        tagged.extend(value.unknown_tagged_fields.iter().cloned());
        tagged.sort_by_key(|(tag, _)| *tag);
        if tagged.windows(2).any(|pair| pair[0].0 == pair[1].0) {
            return Err(self.error("a tag repeats"));
        }
        self.put_unsigned_varint(tagged.len())?;
        for (tag, bytes) in tagged {
            self.put_unsigned_varint(tag as usize)?;
            self.put_unsigned_varint(bytes.len())?;
            self.buffer.put_slice(&bytes);
        }
        Ok(())
    }

    fn field(&mut self, field: &'static Field, value: &Value) -> Result<(), ValueError> {
        self.path.push(field.name);
        let nullable = field.nullable.contains(self.version);
        self.value(&field.kind, self.flexible && !field.never_flexible, nullable, value)?;
        self.path.pop();
        Ok(())
    }

    fn value(
        &mut self,
        kind: &'static Type,
        flexible: bool,
        nullable: bool,
        value: &Value,
    ) -> Result<(), ValueError> {
        if *value == Value::Null && !nullable {
            return Err(self.error("null is not allowed here"));
        }
        match (kind, value) {
            (Type::Bool, Value::Bool(value)) => self.buffer.put_u8(u8::from(*value)),
            (Type::Int8, Value::Int(value)) => self.buffer.put_i8(self.narrow(*value)?),
            (Type::Int16, Value::Int(value)) => self.buffer.put_i16(self.narrow(*value)?),
            (Type::Uint16, Value::Int(value)) => self.buffer.put_u16(self.narrow(*value)?),
            (Type::Int32, Value::Int(value)) => self.buffer.put_i32(self.narrow(*value)?),
            (Type::Uint32, Value::Int(value)) => self.buffer.put_u32(self.narrow(*value)?),
            (Type::Int64, Value::Int(value)) => self.buffer.put_i64(*value),
            (Type::Float64, Value::Float(value)) => self.buffer.put_f64(*value),
            (Type::Uuid, Value::Uuid(value)) => self.buffer.put_slice(value.as_bytes()),
            (Type::String, Value::Null) => self.put_length16(None, flexible)?,
            (Type::String, Value::String(text)) => {
                self.put_length16(Some(text.len()), flexible)?;
                self.buffer.put_slice(text.as_bytes());
            }
            (Type::Bytes | Type::Records | Type::Array(_), Value::Null) => {
                self.put_length32(None, flexible)?;
            }
            (Type::Bytes | Type::Records, Value::Bytes(bytes)) => {
                self.put_length32(Some(bytes.len()), flexible)?;
                self.buffer.put_slice(bytes);
            }
            (Type::Array(element), Value::Array(elements)) => {
                self.put_length32(Some(elements.len()), flexible)?;
                for value in elements {
                    self.value(element, flexible, false, value)?;
                }
            }
            (Type::Struct(_), Value::Null) => self.buffer.put_i8(-1),
            (Type::Struct(structure), Value::Struct(value)) => {
                if nullable {
                    self.buffer.put_i8(1);
                }
                self.structure(structure, value)?;
            }
            (kind, value) => {
                return Err(self.error(format!("expected {kind:?}, found {}", value.type_name())));
            }
        }
        Ok(())
    }

    fn narrow<T: TryFrom<i64>>(&self, value: i64) -> Result<T, ValueError> {
        T::try_from(value).map_err(|_| self.error(format!("{value} is out of range")))
    }

    fn put_unsigned_varint(&mut self, value: usize) -> Result<(), ValueError> {
        let value = u32::try_from(value).map_err(|_| self.error("longer than a varint can say"))?;
        put_unsigned_varint(&mut self.buffer, value);
        Ok(())
    }

    fn put_length16(&mut self, length: Option<usize>, flexible: bool) -> Result<(), ValueError> {
        if flexible {
            return self.put_unsigned_varint(length.map_or(0, |length| length + 1));
        }
        let length = length.map_or(Ok(-1), i16::try_from);
        self.buffer.put_i16(length.map_err(|_| self.error("longer than 16 bits can say"))?);
        Ok(())
    }

    fn put_length32(&mut self, length: Option<usize>, flexible: bool) -> Result<(), ValueError> {
        if flexible {
            return self.put_unsigned_varint(length.map_or(0, |length| length + 1));
        }
        let length = length.map_or(Ok(-1), i32::try_from);
        self.buffer.put_i32(length.map_err(|_| self.error("longer than 32 bits can say"))?);
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::schema;

    #[test]
    fn absent_fields_take_their_default() {
        let message = schema::by_name("InitProducerIdRequest").unwrap();
        let bytes = encode(message, 4, &StructValue::new()).unwrap();
        let value = decode(message, 4, &bytes).unwrap();
        assert_eq!(value.get("producerId").and_then(Value::as_int), Some(-1));
        assert_eq!(value.get("transactionalId").and_then(Value::as_str), Some(""));
    }

    #[test]
    fn a_field_that_the_version_lacks_is_refused_unless_it_holds_its_default() {
        let message = schema::by_name("InitProducerIdRequest").unwrap();
        let mut value = StructValue::new();
        value.set("producerId", Value::Int(-1));
        assert!(encode(message, 0, &value).is_ok());
        value.set("producerId", Value::Int(5));
        assert!(encode(message, 0, &value).is_err());
        value.set("nonsense", Value::Int(5));
        assert!(encode(message, 4, &value).is_err());
    }

    #[test]
    fn unknown_tagged_fields_survive() {
        let message = schema::by_name("HeartbeatResponse").unwrap();
        let mut value = StructValue::new();
        value.unknown_tagged_fields.push((77, Bytes::from_static(b"new")));
        let bytes = encode(message, 4, &value).unwrap();
        let Value::Struct(decoded) = decode(message, 4, &bytes).unwrap() else { panic!() };
        assert_eq!(decoded.unknown_tagged_fields, value.unknown_tagged_fields);
    }

    #[test]
    fn numbers_out_of_range_are_refused() {
        let message = schema::by_name("HeartbeatResponse").unwrap();
        let mut value = StructValue::new();
        value.set("errorCode", Value::Int(40_000));
        assert_eq!(encode(message, 4, &value).unwrap_err().field, "errorCode");
    }
}
