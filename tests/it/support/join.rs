//! Joins the events of InvokeStream into a message, as the comments of the API tell a client to.
//!
//! The client does it, which knows nothing of how the gateway joins them.

use bedrock_gateway::client::Collector;
use bedrock_gateway::proto::Message;
use bedrock_gateway::proto::invoke_stream_response::Event;

/// The message that the events tell. Fails on events that the API does not allow, and on kinds that
/// this version does not know.
pub(crate) fn join(events: &[Event]) -> Message {
    let mut collector = Collector::default();
    for event in events {
        match event {
            Event::ContentBlockStart(start) => assert!(start.start.is_some()),
            Event::ContentBlockDelta(delta) => assert!(delta.delta.is_some()),
            _ => {}
        }
        collector.push(event).unwrap();
    }
    let message = collector.finish().message.unwrap();
    assert_ne!(message.role, 0, "no message began");
    message
}
