//! Messages of the API as proto JSON, read and written by the descriptors that reflection serves.

use std::sync::LazyLock;

use bedrock_gateway::proto::FILE_DESCRIPTOR_SET;
use prost::Message;
use prost::Name;
use prost_reflect::DescriptorPool;
use prost_reflect::DynamicMessage;
use prost_reflect::MessageDescriptor;
use serde_json::Value;

static POOL: LazyLock<DescriptorPool> =
    LazyLock::new(|| DescriptorPool::decode(FILE_DESCRIPTOR_SET).unwrap());

/// What changes from call to call, by its name in proto JSON.
pub(crate) const VOLATILE: [&str; 6] = [
    "latency",
    "requestId",
    "startTime",
    "timeToFirstToken",
    "totalLatency",
    "upstreamRequestId",
];

fn descriptor<T: Name>() -> MessageDescriptor {
    POOL.get_message_by_name(&T::full_name()).unwrap()
}

/// Reads a message. An unknown field is an error.
pub(crate) fn read<T: Message + Name + Default>(json: &Value) -> Result<T, String> {
    DynamicMessage::deserialize(descriptor::<T>(), json)
        .map_err(|error| format!("{}: {error}", T::NAME))?
        .transcode_to()
        .map_err(|error| error.to_string())
}

/// Writes a message, without what changes from call to call.
pub(crate) fn write<T: Message + Name>(message: &T) -> Value {
    let mut dynamic = DynamicMessage::new(descriptor::<T>());
    dynamic.transcode_from(message).unwrap();
    let mut json = serde_json::to_value(&dynamic).unwrap();
    blot(&mut json, &VOLATILE);
    json
}

/// Makes all members of these names unreadable.
pub(crate) fn blot(json: &mut Value, names: &[&str]) {
    match json {
        Value::Object(members) => {
            for (name, value) in members {
                if names.contains(&name.as_str()) {
                    *value = Value::from("…");
                } else {
                    blot(value, names);
                }
            }
        }
        Value::Array(items) => items.iter_mut().for_each(|item| blot(item, names)),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
    }
}
