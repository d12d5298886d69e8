//! The two sides that are compared. Both copy the same text into the SDK's input for each call.

use aws_sdk_bedrockruntime::Client;
use aws_sdk_bedrockruntime::types as sdk;
use aws_smithy_types::Document;
use bedrock_gateway::bedrock::Bedrock;
use bedrock_gateway::bedrock::InMemoryUpstream;
use bedrock_gateway::proto;
use bedrock_gateway::proto::InvokeRequest;
use bedrock_gateway::proto::Role;
use bedrock_gateway::proto::content_block::Block;
use bedrock_gateway::proto::stream_options::GuardrailProcessingMode;
use bedrock_gateway::proto::tool;
use bedrock_gateway::proto::tool_spec::InputSchemaForm;
use bedrock_gateway::provider::Adaptation;
use bedrock_gateway::provider::Call;
use bedrock_gateway::provider::Provider;
use bedrock_gateway::registry::Model;
use bedrock_gateway::registry::ParseChoices;
use bedrock_gateway::registry::Registry;
use bedrock_gateway::settings::ProfileAccount;
use tokio_stream::StreamExt;

use crate::cases::Case;

const REGISTRY: &str = r#"{"modelRegistry": {"claude": {
    "modelId": "anthropic.claude-3-haiku-20240307-v1:0", "priority": 1}}}"#;
const MODEL_ID: &str = "anthropic.claude-3-haiku-20240307-v1:0";
const MAX_TOKENS: i32 = 256;
const TOOL: &str = "get_weather";
const SCHEMA: &str = r#"{"type":"object"}"#;

/// One way to make a call.
pub(crate) trait Side {
    /// What is there before the call.
    type Given;

    fn given(&self, case: &Case) -> Self::Given;

    /// Makes the call and reads its answer to the end. Gives the number of events of a stream.
    async fn call(&self, given: &Self::Given, is_stream: bool) -> u32;
}

/// The gateway's adapter: a message of the API in, one out.
pub(crate) struct Adapter {
    bedrock: Bedrock,
    model: Model,
    adaptation: Adaptation,
}

/// The SDK: its input in, its output out.
pub(crate) struct Sdk(Client);

impl Adapter {
    pub(crate) async fn over(upstream: &InMemoryUpstream) -> Self {
        let choices = ParseChoices {
            region: "us-east-1".to_owned(),
            profile_account: ProfileAccount::PlainId,
        };
        let registry = Registry::parse(REGISTRY, &choices).expect("the registry is sound");
        Self {
            bedrock: upstream.bedrock().await,
            model: (*registry.models()[0]).clone(),
            adaptation: Adaptation {
                max_tokens: MAX_TOKENS,
                ..Adaptation::default()
            },
        }
    }
}

impl Sdk {
    pub(crate) async fn over(upstream: &InMemoryUpstream) -> Self {
        Self(upstream.sdk().await)
    }
}

impl Side for Adapter {
    type Given = InvokeRequest;

    fn given(&self, case: &Case) -> InvokeRequest {
        let roles = [Role::User, Role::Assistant].into_iter().cycle();
        let messages = case.turns.iter().zip(roles).map(|(text, role)| {
            let block = Some(Block::Text(text.clone()));
            proto::Message {
                role: role.into(),
                content: vec![proto::ContentBlock { block }],
            }
        });
        let tool = proto::Tool {
            tool: Some(tool::Tool::ToolSpec(proto::ToolSpec {
                name: TOOL.to_owned(),
                input_schema_form: Some(InputSchemaForm::InputSchemaJson(SCHEMA.to_owned())),
                ..proto::ToolSpec::default()
            })),
        };
        InvokeRequest {
            messages: messages.collect(),
            tool_config: case.has_tool.then(|| proto::ToolConfig {
                tools: vec![tool],
                tool_choice: None,
            }),
            ..InvokeRequest::default()
        }
    }

    async fn call(&self, request: &InvokeRequest, is_stream: bool) -> u32 {
        let call = Call {
            model: &self.model,
            request,
            guardrail_processing_mode: GuardrailProcessingMode::Unspecified,
            adaptation: &self.adaptation,
        };
        if !is_stream {
            self.bedrock.invoke(call).await.expect("an answer");
            return 0;
        }
        let mut stream = self.bedrock.invoke_stream(call).await.expect("a stream");
        let mut events = 0;
        while let Some(event) = stream.events.next().await {
            event.expect("an event");
            events += 1;
        }
        events
    }
}

impl Side for Sdk {
    type Given = (Vec<String>, bool);

    fn given(&self, case: &Case) -> Self::Given {
        (case.turns.clone(), case.has_tool)
    }

    async fn call(&self, (turns, has_tool): &Self::Given, is_stream: bool) -> u32 {
        let roles = [
            sdk::ConversationRole::User,
            sdk::ConversationRole::Assistant,
        ];
        let messages = turns.iter().zip(roles.into_iter().cycle());
        let messages = messages.map(|(text, role)| {
            let message = sdk::Message::builder().role(role);
            let message = message.content(sdk::ContentBlock::Text(text.clone()));
            message.build().expect("a message")
        });
        let messages = Some(messages.collect());
        let limits = sdk::InferenceConfiguration::builder().max_tokens(MAX_TOKENS);
        let tools = has_tool.then(tool_config);
        if !is_stream {
            let call = self.0.converse().model_id(MODEL_ID).set_messages(messages);
            let call = call.inference_config(limits.build()).set_tool_config(tools);
            call.send().await.expect("an answer");
            return 0;
        }
        let call = self.0.converse_stream().model_id(MODEL_ID);
        let call = call.set_messages(messages).inference_config(limits.build());
        let call = call.set_tool_config(tools);
        let mut stream = call.send().await.expect("a stream").stream;
        let mut events = 0;
        while stream.recv().await.expect("an event").is_some() {
            events += 1;
        }
        events
    }
}

fn tool_config() -> sdk::ToolConfiguration {
    let members = [("type".to_owned(), Document::String("object".to_owned()))];
    let schema = sdk::ToolInputSchema::Json(Document::Object(members.into()));
    let spec = sdk::ToolSpecification::builder()
        .name(TOOL)
        .input_schema(schema);
    let spec = spec.build().expect("a tool");
    let config = sdk::ToolConfiguration::builder().tools(sdk::Tool::ToolSpec(spec));
    config.build().expect("tools")
}
