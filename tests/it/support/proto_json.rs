//! Messages of the API as proto JSON, read by the descriptors that reflection serves.

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
