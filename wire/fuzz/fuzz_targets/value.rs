//! Value trees: the first two bytes choose a message, the third its version, the rest is the body.
#![no_main]

use bytes::Bytes;
use libfuzzer_sys::fuzz_target;
use ottla_wire::{
    guard,
    schema::{
        self,
        value::{self, Value},
    },
};

fuzz_target!(|data: &[u8]| {
    let Some(([high, low, version], body)) = data.split_first_chunk() else { return };
    let messages = schema::messages();
    let message = &messages[usize::from(u16::from_be_bytes([*high, *low])) % messages.len()];
    let version = i16::from(*version);
    let body = Bytes::copy_from_slice(body);
    let guarded = guard::check_message(message, version, &body);
    let decoded = value::decode(message, version, &body);
    assert_eq!(guarded.is_ok(), decoded.is_ok(), "guard and tree disagree");
    if let Ok(tree) = decoded {
        let text = tree.to_string();
        serde_json::from_str::<serde_json::Value>(&text).expect("the tree's text is JSON");
        let Value::Struct(tree) = tree else { panic!("a message is a struct") };
        let again = value::encode(message, version, &tree).expect("what was decoded can be encoded");
        let Ok(Value::Struct(tree)) = value::decode(message, version, &again) else {
            panic!("what was encoded can be decoded")
        };
        assert_eq!(value::encode(message, version, &tree).as_ref(), Ok(&again));
    }
});
